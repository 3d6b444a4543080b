/* The weights of a text decoder on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-decoder-weights.h"

/* One loading: where it stands, and the first error. */
typedef struct {
  IvOps *ops;
  const IvDecoderWeightsParams *params;
  GCancellable *cancellable;
  guint64 done, whole; /* bytes of matrices */
  guint layer;
  GError **error;
  gboolean failed;
} Loader;

static const IvTensor *
find (IvTensorFunc function, gpointer data, guint layer, const char *name)
{
  g_autofree char *full = g_strdup_printf ("blk.%u.%s", layer, name);
  return function (full, data);
}

static const IvTensor *
find_of_layer (Loader *loader, const char *name)
{
  return find (loader->params->find, loader->params->find_data, loader->layer, name);
}

/* FALSE when loading ended; else tells how far it is. */
static gboolean
go_on (Loader *loader, const char *what, guint64 size)
{
  if (loader->failed)
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (loader->cancellable, loader->error)) {
    loader->failed = TRUE;
    return FALSE;
  }
  if (loader->params->progress != NULL)
    loader->params->progress (
        (double) loader->done / (double) loader->whole, what, loader->params->progress_data);
  loader->done += size;
  return TRUE;
}

static IvVector *
load_vector (Loader *loader, const IvTensor *tensor)
{
  if (tensor == NULL || !go_on (loader, tensor->name, 0))
    return NULL;
  IvVector *vector = iv_vector_new (loader->ops, tensor, loader->error);
  loader->failed = vector == NULL;
  return vector;
}

static IvVkPlace
get_layer_place (Loader *loader)
{
  const IvDecoderWeightsParams *params = loader->params;
  gboolean on_host = loader->layer + params->n_host_layers >= params->config->n_layers;
  return on_host ? IV_VK_PLACE_HOST : IV_VK_PLACE_DEVICE;
}

/* What a matrix is loaded as: its own type unless the recipe makes it narrower. */
static IvDataType
choose_type (const IvDecoderWeightsParams *params, const IvTensor *tensor)
{
  if (params->recipe == NULL)
    return tensor->type;
  IvDataType type = iv_quant_recipe_choose (
      params->recipe, tensor, params->config->n_layers, params->config->is_tied);
  return iv_quant_recipe_may_narrow (tensor->type, type) ? type : tensor->type;
}

static IvLinear *
load_linear (Loader *loader, const IvLinearParams *params)
{
  IvLinearParams converted = *params;
  g_autofree char *what = NULL;
  guint64 size = 0;
  for (guint i = 0; i < params->n_parts; i++) {
    size += params->parts[i]->size;
    IvDataType type = choose_type (loader->params, params->parts[i]);
    if (type == params->parts[i]->type)
      continue;
    converted.types[i] = type;
    g_free (what);
    what = g_strdup_printf ("%s → %s", params->name, iv_data_type_to_string (type));
  }
  if (!go_on (loader, what != NULL ? what : params->name, size))
    return NULL;
  IvLinear *linear = iv_linear_new (loader->ops, &converted, loader->error);
  loader->failed = linear == NULL;
  for (guint i = 0; loader->params->release != NULL && i < params->n_parts; i++)
    loader->params->release (params->parts[i], loader->params->find_data);
  return linear;
}

static IvLinear *
load_matrix (Loader *loader, const IvTensor *tensor, IvVkPlace place)
{
  IvLinearParams params = { tensor->name, .parts = { tensor }, .n_parts = 1, .place = place };
  return load_linear (loader, &params);
}

/* q, k and v, or gate and up, are one matrix on the device: one dispatch instead of three. */
static IvLinear *
load_qkv (Loader *loader)
{
  const IvDecoderConfig *config = loader->params->config;
  IvLinearParams params = { .name = "attn_qkv", .place = get_layer_place (loader) };
  if (config->has_fused_qkv) {
    params.n_parts = 1;
    params.parts[0] = find_of_layer (loader, "attn_qkv.weight");
    params.biases[0] = config->has_qkv_bias ? find_of_layer (loader, "attn_qkv.bias") : NULL;
    return load_linear (loader, &params);
  }
  static const char *const names[][2] = {
    { "attn_q.weight", "attn_q.bias" },
    { "attn_k.weight", "attn_k.bias" },
    { "attn_v.weight", "attn_v.bias" },
  };
  params.n_parts = G_N_ELEMENTS (names);
  for (guint i = 0; i < params.n_parts; i++) {
    params.parts[i] = find_of_layer (loader, names[i][0]);
    params.biases[i] = config->has_qkv_bias ? find_of_layer (loader, names[i][1]) : NULL;
  }
  return load_linear (loader, &params);
}

