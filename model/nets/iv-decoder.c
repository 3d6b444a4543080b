/* A text decoder on the device: one parametrised loop for all supported families.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-decoder.h"

#include "model/nets/iv-decoder-private.h"
#include "model/ops/iv-elementwise.h"
#include "model/ops/iv-norm.h"
#include "model/ops/iv-rope.h"
#include "model/ops/iv-tuning.h"

/* Tokens evaluated together. More make better use of the weights that were read and unpacked; fewer
 * let a cancelled prompt, which ends with a layer, stop sooner: that counts on software Vulkan. */
#define CPU_BATCH 128
#define GPU_BATCH 256

/* --- making ------------------------------------------------------------------------------- */

static gboolean
init_rows (IvDecoder *decoder, IvRows *rows, const IvRowsParams *params, GError **error)
{
  return iv_rows_init (rows, decoder->ops, params, error);
}

static gboolean
make_activations (IvDecoder *decoder, GError **error)
{
  const IvDecoderConfig *c = &decoder->config;
  guint n = decoder->n_batch;
  const struct {
    IvRows *rows;
    IvRowsParams params;
  } all[] = {
    { &decoder->stream, { "stream", n, c->n_embd } },
    { &decoder->normed, { "normed", n, c->n_embd } },
    { &decoder->qkv, { "qkv", n, iv_decoder_count_q (c) + 2 * iv_decoder_count_kv (c) } },
    { &decoder->mixed, { "mixed", n, iv_decoder_count_q (c) } },
    { &decoder->gate_up, { "gate-up", n, 2 * c->n_ffn } },
    { &decoder->angles, { "angles", n, c->head_dim, IV_VK_PLACE_HOST } },
    { &decoder->local_angles, { "local-angles", n, c->head_dim, IV_VK_PLACE_HOST } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (!init_rows (decoder, all[i].rows, &all[i].params, error))
      return FALSE;
  IvVkBufferParams ids = { "ids", n * sizeof (guint32), IV_VK_PLACE_HOST };
  decoder->ids = iv_vk_buffer_new (iv_ops_get_device (decoder->ops), &ids, error);
  decoder->host_angles = g_new (float, (gsize) n * c->head_dim);
  decoder->host_positions = g_new (gint32, (gsize) 3 * n);
  return decoder->ids != NULL;
}

/* Parts of a row begin at elements that are multiples of four. */
static gboolean
check_widths (const IvDecoderConfig *c, GError **error)
{
  if (c->head_dim % 4 == 0 && c->n_ffn % 4 == 0)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "a head of %u and a feed-forward width of %u must be multiples of 4",
               c->head_dim,
               c->n_ffn);
  return FALSE;
}

IvDecoder *
iv_decoder_new (IvOps *ops,
                const IvDecoderParams *params,
                GCancellable *cancellable,
                GError **error)
{
  IvVkDevice *device = iv_ops_get_device (ops);
  g_autoptr (IvDecoder) decoder = g_new0 (IvDecoder, 1);
  decoder->ops = ops;
  decoder->config = *params->weights.config;
  decoder->n_batch = params->n_batch > 0
                         ? params->n_batch
                         : iv_decoder_get_default_batch (iv_vk_device_get_class (device));
  if (!check_widths (&decoder->config, error))
    return NULL;
  decoder->weights = iv_decoder_weights_new (ops, &params->weights, cancellable, error);
  if (decoder->weights == NULL || !make_activations (decoder, error))
    return NULL;
  decoder->commands = iv_vk_commands_new (device, error);
  return decoder->commands != NULL ? g_steal_pointer (&decoder) : NULL;
}

void
iv_decoder_free (IvDecoder *decoder)
{
  g_clear_pointer (&decoder->commands, iv_vk_commands_free);
  g_clear_pointer (&decoder->weights, iv_decoder_weights_free);
  IvRows *all[] = { &decoder->stream,       &decoder->normed,  &decoder->qkv,
                    &decoder->mixed,        &decoder->gate_up, &decoder->angles,
                    &decoder->local_angles, &decoder->logits,  &decoder->deepstack };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    iv_rows_clear (all[i]);
  g_clear_pointer (&decoder->ids, iv_vk_buffer_unref);
  g_free (decoder->host_angles);
  g_free (decoder->host_positions);
  g_free (decoder);
}

const IvDecoderConfig *
iv_decoder_get_config (IvDecoder *decoder)
{
  return &decoder->config;
}

IvDecoderSize
iv_decoder_get_size (IvDecoder *decoder)
{
  return iv_decoder_weights_get_size (decoder->weights);
}

IvOps *
iv_decoder_get_ops (IvDecoder *decoder)
{
  return decoder->ops;
}

guint
iv_decoder_get_n_batch (IvDecoder *decoder)
{
  return decoder->n_batch;
}

guint
iv_decoder_get_n_exact (IvDecoder *decoder)
{
  return MIN (iv_op_linear_get_n_exact (decoder->ops), decoder->n_batch);
}

guint
iv_decoder_get_default_batch (IvVkDeviceClass device_class)
{
  return device_class == IV_VK_CLASS_CPU ? CPU_BATCH : GPU_BATCH;
}

void
iv_decoder_set_trace (IvDecoder *decoder, IvDecoderTraceFunc trace, gpointer user_data)
{
  decoder->trace = trace;
  decoder->trace_data = user_data;
}

void
iv_decoder_set_profile (IvDecoder *decoder, IvVkProfile *profile)
{
  iv_vk_commands_set_profile (decoder->commands, profile);
}

IvKvCache *
iv_decoder_new_cache (IvDecoder *decoder, guint n_slots, IvDataType type, GError **error)
{
  IvKvCacheParams params = {
    .n_layers = decoder->config.n_layers,
    .n_kv_heads = decoder->config.n_kv,
    .head_dim = decoder->config.head_dim,
    .n_slots = n_slots,
    .type = type,
  };
  return iv_kv_cache_new (decoder->ops, &params, error);
}
/* --- what goes in and out ----------------------------------------------------------------- */

static IvRopeKind
get_rope_kind (IvDecoderRope rope)
{
  switch (rope) {
  case IV_DECODER_ROPE_SECTIONS:
    return IV_ROPE_CHUNKED;
  case IV_DECODER_ROPE_INTERLEAVED:
    return IV_ROPE_INTERLEAVED;
  default:
    return IV_ROPE_PLAIN;
  }
}

static gboolean
write_angles (const IvDecoderPass *pass, const gint32 *positions, GError **error)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderConfig *c = &d->config;
  guint n = pass->batch->n_tokens;
  IvRopeParams rope = { .kind = get_rope_kind (c->rope_kind),
                        .n_rot = c->head_dim,
                        .theta = c->rope_theta,
                        .position_scale = 1 / c->rope_scale,
                        .divisors = c->rope_divisors };
  for (guint i = 0; i < G_N_ELEMENTS (rope.sections); i++)
    rope.sections[i] = c->rope_sections[i];
  iv_rope_fill_angles (&rope, positions, n, d->host_angles);
  if (!iv_rows_write (&d->angles, n, c->head_dim, d->host_angles, error))
    return FALSE;
  if (c->sliding_window == 0)
    return TRUE;
  rope.theta = c->rope_theta_local;
  rope.position_scale = 1;
  iv_rope_fill_angles (&rope, positions, n, d->host_angles);
  return iv_rows_write (&d->local_angles, n, c->head_dim, d->host_angles, error);
}

