/* config.json of a Hugging Face directory: which family, and its numbers under GGUF's keys.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

/* architectures[0] decides; a NULL decoder is that of the text part's model_type. */
static const struct {
  const char *name, *decoder;
  IvHfTower tower;
} architectures[] = {
  { "LlamaForCausalLM", "llama" },
  { "MistralForCausalLM", "llama" },
  { "Qwen2ForCausalLM", "qwen2" },
  { "Qwen3ForCausalLM", "qwen3" },
  { "Gemma3ForCausalLM", "gemma3" },
  { "Qwen2VLForConditionalGeneration", "qwen2vl", IV_HF_TOWER_QWEN2VL },
  { "Qwen2_5_VLForConditionalGeneration", "qwen2vl", IV_HF_TOWER_QWEN25VL },
  { "Qwen3VLForConditionalGeneration", "qwen3vl", IV_HF_TOWER_QWEN3VL },
  { "Gemma3ForConditionalGeneration", "gemma3", IV_HF_TOWER_GEMMA3 },
  { "LlavaForConditionalGeneration", NULL, IV_HF_TOWER_LLAVA },
  { "CXRLLAVAModel", "llama", IV_HF_TOWER_CXR_LLAVA },
  { "LlavaOnevisionForConditionalGeneration", NULL, IV_HF_TOWER_SIGLIP },
  { "InternVLChatModel", NULL, IV_HF_TOWER_INTERNVL },
  { "InternVLForConditionalGeneration", NULL, IV_HF_TOWER_INTERNVL },
  { "Maira2ForConditionalGeneration", NULL, IV_HF_TOWER_MAIRA2 },
  /* LLaVA's own code; mm_vision_tower says which tower. */
  { "LlavaLlamaForCausalLM", "llama", IV_HF_TOWER_LLAVA },
  { "LlavaMistralForCausalLM", "llama", IV_HF_TOWER_LLAVA },
  { "LlavaQwenForCausalLM", "qwen2", IV_HF_TOWER_LLAVA },
  { "LlavaQwen2ForCausalLM", "qwen2", IV_HF_TOWER_LLAVA },
};

static const struct {
  const char *model_type, *decoder;
} decoders[] = {
  { "llama", "llama" },
  { "mistral", "llama" },
  { "qwen2", "qwen2" },
  { "qwen3", "qwen3" },
};

/* What transformers assumes where config.json is silent; 0: it must say. */
static const struct Defaults {
  const char *decoder;
  guint heads, kv_heads, head_dim, context, window;
  double theta;
  const char *activation;
} defaults[] = {
  { "gemma3", 8, 4, 256, 131072, 4096, 1e6, "gelu_pytorch_tanh" },
  { "llama", 0, 0, 0, 2048, 0, 1e4, "silu" },
  { "qwen2", 0, 0, 0, 32768, 0, 1e4, "silu" },
  { "qwen2vl", 0, 0, 0, 32768, 0, 1e6, "silu" },
  { "qwen3", 0, 0, 128, 32768, 0, 1e4, "silu" },
  { "qwen3vl", 0, 0, 128, 32768, 0, 0, "silu" },
};

static const struct Defaults *
find_defaults (const IvHf *hf)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i].decoder, hf->architecture))
      return &defaults[i];
  g_assert_not_reached (); /* the tables of this file are complete */
}

static gboolean
fail (GError **error, IvModelError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, IvModelError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IV_MODEL_ERROR, (gint) code, "config.json: %s", problem);
  return FALSE;
}

static char *
make_key (const IvHf *hf, const char *key)
{
  return g_strdup_printf ("%s.%s", hf->architecture, key);
}

/* fallback 0: the key stays absent, and whoever needs it says so. */
static gboolean
copy_uint (IvHf *hf, const char *member, const char *key, guint64 fallback, GError **error)
{
  g_autofree char *full = make_key (hf, key);
  guint64 value = fallback;
  if (iv_json_has (hf->text, member) && !iv_json_get_uint (hf->text, member, &value))
    return fail (error, IV_MODEL_ERROR_FORMAT, "%s is not a whole number of 0 or more", member);
  if (value > 0 || iv_json_has (hf->text, member))
    iv_weights_set_uint (hf->weights, full, value);
  return TRUE;
}

static gboolean
copy_number (IvHf *hf, const char *member, const char *key, double fallback, GError **error)
{
  g_autofree char *full = make_key (hf, key);
  double value = fallback;
  if (iv_json_has (hf->text, member) && !iv_json_get_number (hf->text, member, &value))
    return fail (error, IV_MODEL_ERROR_FORMAT, "%s is not a number", member);
  if (value != 0 || iv_json_has (hf->text, member))
    iv_weights_set_float (hf->weights, full, value);
  return TRUE;
}

