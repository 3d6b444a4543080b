/* Decoder metadata into an IvDecoderConfig, every number in its range.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-decoder-config.h"

#include <math.h>

#include "model/files/iv-decoder-tensors.h"
#include "model/files/iv-model-error.h"

/* What the architecture's name alone says. */
typedef struct {
  const char *name;
  IvDecoderFamily family;
  IvDecoderRope rope_kind; /* in a GGUF file */
  IvDecoderActivation activation;
  gboolean has_qkv_bias, has_qk_norm, has_post_norms;
} Family;

static const Family families[] = {
  { "gemma3",
    IV_DECODER_GEMMA3,
    IV_DECODER_ROPE_HALF_SPLIT,
    IV_DECODER_GELU_TANH,
    FALSE,
    TRUE,
    TRUE },
  { "llama", IV_DECODER_LLAMA, IV_DECODER_ROPE_ADJACENT, IV_DECODER_SILU },
  { "qwen2", IV_DECODER_QWEN2, IV_DECODER_ROPE_HALF_SPLIT, IV_DECODER_SILU, TRUE },
  { "qwen2vl", IV_DECODER_QWEN2VL, IV_DECODER_ROPE_SECTIONS, IV_DECODER_SILU, TRUE },
  { "qwen3", IV_DECODER_QWEN3, IV_DECODER_ROPE_HALF_SPLIT, IV_DECODER_SILU, FALSE, TRUE },
  { "qwen3vl", IV_DECODER_QWEN3VL, IV_DECODER_ROPE_INTERLEAVED, IV_DECODER_SILU, FALSE, TRUE },
};

/* Far above every published model, far below what would overflow a product of two. */
enum {
  MOST_LAYERS = 1024,
  MOST_HEADS = 4096,
  MOST_HEAD_DIM = 1024,
  MOST_WIDTH = 1 << 20,
  MOST_CONTEXT = 1 << 24,
  GEMMA3_PATTERN = 6,
  GEMMA3_27B_LAYERS = 62,
};

static const Family *
find_family (const char *architecture, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (families); i++) {
    if (g_str_equal (families[i].name, architecture))
      return &families[i];
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", families[i].name);
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "architecture “%s” is not supported; supported are %s",
               architecture,
               names->str);
  return NULL;
}

/* A key is given without the architecture before it. */
static char *
make_key (const IvDecoderConfig *config, const char *key)
{
  return g_strdup_printf ("%s.%s", config->architecture, key);
}

static gboolean
fail_value (GError **error, const char *key, const char *wanted)
{
  g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "%s is not %s", key, wanted);
  return FALSE;
}

typedef struct {
  const char *key;
  guint least, most;
  guint fallback; /* when the key is absent; 0: it must be there */
} UintRule;

static gboolean
read_uint (IvWeights *weights,
           const IvDecoderConfig *config,
           const UintRule *rule,
           guint *value,
           GError **error)
{
  g_autofree char *key = make_key (config, rule->key);
  guint64 number;
  if (!iv_weights_has (weights, key)) {
    *value = rule->fallback;
    if (rule->fallback > 0)
      return TRUE;
    g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "%s is missing", key);
    return FALSE;
  }
  if (!iv_weights_get_uint (weights, key, &number))
    return fail_value (error, key, "a whole number");
  if (number < rule->least || number > rule->most) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "%s is %" G_GUINT64_FORMAT ", not from %u to %u",
                 key,
                 number,
                 rule->least,
                 rule->most);
    return FALSE;
  }
  *value = (guint) number;
  return TRUE;
}

typedef struct {
  const char *key;
  double least, most;
  double fallback; /* when the key is absent; 0: it must be there */
} FloatRule;

static gboolean
read_float (IvWeights *weights,
            const IvDecoderConfig *config,
            const FloatRule *rule,
            double *value,
            GError **error)
{
  g_autofree char *key = make_key (config, rule->key);
  if (!iv_weights_has (weights, key)) {
    *value = rule->fallback;
    if (rule->fallback != 0)
      return TRUE;
    g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "%s is missing", key);
    return FALSE;
  }
  if (!iv_weights_get_float (weights, key, value))
    return fail_value (error, key, "a floating-point number");
  if (*value >= rule->least && *value <= rule->most)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s is %g, not from %g to %g",
               key,
               *value,
               rule->least,
               rule->most);
  return FALSE;
}