static const gint32 *
get_positions (const IvDecoderPass *pass)
{
  const IvDecoderBatch *b = pass->batch;
  gint32 *positions = pass->decoder->host_positions;
  if (b->positions != NULL)
    return b->positions;
  for (guint i = 0; i < 3 * b->n_tokens; i++)
    positions[i] = (gint32) (b->slot + i % b->n_tokens);
  return positions;
}

static gboolean
write_deepstack (const IvDecoderPass *pass, GError **error)
{
  IvDecoder *d = pass->decoder;
  guint n = d->config.n_deepstack;
  if (pass->batch->deepstack == NULL || n == 0)
    return TRUE;
  IvRowsParams params = { "deepstack", d->n_batch * n, d->config.n_embd, IV_VK_PLACE_HOST };
  if (d->deepstack.buffer == NULL && !init_rows (d, &d->deepstack, &params, error))
    return FALSE;
  return iv_rows_write (
      &d->deepstack, pass->batch->n_tokens * n, d->config.n_embd, pass->batch->deepstack, error);
}

static gboolean
write_input (const IvDecoderPass *pass, GError **error)
{
  const IvDecoder *d = pass->decoder;
  const IvDecoderBatch *b = pass->batch;
  if (!write_angles (pass, get_positions (pass), error) || !write_deepstack (pass, error))
    return FALSE;
  if (b->ids == NULL)
    return iv_rows_write (&d->stream, b->n_tokens, d->config.n_embd, b->embeddings, error);
  return iv_vk_buffer_write (d->ids, 0, b->ids, b->n_tokens * sizeof (guint32), error);
}