static gboolean
copy_sizes (IvHf *hf, GError **error)
{
  const struct Defaults *silent = find_defaults (hf);
  return copy_uint (hf, "num_hidden_layers", "block_count", 0, error) &&
         copy_uint (hf, "hidden_size", "embedding_length", 0, error) &&
         copy_uint (hf, "intermediate_size", "feed_forward_length", 0, error) &&
         copy_uint (hf, "num_attention_heads", "attention.head_count", silent->heads, error) &&
         copy_uint (
             hf, "num_key_value_heads", "attention.head_count_kv", silent->kv_heads, error) &&
         copy_uint (hf, "head_dim", "attention.key_length", silent->head_dim, error) &&
         copy_uint (hf, "max_position_embeddings", "context_length", silent->context, error) &&
         copy_uint (hf, "vocab_size", "vocab_size", 0, error) &&
         copy_number (hf, "rms_norm_eps", "attention.layer_norm_rms_epsilon", 1e-6, error);
}

static gboolean
check_activation (const IvHf *hf, GError **error)
{
  const char *wanted = find_defaults (hf)->activation;
  const char *activation = iv_json_get_string (hf->text, "hidden_activation");
  if (activation == NULL)
    activation = iv_json_get_string (hf->text, "hidden_act");
  if (activation == NULL || g_str_equal (activation, wanted))
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_UNSUPPORTED,
               "hidden_act is “%s”; for %s only %s is supported",
               activation,
               hf->architecture,
               wanted);
}

/* Rotation. */

static void
set_sections (IvHf *hf, JsonArray *sections)
{
  g_autofree char *key = make_key (hf, "rope.dimension_sections");
  GByteArray *items = g_byte_array_new ();
  guint n = json_array_get_length (sections);
  for (guint i = 0; i < n; i++) {
    guint64 section;
    if (!iv_json_node_get_uint (json_array_get_element (sections, i), &section))
      section = G_MAXUINT32; /* out of range where it is read */
    guint32 item = GUINT32_TO_LE ((guint32) MIN (section, G_MAXUINT32));
    g_byte_array_append (items, (const guint8 *) &item, sizeof item);
  }
  iv_weights_set_array (hf->weights, key, IV_META_U32, n, items);
}

typedef struct {
  double factor, low, high, context;
} Llama3Scaling;

/* Long waves are stretched by factor, short ones not, and those between pass from one to the other:
 * the frequencies of Llama 3.1. */
static double
compute_divisor (const Llama3Scaling *scaling, double frequency)
{
  double wavelength = 2 * G_PI / frequency;
  if (wavelength < scaling->context / scaling->high)
    return 1;
  if (wavelength > scaling->context / scaling->low)
    return scaling->factor;
  double smooth = (scaling->context / wavelength - scaling->low) / (scaling->high - scaling->low);
  return 1 / ((1 - smooth) / scaling->factor + smooth);
}

/* As the tensor that a GGUF file of this model has. */
static gboolean
add_divisors (IvHf *hf, JsonObject *rope, double theta, GError **error)
{
  Llama3Scaling scaling;
  guint64 n_head, n_embd, head_dim;
  if (!iv_json_get_number (rope, "factor", &scaling.factor) ||
      !iv_json_get_number (rope, "low_freq_factor", &scaling.low) ||
      !iv_json_get_number (rope, "high_freq_factor", &scaling.high) ||
      !iv_json_get_number (rope, "original_max_position_embeddings", &scaling.context) ||
      !(scaling.factor >= 1 && scaling.low > 0 && scaling.high > scaling.low &&
        scaling.context >= 1))
    return fail (error, IV_MODEL_ERROR_FORMAT, "rope_scaling of type llama3 is not complete");
  if (!iv_json_get_uint (hf->text, "num_attention_heads", &n_head) ||
      !iv_json_get_uint (hf->text, "hidden_size", &n_embd) || n_head == 0)
    return fail (error, IV_MODEL_ERROR_FORMAT, "num_attention_heads or hidden_size is missing");
  if (!iv_json_get_uint (hf->text, "head_dim", &head_dim))
    head_dim = n_embd / n_head;
  if (head_dim < 2 || head_dim > 1024)
    return fail (error, IV_MODEL_ERROR_FORMAT, "head_dim is %" G_GUINT64_FORMAT, head_dim);
  guint64 n = head_dim / 2;
  float *divisors = g_new (float, n);
  for (guint64 i = 0; i < n; i++)
    divisors[i] =
        (float) compute_divisor (&scaling, pow (theta, -2.0 * (double) i / (double) head_dim));
  GBytes *bytes = g_bytes_new_take (divisors, n * sizeof (float));
  IvTensor tensor = { .name = "rope_freqs.weight", .type = IV_TYPE_F32, .data = divisors };
  iv_weights_take_bytes (hf->weights, bytes, 0);
  return iv_tensor_set_shape (&tensor, tensor.name, 1, &n, error) &&
         iv_weights_add_tensor (hf->weights, &tensor, error);
}