static IvLinear *
load_gate_up (Loader *loader)
{
  return load_linear (loader,
                      &(IvLinearParams){
                          .name = "ffn_gate_up",
                          .parts = { find_of_layer (loader, "ffn_gate.weight"),
                                     find_of_layer (loader, "ffn_up.weight") },
                          .n_parts = 2,
                          .place = get_layer_place (loader),
                      });
}

static void
load_layer (Loader *loader, IvDecoderLayer *layer)
{
  const IvDecoderConfig *config = loader->params->config;
  IvVkPlace place = get_layer_place (loader);
  layer->attn_norm = load_vector (loader, find_of_layer (loader, "attn_norm.weight"));
  layer->qkv = load_qkv (loader);
  if (config->has_qk_norm) {
    layer->q_norm = load_vector (loader, find_of_layer (loader, "attn_q_norm.weight"));
    layer->k_norm = load_vector (loader, find_of_layer (loader, "attn_k_norm.weight"));
  }
  layer->attn_out = load_matrix (loader, find_of_layer (loader, "attn_output.weight"), place);
  layer->ffn_norm = load_vector (loader, find_of_layer (loader, "ffn_norm.weight"));
  layer->gate_up = load_gate_up (loader);
  layer->down = load_matrix (loader, find_of_layer (loader, "ffn_down.weight"), place);
  if (config->has_post_norms) {
    layer->post_attn_norm =
        load_vector (loader, find_of_layer (loader, "post_attention_norm.weight"));
    layer->post_ffn_norm = load_vector (loader, find_of_layer (loader, "post_ffw_norm.weight"));
  }
}

/* --- every matrix by its name ------------------------------------------------------------- */

static const char *const layer_matrices[] = {
  "attn_qkv.weight",    "attn_q.weight", "attn_k.weight",   "attn_v.weight",
  "attn_output.weight", "ffn_up.weight", "ffn_gate.weight", "ffn_down.weight",
};

typedef guint64 (*SizeFunc) (const IvDecoderWeightsParams *params,
                             const IvTensor *tensor,
                             gpointer user_data);

static guint64
sum_layer (const IvDecoderWeightsParams *params, guint layer, SizeFunc get_size, gpointer user_data)
{
  guint64 sum = 0;
  for (guint i = 0; i < G_N_ELEMENTS (layer_matrices); i++) {
    const IvTensor *tensor = find (params->find, params->find_data, layer, layer_matrices[i]);
    sum += tensor != NULL ? get_size (params, tensor, user_data) : 0;
  }
  return sum;
}

static guint64
sum_all (const IvDecoderWeightsParams *params, SizeFunc get_size)
{
  static const char *const names[] = { "token_embd.weight", "output.weight" };
  guint64 sum = 0;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const IvTensor *tensor = params->find (names[i], params->find_data);
    sum += tensor != NULL ? get_size (params, tensor, NULL) : 0;
  }
  for (guint layer = 0; layer < params->config->n_layers; layer++)
    sum += sum_layer (params, layer, get_size, NULL);
  return sum;
}

static guint64
get_file_size (const IvDecoderWeightsParams *params, const IvTensor *tensor, gpointer user_data)
{
  return tensor->size;
}

static guint64
get_converted_size (const IvDecoderWeightsParams *params,
                    const IvTensor *tensor,
                    gpointer user_data)
{
  return choose_type (params, tensor) != tensor->type ? tensor->size : 0;
}

guint64
iv_decoder_weights_count_converted (const IvDecoderWeightsParams *params)
{
  return sum_all (params, get_converted_size);
}

static guint64
estimate (const IvDecoderWeightsParams *params, const IvTensor *tensor, gpointer user_data)
{
  const IvVkDeviceClass *device_class = user_data;
  if (tensor == NULL)
    return 0;
  return iv_linear_estimate_size (*device_class,
                                  choose_type (params, tensor),
                                  (guint) tensor->shape[0],
                                  (guint) tensor->shape[1]);
}

guint64
iv_decoder_weights_estimate_layer (IvVkDeviceClass device_class,
                                   const IvDecoderWeightsParams *params,
                                   guint layer)
{
  return sum_layer (params, layer, estimate, &device_class);
}