static gboolean
read_head_dim (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  UintRule rule = { "attention.key_length", 2, MOST_HEAD_DIM };
  guint value_length, rotated;
  rule.fallback = config->n_embd / config->n_head;
  if (!read_uint (weights, config, &rule, &config->head_dim, error))
    return FALSE;
  rule.key = "attention.value_length";
  rule.fallback = config->head_dim;
  if (!read_uint (weights, config, &rule, &value_length, error))
    return FALSE;
  rule.key = "rope.dimension_count";
  if (!read_uint (weights, config, &rule, &rotated, error))
    return FALSE;
  if (config->head_dim > 0 && config->head_dim <= MOST_HEAD_DIM && config->head_dim % 2 == 0 &&
      value_length == config->head_dim && rotated == config->head_dim)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "%s: heads of %u (keys), %u (values) and %u (rotated) dimensions; supported is one "
               "even number for all three",
               config->architecture,
               config->head_dim,
               value_length,
               rotated);
  return FALSE;
}

static gboolean
read_sizes (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  UintRule layers = { "block_count", 1, MOST_LAYERS };
  UintRule width = { "embedding_length", 1, MOST_WIDTH };
  UintRule ffn = { "feed_forward_length", 1, MOST_WIDTH };
  UintRule heads = { "attention.head_count", 1, MOST_HEADS };
  UintRule kv_heads = { "attention.head_count_kv", 1, MOST_HEADS };
  UintRule context = { "context_length", 1, G_MAXUINT, 2048 };
  if (!read_uint (weights, config, &layers, &config->n_layers, error) ||
      !read_uint (weights, config, &width, &config->n_embd, error) ||
      !read_uint (weights, config, &ffn, &config->n_ffn, error) ||
      !read_uint (weights, config, &heads, &config->n_head, error) ||
      !read_uint (weights, config, &context, &config->n_context, error))
    return FALSE;
  kv_heads.fallback = config->n_head;
  if (!read_uint (weights, config, &kv_heads, &config->n_kv, error))
    return FALSE;
  config->n_context = MIN (config->n_context, MOST_CONTEXT);
  if (config->n_head % config->n_kv == 0)
    return read_head_dim (weights, config, error);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s.attention.head_count_kv is %u, which does not divide head_count %u",
               config->architecture,
               config->n_kv,
               config->n_head);
  return FALSE;
}

static gboolean
read_rope_sections (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  g_autofree char *key = make_key (config, "rope.dimension_sections");
  guint sum = 0;
  if (config->rope_kind != IV_DECODER_ROPE_SECTIONS &&
      config->rope_kind != IV_DECODER_ROPE_INTERLEAVED)
    return TRUE;
  if (!iv_weights_has (weights, key))
    return fail_value (error, key, "there, which this architecture asks for");
  for (guint i = 0; i < G_N_ELEMENTS (config->rope_sections); i++) {
    double section;
    if (!iv_weights_get_array_number (weights, key, i, &section) ||
        !(section >= 0 && section <= MOST_HEAD_DIM))
      return fail_value (error, key, "an array of at least three sizes");
    config->rope_sections[i] = (guint) section;
    sum += config->rope_sections[i];
  }
  if (sum == config->head_dim / 2)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s sums up to %u, not to half the head dimension %u",
               key,
               sum,
               config->head_dim);
  return FALSE;
}

static gboolean
read_rope_scaling (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  FloatRule rule = { "rope.scaling.factor", 1e-3, 1e6, 1 };
  double factor;
  g_autofree char *key = make_key (config, "rope.scaling.type");
  const char *type = iv_weights_get_string (weights, key);
  if (type == NULL && iv_weights_has (weights, key))
    return fail_value (error, key, "a string");
  config->rope_scale = 1;
  if (type != NULL && g_str_equal (type, "none"))
    return TRUE;
  if (type != NULL && !g_str_equal (type, "linear")) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "%s is “%s”; supported are none and linear",
                 key,
                 type);
    return FALSE;
  }
  if (!read_float (weights, config, &rule, &factor, error))
    return FALSE;
  config->rope_scale = 1 / factor;
  return TRUE;
}

