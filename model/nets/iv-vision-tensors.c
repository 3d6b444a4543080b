/* The tensors a vision tower and its projector need, against their configuration.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-vision-tensors.h"

#include <math.h>

#include "model/files/iv-model-error.h"

typedef struct {
  IvWeights *weights;
  IvVisionConfig *config;
  GError **error;
} Check;

static gint64
count (const IvTensor *tensor)
{
  gint64 n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= tensor->shape[i];
  return n;
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autoptr (GError) problem =
      g_error_new_valist (IV_MODEL_ERROR, IV_MODEL_ERROR_MISMATCH, format, arguments);
  va_end (arguments);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* NULL with the error when it is missing. */
static const IvTensor *
need (Check *check, const char *name)
{
  const IvTensor *tensor = iv_weights_find (check->weights, name);
  if (tensor == NULL)
    fail (check->error, "tensor %s is missing", name);
  return tensor;
}

static gboolean
check_matrix (Check *check, const char *name, gint64 rows, gint64 columns)
{
  const IvTensor *tensor = need (check, name);
  if (tensor == NULL)
    return FALSE;
  if (tensor->n_dims == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns)
    return TRUE;
  return fail (check->error,
               "tensor %s has the shape [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
               "] where [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "] is wanted",
               name,
               tensor->shape[0],
               tensor->n_dims > 1 ? tensor->shape[1] : 1,
               rows,
               columns);
}

/* Of any number of dimensions: some files keep leading ones of 1. */
static gboolean
check_vector (Check *check, const char *name, gint64 n)
{
  const IvTensor *tensor = need (check, name);
  if (tensor == NULL)
    return FALSE;
  if (count (tensor) != n || iv_data_type_get_block_elements (tensor->type) != 1)
    return fail (check->error,
                 "tensor %s holds %" G_GINT64_FORMAT " values of type %s where %" G_GINT64_FORMAT
                 " of F32, F16 or BF16 are wanted",
                 name,
                 count (tensor),
                 iv_data_type_to_string (tensor->type),
                 n);
  return TRUE;
}

static gboolean
has (Check *check, const char *name)
{
  return iv_weights_find (check->weights, name) != NULL;
}

/* stem.bias, where there is one, or where it must be. */
static gboolean
check_bias (Check *check, const char *stem, gint64 n, gboolean is_needed)
{
  g_autofree char *name = g_strconcat (stem, ".bias", NULL);
  return (!is_needed && !has (check, name)) || check_vector (check, name, n);
}

static gboolean
check_linear (Check *check, const char *stem, gint64 rows, gint64 columns)
{
  g_autofree char *name = g_strconcat (stem, ".weight", NULL);
  return check_matrix (check, name, rows, columns) && check_bias (check, stem, rows, FALSE);
}

/* A layer norm has a bias, an RMS norm has none. */
static gboolean
check_norm (Check *check, const char *stem, gint64 n)
{
  g_autofree char *name = g_strconcat (stem, ".weight", NULL);
  return check_vector (check, name, n) && check_bias (check, stem, n, !check->config->is_rms);
}

static gboolean
check_norm_if_there (Check *check, const char *stem)
{
  g_autofree char *name = g_strconcat (stem, ".weight", NULL);
  return !has (check, name) || check_norm (check, stem, check->config->n_embd);
}

/* --- what stands before the blocks ---------------------------------------------------------- */

static gboolean
check_patches (Check *check)
{
  IvVisionConfig *c = check->config;
  const IvTensor *tensor = need (check, "v.patch_embd.weight");
  if (tensor == NULL)
    return FALSE;
  gint64 area = (gint64) c->patch * c->patch;
  gint64 row = tensor->shape[0] == c->n_embd ? count (tensor) / c->n_embd : 0;
  if (row != area && row != 3 * area)
    return fail (check->error,
                 "tensor v.patch_embd.weight holds %" G_GINT64_FORMAT " values in %" G_GINT64_FORMAT
                 " rows: no %u × %u pixels of 1 or 3 channels for a width of %u",
                 count (tensor),
                 tensor->shape[0],
                 c->patch,
                 c->patch,
                 c->n_embd);
  c->n_channels = (guint) (row / area);
  const IvTensor *slice = iv_weights_find (check->weights, "v.patch_embd.weight.1");
  c->has_slice = slice != NULL;
  if (slice != NULL && (slice->shape[0] != c->n_embd || count (slice) != count (tensor)))
    return fail (check->error, "the two slices of v.patch_embd.weight differ in shape");
  return check_bias (check, "v.patch_embd", c->n_embd, FALSE);
}