static void
record_embedding (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  if (pass->batch->ids == NULL)
    return;
  IvOpEmbedding op = { .table = d->weights->table,
                       .ids = d->ids,
                       .y = d->stream,
                       .n_tokens = pass->batch->n_tokens,
                       .scale = d->config.embedding_scale };
  iv_op_embedding (d->ops, d->commands, &op);
}

static guint
count_logits (const IvDecoderBatch *batch)
{
  switch (batch->logits) {
  case IV_DECODER_LOGITS_ALL:
    return batch->n_tokens;
  case IV_DECODER_LOGITS_LAST:
    return 1;
  default:
    return 0;
  }
}

static void
record_logits (const IvDecoderPass *pass)
{
  const IvDecoder *d = pass->decoder;
  guint n = count_logits (pass->batch);
  if (n == 0)
    return;
  IvRows last = iv_rows_from_row (&d->stream, pass->batch->n_tokens - n);
  IvLinear *output = d->weights->output != NULL ? d->weights->output : d->weights->table;
  iv_decoder_record_normed (pass, d->weights->output_norm, output, &last, &d->logits, n);
}

static gboolean
make_logits (IvDecoder *decoder, guint n, GError **error)
{
  if (n <= decoder->n_logits)
    return TRUE;
  IvRowsParams params = { "logits", n, decoder->config.n_vocab, IV_VK_PLACE_HOST };
  iv_rows_clear (&decoder->logits);
  decoder->n_logits = 0;
  if (!init_rows (decoder, &decoder->logits, &params, error))
    return FALSE;
  decoder->n_logits = n;
  return TRUE;
}

/* --- evaluating --------------------------------------------------------------------------- */

static gboolean
run_trace (const IvDecoderPass *pass, guint layer, GError **error)
{
  const IvDecoder *d = pass->decoder;
  guint n = pass->batch->n_tokens;
  if (d->trace == NULL)
    return TRUE;
  g_autofree float *stream = g_new (float, (gsize) n * d->config.n_embd);
  if (!iv_rows_read (&d->stream, n, d->config.n_embd, stream, error))
    return FALSE;
  d->trace (layer, stream, n, d->trace_data);
  return TRUE;
}

/* Submits what is recorded and starts anew. One token, or few with drafts behind it, is one
 * submission; a prompt, which takes long, is cut after each layer so that it can be cancelled
 * there. */
static gboolean
cut (const IvDecoderPass *pass, guint layer, GError **error)
{
  const IvDecoder *d = pass->decoder;
  if (pass->batch->n_tokens <= iv_decoder_get_n_exact (pass->decoder) && d->trace == NULL)
    return TRUE;
  return iv_vk_commands_run (d->commands, error) && run_trace (pass, layer, error) &&
         !g_cancellable_set_error_if_cancelled (pass->cancellable, error) &&
         iv_vk_commands_begin (d->commands, error);
}

