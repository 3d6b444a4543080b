/* The vision part of a Hugging Face directory as the clip.* metadata of a GGUF mmproj file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <math.h>

#include "model/files/iv-model-error.h"

#define CLIP_MEAN                     \
  {                                   \
    0.48145466, 0.4578275, 0.40821073 \
  }
#define CLIP_STD                       \
  {                                    \
    0.26862954, 0.26130258, 0.27577711 \
  }
#define IMAGENET_MEAN   \
  {                     \
    0.485, 0.456, 0.406 \
  }
#define IMAGENET_STD    \
  {                     \
    0.229, 0.224, 0.225 \
  }
#define HALF      \
  {               \
    0.5, 0.5, 0.5 \
  }

enum { MOST_LAYERS = 1024 };

/* What the towers' members are called, and what transformers assumes where they are absent. */
typedef struct {
  const char *projector;
  const char *layers, *width, *ffn, *heads;
  guint n_layers, n_width, n_ffn, n_heads, n_image, n_patch;
  double epsilon;
  guint n_channels;
  double mean[3], std[3];
} Tower;

static const Tower towers[] = {
  [IV_HF_TOWER_QWEN2VL] = { "qwen2vl_merger",
                            "depth",
                            "embed_dim",
                            NULL,
                            "num_heads",
                            32,
                            1280,
                            5120,
                            16,
                            560,
                            14,
                            1e-6,
                            3,
                            CLIP_MEAN,
                            CLIP_STD },
  /* The class's own default width, 3584, suits none of the published files. */
  [IV_HF_TOWER_QWEN25VL] = { "qwen2.5vl_merger",
                             "depth",
                             "hidden_size",
                             "intermediate_size",
                             "num_heads",
                             32,
                             1280,
                             3420,
                             16,
                             560,
                             14,
                             1e-6,
                             3,
                             CLIP_MEAN,
                             CLIP_STD },
  [IV_HF_TOWER_QWEN3VL] = { "qwen3vl_merger",
                            "depth",
                            "hidden_size",
                            "intermediate_size",
                            "num_heads",
                            27,
                            1152,
                            4304,
                            16,
                            768,
                            16,
                            1e-6,
                            3,
                            HALF,
                            HALF },
  [IV_HF_TOWER_GEMMA3] = { "gemma3",
                           "num_hidden_layers",
                           "hidden_size",
                           "intermediate_size",
                           "num_attention_heads",
                           27,
                           1152,
                           4304,
                           16,
                           896,
                           14,
                           1e-6,
                           3,
                           HALF,
                           HALF },
  [IV_HF_TOWER_LLAVA] = { "mlp",
                          "num_hidden_layers",
                          "hidden_size",
                          "intermediate_size",
                          "num_attention_heads",
                          24,
                          1024,
                          4096,
                          16,
                          336,
                          14,
                          1e-5,
                          3,
                          CLIP_MEAN,
                          CLIP_STD },
  [IV_HF_TOWER_CXR_LLAVA] = { "cxr_llava",
                              "layers",
                              "width",
                              NULL,
                              NULL,
                              24,
                              1024,
                              4096,
                              16,
                              512,
                              16,
                              1e-5,
                              1,
                              { 0.5518136078431373 },
                              { 0.3821719215686275 } },
  [IV_HF_TOWER_SIGLIP] = { "mlp",
                           "num_hidden_layers",
                           "hidden_size",
                           "intermediate_size",
                           "num_attention_heads",
                           26,
                           1152,
                           4304,
                           16,
                           384,
                           14,
                           1e-6,
                           3,
                           HALF,
                           HALF },
  [IV_HF_TOWER_INTERNVL] = { "internvl",
                             "num_hidden_layers",
                             "hidden_size",
                             "intermediate_size",
                             "num_attention_heads",
                             24,
                             1024,
                             4096,
                             16,
                             448,
                             14,
                             1e-6,
                             3,
                             IMAGENET_MEAN,
                             IMAGENET_STD },
  [IV_HF_TOWER_MAIRA2] = { "maira2",
                           "num_hidden_layers",
                           "hidden_size",
                           NULL,
                           "num_attention_heads",
                           12,
                           768,
                           3072,
                           12,
                           518,
                           14,
                           1e-6,
                           3,
                           { 0.5307, 0.5307, 0.5307 },
                           { 0.2583, 0.2583, 0.2583 } },
};

