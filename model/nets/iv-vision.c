/* A vision tower with its projector on the device: one parametrised loop for all families.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-vision.h"

#include <string.h>

#include "model/nets/iv-vision-grid.h"
#include "model/ops/iv-attention.h"
#include "model/ops/iv-norm.h"
#include "model/ops/iv-rope.h"

/* Rows that pass through a layer together. More make better use of unpacked weights; fewer keep
 * what lies between two products in a processor's caches, and cancelling quick. */
#define CPU_BATCH 1024
#define GPU_BATCH 4096
#define ROPE_THETA 10000.0

struct IvVision {
  IvOps *ops;
  IvVisionConfig config;
  IvVisionWeights *weights;
  IvVkCommands *commands;
  guint most_batch;

  /* For images of n_tokens and fewer. */
  guint n_tokens;
  guint n_batch;     /* rows at a time for them */
  IvRows patches;    /* [n_tokens, channels patch patch] */
  IvRows stream;     /* [n_tokens, n_embd] */
  IvRows q;          /* [n_tokens, n_embd] */
  IvRows mixed;      /* [n_tokens, n_embd] */
  IvRows angles;     /* [n_tokens, head_dim], of a tower with rotation */
  IvRows normed;     /* [n_batch, n_embd] */
  IvRows qkv;        /* [n_batch, 3 n_embd] */
  IvRows hidden;     /* [n_batch, n_ffn], twice that when gated */
  IvRows out;        /* [n_tokens / merge², (1 + n_deepstack) n_out] */
  IvKvCache *cache;  /* of one layer */
  IvVkBuffer *terms; /* of positions, for n_tokens rows of 16 */
};

/* One image, or one tile of it. */
typedef struct {
  IvVision *vision;
  const IvVisionGrid *grid;
  const IvVisionLayer *layer;
  guint index;
  GCancellable *cancellable;
} Pass;

/* Rows first … first + n - 1 of the stream. */
typedef struct {
  guint first, n;
} Span;

/* --- making --------------------------------------------------------------------------------- */

static void
clear_activations (IvVision *v)
{
  IvRows *all[] = { &v->patches, &v->stream, &v->q,      &v->mixed, &v->angles,
                    &v->normed,  &v->qkv,    &v->hidden, &v->out };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    iv_rows_clear (all[i]);
  g_clear_pointer (&v->cache, iv_kv_cache_free);
  g_clear_pointer (&v->terms, iv_vk_buffer_unref);
  v->n_tokens = 0;
}

/* Equal batches, so that no small rest is left: 1025 rows are two of 513, not 1024 and 1. */
static guint
choose_batch (guint n_tokens, guint most)
{
  guint n_batches = (n_tokens + most - 1) / most;
  return (n_tokens + n_batches - 1) / n_batches;
}

static gboolean
make_activations (IvVision *v, guint n, GError **error)
{
  const IvVisionConfig *c = &v->config;
  guint batch = choose_batch (n, v->most_batch), head_dim = c->has_rope ? c->head_dim : 4;
  const struct {
    IvRows *rows;
    IvRowsParams params;
  } all[] = {
    { &v->patches, { "patches", n, c->n_channels * c->patch * c->patch } },
    { &v->stream, { "tower stream", n, c->n_embd } },
    { &v->q, { "tower q", n, c->n_embd } },
    { &v->mixed, { "tower mixed", n, c->n_embd } },
    { &v->angles, { "tower angles", n, head_dim } },
    { &v->normed, { "tower normed", batch, c->n_embd } },
    { &v->qkv, { "tower qkv", batch, 3 * c->n_embd } },
    { &v->hidden, { "tower hidden", batch, (c->is_gated ? 2 : 1) * c->n_ffn } },
    { &v->out, { "tower out", n / (c->merge * c->merge), (1 + c->n_deepstack) * c->n_out } },
  };
  clear_activations (v);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (!iv_rows_init (all[i].rows, v->ops, &all[i].params, error))
      return FALSE;
  IvKvCacheParams cache = { 1, c->n_head, c->head_dim, n, IV_TYPE_F32 };
  IvVkBufferParams terms = { "position terms", (gsize) n * 16 * sizeof (IvBlendTerm) };
  v->cache = iv_kv_cache_new (v->ops, &cache, error);
  if (v->cache == NULL)
    return FALSE;
  v->terms = iv_vk_buffer_new (iv_ops_get_device (v->ops), &terms, error);
  v->n_tokens = n;
  v->n_batch = batch;
  return v->terms != NULL;
}