static gboolean
run_layers (IvDecoderPass *pass, guint first, guint end, GError **error)
{
  for (pass->index = first; pass->index < end; pass->index++) {
    pass->layer = &pass->decoder->weights->layers[pass->index];
    iv_decoder_record_attention (pass);
    iv_decoder_record_ffn (pass);
    iv_decoder_record_deepstack (pass);
    if (!cut (pass, pass->index + 1, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
iv_decoder_evaluate (IvDecoder *decoder,
                     const IvDecoderBatch *batch,
                     float *logits,
                     GCancellable *cancellable,
                     GError **error)
{
  g_return_val_if_fail (batch->n_tokens > 0 && batch->n_tokens <= decoder->n_batch, FALSE);
  IvDecoderPass pass = { decoder, batch, cancellable };
  guint n_logits = count_logits (batch);
  if (!make_logits (decoder, n_logits, error) || !write_input (&pass, error) ||
      !iv_vk_commands_begin (decoder->commands, error))
    return FALSE;
  record_embedding (&pass);
  if (decoder->trace != NULL && !cut (&pass, 0, error))
    return FALSE;
  if (!run_layers (&pass, 0, decoder->config.n_layers, error))
    return FALSE;
  record_logits (&pass);
  if (!iv_vk_commands_run (decoder->commands, error))
    return FALSE;
  return n_logits == 0 ||
         iv_rows_read (&decoder->logits, n_logits, decoder->config.n_vocab, logits, error);
}

/* Layers that differ in the types of their weights use other kernels; sizes tell them apart. */
static gboolean
is_like_earlier (const IvDecoderWeights *weights, guint index)
{
  const IvDecoderLayer *a = &weights->layers[index];
  for (guint i = 0; i < index; i++) {
    const IvDecoderLayer *b = &weights->layers[i];
    if (iv_linear_get_size (a->qkv) == iv_linear_get_size (b->qkv) &&
        iv_linear_get_size (a->attn_out) == iv_linear_get_size (b->attn_out) &&
        iv_linear_get_size (a->gate_up) == iv_linear_get_size (b->gate_up) &&
        iv_linear_get_size (a->down) == iv_linear_get_size (b->down))
      return TRUE;
  }
  return FALSE;
}

/* A batch through one layer of each kind. */
static gboolean
warm_up_batch (IvDecoder *decoder,
               const IvDecoderBatch *batch,
               GCancellable *cancellable,
               GError **error)
{
  IvDecoderPass pass = { decoder, batch, cancellable };
  if (!make_logits (decoder, count_logits (batch), error) || !write_input (&pass, error) ||
      !iv_vk_commands_begin (decoder->commands, error))
    return FALSE;
  record_embedding (&pass);
  for (guint i = 0; i < decoder->config.n_layers; i++)
    if (!is_like_earlier (decoder->weights, i) && !run_layers (&pass, i, i + 1, error))
      return FALSE;
  record_logits (&pass);
  return iv_vk_commands_run (decoder->commands, error);
}

gboolean
iv_decoder_tune (IvDecoder *decoder,
                 IvLoadProgressFunc progress,
                 gpointer progress_data,
                 GError **error)
{
  g_autoptr (GPtrArray) list = iv_decoder_weights_list (decoder->weights);
  IvTuneParams params = { .linears = (IvLinear **) list->pdata, .n_linears = list->len };
  if (!iv_ops_needs_tuning (decoder->ops, &params))
    return TRUE;
  if (progress != NULL)
    progress (1, "measuring the kernels", progress_data);
  return iv_ops_tune (decoder->ops, &params, error);
}

gboolean
iv_decoder_warm_up (IvDecoder *decoder,
                    IvDataType cache_type,
                    GCancellable *cancellable,
                    GError **error)
{
  guint n = decoder->n_batch;
  gsize n_deepstack = (gsize) decoder->config.n_deepstack * decoder->config.n_embd;
  g_autofree gint32 *ids = g_new0 (gint32, n);
  g_autofree float *deepstack = n_deepstack > 0 ? g_new0 (float, n *n_deepstack) : NULL;
  g_autoptr (IvKvCache) cache = iv_decoder_new_cache (decoder, n, cache_type, error);
  if (cache == NULL)
    return FALSE;
  IvDecoderBatch batch = { .cache = cache, .n_tokens = n, .ids = ids, .deepstack = deepstack };
  batch.logits = IV_DECODER_LOGITS_LAST;
  if (!warm_up_batch (decoder, &batch, cancellable, error))
    return FALSE;
  batch.n_tokens = iv_decoder_get_n_exact (decoder);
  batch.logits = IV_DECODER_LOGITS_ALL;
  if (!warm_up_batch (decoder, &batch, cancellable, error))
    return FALSE;
  batch.n_tokens = 1;
  return warm_up_batch (decoder, &batch, cancellable, error);
}