static gboolean
fail (GError **error, IvModelError code, const char *member, const char *problem)
{
  g_set_error (
      error, IV_MODEL_ERROR, (gint) code, "config.json: vision part: %s %s", member, problem);
  return FALSE;
}

static gboolean
get_size (const IvHf *hf, const char *member, guint64 fallback, guint64 *value, GError **error)
{
  *value = fallback;
  if (member == NULL || !iv_json_has (hf->vision, member))
    return TRUE;
  JsonArray *pair = iv_json_get_array (hf->vision, member);
  guint64 other;
  if (pair != NULL && json_array_get_length (pair) == 2 &&
      iv_json_node_get_uint (json_array_get_element (pair, 0), value) &&
      iv_json_node_get_uint (json_array_get_element (pair, 1), &other)) {
    if (*value == other && other > 0 && other <= G_MAXINT32)
      return TRUE;
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, member, "is not the same for both sides");
  }
  if (iv_json_get_uint (hf->vision, member, value) && *value > 0 && *value <= G_MAXINT32)
    return TRUE;
  return fail (error, IV_MODEL_ERROR_FORMAT, member, "is not a whole number above 0");
}

static gboolean
copy_size (IvHf *hf,
           const char *member,
           const char *key,
           guint64 fallback,
           guint64 *value,
           GError **error)
{
  if (!get_size (hf, member, fallback, value, error))
    return FALSE;
  iv_weights_set_uint (hf->weights, key, *value);
  return TRUE;
}

/* The widths that two towers derive instead of naming. */
static gboolean
copy_heads_and_ffn (IvHf *hf, const Tower *tower, guint64 width, GError **error)
{
  guint64 heads = tower->n_heads, ffn = tower->n_ffn, head_width;
  double ratio;
  if (tower->ffn == NULL) /* mlp_ratio */
    ffn = iv_json_get_number (hf->vision, "mlp_ratio", &ratio) && ratio > 0 && ratio < 64
              ? (guint64) ((double) width * ratio)
              : width * 4;
  if (tower->heads == NULL) { /* open_clip */
    if (!get_size (hf, "head_width", 64, &head_width, error))
      return FALSE;
    heads = width / head_width;
  }
  return copy_size (hf, tower->ffn, "clip.vision.feed_forward_length", ffn, &ffn, error) &&
         copy_size (hf, tower->heads, "clip.vision.attention.head_count", heads, &heads, error);
}

static gboolean
copy_shape (IvHf *hf, const Tower *tower, GError **error)
{
  guint64 layers, width, patch, image;
  double epsilon = tower->epsilon;
  iv_json_get_number (hf->vision, "layer_norm_eps", &epsilon);
  iv_weights_set_float (hf->weights, "clip.vision.attention.layer_norm_epsilon", epsilon);
  return copy_size (
             hf, tower->layers, "clip.vision.block_count", tower->n_layers, &layers, error) &&
         copy_size (
             hf, tower->width, "clip.vision.embedding_length", tower->n_width, &width, error) &&
         copy_size (hf, "patch_size", "clip.vision.patch_size", tower->n_patch, &patch, error) &&
         copy_size (hf, "image_size", "clip.vision.image_size", tower->n_image, &image, error) &&
         copy_heads_and_ffn (hf, tower, width, error);
}

/* Every so-manieth layer sees the whole image; the rest see windows. */
static gboolean
copy_windows (IvHf *hf, GError **error)
{
  JsonArray *layers = iv_json_get_array (hf->vision, "fullatt_block_indexes");
  guint64 window, first = 7, layer;
  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++) {
    if (!iv_json_node_get_uint (json_array_get_element (layers, i), &layer) || layer >= MOST_LAYERS)
      return fail (
          error, IV_MODEL_ERROR_FORMAT, "fullatt_block_indexes", "does not hold layer numbers");
    if (i == 0)
      first = layer;
    if (layer + 1 != (first + 1) * (i + 1))
      return fail (error,
                   IV_MODEL_ERROR_UNSUPPORTED,
                   "fullatt_block_indexes",
                   "does not repeat in equal steps");
  }
  iv_weights_set_uint (hf->weights, "clip.vision.n_wa_pattern", first + 1);
  iv_weights_set_bool (hf->weights, "clip.use_silu", TRUE);
  return copy_size (hf, "window_size", "clip.vision.window_size", 112, &window, error);
}