/* rope_scaling, or rope_parameters of newer files; NULL when there is neither. */
static JsonObject *
find_rope (const IvHf *hf)
{
  JsonObject *rope = iv_json_get_object (hf->text, "rope_parameters");
  JsonObject *global = iv_json_get_object (rope, "full_attention"); /* Gemma 3 */
  if (global != NULL)
    return global;
  return rope != NULL ? rope : iv_json_get_object (hf->text, "rope_scaling");
}

static gboolean
copy_scaling (IvHf *hf, JsonObject *rope, double theta, GError **error)
{
  g_autofree char *type_key = make_key (hf, "rope.scaling.type");
  g_autofree char *factor_key = make_key (hf, "rope.scaling.factor");
  const char *type = iv_json_get_string (rope, "rope_type");
  JsonArray *sections = iv_json_get_array (rope, "mrope_section");
  double factor;
  if (type == NULL)
    type = iv_json_get_string (rope, "type");
  if (sections != NULL)
    set_sections (hf, sections);
  /* "dynamic" changes nothing up to max_position_embeddings, which is where contexts end here. */
  if (type == NULL || g_str_equal (type, "default") || g_str_equal (type, "mrope") ||
      g_str_equal (type, "dynamic"))
    return TRUE;
  if (g_str_equal (type, "llama3"))
    return add_divisors (hf, rope, theta, error);
  iv_weights_set_string (hf->weights, type_key, type);
  if (!iv_json_get_number (rope, "factor", &factor))
    return fail (error, IV_MODEL_ERROR_FORMAT, "rope_scaling of type %s has no factor", type);
  iv_weights_set_float (hf->weights, factor_key, factor);
  return TRUE;
}

static gboolean
copy_rope (IvHf *hf, GError **error)
{
  JsonObject *rope = find_rope (hf);
  JsonObject *local =
      iv_json_get_object (iv_json_get_object (hf->text, "rope_parameters"), "sliding_attention");
  g_autofree char *key = make_key (hf, "rope.freq_base");
  g_autofree char *local_key = make_key (hf, "rope.freq_base_swa");
  double theta = find_defaults (hf)->theta, local_theta;
  if (!iv_json_get_number (hf->text, "rope_theta", &theta) &&
      !iv_json_get_number (rope, "rope_theta", &theta) &&
      (theta == 0 || iv_json_has (hf->text, "rope_theta")))
    return fail (error, IV_MODEL_ERROR_FORMAT, "rope_theta is missing or not a number");
  iv_weights_set_float (hf->weights, key, theta);
  if (iv_json_get_number (hf->text, "rope_local_base_freq", &local_theta) ||
      iv_json_get_number (local, "rope_theta", &local_theta))
    iv_weights_set_float (hf->weights, local_key, local_theta);
  return rope == NULL || copy_scaling (hf, rope, theta, error);
}

/* Windows. */

/* The place of the first layer that sees everything, which repeats. */
static gboolean
copy_pattern (IvHf *hf, GError **error)
{
  g_autofree char *key = make_key (hf, "attention.sliding_window_pattern");
  JsonArray *types = iv_json_get_array (hf->text, "layer_types");
  guint n = types != NULL ? json_array_get_length (types) : 0;
  guint pattern = 0;
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (types, i);
    const char *type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
    gboolean is_full = g_strcmp0 (type, "full_attention") == 0;
    if (is_full && pattern == 0)
      pattern = i + 1;
    if (pattern != 0 && is_full != ((i + 1) % pattern == 0))
      return fail (error,
                   IV_MODEL_ERROR_UNSUPPORTED,
                   "layer_types does not repeat every %u layers",
                   pattern);
  }
  if (pattern > 0)
    iv_weights_set_uint (hf->weights, key, pattern);
  return copy_uint (
      hf, "sliding_window_pattern", "attention.sliding_window_pattern", pattern, error);
}

static gboolean
copy_gemma3 (IvHf *hf, GError **error)
{
  double scalar;
  g_autofree char *key = make_key (hf, "attention.scale");
  if (iv_json_get_number (hf->text, "query_pre_attn_scalar", &scalar) && scalar > 0)
    iv_weights_set_float (hf->weights, key, 1 / sqrt (scalar));
  if (iv_json_has (hf->text, "attn_logit_softcapping") ||
      iv_json_has (hf->text, "final_logit_softcapping"))
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "soft-capped logits are not supported");
  return copy_uint (
             hf, "sliding_window", "attention.sliding_window", find_defaults (hf)->window, error) &&
         copy_pattern (hf, error);
}

