/* What a vision tower's files say about it and its projector, checked against their tensors.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-vision-config.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/nets/iv-vision-tensors.h"

/* More of either is no tower anybody has published, and would only cost memory. */
enum { MOST_LAYERS = 256, MOST_WIDTH = 16384, MOST_PATCH = 64, MOST_SIDE = 4096 };

/* What the projector's name tells of the tower before it. */
typedef struct {
  const char *name;
  IvVisionPositions positions;
  gboolean has_rope, is_rms;
  gboolean says_activation; /* the file's flags decide between those of its kind */
  IvActivation activation;  /* else, or where the flag says GELU */
  guint merge;              /* 0: one row for each patch */
  const char *merge_key;
  gboolean is_pooled;
} Family;

static const Family families[] = {
  { .name = "mlp",
    .positions = IV_VISION_POSITIONS_TABLE,
    .says_activation = TRUE,
    .activation = IV_ACTIVATION_GELU_ERF },
  { .name = "cxr_llava",
    .positions = IV_VISION_POSITIONS_TABLE,
    .says_activation = TRUE,
    .activation = IV_ACTIVATION_GELU_ERF },
  { .name = "maira2",
    .positions = IV_VISION_POSITIONS_BICUBIC,
    .activation = IV_ACTIVATION_GELU_ERF },
  { .name = "gemma3",
    .positions = IV_VISION_POSITIONS_TABLE,
    .activation = IV_ACTIVATION_GELU_TANH,
    .merge = 4,
    .merge_key = "clip.vision.projector.scale_factor",
    .is_pooled = TRUE },
  /* Old converters wrote use_gelu for what is quick GELU. */
  { .name = "qwen2vl_merger",
    .has_rope = TRUE,
    .activation = IV_ACTIVATION_GELU_QUICK,
    .merge = 2,
    .merge_key = "clip.vision.spatial_merge_size" },
  { .name = "qwen2.5vl_merger",
    .has_rope = TRUE,
    .is_rms = TRUE,
    .activation = IV_ACTIVATION_SILU,
    .merge = 2,
    .merge_key = "clip.vision.spatial_merge_size" },
  { .name = "qwen3vl_merger",
    .positions = IV_VISION_POSITIONS_CORNERS,
    .has_rope = TRUE,
    .activation = IV_ACTIVATION_GELU_TANH,
    .merge = 2,
    .merge_key = "clip.vision.spatial_merge_size" },
  { .name = "internvl",
    .positions = IV_VISION_POSITIONS_BICUBIC,
    .activation = IV_ACTIVATION_GELU_ERF,
    .merge = 2,
    .merge_key = "clip.vision.projector.scale_factor" },
};

static gboolean
fail (GError **error, IvModelError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, IvModelError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autoptr (GError) problem = g_error_new_valist (IV_MODEL_ERROR, (gint) code, format, arguments);
  va_end (arguments);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* --- the projector's name ------------------------------------------------------------------- */

static const char *
get_projector (IvWeights *weights)
{
  const char *name = iv_weights_get_string (weights, "clip.projector_type");
  return name != NULL ? name : iv_weights_get_string (weights, "clip.vision.projector_type");
}

gboolean
iv_vision_config_is_there (IvWeights *weights)
{
  return get_projector (weights) != NULL;
}

static const Family *
find_family (IvWeights *weights, GError **error)
{
  const char *name = get_projector (weights);
  g_autoptr (GString) known = g_string_new (NULL);
  if (name == NULL) {
    fail (error, IV_MODEL_ERROR_FORMAT, "clip.projector_type is missing: no vision tower");
    return NULL;
  }
  if (g_str_equal (name, "qwen2.5o")) /* what the first converters called it */
    name = "qwen2.5vl_merger";
  for (guint i = 0; i < G_N_ELEMENTS (families); i++) {
    if (g_str_equal (families[i].name, name))
      return &families[i];
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", families[i].name);
  }
  fail (error,
        IV_MODEL_ERROR_UNSUPPORTED,
        "projector “%s” is not supported; supported are %s",
        name,
        known->str);
  return NULL;
}

/* --- numbers -------------------------------------------------------------------------------- */

/* least … most; fallback where the key is absent, 0: it must be there. */
typedef struct {
  const char *key;
  guint least, most, fallback;
  guint *value;
} Number;

static gboolean
read_number (IvWeights *weights, const Number *number, GError **error)
{
  guint64 value = number->fallback;
  gboolean has = iv_weights_has (weights, number->key);
  if (!has && number->fallback == 0 && number->least > 0)
    return fail (error, IV_MODEL_ERROR_FORMAT, "%s is missing", number->key);
  if (has && !iv_weights_get_uint (weights, number->key, &value))
    return fail (error, IV_MODEL_ERROR_FORMAT, "%s is not a whole number", number->key);
  if (value < number->least || value > number->most)
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "%s is %" G_GUINT64_FORMAT "; supported are %u to %u",
                 number->key,
                 value,
                 number->least,
                 number->most);
  *number->value = (guint) value;
  return TRUE;
}