static gboolean
check_positions (Check *check)
{
  IvVisionConfig *c = check->config;
  c->has_class = has (check, "v.class_embd");
  if (c->has_class && !check_vector (check, "v.class_embd", c->n_embd))
    return FALSE;
  if (c->has_class && c->has_rope)
    return fail (check->error, "tensor v.class_embd in a tower that rotates by place");
  if (c->positions == IV_VISION_POSITIONS_NONE)
    return TRUE;
  const IvTensor *tensor = need (check, "v.position_embd.weight");
  if (tensor == NULL)
    return FALSE;
  gint64 n = count (tensor) / c->n_embd - (c->has_class ? 1 : 0);
  gint64 side = n > 0 && n < G_MAXINT32 ? (gint64) sqrt ((double) n) : 0;
  if (tensor->shape[tensor->n_dims - 1] != c->n_embd || side == 0 || side * side != n)
    return fail (check->error,
                 "tensor v.position_embd.weight holds %" G_GINT64_FORMAT
                 " values: no square of rows of %u",
                 count (tensor),
                 c->n_embd);
  c->table_side = (guint) side;
  return TRUE;
}

/* --- the blocks ----------------------------------------------------------------------------- */

static char *
layer_name (guint layer, const char *name)
{
  return g_strdup_printf ("v.blk.%u.%s", layer, name);
}

