/* A published network's shape with random weights, for measuring speed without its files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-shape.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

typedef struct {
  const char *name;
  guint n_layers, n_embd, n_head, n_kv, head_dim, n_ffn, n_vocab;
  gboolean is_tied, has_qkv_bias, has_qk_norm;
} Shape;

static const Shape shapes[] = {
  { "qwen2.5-0.5b", 24, 896, 14, 2, 64, 4864, 151936, TRUE, TRUE, FALSE },
  { "qwen2.5-1.5b", 28, 1536, 12, 2, 128, 8960, 151936, TRUE, TRUE, FALSE },
  { "qwen2.5-3b", 36, 2048, 16, 2, 128, 11008, 151936, TRUE, TRUE, FALSE },
  { "qwen2.5-7b", 28, 3584, 28, 4, 128, 18944, 152064, FALSE, TRUE, FALSE },
  { "qwen3-8b", 36, 4096, 32, 8, 128, 12288, 151936, FALSE, FALSE, TRUE },
  { "llama-2-7b", 32, 4096, 32, 32, 128, 11008, 32000, FALSE, FALSE, FALSE },
};

/* Values that are converted once and then repeated through the block. */
#define N_RANDOM (1 << 18)

struct IvCliShape {
  const Shape *shape;
  IvDecoderConfig config;
  IvDataType type;
  guint8 *block;       /* of the largest matrix */
  float *vector;       /* of the widest norm or bias */
  GHashTable *tensors; /* name (owned by the tensor) to IvTensor */
};

static const Shape *
find_shape (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    if (g_str_equal (shapes[i].name, name))
      return &shapes[i];
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", shapes[i].name);
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "there is no shape “%s”; there are %s",
               name,
               names->str);
  return NULL;
}

static void
fill_config (IvCliShape *self)
{
  const Shape *s = self->shape;
  self->config = (IvDecoderConfig){
    .family = s->has_qk_norm    ? IV_DECODER_QWEN3
              : s->has_qkv_bias ? IV_DECODER_QWEN2
                                : IV_DECODER_LLAMA,
    .architecture = s->has_qk_norm    ? "qwen3"
                    : s->has_qkv_bias ? "qwen2"
                                      : "llama",
    .n_layers = s->n_layers,
    .n_embd = s->n_embd,
    .n_head = s->n_head,
    .n_kv = s->n_kv,
    .head_dim = s->head_dim,
    .n_ffn = s->n_ffn,
    .n_vocab = s->n_vocab,
    .n_context = 32768,
    .norm_eps = 1e-6f,
    .activation = IV_DECODER_SILU,
    .embedding_scale = 1,
    .attention_scale = 1 / sqrtf ((float) s->head_dim),
    .rope_kind = IV_DECODER_ROPE_HALF_SPLIT,
    .rope_theta = 1e6,
    .rope_scale = 1,
    .has_qkv_bias = s->has_qkv_bias,
    .has_qk_norm = s->has_qk_norm,
    .is_tied = s->is_tied,
  };
}

/* Uniform with the variance that keeps a signal's size through a matrix of n columns. */
static void
fill_block (IvCliShape *self, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree float *values = g_new (float, N_RANDOM);
  double bound = sqrt (3.0 / self->shape->n_embd);
  for (guint i = 0; i < N_RANDOM; i++)
    values[i] = (float) g_rand_double_range (random, -bound, bound);
  gsize period = iv_data_type_get_size (self->type, N_RANDOM);
  self->block = g_malloc (MAX (size, period));
  iv_data_type_from_f32 (self->type, values, self->block, N_RANDOM);
  for (gsize done = period; done < size; done += period)
    memcpy (self->block + done, self->block, MIN (period, size - done));
}