static gboolean
read_numbers (IvWeights *weights, const Family *family, IvVisionConfig *c, GError **error)
{
  const Number numbers[] = {
    { "clip.vision.block_count", 1, MOST_LAYERS, 0, &c->n_layers },
    { "clip.vision.embedding_length", 4, MOST_WIDTH, 0, &c->n_embd },
    { "clip.vision.attention.head_count", 1, MOST_WIDTH, 0, &c->n_head },
    { "clip.vision.patch_size", 1, MOST_PATCH, 0, &c->patch },
    { "clip.vision.image_size", 1, MOST_SIDE, 0, &c->image_size },
    { family->merge_key, 1, 16, family->merge, &c->merge },
  };
  double epsilon;
  c->merge = 1;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].key != NULL && !read_number (weights, &numbers[i], error))
      return FALSE;
  if (!iv_weights_get_float (weights, "clip.vision.attention.layer_norm_epsilon", &epsilon) ||
      !(epsilon >= 0 && epsilon < 1))
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "clip.vision.attention.layer_norm_epsilon is missing or no small number");
  c->norm_eps = (float) epsilon;
  c->head_dim = c->n_embd / c->n_head;
  if (c->n_embd % c->n_head != 0 || c->head_dim % 4 != 0 || c->head_dim > 256)
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "a width of %u in %u heads; supported are heads of multiples of 4 up to 256",
                 c->n_embd,
                 c->n_head);
  return TRUE;
}

/* A layer k here is the state behind k blocks, as a number or as the only item of an array. */
static gboolean
read_feature_layer (IvWeights *weights, IvVisionConfig *c, GError **error)
{
  static const char key[] = "clip.vision.feature_layer";
  guint64 layer;
  double item;
  if (!iv_weights_has (weights, key))
    return TRUE;
  if (iv_weights_get_array_length (weights, key) > 1)
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "%s names several layers", key);
  if (!iv_weights_get_uint (weights, key, &layer)) {
    if (!iv_weights_get_array_number (weights, key, 0, &item) || !(item >= 0 && item <= G_MAXINT32))
      return fail (error, IV_MODEL_ERROR_FORMAT, "%s names no layer", key);
    layer = (guint64) item;
  }
  if (layer < 1 || layer > c->n_layers)
    return fail (error,
                 IV_MODEL_ERROR_MISMATCH,
                 "%s is %" G_GUINT64_FORMAT " of %u layers",
                 key,
                 layer,
                 c->n_layers);
  c->n_layers = (guint) layer;
  return TRUE;
}

