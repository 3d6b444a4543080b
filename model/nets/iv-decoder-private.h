/* The decoder's parts, shared by the files that implement it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-decoder.h"

G_BEGIN_DECLS

struct IvDecoder {
  IvOps *ops;
  IvDecoderConfig config;
  IvDecoderWeights *weights;
  IvVkCommands *commands;
  guint n_batch;
  IvDecoderTraceFunc trace;
  gpointer trace_data;

  /* Activations, [n_batch, …] each. */
  IvRows stream;  /* n_embd: the residual stream */
  IvRows normed;  /* n_embd */
  IvRows qkv;     /* (n_head + 2 n_kv) head_dim */
  IvRows mixed;   /* n_head head_dim */
  IvRows gate_up; /* 2 n_ffn */
  IvRows angles;  /* head_dim, of the global layers */
  IvRows local_angles;
  IvRows logits; /* n_vocab; made for as many rows as were asked for so far */
  guint n_logits;
  IvRows deepstack; /* [n_batch * n_deepstack, n_embd]; made when first asked for */
  IvVkBuffer *ids;
  float *host_angles;
  gint32 *host_positions;
};

/* One evaluation. */
typedef struct {
  IvDecoder *decoder;
  const IvDecoderBatch *batch;
  GCancellable *cancellable;
  guint index; /* of the layer */
  const IvDecoderLayer *layer;
} IvDecoderPass;

/* Width of all queries, and of all keys or values, of a token. */
static inline guint
iv_decoder_count_q (const IvDecoderConfig *config)
{
  return config->n_head * config->head_dim;
}

static inline guint
iv_decoder_count_kv (const IvDecoderConfig *config)
{
  return config->n_kv * config->head_dim;
}

/* y = linear (norm (x) * weight) */
void iv_decoder_record_normed (const IvDecoderPass *pass,
                               IvVector *weight,
                               IvLinear *linear,
                               const IvRows *x,
                               const IvRows *y,
                               guint n_tokens);
/* The two halves of the pass's layer, and what an image adds behind it. */
void iv_decoder_record_attention (const IvDecoderPass *pass);
void iv_decoder_record_ffn (const IvDecoderPass *pass);
void iv_decoder_record_deepstack (const IvDecoderPass *pass);

G_END_DECLS