static gboolean
copy_window (IvHf *hf, GError **error)
{
  gboolean is_used = TRUE;
  iv_json_get_bool (hf->text, "use_sliding_window", &is_used);
  return !is_used || copy_uint (hf, "sliding_window", "attention.sliding_window", 0, error);
}

/* The family. */

static gboolean
find_text_decoder (IvHf *hf, GError **error)
{
  const char *type = iv_json_get_string (hf->text, "model_type");
  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (decoders); i++)
    if (g_str_equal (decoders[i].model_type, type)) {
      hf->architecture = decoders[i].decoder;
      return TRUE;
    }
  return fail (error,
               IV_MODEL_ERROR_UNSUPPORTED,
               "the text part's model_type “%s” is not supported; supported are llama, mistral, "
               "qwen2, qwen3",
               type != NULL ? type : "");
}

/* LLaVA's classes hold either CLIP or SigLIP; its own code names the tower it was trained with. */
static gboolean
choose_llava_tower (IvHf *hf, GError **error)
{
  const char *type = iv_json_get_string (hf->vision, "model_type");
  const char *name = iv_json_get_string (hf->config, "mm_vision_tower");
  if (hf->tower != IV_HF_TOWER_LLAVA)
    return TRUE;
  if (type == NULL && hf->vision == NULL && name == NULL)
    return fail (error, IV_MODEL_ERROR_FORMAT, "vision_config and mm_vision_tower are missing");
  if (g_strcmp0 (type, "siglip_vision_model") == 0 ||
      (type == NULL && name != NULL && strstr (name, "siglip-so400m-patch14-384") != NULL)) {
    hf->tower = IV_HF_TOWER_SIGLIP;
    return TRUE;
  }
  if (type != NULL ? g_str_equal (type, "clip_vision_model")
                   : name == NULL || strstr (name, "clip-vit-large-patch14-336") != NULL)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_UNSUPPORTED,
               "vision tower “%s” is not supported; supported are clip_vision_model, "
               "siglip_vision_model, clip-vit-large-patch14-336, siglip-so400m-patch14-384",
               type != NULL ? type : name);
}

static gboolean
find_family (IvHf *hf, GError **error)
{
  JsonArray *names = iv_json_get_array (hf->config, "architectures");
  JsonNode *first =
      names != NULL && json_array_get_length (names) > 0 ? json_array_get_element (names, 0) : NULL;
  const char *name =
      first != NULL && JSON_NODE_HOLDS_VALUE (first) ? json_node_get_string (first) : NULL;
  g_autoptr (GString) known = g_string_new (NULL);
  if (iv_json_get_string (hf->config, "model_type") == NULL)
    return fail (error, IV_MODEL_ERROR_FORMAT, "model_type is missing");
  if (name == NULL)
    return fail (error, IV_MODEL_ERROR_FORMAT, "architectures is missing or empty");
  for (guint i = 0; i < G_N_ELEMENTS (architectures); i++) {
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", architectures[i].name);
    if (!g_str_equal (architectures[i].name, name))
      continue;
    hf->architecture = architectures[i].decoder;
    hf->tower = architectures[i].tower;
    return choose_llava_tower (hf, error) &&
           (hf->architecture != NULL || find_text_decoder (hf, error));
  }
  return fail (error,
               IV_MODEL_ERROR_UNSUPPORTED,
               "architecture “%s” is not supported; supported are %s",
               name,
               known->str);
}

static void
find_parts (IvHf *hf)
{
  static const char *const texts[] = { "text_config", "llm_config", "llama" };
  static const char *const towers[] = { "vision_config", "clip_vision_cfg" };
  hf->text = hf->config;
  for (guint i = 0; i < G_N_ELEMENTS (texts) && hf->text == hf->config; i++)
    if (iv_json_get_object (hf->config, texts[i]) != NULL)
      hf->text = iv_json_get_object (hf->config, texts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (towers) && hf->vision == NULL; i++)
    hf->vision = iv_json_get_object (hf->config, towers[i]);
}

gboolean
iv_hf_read_config (IvHf *hf, GError **error)
{
  find_parts (hf);
  if (!find_family (hf, error))
    return FALSE;
  iv_weights_set_string (hf->weights, "general.architecture", hf->architecture);
  if (!check_activation (hf, error) || !copy_sizes (hf, error) || !copy_rope (hf, error))
    return FALSE;
  return g_str_equal (hf->architecture, "gemma3") ? copy_gemma3 (hf, error)
                                                  : copy_window (hf, error);
}