/* Larger and smaller images come in turns: what was made for the largest serves all, unless it is
 * several times too large. */
static gboolean
reserve (IvVision *v, const IvVisionGrid *grid, GError **error)
{
  guint n = grid->n_tokens;
  if ((v->terms == NULL || n > v->n_tokens || n < v->n_tokens / 4) &&
      !make_activations (v, n, error)) {
    clear_activations (v);
    return FALSE;
  }
  if (!iv_projector_reserve (v->weights->projector, grid->n_units, error))
    return FALSE;
  for (guint i = 0; i < v->weights->n_deepstack; i++)
    if (!iv_projector_reserve (v->weights->deepstack[i], grid->n_units, error))
      return FALSE;
  return TRUE;
}

IvVision *
iv_vision_new (IvOps *ops, const IvVisionParams *params, GCancellable *cancellable, GError **error)
{
  IvVkDevice *device = iv_ops_get_device (ops);
  gboolean cpu = iv_vk_device_get_class (device) == IV_VK_CLASS_CPU;
  g_autoptr (IvVision) vision = g_new0 (IvVision, 1);
  vision->ops = ops;
  vision->config = *params->weights.config;
  vision->most_batch = params->n_batch > 0 ? params->n_batch : cpu ? CPU_BATCH : GPU_BATCH;
  vision->weights = iv_vision_weights_new (ops, &params->weights, cancellable, error);
  if (vision->weights == NULL)
    return NULL;
  vision->commands = iv_vk_commands_new (device, error);
  return vision->commands != NULL ? g_steal_pointer (&vision) : NULL;
}

void
iv_vision_free (IvVision *vision)
{
  g_clear_pointer (&vision->commands, iv_vk_commands_free);
  clear_activations (vision);
  g_clear_pointer (&vision->weights, iv_vision_weights_free);
  g_free (vision);
}

const IvVisionConfig *
iv_vision_get_config (IvVision *vision)
{
  return &vision->config;
}

guint64
iv_vision_get_size (IvVision *vision)
{
  return iv_vision_weights_get_size (vision->weights);
}

void
iv_vision_set_profile (IvVision *vision, IvVkProfile *profile)
{
  iv_vk_commands_set_profile (vision->commands, profile);
}

/* --- the block ------------------------------------------------------------------------------ */

static void
record_norm (const Pass *pass, const IvVisionNorm *norm, IvRows x, IvRows y, guint n_rows)
{
  const IvVision *v = pass->vision;
  if (norm->weight == NULL)
    return;
  IvOpNorm op = { .x = x,
                  .y = y,
                  .weight = norm->weight,
                  .bias = norm->bias,
                  .n_rows = n_rows,
                  .n = v->config.n_embd,
                  .epsilon = v->config.norm_eps,
                  .center = norm->bias != NULL };
  iv_op_norm (v->ops, v->commands, &op);
}

/* Each head for itself, or the full width; always RMS. */
static void
record_qk_norm (const Pass *pass, IvVector *weight, guint column, guint n_rows)
{
  const IvVision *v = pass->vision;
  if (weight == NULL)
    return;
  guint n = iv_vector_get_length (weight);
  IvRows x = iv_rows_from_column (&v->qkv, column);
  IvOpNorm op = { .x = x,
                  .y = x,
                  .weight = weight,
                  .n_rows = n_rows,
                  .n = n,
                  .n_groups = v->config.n_embd / n,
                  .epsilon = v->config.norm_eps };
  iv_op_norm (v->ops, v->commands, &op);
}