static gboolean
read_rope (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  gboolean is_gemma = config->family == IV_DECODER_GEMMA3;
  FloatRule theta = { "rope.freq_base", 1, 1e12, is_gemma ? 1e6 : 1e4 };
  FloatRule local = { "rope.freq_base_swa", 1, 1e12, 1e4 };
  if (config->rope_kind == IV_DECODER_ROPE_ADJACENT && iv_weights_is_half_split (weights))
    config->rope_kind = IV_DECODER_ROPE_HALF_SPLIT;
  if (!read_float (weights, config, &theta, &config->rope_theta, error) ||
      !read_rope_scaling (weights, config, error) || !read_rope_sections (weights, config, error))
    return FALSE;
  config->rope_theta_local = config->rope_theta;
  return !is_gemma || read_float (weights, config, &local, &config->rope_theta_local, error);
}

static gboolean
read_gemma3 (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  UintRule window = { "attention.sliding_window", 1, MOST_CONTEXT };
  UintRule pattern = { "attention.sliding_window_pattern", 1, MOST_LAYERS, GEMMA3_PATTERN };
  /* 27B divides by the width of an embedding per head, 168, although its heads have 128. */
  double per_head =
      config->n_layers == GEMMA3_27B_LAYERS ? config->n_embd / config->n_head : config->head_dim;
  FloatRule scale = { "attention.scale", 1e-4, 1, 1 / sqrt (per_head) };
  double attention_scale;
  if (!read_uint (weights, config, &window, &config->sliding_window, error) ||
      !read_uint (weights, config, &pattern, &config->sliding_pattern, error) ||
      !read_float (weights, config, &scale, &attention_scale, error))
    return FALSE;
  config->attention_scale = (float) attention_scale;
  config->embedding_scale = sqrtf ((float) config->n_embd);
  return TRUE;
}

/* A window that other families name is not computed: within it, full attention is the same. */
static gboolean
cap_context (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  UintRule window = { "attention.sliding_window", 1, G_MAXUINT, G_MAXUINT };
  guint n_window;
  if (!read_uint (weights, config, &window, &n_window, error))
    return FALSE;
  config->n_context = MIN (config->n_context, n_window);
  return TRUE;
}

static gboolean
read_config (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  FloatRule epsilon = { "attention.layer_norm_rms_epsilon", 1e-12, 0.1 };
  double norm_eps;
  const Family *family = find_family (iv_weights_get_architecture (weights), error);
  if (family == NULL)
    return FALSE;
  *config = (IvDecoderConfig){
    .family = family->family,
    .architecture = family->name,
    .activation = family->activation,
    .rope_kind = family->rope_kind,
    .has_qkv_bias = family->has_qkv_bias,
    .has_qk_norm = family->has_qk_norm,
    .has_post_norms = family->has_post_norms,
    .embedding_scale = 1,
  };
  if (!read_sizes (weights, config, error) ||
      !read_float (weights, config, &epsilon, &norm_eps, error) ||
      !read_rope (weights, config, error))
    return FALSE;
  config->norm_eps = (float) norm_eps;
  config->attention_scale = 1 / sqrtf ((float) config->head_dim);
  UintRule deepstack = { "n_deepstack_layers", 0, config->n_layers };
  g_autofree char *deepstack_key = make_key (config, deepstack.key);
  if (family->family == IV_DECODER_QWEN3VL && iv_weights_has (weights, deepstack_key) &&
      !read_uint (weights, config, &deepstack, &config->n_deepstack, error))
    return FALSE;
  if (family->family == IV_DECODER_GEMMA3 ? !read_gemma3 (weights, config, error)
                                          : !cap_context (weights, config, error))
    return FALSE;
  return iv_decoder_tensors_check (weights, config, error);
}

gboolean
iv_decoder_config_read (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  if (read_config (weights, config, error))
    return TRUE;
  g_prefix_error (error, "%s: ", iv_weights_get_file (weights));
  return FALSE;
}

gboolean
iv_decoder_config_is_sliding (const IvDecoderConfig *config, guint layer)
{
  return config->sliding_window > 0 && (layer + 1) % config->sliding_pattern != 0;
}