/* Windows of a tower of Qwen2.5-VL. */
static gboolean
read_windows (IvWeights *weights, IvVisionConfig *c, GError **error)
{
  guint pixels = 0, unit = c->patch * c->merge;
  const Number numbers[] = {
    { "clip.vision.window_size", 1, MOST_SIDE, 112, &pixels },
    { "clip.vision.n_wa_pattern", 1, MOST_LAYERS, 0, &c->full_period },
  };
  if (!iv_weights_has (weights, "clip.vision.n_wa_pattern"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (!read_number (weights, &numbers[i], error))
      return FALSE;
  c->window = pixels / unit;
  if (c->window == 0)
    return fail (error,
                 IV_MODEL_ERROR_MISMATCH,
                 "clip.vision.window_size %u is less than %u pixels of one row",
                 pixels,
                 unit);
  return TRUE;
}

static gboolean
read_deepstack (IvWeights *weights, IvVisionConfig *c, GError **error)
{
  static const char key[] = "clip.vision.is_deepstack_layers";
  guint64 n = iv_weights_get_array_length (weights, key);
  double flag;
  for (guint64 i = 0; i < n; i++) {
    if (!iv_weights_get_array_number (weights, key, i, &flag) || flag == 0)
      continue;
    if (i >= c->n_layers || c->n_deepstack == IV_VISION_MAX_DEEPSTACK)
      return fail (error,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s flags layer %" G_GUINT64_FORMAT " of %u, or more than %d",
                   key,
                   i,
                   c->n_layers,
                   IV_VISION_MAX_DEEPSTACK);
    c->deepstack[c->n_deepstack++] = (guint) i;
  }
  return TRUE;
}

/* --- flags and the rest --------------------------------------------------------------------- */

static gboolean
read_activation (IvWeights *weights, const Family *family, IvVisionConfig *c, GError **error)
{
  gboolean gelu = FALSE, silu = FALSE;
  iv_weights_get_bool (weights, "clip.use_gelu", &gelu);
  iv_weights_get_bool (weights, "clip.use_silu", &silu);
  if (gelu && silu)
    return fail (error, IV_MODEL_ERROR_FORMAT, "clip.use_gelu and clip.use_silu are both set");
  c->activation = family->activation;
  if (!family->says_activation)
    return TRUE;
  /* SigLIP, which has no class row, means GELU by tanh; the others mean erf. */
  gboolean is_siglip = iv_weights_find (weights, "v.class_embd") == NULL;
  c->activation = silu        ? IV_ACTIVATION_SILU
                  : !gelu     ? IV_ACTIVATION_GELU_QUICK
                  : is_siglip ? IV_ACTIVATION_GELU_TANH
                              : family->activation;
  return TRUE;
}

static gboolean
read_channels (IvWeights *weights, IvVisionConfig *c, GError **error)
{
  static const char *const keys[] = { "clip.vision.image_mean", "clip.vision.image_std" };
  float *targets[] = { c->mean, c->std };
  double value;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    for (guint channel = 0; channel < c->n_channels; channel++) {
      if (!iv_weights_get_array_number (weights, keys[i], channel, &value) || !isfinite (value) ||
          (i == 1 && value <= 0))
        return fail (error,
                     IV_MODEL_ERROR_FORMAT,
                     "%s does not hold a number for each of %u channels",
                     keys[i],
                     c->n_channels);
      targets[i][channel] = (float) value;
    }
  return TRUE;
}

/* "anyres_max_9" and "anyres"; where nobody says, towers of SigLIP are LLaVA-OneVision's, whose
 * code says 9, and those of CLIP LLaVA-NeXT's, which has no such limit. */
static void
read_max_tiles (IvWeights *weights, IvVisionConfig *c)
{
  const char *aspect = iv_weights_get_string (weights, "clip.vision.image_aspect_ratio");
  if (!c->has_newline)
    return;
  if (aspect == NULL)
    c->max_tiles = c->has_class ? 0 : 9;
  else if (g_str_has_prefix (aspect, "anyres_max_"))
    c->max_tiles = (guint) MIN (g_ascii_strtoull (aspect + strlen ("anyres_max_"), NULL, 10), 64);
}

/* Whether images of the one size the tower takes come out even. */
static gboolean
check_sizes (IvVisionConfig *c, GError **error)
{
  guint side = c->image_size / c->patch;
  if (c->positions == IV_VISION_POSITIONS_NONE || c->positions == IV_VISION_POSITIONS_CORNERS) {
    c->image_size = 0;
    return TRUE;
  }
  if (side % c->merge != 0 || side == 0)
    return fail (error,
                 IV_MODEL_ERROR_MISMATCH,
                 "%u patches a side cannot be merged %u by %u",
                 side,
                 c->merge,
                 c->merge);
  if (c->positions == IV_VISION_POSITIONS_TABLE && side != c->table_side)
    return fail (error,
                 IV_MODEL_ERROR_MISMATCH,
                 "images of %u pixels have %u patches a side, v.position_embd.weight has %u",
                 c->image_size,
                 side,
                 c->table_side);
  return TRUE;
}

gboolean
iv_vision_config_read (IvWeights *weights, IvVisionConfig *config, GError **error)
{
  const Family *family = find_family (weights, error);
  if (family == NULL)
    return FALSE;
  *config = (IvVisionConfig){ .projector = family->name,
                              .positions = family->positions,
                              .has_rope = family->has_rope,
                              .is_rms = family->is_rms,
                              .is_pooled = family->is_pooled };
  if (!read_numbers (weights, family, config, error) ||
      !read_feature_layer (weights, config, error) || !read_windows (weights, config, error) ||
      !read_deepstack (weights, config, error) ||
      !read_activation (weights, family, config, error) ||
      !iv_vision_tensors_check (weights, config, error))
    return FALSE;
  read_max_tiles (weights, config);
  return read_channels (weights, config, error) && check_sizes (config, error);
}

gboolean
iv_vision_config_count_rows (const IvVisionConfig *config,
                             guint height,
                             guint width,
                             guint *n_rows,
                             GError **error)
{
  guint unit = config->patch * config->merge;
  if (height == 0 || width == 0 || height % unit != 0 || width % unit != 0 ||
      height > G_MAXUINT16 || width > G_MAXUINT16)
    return fail (error,
                 IV_MODEL_ERROR_INPUT,
                 "an image of %u × %u pixels: the sides are to be multiples of %u",
                 width,
                 height,
                 unit);
  if (config->positions == IV_VISION_POSITIONS_TABLE &&
      (height / config->patch != config->table_side || width / config->patch != config->table_side))
    return fail (error,
                 IV_MODEL_ERROR_INPUT,
                 "an image of %u × %u pixels: the tower takes %u × %u",
                 width,
                 height,
                 config->image_size,
                 config->image_size);
  *n_rows = (height / unit) * (width / unit);
  return TRUE;
}