/* Queries of all patches are kept; keys and values go to the cache. */
static void
record_qkv (const Pass *pass, Span span)
{
  const IvVision *v = pass->vision;
  const IvVisionConfig *c = &v->config;
  IvRows q = iv_rows_from_row (&v->q, span.first);
  record_norm (
      pass, &pass->layer->norm1, iv_rows_from_row (&v->stream, span.first), v->normed, span.n);
  IvOpLinear linear = { pass->layer->qkv, v->normed, v->qkv, span.n };
  iv_op_linear (v->ops, v->commands, &linear);
  record_qk_norm (pass, pass->layer->q_norm, 0, span.n);
  record_qk_norm (pass, pass->layer->k_norm, c->n_embd, span.n);
  if (c->has_rope) {
    IvOpRope rope = { .x = v->qkv,
                      .angles = iv_rows_from_row (&v->angles, span.first),
                      .n_tokens = span.n,
                      .n_heads = 2 * c->n_head,
                      .head_dim = c->head_dim,
                      .n_rot = c->head_dim };
    iv_op_rope (v->ops, v->commands, &rope);
  }
  IvOpAdd copy = { .x = v->qkv, .y = q, .n_rows = span.n, .n = c->n_embd, .overwrite = TRUE };
  iv_op_add (v->ops, v->commands, &copy);
  IvOpKvStore store = { .cache = v->cache,
                        .k = iv_rows_from_column (&v->qkv, c->n_embd),
                        .v = iv_rows_from_column (&v->qkv, 2 * c->n_embd),
                        .n_tokens = span.n,
                        .slot = span.first };
  iv_op_kv_store (v->ops, v->commands, &store);
}

/* What the rows of span see: patches first … end - 1. */
static void
record_attention (const Pass *pass, Span span, guint first, guint end)
{
  const IvVision *v = pass->vision;
  IvOpAttention attention = { .cache = v->cache,
                              .q = iv_rows_from_row (&v->q, span.first),
                              .y = iv_rows_from_row (&v->mixed, span.first),
                              .n_tokens = span.n,
                              .n_heads = v->config.n_head,
                              .first = first,
                              .end = end };
  iv_op_attention (v->ops, v->commands, &attention);
}

/* stream += scale? * (W x + b) */
static void
record_to_stream (const Pass *pass, IvLinear *matrix, IvRows x, IvVector *scale, Span span)
{
  const IvVision *v = pass->vision;
  IvRows stream = iv_rows_from_row (&v->stream, span.first);
  IvOpLinear linear = {
    matrix, x, scale != NULL ? v->normed : stream, span.n, .add = scale == NULL
  };
  iv_op_linear (v->ops, v->commands, &linear);
  if (scale == NULL)
    return;
  IvOpAdd add = {
    .x = v->normed, .y = stream, .n_rows = span.n, .n = v->config.n_embd, .scale = scale
  };
  iv_op_add (v->ops, v->commands, &add);
}

static void
record_ffn (const Pass *pass, Span span)
{
  const IvVision *v = pass->vision;
  const IvVisionConfig *c = &v->config;
  record_norm (
      pass, &pass->layer->norm2, iv_rows_from_row (&v->stream, span.first), v->normed, span.n);
  IvOpLinear up = { pass->layer->up, v->normed, v->hidden, span.n };
  iv_op_linear (v->ops, v->commands, &up);
  IvOpActivation activation = {
    .activation = c->activation, .x = v->hidden, .y = v->hidden, .n_rows = span.n, .n = c->n_ffn
  };
  if (c->is_gated)
    activation.up = iv_rows_from_column (&v->hidden, c->n_ffn);
  iv_op_activation (v->ops, v->commands, &activation);
  record_to_stream (pass, pass->layer->down, v->hidden, pass->layer->scale2, span);
}

/* --- the layers ----------------------------------------------------------------------------- */

/* Submits what is recorded and starts anew. */
static gboolean
cut (const Pass *pass, GError **error)
{
  IvVkCommands *commands = pass->vision->commands;
  return iv_vk_commands_run (commands, error) &&
         !g_cancellable_set_error_if_cancelled (pass->cancellable, error) &&
         iv_vk_commands_begin (commands, error);
}

static Span
get_span (const Pass *pass, guint first, guint end)
{
  return (Span){ first, MIN (pass->vision->n_batch, end - first) };
}

/* Windows, or all of a window that is larger than a batch, until a batch is full. Returns where the
 * next begins. */
static guint
record_windows (const Pass *pass, guint first, guint *window)
{
  const GArray *windows = pass->grid->windows;
  guint n_batch = pass->vision->n_batch, row = first;
  do {
    guint begin = g_array_index (windows, guint, *window);
    guint end = g_array_index (windows, guint, *window + 1);
    Span span = { row, MIN (end - row, first + n_batch - row) };
    record_attention (pass, span, begin, end);
    row += span.n;
    *window += row == end;
  } while (row < pass->grid->n_tokens && row < first + n_batch);
  return row;
}