IvDecoderSize
iv_decoder_weights_estimate (IvVkDeviceClass device_class, const IvDecoderWeightsParams *params)
{
  const IvTensor *embedding = params->find ("token_embd.weight", params->find_data);
  guint64 table = estimate (params, embedding, &device_class);
  IvDecoderSize size = { 0 };
  if (params->config->is_tied)
    size.output = table;
  else {
    size.table = table;
    size.output =
        estimate (params, params->find ("output.weight", params->find_data), &device_class);
  }
  for (guint i = 0; i < params->config->n_layers; i++)
    size.layers += iv_decoder_weights_estimate_layer (device_class, params, i);
  return size;
}

IvDecoderSize
iv_decoder_weights_get_size (const IvDecoderWeights *weights)
{
  IvDecoderSize size = { 0 };
  guint64 table = iv_linear_get_size (weights->table);
  size.table = weights->output != NULL ? table : 0;
  size.output = weights->output != NULL ? iv_linear_get_size (weights->output) : table;
  for (guint i = 0; i < weights->n_layers; i++) {
    const IvDecoderLayer *layer = &weights->layers[i];
    size.layers += iv_linear_get_size (layer->qkv) + iv_linear_get_size (layer->attn_out) +
                   iv_linear_get_size (layer->gate_up) + iv_linear_get_size (layer->down);
  }
  return size;
}

/* --- the whole ------------------------------------------------------------------------------ */

IvDecoderWeights *
iv_decoder_weights_new (IvOps *ops,
                        const IvDecoderWeightsParams *params,
                        GCancellable *cancellable,
                        GError **error)
{
  const IvDecoderConfig *config = params->config;
  Loader loader = {
    ops, params, cancellable, .whole = sum_all (params, get_file_size), .error = error
  };
  g_autoptr (IvDecoderWeights) weights = g_new0 (IvDecoderWeights, 1);
  weights->n_layers = config->n_layers;
  weights->layers = g_new0 (IvDecoderLayer, config->n_layers);
  gboolean host_table = params->host_table && !config->is_tied;
  weights->table = load_matrix (&loader,
                                params->find ("token_embd.weight", params->find_data),
                                host_table ? IV_VK_PLACE_HOST : IV_VK_PLACE_DEVICE);
  /* The largest first: while one is packed it is in memory twice. */
  if (!config->is_tied && !loader.failed)
    weights->output = load_matrix (
        &loader, params->find ("output.weight", params->find_data), IV_VK_PLACE_DEVICE);
  for (; loader.layer < config->n_layers && !loader.failed; loader.layer++)
    load_layer (&loader, &weights->layers[loader.layer]);
  weights->output_norm =
      load_vector (&loader, params->find ("output_norm.weight", params->find_data));
  return loader.failed ? NULL : g_steal_pointer (&weights);
}

GPtrArray *
iv_decoder_weights_list (const IvDecoderWeights *weights)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < weights->n_layers; i++) {
    const IvDecoderLayer *layer = &weights->layers[i];
    g_ptr_array_add (list, layer->qkv);
    g_ptr_array_add (list, layer->attn_out);
    g_ptr_array_add (list, layer->gate_up);
    g_ptr_array_add (list, layer->down);
  }
  g_ptr_array_add (list, weights->output != NULL ? weights->output : weights->table);
  return list;
}

static void
clear_layer (IvDecoderLayer *layer)
{
  g_clear_pointer (&layer->attn_norm, iv_vector_free);
  g_clear_pointer (&layer->qkv, iv_linear_free);
  g_clear_pointer (&layer->q_norm, iv_vector_free);
  g_clear_pointer (&layer->k_norm, iv_vector_free);
  g_clear_pointer (&layer->attn_out, iv_linear_free);
  g_clear_pointer (&layer->post_attn_norm, iv_vector_free);
  g_clear_pointer (&layer->ffn_norm, iv_vector_free);
  g_clear_pointer (&layer->gate_up, iv_linear_free);
  g_clear_pointer (&layer->down, iv_linear_free);
  g_clear_pointer (&layer->post_ffn_norm, iv_vector_free);
}

void
iv_decoder_weights_free (IvDecoderWeights *weights)
{
  for (guint i = 0; i < weights->n_layers; i++)
    clear_layer (&weights->layers[i]);
  g_free (weights->layers);
  g_clear_pointer (&weights->table, iv_linear_free);
  g_clear_pointer (&weights->output_norm, iv_vector_free);
  g_clear_pointer (&weights->output, iv_linear_free);
  g_free (weights);
}
