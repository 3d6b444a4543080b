/* The tensors a decoder needs, against its configuration.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-decoder-tensors.h"

#include "model/files/iv-model-error.h"

/* Rows that a vocabulary may be padded by: the file may cut what the metadata count. */
enum { MOST_PADDING = 1024 };

static gboolean
fail_missing (GError **error, const char *name)
{
  g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MISMATCH, "tensor %s is missing", name);
  return FALSE;
}

static char *
describe_shape (const IvTensor *tensor)
{
  GString *text = g_string_new ("[");
  for (guint i = 0; i < tensor->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", tensor->shape[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

/* rows 0: a vector. */
static gboolean
check_shape (const IvTensor *tensor, gint64 rows, gint64 columns, GError **error)
{
  guint n_dims = rows > 0 ? 2 : 1;
  if (tensor->n_dims == n_dims && tensor->shape[n_dims - 1] == columns &&
      (rows == 0 || tensor->shape[0] == rows))
    return TRUE;
  g_autofree char *shape = describe_shape (tensor);
  g_autofree char *wanted =
      rows > 0 ? g_strdup_printf ("[%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "]", rows, columns)
               : g_strdup_printf ("[%" G_GINT64_FORMAT "]", columns);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               "tensor %s has the shape %s where the metadata ask for %s",
               tensor->name,
               shape,
               wanted);
  return FALSE;
}

static gboolean
check_matrix (IvWeights *weights, const char *name, gint64 rows, gint64 columns, GError **error)
{
  const IvTensor *tensor = iv_weights_find (weights, name);
  if (tensor == NULL)
    return fail_missing (error, name);
  return check_shape (tensor, rows, columns, error);
}

static gboolean
check_vector (IvWeights *weights, const char *name, gint64 length, GError **error)
{
  const IvTensor *tensor = iv_weights_find (weights, name);
  if (tensor == NULL)
    return fail_missing (error, name);
  if (!check_shape (tensor, 0, length, error))
    return FALSE;
  if (iv_data_type_get_block_elements (tensor->type) == 1)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "tensor %s is of type %s; vectors are F32, F16 or BF16",
               name,
               iv_data_type_to_string (tensor->type));
  return FALSE;
}

typedef struct {
  const char *name; /* after "blk.N." */
  gint64 rows;      /* 0: a vector */
  gint64 columns;
  gboolean is_wanted;
} LayerTensor;

static gboolean
check_layer (IvWeights *weights, const IvDecoderConfig *config, guint layer, GError **error)
{
  gint64 width = config->n_embd, ffn = config->n_ffn, head_dim = config->head_dim;
  gint64 q = (gint64) config->n_head * head_dim, kv = (gint64) config->n_kv * head_dim;
  gboolean is_split = !config->has_fused_qkv;
  const LayerTensor tensors[] = {
    { "attn_norm.weight", 0, width, TRUE },
    { "attn_q.weight", q, width, is_split },
    { "attn_k.weight", kv, width, is_split },
    { "attn_v.weight", kv, width, is_split },
    { "attn_qkv.weight", q + 2 * kv, width, !is_split },
    { "attn_q.bias", 0, q, is_split && config->has_qkv_bias },
    { "attn_k.bias", 0, kv, is_split && config->has_qkv_bias },
    { "attn_v.bias", 0, kv, is_split && config->has_qkv_bias },
    { "attn_qkv.bias", 0, q + 2 * kv, !is_split && config->has_qkv_bias },
    { "attn_q_norm.weight", 0, head_dim, config->has_qk_norm },
    { "attn_k_norm.weight", 0, head_dim, config->has_qk_norm },
    { "attn_output.weight", width, q, TRUE },
    { "post_attention_norm.weight", 0, width, config->has_post_norms },
    { "ffn_norm.weight", 0, width, TRUE },
    { "ffn_gate.weight", ffn, width, TRUE },
    { "ffn_up.weight", ffn, width, TRUE },
    { "ffn_down.weight", width, ffn, TRUE },
    { "post_ffw_norm.weight", 0, width, config->has_post_norms },
  };
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++) {
    const LayerTensor *tensor = &tensors[i];
    g_autofree char *name = g_strdup_printf ("blk.%u.%s", layer, tensor->name);
    if (tensor->is_wanted &&
        !(tensor->rows > 0 ? check_matrix (weights, name, tensor->rows, tensor->columns, error)
                           : check_vector (weights, name, tensor->columns, error)))
      return FALSE;
  }
  return TRUE;
}