static gboolean
check_qkv (Check *check, guint layer)
{
  const IvVisionConfig *c = check->config;
  static const char *const parts[] = { "attn_q", "attn_k", "attn_v" };
  if (c->has_fused_qkv) {
    g_autofree char *name = layer_name (layer, "attn_qkv");
    return check_linear (check, name, 3 * (gint64) c->n_embd, c->n_embd);
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *name = layer_name (layer, parts[i]);
    if (!check_linear (check, name, c->n_embd, c->n_embd))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_qk_norm (Check *check, guint layer, const char *part)
{
  const IvVisionConfig *c = check->config;
  g_autofree char *name = layer_name (layer, part);
  const IvTensor *tensor = need (check, name);
  if (tensor == NULL)
    return FALSE;
  return check_vector (check, name, count (tensor) == c->head_dim ? c->head_dim : c->n_embd);
}

static gboolean
check_ffn (Check *check, guint layer)
{
  const IvVisionConfig *c = check->config;
  g_autofree char *up = layer_name (layer, c->is_ffn_swapped ? "ffn_down" : "ffn_up");
  g_autofree char *down = layer_name (layer, c->is_ffn_swapped ? "ffn_up" : "ffn_down");
  g_autofree char *gate = layer_name (layer, "ffn_gate");
  return check_linear (check, up, c->n_ffn, c->n_embd) &&
         check_linear (check, down, c->n_embd, c->n_ffn) &&
         (!c->is_gated || check_linear (check, gate, c->n_ffn, c->n_embd));
}

/* LayerScale. */
static gboolean
check_scale (Check *check, guint layer, const char *part)
{
  g_autofree char *name = layer_name (layer, part);
  g_autofree char *full = g_strconcat (name, ".weight", NULL);
  return !has (check, full) || check_vector (check, full, check->config->n_embd);
}

static gboolean
check_layer (Check *check, guint layer)
{
  const IvVisionConfig *c = check->config;
  g_autofree char *norm1 = layer_name (layer, "ln1");
  g_autofree char *norm2 = layer_name (layer, "ln2");
  g_autofree char *out = layer_name (layer, "attn_out");
  return check_norm (check, norm1, c->n_embd) && check_norm (check, norm2, c->n_embd) &&
         check_qkv (check, layer) && check_linear (check, out, c->n_embd, c->n_embd) &&
         (!c->has_qk_norm || (check_qk_norm (check, layer, "attn_q_norm.weight") &&
                              check_qk_norm (check, layer, "attn_k_norm.weight"))) &&
         check_ffn (check, layer) && check_scale (check, layer, "ls1") &&
         check_scale (check, layer, "ls2");
}

/* What the first block shows of all. */
static gboolean
look_at_first (Check *check)
{
  IvVisionConfig *c = check->config;
  const IvTensor *up = need (check, "v.blk.0.ffn_up.weight");
  const IvTensor *down = up != NULL ? need (check, "v.blk.0.ffn_down.weight") : NULL;
  if (down == NULL)
    return FALSE;
  if (up->n_dims != 2 || down->n_dims != 2)
    return fail (check->error, "v.blk.0.ffn_up.weight or v.blk.0.ffn_down.weight is no matrix");
  c->is_ffn_swapped = up->shape[1] != c->n_embd && down->shape[1] == c->n_embd;
  c->n_ffn = (guint) MIN (c->is_ffn_swapped ? down->shape[0] : up->shape[0], G_MAXINT32);
  if (c->n_ffn % 4 != 0)
    return fail (check->error, "v.blk.0.ffn_up.weight has %u rows: no multiple of 4", c->n_ffn);
  c->is_gated = has (check, "v.blk.0.ffn_gate.weight");
  c->has_fused_qkv = has (check, "v.blk.0.attn_qkv.weight");
  c->has_qk_norm = has (check, "v.blk.0.attn_q_norm.weight");
  /* InternViT comes in two sizes under one name. */
  if (g_str_equal (c->projector, "internvl"))
    c->is_rms = !has (check, "v.blk.0.ln1.bias");
  return TRUE;
}

/* --- the projector -------------------------------------------------------------------------- */

char *
iv_vision_projector_linear (const IvVisionConfig *config, gint deepstack, guint i)
{
  if (deepstack >= 0)
    return i < 2 ? g_strdup_printf ("v.deepstack.%d.fc%u", deepstack, i + 1) : NULL;
  if (g_str_equal (config->projector, "gemma3"))
    return i == 0 ? g_strdup ("mm.input_projection") : NULL;
  if (g_str_equal (config->projector, "internvl"))
    return i < 2 ? g_strdup_printf ("mm.model.mlp.%u", 2 * i + 1) : NULL;
  return i < IV_VISION_MAX_LINEARS ? g_strdup_printf ("mm.%u", 2 * i) : NULL;
}

char *
iv_vision_projector_norm (const IvVisionConfig *config, gint deepstack)
{
  if (deepstack >= 0)
    return g_strdup_printf ("v.deepstack.%d.norm", deepstack);
  if (g_str_equal (config->projector, "gemma3"))
    return g_strdup ("mm.soft_emb_norm");
  return g_str_equal (config->projector, "internvl") ? g_strdup ("mm.model.mlp.0") : NULL;
}

const char *
iv_vision_newline_name (IvWeights *weights)
{
  static const char *const names[] = { "v.image_newline", "model.image_newline" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (iv_weights_find (weights, names[i]) != NULL)
      return names[i];
  return NULL;
}

/* From n_in values to the decoder's width through as many layers as there are. */
static gboolean
check_linears (Check *check, gint deepstack, gint64 n_in, guint *n_linears, gint64 *n_out)
{
  gboolean is_turned = g_str_equal (check->config->projector, "gemma3");
  for (*n_linears = 0;; ++*n_linears) {
    g_autofree char *stem = iv_vision_projector_linear (check->config, deepstack, *n_linears);
    g_autofree char *name = stem != NULL ? g_strconcat (stem, ".weight", NULL) : NULL;
    const IvTensor *tensor = name != NULL ? iv_weights_find (check->weights, name) : NULL;
    if (tensor == NULL && *n_linears == 0)
      return fail (check->error, "tensor %s is missing", name);
    if (tensor == NULL)
      return TRUE;
    *n_out = tensor->shape[is_turned ? tensor->n_dims - 1 : 0];
    if (*n_out % 4 != 0 || *n_out > G_MAXINT32)
      return fail (check->error,
                   "tensor %s leads to %" G_GINT64_FORMAT " values, no multiple of 4",
                   name,
                   *n_out);
    if (!(is_turned ? check_matrix (check, name, n_in, *n_out)
                    : check_linear (check, stem, *n_out, n_in)))
      return FALSE;
    n_in = *n_out;
  }
}

/* Main and deepstack alike; the norm of the latter is over the merged row. */
static gboolean
check_projector (Check *check, gint deepstack, guint *n_linears, gint64 *n_out)
{
  IvVisionConfig *c = check->config;
  gint64 n_in = c->is_pooled ? c->n_embd : (gint64) c->n_embd * c->merge * c->merge;
  g_autofree char *norm = iv_vision_projector_norm (c, deepstack);
  g_autofree char *weight = g_strconcat (norm != NULL ? norm : "", ".weight", NULL);
  if (norm != NULL &&
      !(check_vector (check, weight, n_in) && check_bias (check, norm, n_in, !c->is_pooled)))
    return FALSE;
  return check_linears (check, deepstack, n_in, n_linears, n_out);
}

static gboolean
check_projectors (Check *check)
{
  IvVisionConfig *c = check->config;
  gint64 n_out, n_other;
  guint n_linears;
  if (!check_projector (check, -1, &c->n_linears, &n_out))
    return FALSE;
  c->n_out = (guint) n_out;
  for (guint i = 0; i < c->n_deepstack; i++) {
    if (!check_projector (check, (gint) c->deepstack[i], &n_linears, &n_other))
      return FALSE;
    if (n_linears != 2 || n_other != n_out)
      return fail (check->error,
                   "v.deepstack.%u has %u layers and leads to %" G_GINT64_FORMAT " values, not %u",
                   c->deepstack[i],
                   n_linears,
                   n_other,
                   c->n_out);
  }
  const char *newline = iv_vision_newline_name (check->weights);
  c->has_newline = newline != NULL;
  return !c->has_newline || check_vector (check, newline, n_out);
}

gboolean
iv_vision_tensors_check (IvWeights *weights, IvVisionConfig *config, GError **error)
{
  Check check = { weights, config, error };
  if (!check_patches (&check) || !check_positions (&check) || !look_at_first (&check))
    return FALSE;
  for (guint i = 0; i < config->n_layers; i++)
    if (!check_layer (&check, i))
      return FALSE;
  return check_norm_if_there (&check, "v.pre_ln") && check_norm_if_there (&check, "v.post_ln") &&
         check_projectors (&check);
}