static gboolean
copy_deepstack (IvHf *hf, GError **error)
{
  guint8 flags[MOST_LAYERS] = { 0 };
  guint64 n_layers, layer, n_positions;
  JsonArray *layers = iv_json_get_array (hf->vision, "deepstack_visual_indexes");
  guint n = layers != NULL ? json_array_get_length (layers) : 0;
  iv_weights_get_uint (hf->weights, "clip.vision.block_count", &n_layers);
  if (n_layers > MOST_LAYERS)
    return fail (error, IV_MODEL_ERROR_FORMAT, "depth", "is above 1024");
  for (guint i = 0; i < n; i++) {
    if (!iv_json_node_get_uint (json_array_get_element (layers, i), &layer) || layer >= n_layers)
      return fail (error,
                   IV_MODEL_ERROR_FORMAT,
                   "deepstack_visual_indexes",
                   "names a layer behind the last");
    flags[layer] = 1;
  }
  GByteArray *items = g_byte_array_new ();
  g_byte_array_append (items, flags, (guint) n_layers);
  iv_weights_set_array (
      hf->weights, "clip.vision.is_deepstack_layers", IV_META_BOOL, n_layers, items);
  iv_weights_set_uint (hf->weights, "qwen3vl.n_deepstack_layers", n);
  iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  if (iv_json_get_uint (hf->vision, "num_position_embeddings", &n_positions) &&
      n_positions <= G_MAXINT32) {
    guint64 patch;
    iv_weights_get_uint (hf->weights, "clip.vision.patch_size", &patch);
    iv_weights_set_uint (
        hf->weights, "clip.vision.image_size", (guint64) sqrt ((double) n_positions) * patch);
  }
  return TRUE;
}

static gboolean
copy_pooling (IvHf *hf, GError **error)
{
  guint64 n_tokens = 256, image, patch;
  iv_json_get_uint (hf->config, "mm_tokens_per_image", &n_tokens);
  iv_weights_get_uint (hf->weights, "clip.vision.image_size", &image);
  iv_weights_get_uint (hf->weights, "clip.vision.patch_size", &patch);
  guint64 side = n_tokens <= G_MAXINT32 ? (guint64) sqrt ((double) n_tokens) : 0;
  if (side == 0 || side * side != n_tokens || (image / patch) % side != 0)
    return fail (
        error, IV_MODEL_ERROR_FORMAT, "mm_tokens_per_image", "does not divide the patches");
  iv_weights_set_uint (hf->weights, "clip.vision.projector.scale_factor", image / patch / side);
  iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  return TRUE;
}

/* The state that a negative vision_feature_layer counts from the end: -1 is behind the last of
 * n_layers. As clip.vision.feature_layer, the number of layers to run. */
static gboolean
copy_feature_layer (IvHf *hf, double fallback, GError **error)
{
  double layer = fallback;
  guint64 n_layers;
  iv_weights_get_uint (hf->weights, "clip.vision.block_count", &n_layers);
  if (iv_json_has (hf->config, "vision_feature_layer") &&
      !iv_json_get_number (hf->config, "vision_feature_layer", &layer))
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "vision_feature_layer", "is no single layer");
  if (layer < 0)
    layer += (double) n_layers + 1;
  if (!(layer >= 1 && layer <= (double) n_layers))
    return fail (error, IV_MODEL_ERROR_MISMATCH, "vision_feature_layer", "names no layer there is");
  iv_weights_set_uint (hf->weights, "clip.vision.feature_layer", (guint64) layer);
  return TRUE;
}

/* The class row is dropped where there is one, and nothing where there is none. */
static gboolean
check_strategy (const IvHf *hf, const char *wanted, GError **error)
{
  const char *strategy = iv_json_get_string (hf->config, "vision_feature_select_strategy");
  if (strategy == NULL || g_str_equal (strategy, wanted))
    return TRUE;
  g_autofree char *problem = g_strdup_printf ("is “%s”; supported is “%s”", strategy, wanted);
  return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "vision_feature_select_strategy", problem);
}

/* LLaVA takes the features of the last layer but one. */
static gboolean
copy_llava (IvHf *hf, GError **error)
{
  const char *activation = iv_json_get_string (hf->vision, "hidden_act");
  if (activation != NULL && !g_str_equal (activation, "quick_gelu"))
    iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  return check_strategy (hf, "default", error) && copy_feature_layer (hf, -2, error);
}

/* Its own code cuts the layers behind the one it takes off the tower. */
static gboolean
copy_siglip (IvHf *hf, GError **error)
{
  iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  return check_strategy (hf, "full", error) && copy_feature_layer (hf, -1, error);
}