static gboolean
run_attention (const Pass *pass, GError **error)
{
  const IvVision *v = pass->vision;
  const IvVisionConfig *c = &v->config;
  guint n = pass->grid->n_tokens, window = 0;
  gboolean is_full =
      c->window == 0 || (c->full_period > 0 && (pass->index + 1) % c->full_period == 0);
  for (guint row = 0; row < n; row += v->n_batch) {
    record_qkv (pass, get_span (pass, row, n));
    if (!cut (pass, error))
      return FALSE;
  }
  for (guint row = 0, end; row < n; row = end) {
    Span span = get_span (pass, row, n);
    end = row + span.n;
    if (is_full)
      record_attention (pass, span, 0, n);
    else
      end = record_windows (pass, row, &window);
    span.n = end - row;
    record_to_stream (
        pass, pass->layer->attn_out, iv_rows_from_row (&v->mixed, row), pass->layer->scale1, span);
    if (!cut (pass, error))
      return FALSE;
  }
  return TRUE;
}

/* Column of the output where the rows of the k-th deepstack merger, or of the projector, begin. */
static void
record_projector (const Pass *pass, IvProjector *projector, IvRows x, guint column)
{
  const IvVision *v = pass->vision;
  IvProjectorPass projection = { x, iv_rows_from_column (&v->out, column), pass->grid->n_units };
  iv_projector_record (projector, v->commands, &projection);
}

static void
record_deepstack (const Pass *pass)
{
  const IvVision *v = pass->vision;
  for (guint i = 0; i < v->config.n_deepstack; i++)
    if (v->config.deepstack[i] == pass->index)
      record_projector (pass, v->weights->deepstack[i], v->stream, (1 + i) * v->config.n_out);
}

static gboolean
run_layers (Pass *pass, GError **error)
{
  const IvVision *v = pass->vision;
  for (pass->index = 0; pass->index < v->config.n_layers; pass->index++) {
    pass->layer = &v->weights->layers[pass->index];
    if (!run_attention (pass, error))
      return FALSE;
    for (guint row = 0; row < pass->grid->n_tokens; row += v->n_batch) {
      record_ffn (pass, get_span (pass, row, pass->grid->n_tokens));
      if (!cut (pass, error))
        return FALSE;
    }
    record_deepstack (pass);
  }
  return TRUE;
}

/* --- what goes in and out ------------------------------------------------------------------- */

static gboolean
write_angles (const Pass *pass, GError **error)
{
  const IvVision *v = pass->vision;
  const IvVisionConfig *c = &v->config;
  guint n = pass->grid->n_patches;
  if (!c->has_rope)
    return TRUE;
  g_autofree float *angles = g_new (float, (gsize) n * c->head_dim);
  IvRopeParams rope = { .kind = IV_ROPE_VISION, .n_rot = c->head_dim, .theta = ROPE_THETA };
  iv_rope_fill_angles (&rope, pass->grid->places, n, angles);
  return iv_rows_write (&v->angles, n, c->head_dim, angles, error);
}

static gboolean
write_input (const Pass *pass, const float *pixels, GError **error)
{
  const IvVision *v = pass->vision;
  const IvVisionConfig *c = &v->config;
  const IvVisionGrid *grid = pass->grid;
  guint n_in = c->n_channels * c->patch * c->patch;
  guint n_terms = iv_vision_grid_count_terms (grid, c);
  g_autofree float *patches = g_new (float, (gsize) grid->n_patches *n_in);
  g_autofree IvBlendTerm *terms = g_new (IvBlendTerm, (gsize) grid->n_tokens * MAX (n_terms, 1));
  iv_vision_grid_cut (grid, c, pixels, patches);
  if (!iv_rows_write (&v->patches, grid->n_patches, n_in, patches, error) ||
      !write_angles (pass, error))
    return FALSE;
  if (n_terms == 0)
    return TRUE;
  iv_vision_grid_place (grid, c, terms);
  gsize size = (gsize) grid->n_tokens * n_terms * sizeof *terms;
  return iv_vk_buffer_write (v->terms, 0, terms, size, error);
}

