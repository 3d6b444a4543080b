/* The weights of a vision tower on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-vision-weights.h"

/* Where loading stands, and the first error. */
typedef struct {
  IvOps *ops;
  const IvVisionWeightsParams *params;
  const IvVisionConfig *config;
  GError **error;
  gboolean failed;
} Loader;

static const IvTensor *
find (Loader *loader, const char *stem, const char *suffix)
{
  g_autofree char *name = g_strconcat (stem, suffix, NULL);
  return loader->params->find (name, loader->params->find_data);
}

static IvVector *
load_vector (Loader *loader, const IvTensor *tensor)
{
  if (tensor == NULL || loader->failed)
    return NULL;
  IvVector *vector = iv_vector_new (loader->ops, tensor, loader->error);
  loader->failed = vector == NULL;
  return vector;
}

static IvVisionNorm
load_norm (Loader *loader, const char *stem)
{
  IvVisionNorm norm = { load_vector (loader, find (loader, stem, ".weight")), NULL };
  if (norm.weight != NULL)
    norm.bias = load_vector (loader, find (loader, stem, ".bias"));
  return norm;
}

static IvLinear *
load_linear (Loader *loader, const IvLinearParams *params)
{
  if (loader->failed)
    return NULL;
  IvLinear *linear = iv_linear_new (loader->ops, params, loader->error);
  loader->failed = linear == NULL;
  return linear;
}

/* The matrices of some names, stacked. */
static IvLinear *
load_stack (Loader *loader, guint layer, const char *const *parts, guint n_parts)
{
  IvLinearParams params = { .name = parts[0], .n_parts = n_parts };
  for (guint i = 0; i < n_parts; i++) {
    g_autofree char *stem = g_strdup_printf ("v.blk.%u.%s", layer, parts[i]);
    params.parts[i] = find (loader, stem, ".weight");
    params.biases[i] = find (loader, stem, ".bias");
  }
  return load_linear (loader, &params);
}

static IvVisionNorm
load_layer_norm (Loader *loader, guint layer, const char *part)
{
  g_autofree char *stem = g_strdup_printf ("v.blk.%u.%s", layer, part);
  return load_norm (loader, stem);
}

static void
load_layer (Loader *loader, guint i, IvVisionLayer *layer)
{
  static const char *const fused[] = { "attn_qkv" }, *const qkv[] = { "attn_q",
                                                                      "attn_k",
                                                                      "attn_v" };
  static const char *const out[] = { "attn_out" }, *const gate_up[] = { "ffn_gate", "ffn_up" };
  const IvVisionConfig *c = loader->config;
  const char *up = c->is_ffn_swapped ? "ffn_down" : "ffn_up";
  const char *down = c->is_ffn_swapped ? "ffn_up" : "ffn_down";
  layer->norm1 = load_layer_norm (loader, i, "ln1");
  layer->norm2 = load_layer_norm (loader, i, "ln2");
  layer->qkv = c->has_fused_qkv ? load_stack (loader, i, fused, 1) : load_stack (loader, i, qkv, 3);
  if (c->has_qk_norm) {
    layer->q_norm = load_layer_norm (loader, i, "attn_q_norm").weight;
    layer->k_norm = load_layer_norm (loader, i, "attn_k_norm").weight;
  }
  layer->attn_out = load_stack (loader, i, out, 1);
  layer->scale1 = load_layer_norm (loader, i, "ls1").weight;
  layer->scale2 = load_layer_norm (loader, i, "ls2").weight;
  layer->up = c->is_gated ? load_stack (loader, i, gate_up, 2) : load_stack (loader, i, &up, 1);
  layer->down = load_stack (loader, i, &down, 1);
}

/* --- before the blocks ---------------------------------------------------------------------- */

static gsize
count (const IvTensor *tensor)
{
  gsize n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= (gsize) tensor->shape[i];
  return n;
}

/* (transfer full) */
static float *
read_values (const IvTensor *tensor)
{
  float *values = g_new (float, count (tensor));
  iv_data_type_to_f32 (tensor->type, tensor->data, values, count (tensor));
  return values;
}

/* A still image is both of a pair of time slices: one product with the sum of their weights. */
static IvLinear *
load_patch (Loader *loader)
{
  const IvTensor *tensor = find (loader, "v.patch_embd", ".weight");
  IvLinearParams params = { .name = "patches",
                            .parts = { tensor },
                            .biases = { find (loader, "v.patch_embd", ".bias") },
                            .n_parts = 1 };
  if (!loader->config->has_slice)
    return load_linear (loader, &params);
  g_autofree float *sum = read_values (tensor);
  g_autofree float *second = read_values (find (loader, "v.patch_embd", ".weight.1"));
  gsize n = count (tensor);
  for (gsize i = 0; i < n; i++)
    sum[i] += second[i];
  IvTensor whole = {
    tensor->name, IV_TYPE_F32,       2, { tensor->shape[0], (gint64) n / tensor->shape[0] },
    sum,          n * sizeof (float)
  };
  params.parts[0] = &whole;
  return load_linear (loader, &params);
}

