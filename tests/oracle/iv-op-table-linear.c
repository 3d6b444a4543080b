/* The op table's matrices: every type of weight, one and many tokens, and gathered rows.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/files/iv-half.h"
#include "model/ops/iv-linear.h"
#include "tests/oracle/iv-op-table-private.h"

/* Where the F16 scales of a block lie; the other bytes may be anything. */
static const struct {
  IvDataType type;
  guint scales[2];
  guint n_scales;
} types[] = {
  { IV_TYPE_F32 },
  { IV_TYPE_F16 },
  { IV_TYPE_BF16 },
  { IV_TYPE_Q8_0, { 0 }, 1 },
  { IV_TYPE_Q4_0, { 0 }, 1 },
  { IV_TYPE_Q4_1, { 0, 2 }, 2 },
  { IV_TYPE_Q5_0, { 0 }, 1 },
  { IV_TYPE_Q5_1, { 0, 2 }, 2 },
  { IV_TYPE_IQ4_NL, { 0 }, 1 },
  { IV_TYPE_Q2_K, { 80, 82 }, 2 },
  { IV_TYPE_Q3_K, { 108 }, 1 },
  { IV_TYPE_Q4_K, { 0, 2 }, 2 },
  { IV_TYPE_Q5_K, { 0, 2 }, 2 },
  { IV_TYPE_Q6_K, { 208 }, 1 },
  { IV_TYPE_IQ4_XS, { 0 }, 1 },
};

typedef struct {
  guint n_out, n_in, n_tokens;
  gboolean bias, add;
  gboolean norm; /* where the class takes it along */
} Shape;

/* Odd sizes for the types without blocks; n_tokens on both sides of each kernel's range. */
static const Shape plain_shapes[] = {
  { 1, 1, 1 },     { 7, 13, 1, TRUE },          { 13, 7, 3, FALSE, TRUE },
  { 127, 129, 1 }, { 128, 127, 7, TRUE },       { 129, 128, 17 },
  { 7, 1, 13 },    { 1, 129, 128, TRUE, TRUE }, { 65, 129, 2, TRUE, TRUE, TRUE },
};
static const Shape block_shapes[] = {
  { 1, 32, 1 },          { 127, 256, 1, TRUE, TRUE },  { 13, 96, 3 },
  { 128, 256, 7, TRUE }, { 129, 512, 17, TRUE, TRUE }, { 65, 96, 1, TRUE, TRUE, TRUE },
};
static const Shape super_shapes[] = {
  { 13, 256, 1 },
  { 129, 512, 3, TRUE, TRUE },
  { 127, 256, 13 },
  { 65, 512, 1, TRUE, TRUE, TRUE },
};
static const Shape model_shapes[] = {
  { 896, 4864, 1 },
  { 4864, 896, 20 },
};

/* (transfer full) The bytes of random weights. */
static guint8 *
make_weights (IvOpTable *table, guint t, gsize n)
{
  IvDataType type = types[t].type;
  gsize size = iv_data_type_get_size (type, (gint64) n);
  guint8 *data = g_malloc (size);
  if (types[t].n_scales == 0) {
    g_autofree float *values = iv_op_table_values (table, n);
    iv_data_type_from_f32 (type, values, data, n);
    return data;
  }
  guint block = iv_data_type_get_block_bytes (type);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) iv_op_table_random (table);
  for (gsize at = 0; at < size; at += block)
    for (guint s = 0; s < types[t].n_scales; s++) {
      float scale;
      iv_op_table_fill (table, &scale, 1);
      iv_half_store (data + at + types[t].scales[s], scale / 16);
    }
  return data;
}