/* Positions and class row first, the patches' embeddings on top of them. */
static void
record_patches (const Pass *pass)
{
  const IvVision *v = pass->vision;
  const IvVisionGrid *grid = pass->grid;
  guint n_terms = iv_vision_grid_count_terms (grid, &v->config);
  if (n_terms > 0) {
    IvOpBlend positions = { v->weights->table, v->terms,       n_terms,
                            v->stream,         grid->n_tokens, v->config.n_embd };
    iv_op_blend (v->ops, v->commands, &positions);
  }
  IvRows patches = iv_rows_from_row (&v->stream, grid->n_first);
  IvOpLinear embed = { v->weights->patch, v->patches, patches, grid->n_patches, n_terms > 0 };
  iv_op_linear (v->ops, v->commands, &embed);
  record_norm (pass, &v->weights->pre_norm, v->stream, v->stream, grid->n_tokens);
}

static void
record_output (const Pass *pass)
{
  const IvVision *v = pass->vision;
  record_norm (pass, &v->weights->post_norm, v->stream, v->stream, pass->grid->n_tokens);
  record_projector (
      pass, v->weights->projector, iv_rows_from_row (&v->stream, pass->grid->n_first), 0);
}

/* Into rows first_row … of the embedding, in the image's order. */
static gboolean
read_output (const Pass *pass, IvImageEmbedding *embedding, guint first_row, GError **error)
{
  const IvVision *v = pass->vision;
  gsize n = embedding->n_embd, n_deep = n * embedding->n_deepstack;
  guint n_units = pass->grid->n_units;
  g_autofree float *values = g_new (float, n_units *(n + n_deep));
  if (!iv_rows_read (&v->out, n_units, (guint) (n + n_deep), values, error))
    return FALSE;
  for (guint i = 0; i < n_units; i++) {
    gsize row = first_row + pass->grid->units[i];
    const float *value = values + i * (n + n_deep);
    memcpy (embedding->rows + row * n, value, n * sizeof (float));
    if (n_deep > 0)
      memcpy (embedding->deepstack + row * n_deep, value + n, n_deep * sizeof (float));
  }
  return TRUE;
}

static gboolean
encode_tile (Pass *pass,
             const float *pixels,
             IvImageEmbedding *embedding,
             guint first_row,
             GError **error)
{
  IvVkCommands *commands = pass->vision->commands;
  if (!reserve (pass->vision, pass->grid, error) || !write_input (pass, pixels, error) ||
      !iv_vk_commands_begin (commands, error))
    return FALSE;
  record_patches (pass);
  if (!run_layers (pass, error))
    return FALSE;
  record_output (pass);
  return iv_vk_commands_run (commands, error) && read_output (pass, embedding, first_row, error);
}

gboolean
iv_vision_reserve (IvVision *vision, guint height, guint width, GError **error)
{
  guint n_rows;
  if (!iv_vision_config_count_rows (&vision->config, height, width, &n_rows, error))
    return FALSE;
  g_autoptr (IvVisionGrid) grid = iv_vision_grid_new (&vision->config, height, width);
  return reserve (vision, grid, error);
}

IvImageEmbedding *
iv_vision_encode (IvVision *vision,
                  const IvVisionInput *input,
                  GCancellable *cancellable,
                  GError **error)
{
  const IvVisionConfig *c = &vision->config;
  guint n_rows;
  if (!iv_vision_config_count_rows (c, input->height, input->width, &n_rows, error))
    return NULL;
  if (input->n_channels != c->n_channels || input->n_tiles == 0) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_INPUT,
                 "%u tiles of %u channels: the tower takes %u channels",
                 input->n_tiles,
                 input->n_channels,
                 c->n_channels);
    return NULL;
  }
  g_autoptr (IvVisionGrid) grid = iv_vision_grid_new (c, input->height, input->width);
  g_autoptr (IvImageEmbedding) embedding =
      iv_image_embedding_new (n_rows * input->n_tiles, c->n_out, c->n_deepstack);
  gsize tile = (gsize) c->n_channels * input->height * input->width;
  if (input->n_tiles == 1) {
    embedding->grid_rows = grid->n_rows / c->merge;
    embedding->grid_columns = grid->n_columns / c->merge;
  }
  for (guint i = 0; i < input->n_tiles; i++) {
    Pass pass = { .vision = vision, .grid = grid, .cancellable = cancellable };
    if (!encode_tile (&pass, input->pixels + i * tile, embedding, i * n_rows, error))
      return NULL;
  }
  return g_steal_pointer (&embedding);
}