static void
load_table (Loader *loader, IvVisionWeights *weights)
{
  const IvVisionConfig *c = loader->config;
  if (loader->failed || c->positions == IV_VISION_POSITIONS_NONE)
    return;
  const IvTensor *tensor = find (loader, "v.position_embd", ".weight");
  IvRowsParams params = { "positions", (guint) (count (tensor) / c->n_embd), c->n_embd };
  g_autofree float *values = read_values (tensor);
  if (c->has_class) {
    g_autofree float *row = read_values (find (loader, "v.class_embd", ""));
    for (guint i = 0; i < c->n_embd; i++)
      values[i] += row[i];
  }
  loader->failed = !iv_rows_init (&weights->table, loader->ops, &params, loader->error) ||
                   !iv_rows_write (&weights->table, params.n_rows, params.n, values, loader->error);
}

static IvProjector *
load_projector (Loader *loader, gint deepstack)
{
  if (loader->failed)
    return NULL;
  IvProjectorParams params = {
    loader->config, loader->params->find, loader->params->find_data, deepstack
  };
  IvProjector *projector = iv_projector_new (loader->ops, &params, loader->error);
  loader->failed = projector == NULL;
  return projector;
}

static gboolean
go_on (Loader *loader, guint layer, GCancellable *cancellable)
{
  const IvVisionWeightsParams *params = loader->params;
  if (!loader->failed && g_cancellable_set_error_if_cancelled (cancellable, loader->error))
    loader->failed = TRUE;
  if (!loader->failed && params->progress != NULL)
    params->progress (
        (double) layer / loader->config->n_layers, "vision tower", params->progress_data);
  return !loader->failed;
}

IvVisionWeights *
iv_vision_weights_new (IvOps *ops,
                       const IvVisionWeightsParams *params,
                       GCancellable *cancellable,
                       GError **error)
{
  const IvVisionConfig *c = params->config;
  Loader loader = { ops, params, c, error, FALSE };
  g_autoptr (IvVisionWeights) weights = g_new0 (IvVisionWeights, 1);
  weights->n_layers = c->n_layers;
  weights->layers = g_new0 (IvVisionLayer, c->n_layers);
  weights->patch = load_patch (&loader);
  load_table (&loader, weights);
  weights->pre_norm = load_norm (&loader, "v.pre_ln");
  for (guint i = 0; i < c->n_layers && go_on (&loader, i, cancellable); i++)
    load_layer (&loader, i, &weights->layers[i]);
  weights->post_norm = load_norm (&loader, "v.post_ln");
  weights->projector = load_projector (&loader, -1);
  for (weights->n_deepstack = 0; weights->n_deepstack < c->n_deepstack; weights->n_deepstack++)
    weights->deepstack[weights->n_deepstack] =
        load_projector (&loader, (gint) c->deepstack[weights->n_deepstack]);
  return loader.failed ? NULL : g_steal_pointer (&weights);
}

static void
clear_norm (IvVisionNorm *norm)
{
  g_clear_pointer (&norm->weight, iv_vector_free);
  g_clear_pointer (&norm->bias, iv_vector_free);
}

static void
clear_layer (IvVisionLayer *layer)
{
  clear_norm (&layer->norm1);
  clear_norm (&layer->norm2);
  g_clear_pointer (&layer->qkv, iv_linear_free);
  g_clear_pointer (&layer->q_norm, iv_vector_free);
  g_clear_pointer (&layer->k_norm, iv_vector_free);
  g_clear_pointer (&layer->attn_out, iv_linear_free);
  g_clear_pointer (&layer->scale1, iv_vector_free);
  g_clear_pointer (&layer->scale2, iv_vector_free);
  g_clear_pointer (&layer->up, iv_linear_free);
  g_clear_pointer (&layer->down, iv_linear_free);
}

void
iv_vision_weights_free (IvVisionWeights *weights)
{
  for (guint i = 0; i < weights->n_layers; i++)
    clear_layer (&weights->layers[i]);
  g_free (weights->layers);
  g_clear_pointer (&weights->patch, iv_linear_free);
  iv_rows_clear (&weights->table);
  clear_norm (&weights->pre_norm);
  clear_norm (&weights->post_norm);
  g_clear_pointer (&weights->projector, iv_projector_free);
  for (guint i = 0; i < weights->n_deepstack; i++)
    g_clear_pointer (&weights->deepstack[i], iv_projector_free);
  g_free (weights);
}

guint64
iv_vision_weights_get_size (const IvVisionWeights *weights)
{
  guint64 size = iv_linear_get_size (weights->patch) + iv_projector_get_size (weights->projector);
  for (guint i = 0; i < weights->n_deepstack; i++)
    size += iv_projector_get_size (weights->deepstack[i]);
  for (guint i = 0; i < weights->n_layers; i++) {
    const IvVisionLayer *layer = &weights->layers[i];
    size += iv_linear_get_size (layer->qkv) + iv_linear_get_size (layer->attn_out) +
            iv_linear_get_size (layer->up) + iv_linear_get_size (layer->down);
  }
  return size;
}