/* Two by two patches side by side, in rows: “v2”. The first version turned the image. */
static gboolean
copy_internvl (IvHf *hf, GError **error)
{
  double ratio = 0.5;
  const char *version = iv_json_get_string (hf->config, "ps_version");
  const char *activation = iv_json_get_string (hf->vision, "hidden_act");
  iv_json_get_number (hf->config, "downsample_ratio", &ratio);
  if (version != NULL && !g_str_equal (version, "v2"))
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "ps_version", "is not “v2”");
  if (activation != NULL && !g_str_equal (activation, "gelu"))
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "hidden_act", "is not “gelu”");
  guint64 factor = ratio > 0 && ratio <= 1 ? (guint64) (1 / ratio + 0.5) : 0;
  if (factor == 0 || fabs ((double) factor * ratio - 1) > 1e-6)
    return fail (
        error, IV_MODEL_ERROR_UNSUPPORTED, "downsample_ratio", "is not 1 / a whole number");
  iv_weights_set_uint (hf->weights, "clip.vision.projector.scale_factor", factor);
  iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  return check_strategy (hf, "default", error) && copy_feature_layer (hf, -1, error);
}

static gboolean
copy_maira2 (IvHf *hf, GError **error)
{
  gboolean is_gated = FALSE;
  const char *activation = iv_json_get_string (hf->vision, "hidden_act");
  iv_json_get_bool (hf->vision, "use_swiglu_ffn", &is_gated);
  if (is_gated || (activation != NULL && !g_str_equal (activation, "gelu")))
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "hidden_act", "is not “gelu” without a gate");
  iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
  return check_strategy (hf, "default", error) && copy_feature_layer (hf, -1, error);
}

static gboolean
copy_own (IvHf *hf, GError **error)
{
  guint64 merge;
  gboolean is_quick = FALSE;
  switch (hf->tower) {
  case IV_HF_TOWER_QWEN25VL:
    return copy_windows (hf, error) &&
           copy_size (hf, "spatial_merge_size", "clip.vision.spatial_merge_size", 2, &merge, error);
  case IV_HF_TOWER_QWEN3VL:
    return copy_deepstack (hf, error) &&
           copy_size (hf, "spatial_merge_size", "clip.vision.spatial_merge_size", 2, &merge, error);
  case IV_HF_TOWER_QWEN2VL:
    return copy_size (hf, "spatial_merge_size", "clip.vision.spatial_merge_size", 2, &merge, error);
  case IV_HF_TOWER_GEMMA3:
    return copy_pooling (hf, error);
  case IV_HF_TOWER_LLAVA:
    return copy_llava (hf, error);
  case IV_HF_TOWER_CXR_LLAVA:
    iv_json_get_bool (hf->config, "clip_quick_gelu", &is_quick);
    if (!is_quick)
      iv_weights_set_bool (hf->weights, "clip.use_gelu", TRUE);
    return TRUE;
  case IV_HF_TOWER_SIGLIP:
    return copy_siglip (hf, error);
  case IV_HF_TOWER_INTERNVL:
    return copy_internvl (hf, error);
  case IV_HF_TOWER_MAIRA2:
    return copy_maira2 (hf, error);
  case IV_HF_TOWER_NONE:
    break;
  }
  return TRUE;
}

gboolean
iv_hf_read_vision_config (IvHf *hf, GError **error)
{
  const Tower *tower = &towers[hf->tower];
  guint64 width = 0;
  g_autofree char *key = g_strdup_printf ("%s.embedding_length", hf->architecture);
  if (hf->tower == IV_HF_TOWER_NONE)
    return TRUE;
  gboolean is_named = iv_json_get_string (hf->config, "mm_vision_tower") != NULL;
  if (hf->vision == NULL && !is_named)
    return fail (error, IV_MODEL_ERROR_FORMAT, "vision_config", "is missing");
  iv_weights_set_bool (hf->weights, "clip.has_vision_encoder", TRUE);
  iv_weights_set_string (hf->weights, "clip.projector_type", tower->projector);
  /* What comes out of the projector goes into the decoder. */
  if (iv_weights_get_uint (hf->weights, key, &width))
    iv_weights_set_uint (hf->weights, "clip.vision.projection_dim", width);
  const IvHfChannels channels = { tower->n_channels, tower->mean, tower->std };
  return copy_shape (hf, tower, error) && iv_hf_read_preprocessor (hf, &channels, error) &&
         copy_own (hf, error);
}