/* A bias or norm the loop would silently leave out makes the numbers wrong. */
static gboolean
check_no_surplus (IvWeights *weights, const IvDecoderConfig *config, GError **error)
{
  static const char *const names[] = { "attn_output.bias", "ffn_gate.bias",     "ffn_up.bias",
                                       "ffn_down.bias",    "attn_q.bias",       "attn_k.bias",
                                       "attn_v.bias",      "attn_q_norm.weight" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *name = g_strdup_printf ("blk.0.%s", names[i]);
    gboolean is_known = g_str_has_suffix (name, "_norm.weight") ? config->has_qk_norm
                        : i >= 4                                ? config->has_qkv_bias
                                                                : FALSE;
    if (!is_known && iv_weights_find (weights, name) != NULL) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_UNSUPPORTED,
                   "tensor %s is there, which a model of architecture %s does not have",
                   name,
                   config->architecture);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_vocabulary (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  const IvTensor *embeddings = iv_weights_find (weights, "token_embd.weight");
  if (embeddings == NULL)
    return fail_missing (error, "token_embd.weight");
  gint64 rows = embeddings->shape[0];
  if (!check_shape (embeddings, rows, config->n_embd, error))
    return FALSE;
  guint64 n_tokens = iv_weights_get_array_length (weights, "tokenizer.ggml.tokens");
  guint64 n_named = (guint64) rows;
  g_autofree char *key = g_strdup_printf ("%s.vocab_size", config->architecture);
  if (iv_weights_has (weights, key) && !iv_weights_get_uint (weights, key, &n_named))
    n_named = G_MAXUINT64;
  if (rows > G_MAXINT32 || (n_tokens > 0 && n_tokens != (guint64) rows) ||
      n_named < (guint64) rows || n_named > (guint64) rows + MOST_PADDING) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_MISMATCH,
                 "token_embd.weight has %" G_GINT64_FORMAT " rows for %" G_GUINT64_FORMAT
                 " tokens; %s is %" G_GUINT64_FORMAT,
                 rows,
                 n_tokens,
                 key,
                 n_named);
    return FALSE;
  }
  config->n_vocab = (guint) rows;
  config->is_tied = iv_weights_find (weights, "output.weight") == NULL;
  return config->is_tied || check_matrix (weights, "output.weight", rows, config->n_embd, error);
}

static gboolean
check_divisors (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  const IvTensor *tensor = iv_weights_find (weights, "rope_freqs.weight");
  if (tensor == NULL)
    return TRUE;
  if (!check_shape (tensor, 0, config->head_dim / 2, error))
    return FALSE;
  config->rope_divisors = tensor->data;
  gboolean is_usable =
      tensor->type == IV_TYPE_F32 && GPOINTER_TO_SIZE (tensor->data) % sizeof (float) == 0;
  for (gint64 i = 0; is_usable && i < tensor->shape[0]; i++)
    is_usable = config->rope_divisors[i] > 0 && config->rope_divisors[i] <= G_MAXFLOAT;
  if (is_usable)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "tensor rope_freqs.weight does not hold positive F32 numbers");
  return FALSE;
}

gboolean
iv_decoder_tensors_check (IvWeights *weights, IvDecoderConfig *config, GError **error)
{
  config->has_fused_qkv = iv_weights_find (weights, "blk.0.attn_q.weight") == NULL &&
                          iv_weights_find (weights, "blk.0.attn_qkv.weight") != NULL;
  if (!check_vocabulary (weights, config, error) ||
      !check_vector (weights, "output_norm.weight", config->n_embd, error) ||
      !check_no_surplus (weights, config, error))
    return FALSE;
  for (guint layer = 0; layer < config->n_layers; layer++)
    if (!check_layer (weights, config, layer, error))
      return FALSE;
  return check_divisors (weights, config, error);
}
