/* One layer of the decoder: attention, feed-forward, and what images add.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-decoder-private.h"
#include "model/ops/iv-elementwise.h"
#include "model/ops/iv-norm.h"
#include "model/ops/iv-rope.h"

static void
record_norm (const IvDecoderPass *pass,
             IvVector *weight,
             const IvRows *x,
             const IvRows *y,
             guint n_rows)
{
  const IvDecoder *d = pass->decoder;
  IvOpNorm op = { .x = *x,
                  .y = *y,
                  .weight = weight,
                  .n_rows = n_rows,
                  .n = d->config.n_embd,
                  .epsilon = d->config.norm_eps };
  iv_op_norm (d->ops, d->commands, &op);
}

/* y [+]= W x */
static void
record_linear (const IvDecoderPass *pass,
               IvLinear *linear,
               const IvRows *x,
               const IvRows *y,
               gboolean add)
{
  const IvDecoder *d = pass->decoder;
  IvOpLinear op = { linear, *x, *y, pass->batch->n_tokens, add };
  iv_op_linear (d->ops, d->commands, &op);
}

/* y = W norm (x), through normed where it takes two operations */
void
iv_decoder_record_normed (const IvDecoderPass *pass,
                          IvVector *weight,
                          IvLinear *linear,
                          const IvRows *x,
                          const IvRows *y,
                          guint n_tokens)
{
  const IvDecoder *d = pass->decoder;
  IvOpLinear op = { linear, *x, *y, n_tokens };
  if (iv_op_linear_can_norm (d->ops, n_tokens)) {
    op.norm = weight;
    op.epsilon = d->config.norm_eps;
  } else {
    record_norm (pass, weight, x, &d->normed, n_tokens);
    op.x = d->normed;
  }
  iv_op_linear (d->ops, d->commands, &op);
}

/* Each head for itself, in place. */
static void
record_head_norm (const IvDecoderPass *pass, IvVector *weight, const IvRows *x, guint n_heads)
{
  const IvDecoder *d = pass->decoder;
  if (weight == NULL)
    return;
  IvOpNorm op = { .x = *x,
                  .y = *x,
                  .weight = weight,
                  .n_rows = pass->batch->n_tokens,
                  .n = d->config.head_dim,
                  .n_groups = n_heads,
                  .epsilon = d->config.norm_eps };
  iv_op_norm (d->ops, d->commands, &op);
}

/* Of the layer. */
static IvRows
get_angles (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  return iv_decoder_config_is_sliding (&d->config, pass->index) ? d->local_angles : d->angles;
}

/* Queries and keys lie side by side: one operation rotates them all, unless the storing of keys
 * does. */
static void
record_rope (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderConfig *c = &d->config;
  if (iv_op_kv_store_can_rotate (d->ops))
    return;
  IvOpRope op = { .x = d->qkv,
                  .angles = get_angles (pass),
                  .n_tokens = pass->batch->n_tokens,
                  .n_heads = c->n_head + c->n_kv,
                  .head_dim = c->head_dim,
                  .n_rot = c->head_dim,
                  .adjacent = c->rope_kind == IV_DECODER_ROPE_ADJACENT };
  iv_op_rope (d->ops, d->commands, &op);
}

static void
record_mixing (const IvDecoderPass *pass, const IvRows *q, const IvRows *k, const IvRows *v)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderConfig *c = &d->config;
  const IvDecoderBatch *b = pass->batch;
  IvOpKvStore store = { b->cache, pass->index, *k, *v, b->n_tokens, b->slot };
  if (iv_op_kv_store_can_rotate (d->ops)) {
    store.n_heads = c->n_head;
    store.q = *q;
    store.angles = get_angles (pass);
    store.n_rot = c->head_dim;
    store.adjacent = c->rope_kind == IV_DECODER_ROPE_ADJACENT;
  }
  iv_op_kv_store (d->ops, d->commands, &store);
  IvOpAttention attention = { .cache = b->cache,
                              .layer = pass->index,
                              .q = *q,
                              .y = d->mixed,
                              .n_tokens = b->n_tokens,
                              .n_heads = c->n_head,
                              .scale = c->attention_scale,
                              .end = b->slot + b->n_tokens,
                              .causal = !b->bidirectional };
  if (iv_decoder_config_is_sliding (c, pass->index))
    attention.window = c->sliding_window;
  iv_op_attention (d->ops, d->commands, &attention);
}

/* stream += post_norm? (W x) */
static void
record_to_stream (const IvDecoderPass *pass, IvLinear *linear, const IvRows *x, IvVector *post_norm)
{
  const IvDecoder *d = pass->decoder;
  if (post_norm == NULL) {
    record_linear (pass, linear, x, &d->stream, TRUE);
    return;
  }
  record_linear (pass, linear, x, &d->normed, FALSE);
  record_norm (pass, post_norm, &d->normed, &d->normed, pass->batch->n_tokens);
  IvOpAdd add = { d->normed, d->stream, pass->batch->n_tokens, d->config.n_embd };
  iv_op_add (d->ops, d->commands, &add);
}

void
iv_decoder_record_attention (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderConfig *c = &d->config;
  const IvDecoderLayer *layer = pass->layer;
  IvRows k = iv_rows_from_column (&d->qkv, iv_decoder_count_q (c));
  IvRows v = iv_rows_from_column (&d->qkv, iv_decoder_count_q (c) + iv_decoder_count_kv (c));
  guint n = pass->batch->n_tokens;
  iv_decoder_record_normed (pass, layer->attn_norm, layer->qkv, &d->stream, &d->qkv, n);
  record_head_norm (pass, layer->q_norm, &d->qkv, c->n_head);
  record_head_norm (pass, layer->k_norm, &k, c->n_kv);
  record_rope (pass);
  record_mixing (pass, &d->qkv, &k, &v);
  record_to_stream (pass, layer->attn_out, &d->mixed, layer->post_attn_norm);
}

void
iv_decoder_record_ffn (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderConfig *c = &d->config;
  const IvDecoderLayer *layer = pass->layer;
  guint n = pass->batch->n_tokens;
  iv_decoder_record_normed (pass, layer->ffn_norm, layer->gate_up, &d->stream, &d->gate_up, n);
  IvOpActivation activation = {
    .activation = c->activation == IV_DECODER_SILU ? IV_ACTIVATION_SILU : IV_ACTIVATION_GELU_TANH,
    .x = d->gate_up,
    .up = iv_rows_from_column (&d->gate_up, c->n_ffn),
    .y = d->gate_up,
    .n_rows = pass->batch->n_tokens,
    .n = c->n_ffn,
  };
  iv_op_activation (d->ops, d->commands, &activation);
  record_to_stream (pass, layer->down, &d->gate_up, layer->post_ffn_norm);
}

/* stream += what the image tower gives for after this layer */
void
iv_decoder_record_deepstack (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  if (pass->batch->deepstack == NULL || pass->index >= d->config.n_deepstack)
    return;
  IvRows rows = iv_rows_from_row (&d->deepstack, pass->index);
  rows.stride *= d->config.n_deepstack;
  IvOpAdd add = { rows, d->stream, pass->batch->n_tokens, d->config.n_embd };
  iv_op_add (d->ops, d->commands, &add);
}