static gboolean
check_linear (IvOpTable *table, guint t, const Shape *shape, const IvTensor *weight, GError **error)
{
  gsize n_weights = (gsize) shape->n_out * shape->n_in;
  gsize n_y = (gsize) shape->n_tokens * shape->n_out;
  g_autofree float *w = g_new (float, n_weights);
  g_autofree float *x = iv_op_table_values (table, (gsize) shape->n_tokens * shape->n_in);
  g_autofree float *y = iv_op_table_values (table, n_y);
  g_autofree float *bias = iv_op_table_values (table, shape->n_out);
  IvTensor bias_tensor = {
    .name = "bias",
    .type = IV_TYPE_F32,
    .n_dims = 1,
    .shape = { shape->n_out },
    .data = bias,
    .size = shape->n_out * sizeof (float),
  };
  IvLinearParams params = {
    .name = "op table",
    .parts = { weight },
    .biases = { shape->bias ? &bias_tensor : NULL },
    .n_parts = 1,
  };
  g_autoptr (IvLinear) linear = iv_linear_new (table->ops, &params, error);
  g_autofree float *norm_weight = iv_op_table_values (table, shape->n_in);
  g_autoptr (IvVector) norm = NULL;
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) y_rows = { 0 };
  if (shape->norm && iv_op_linear_can_norm (table->ops, shape->n_tokens)) {
    norm = iv_vector_new_from_values (table->ops, "norm", norm_weight, shape->n_in, error);
    if (norm == NULL)
      return FALSE;
  }
  if (linear == NULL ||
      !iv_op_table_rows (table, &x_rows, shape->n_tokens, shape->n_in, x, error) ||
      !iv_op_table_rows (table, &y_rows, shape->n_tokens, shape->n_out, y, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpLinear op = { linear, x_rows, y_rows, shape->n_tokens, shape->add, norm, 1e-5f };
  iv_op_linear (table->ops, table->commands, &op);
  if (norm != NULL)
    iv_oracle_norm (&(IvOracleNorm){ .x = x,
                                     .weight = norm_weight,
                                     .y = x,
                                     .n = shape->n_in,
                                     .n_groups = shape->n_tokens,
                                     .epsilon = 1e-5 });

  iv_data_type_to_f32 (weight->type, weight->data, w, n_weights);
  IvOracleLinear oracle = {
    .w = w,
    .x = x,
    .bias = shape->bias ? bias : NULL,
    .y = y,
    .n_in = shape->n_in,
    .n_out = shape->n_out,
    .n_tokens = shape->n_tokens,
    .add = shape->add,
  };
  iv_oracle_linear (&oracle);
  g_autofree char *detail = g_strdup_printf ("%s %u × %u, %u token%s%s%s%s",
                                             iv_data_type_to_string (types[t].type),
                                             shape->n_out,
                                             shape->n_in,
                                             shape->n_tokens,
                                             shape->n_tokens == 1 ? "" : "s",
                                             shape->bias ? ", bias" : "",
                                             shape->add ? ", added" : "",
                                             norm != NULL ? ", norm" : "");
  IvOpCheck check = {
    "linear", detail, &y_rows, shape->n_tokens, shape->n_out, y, IV_OP_TOLERANCE
  };
  return iv_op_table_check (table, &check, error);
}

/* Unpacked weights alone: one rounding each, and Q4_1's and Q4_K's difference cancels little. */
static gboolean
check_embedding (IvOpTable *table,
                 guint t,
                 const Shape *shape,
                 const IvTensor *weight,
                 GError **error)
{
  enum { N = 5 };
  /* The first and last row, one twice, and one beyond the table. */
  const guint32 ids[N] = { 0, shape->n_out - 1, shape->n_out / 2, 0, shape->n_out };
  g_autofree float *w = g_new (float, (gsize) shape->n_out * shape->n_in);
  g_autofree float *truth = g_new0 (float, (gsize) N * shape->n_in);
  iv_data_type_to_f32 (weight->type, weight->data, w, (gsize) shape->n_out * shape->n_in);
  for (guint i = 0; i < (N - 1) * shape->n_in; i++)
    truth[i] = 3 * w[(gsize) ids[i / shape->n_in] * shape->n_in + i % shape->n_in];
  IvLinearParams params = { .name = "op table", .parts = { weight }, .n_parts = 1 };
  IvVkBufferParams ids_params = { .name = "ids", .size = sizeof ids };
  g_autoptr (IvLinear) linear = iv_linear_new (table->ops, &params, error);
  g_autoptr (IvVkBuffer) buffer =
      iv_vk_buffer_new (iv_ops_get_device (table->ops), &ids_params, error);
  g_auto (IvRows) y = { 0 };
  if (linear == NULL || buffer == NULL || !iv_vk_buffer_write (buffer, 0, ids, sizeof ids, error) ||
      !iv_op_table_rows (table, &y, N, shape->n_in, NULL, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpEmbedding op = { .table = linear, .ids = buffer, .y = y, .n_tokens = N, .scale = 3 };
  iv_op_embedding (table->ops, table->commands, &op);
  g_autofree char *detail = g_strdup_printf (
      "%s %u × %u", iv_data_type_to_string (types[t].type), shape->n_out, shape->n_in);
  IvOpCheck check = { "embedding", detail, &y, N, shape->n_in, truth, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

static gboolean
run_shapes (IvOpTable *table, guint t, const Shape *shapes, guint n, GError **error)
{
  guint block = iv_data_type_get_block_elements (types[t].type);
  for (guint i = 0; i < n; i++) {
    const Shape *shape = &shapes[i];
    if (shape->n_in % block != 0)
      continue;
    gsize n_weights = (gsize) shape->n_out * shape->n_in;
    g_autofree guint8 *data = make_weights (table, t, n_weights);
    IvTensor weight = {
      .name = "op table",
      .type = types[t].type,
      .n_dims = 2,
      .shape = { shape->n_out, shape->n_in },
      .data = data,
      .size = iv_data_type_get_size (types[t].type, (gint64) n_weights),
    };
    if (!check_linear (table, t, shape, &weight, error) ||
        (i < 4 && !check_embedding (table, t, shape, &weight, error)))
      return FALSE;
  }
  return TRUE;
}

/* Parts of different formats stacked in one matrix, with a bias for one of them only. */
static gboolean
check_stack (IvOpTable *table, GError **error)
{
  enum { N_IN = 64, N_A = 70, N_B = 13, N_TOKENS = 11, N_OUT = N_A + N_B };
  g_autofree float *w = iv_op_table_values (table, N_OUT * N_IN);
  g_autofree float *x = iv_op_table_values (table, N_TOKENS * N_IN);
  g_autofree float *y = g_new0 (float, N_TOKENS *N_OUT);
  g_autofree float *bias = iv_op_table_values (table, N_OUT);
  g_autofree guint8 *half = g_malloc (N_B * N_IN * 2);
  iv_data_type_from_f32 (IV_TYPE_F16, w + N_A * N_IN, half, N_B * N_IN);
  iv_data_type_to_f32 (IV_TYPE_F16, half, w + N_A * N_IN, N_B * N_IN);
  memset (bias, 0, N_A * sizeof (float));
  IvTensor a = { "a", IV_TYPE_F32, 2, { N_A, N_IN }, w, N_A * N_IN * 4 };
  IvTensor b = { "b", IV_TYPE_F16, 2, { N_B, N_IN }, half, N_B * N_IN * 2 };
  IvTensor b_bias = { "b bias", IV_TYPE_F32, 1, { N_B }, bias + N_A, N_B * 4 };
  IvLinearParams params = { "stack", { &a, &b }, { NULL, &b_bias }, .n_parts = 2 };
  g_autoptr (IvLinear) linear = iv_linear_new (table->ops, &params, error);
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) y_rows = { 0 };
  if (linear == NULL || !iv_op_table_rows (table, &x_rows, N_TOKENS, N_IN, x, error) ||
      !iv_op_table_rows (table, &y_rows, N_TOKENS, N_OUT, NULL, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  iv_op_linear (
      table->ops, table->commands, &(IvOpLinear){ linear, x_rows, y_rows, N_TOKENS, FALSE });
  iv_oracle_linear (&(IvOracleLinear){ w, x, bias, y, N_IN, N_OUT, N_TOKENS, FALSE });
  IvOpCheck check = { "linear",       "F32 and F16 stacked, 83 × 64, 11 tokens",
                      &y_rows,        N_TOKENS,
                      N_OUT,          y,
                      IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

gboolean
iv_op_table_run_linear (IvOpTable *table, GError **error)
{
  for (guint t = 0; t < G_N_ELEMENTS (types); t++) {
    guint block = iv_data_type_get_block_elements (types[t].type);
    const Shape *shapes = block == 1 ? plain_shapes : block == 32 ? block_shapes : super_shapes;
    guint n = block == 1    ? G_N_ELEMENTS (plain_shapes)
              : block == 32 ? G_N_ELEMENTS (block_shapes)
                            : G_N_ELEMENTS (super_shapes);
    if (!run_shapes (table, t, shapes, n, error))
      return FALSE;
    if (table->params->model_shapes &&
        !run_shapes (table, t, model_shapes, G_N_ELEMENTS (model_shapes), error))
      return FALSE;
  }
  return check_stack (table, error);
}