static void
add_tensor (IvCliShape *self, char *name, gint64 n_rows, gint64 n_columns)
{
  IvTensor *tensor = g_new0 (IvTensor, 1);
  gboolean is_vector = n_columns == 0;
  tensor->name = name;
  tensor->type = is_vector ? IV_TYPE_F32 : self->type;
  tensor->n_dims = is_vector ? 1 : 2;
  tensor->shape[0] = n_rows;
  tensor->shape[1] = is_vector ? 1 : n_columns;
  tensor->data = is_vector ? (gconstpointer) self->vector : self->block;
  tensor->size = iv_data_type_get_size (tensor->type, is_vector ? n_rows : n_rows * n_columns);
  g_hash_table_insert (self->tensors, name, tensor);
}

static void
add_layer (IvCliShape *self, guint layer)
{
  const Shape *s = self->shape;
  gint64 q = (gint64) s->n_head * s->head_dim, kv = (gint64) s->n_kv * s->head_dim;
  const struct {
    const char *name;
    gint64 n_rows, n_columns;
    gboolean is_there;
  } all[] = {
    { "attn_norm.weight", s->n_embd, 0, TRUE },
    { "attn_q.weight", q, s->n_embd, TRUE },
    { "attn_k.weight", kv, s->n_embd, TRUE },
    { "attn_v.weight", kv, s->n_embd, TRUE },
    { "attn_q.bias", q, 0, s->has_qkv_bias },
    { "attn_k.bias", kv, 0, s->has_qkv_bias },
    { "attn_v.bias", kv, 0, s->has_qkv_bias },
    { "attn_q_norm.weight", s->head_dim, 0, s->has_qk_norm },
    { "attn_k_norm.weight", s->head_dim, 0, s->has_qk_norm },
    { "attn_output.weight", s->n_embd, q, TRUE },
    { "ffn_norm.weight", s->n_embd, 0, TRUE },
    { "ffn_gate.weight", s->n_ffn, s->n_embd, TRUE },
    { "ffn_up.weight", s->n_ffn, s->n_embd, TRUE },
    { "ffn_down.weight", s->n_embd, s->n_ffn, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].is_there)
      add_tensor (
          self, g_strdup_printf ("blk.%u.%s", layer, all[i].name), all[i].n_rows, all[i].n_columns);
}

static void
free_tensor (IvTensor *tensor)
{
  g_free ((char *) tensor->name);
  g_free (tensor);
}

IvCliShape *
iv_cli_shape_new (const char *name, IvDataType type, GError **error)
{
  const Shape *s = find_shape (name, error);
  if (s == NULL)
    return NULL;
  if (!iv_data_type_can_quantise (type)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "random weights cannot be made as %s",
                 iv_data_type_to_string (type));
    return NULL;
  }
  g_autoptr (IvCliShape) self = g_new0 (IvCliShape, 1);
  self->shape = s;
  self->type = type;
  fill_config (self);
  fill_block (self, iv_data_type_get_size (type, (gint64) s->n_vocab * s->n_embd));
  guint widest = MAX (s->n_embd, s->n_head * s->head_dim);
  self->vector = g_new (float, widest);
  for (guint i = 0; i < widest; i++)
    self->vector[i] = 1;
  self->tensors =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) free_tensor);
  add_tensor (self, g_strdup ("token_embd.weight"), s->n_vocab, s->n_embd);
  add_tensor (self, g_strdup ("output_norm.weight"), s->n_embd, 0);
  if (!s->is_tied)
    add_tensor (self, g_strdup ("output.weight"), s->n_vocab, s->n_embd);
  for (guint i = 0; i < s->n_layers; i++)
    add_layer (self, i);
  return g_steal_pointer (&self);
}

void
iv_cli_shape_free (IvCliShape *shape)
{
  g_clear_pointer (&shape->tensors, g_hash_table_unref);
  g_free (shape->block);
  g_free (shape->vector);
  g_free (shape);
}

const IvDecoderConfig *
iv_cli_shape_get_config (IvCliShape *shape)
{
  return &shape->config;
}

const IvTensor *
iv_cli_shape_find (const char *name, gpointer user_data)
{
  const IvCliShape *shape = user_data;
  return g_hash_table_lookup (shape->tensors, name);
}
