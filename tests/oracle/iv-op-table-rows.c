/* The op table's operations on rows: norms, rotation, activations, sums.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/ops/iv-blend.h"
#include "model/ops/iv-elementwise.h"
#include "model/ops/iv-norm.h"
#include "model/ops/iv-rope.h"
#include "tests/oracle/iv-op-table-private.h"

static const guint lengths[] = { 1, 7, 13, 127, 128, 129, 896 };

static gboolean
check_norm (IvOpTable *table, guint n, guint n_groups, gboolean center, GError **error)
{
  guint n_rows = 3, width = n * n_groups;
  gsize all = (gsize) n_rows * width;
  g_autofree float *x = iv_op_table_values (table, all);
  g_autofree float *weight = iv_op_table_values (table, n);
  g_autofree float *bias = iv_op_table_values (table, n);
  g_autofree float *truth = g_new (float, all);
  /* A mean far from zero shows whether it is taken off before squaring. */
  for (gsize i = 0; center && i < all; i++)
    x[i] += 20;
  g_autoptr (IvVector) weights = iv_vector_new_from_values (table->ops, "w", weight, n, error);
  g_autoptr (IvVector) biases = iv_vector_new_from_values (table->ops, "b", bias, n, error);
  g_auto (IvRows) rows = { 0 };
  if (weights == NULL || biases == NULL ||
      !iv_op_table_rows (table, &rows, n_rows, width, x, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpNorm op = {
    .x = rows,
    .y = rows,
    .weight = weights,
    .bias = center ? biases : NULL,
    .n_rows = n_rows,
    .n = n,
    .n_groups = n_groups,
    .epsilon = 1e-5f,
    .center = center,
  };
  iv_op_norm (table->ops, table->commands, &op);
  iv_oracle_norm (&(IvOracleNorm){ .x = x,
                                   .weight = weight,
                                   .bias = center ? bias : NULL,
                                   .y = truth,
                                   .n = n,
                                   .n_groups = n_rows * n_groups,
                                   .epsilon = 1e-5,
                                   .center = center });
  g_autofree char *detail = g_strdup_printf (
      "%s %u × %u, %u rows in place", center ? "layer" : "RMS", n_groups, n, n_rows);
  IvOpCheck check = { "norm", detail, &rows, n_rows, width, truth, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

static gboolean
check_rope (IvOpTable *table, guint head_dim, guint n_rot, gboolean adjacent, GError **error)
{
  enum { N_TOKENS = 3, N_HEADS = 5 };
  /* Far positions show whether the angle is made in double. */
  const gint32 positions[N_TOKENS] = { 0, 17, 100000 };
  guint width = N_HEADS * head_dim;
  g_autofree float *x = iv_op_table_values (table, N_TOKENS * width);
  g_autofree float *angles = g_new (float, N_TOKENS *n_rot);
  IvRopeParams rope = { .kind = IV_ROPE_PLAIN, .n_rot = n_rot, .theta = 1e6 };
  iv_rope_fill_angles (&rope, positions, N_TOKENS, angles);
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) angle_rows = { 0 };
  if (!iv_op_table_rows (table, &x_rows, N_TOKENS, width, x, error) ||
      !iv_op_table_rows (table, &angle_rows, N_TOKENS, n_rot, angles, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpRope op = { x_rows, angle_rows, N_TOKENS, N_HEADS, head_dim, n_rot, adjacent };
  iv_op_rope (table->ops, table->commands, &op);
  iv_oracle_rope (
      &(IvOracleRope){ x, positions, N_TOKENS, N_HEADS, head_dim, n_rot, 1e6, adjacent });
  g_autofree char *detail =
      g_strdup_printf ("%u of %u, %s pairs", n_rot, head_dim, adjacent ? "adjacent" : "half-split");
  IvOpCheck check = { "rope", detail, &x_rows, N_TOKENS, width, x, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

static const struct {
  const char *name;
  double (*func) (double);
} activations[] = {
  [IV_ACTIVATION_SILU] = { "SiLU", iv_oracle_silu },
  [IV_ACTIVATION_GELU_TANH] = { "GELU by tanh", iv_oracle_gelu_tanh },
  [IV_ACTIVATION_GELU_ERF] = { "GELU by erf", iv_oracle_gelu_erf },
  [IV_ACTIVATION_GELU_QUICK] = { "quick GELU", iv_oracle_gelu_quick },
};

static gboolean
check_activation (IvOpTable *table, guint kind, guint n, gboolean has_up, GError **error)
{
  enum { N_ROWS = 3 };
  g_autofree float *x = iv_op_table_values (table, N_ROWS * n);
  g_autofree float *up = iv_op_table_values (table, N_ROWS * n);
  g_autofree float *truth = g_new (float, N_ROWS *n);
  for (guint i = 0; i < N_ROWS * n; i++)
    x[i] *= 30;
  for (guint i = 0; i < N_ROWS * n; i++)
    truth[i] = (float) (activations[kind].func (x[i]) * (has_up ? up[i] : 1));
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) up_rows = { 0 };
  if (!iv_op_table_rows (table, &x_rows, N_ROWS, n, x, error) ||
      !iv_op_table_rows (table, &up_rows, N_ROWS, n, up, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpActivation op = { .activation = kind, .x = x_rows, .y = x_rows, .n_rows = N_ROWS, .n = n };
  if (has_up)
    op.up = up_rows;
  iv_op_activation (table->ops, table->commands, &op);
  g_autofree char *detail =
      g_strdup_printf ("%s %u%s", activations[kind].name, n, has_up ? " × up" : "");
  IvOpCheck check = { "activation", detail, &x_rows, N_ROWS, n, truth, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

static gboolean
check_add (IvOpTable *table, guint n, float factor, gboolean overwrite, GError **error)
{
  enum { N_ROWS = 3 };
  gboolean has_scale = !overwrite && n % 2 == 0;
  g_autofree float *x = iv_op_table_values (table, N_ROWS * n);
  g_autofree float *y = iv_op_table_values (table, N_ROWS * n);
  g_autofree float *scale = iv_op_table_values (table, n);
  g_autoptr (IvVector) scales = iv_vector_new_from_values (table->ops, "s", scale, n, error);
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) y_rows = { 0 };
  if (scales == NULL || !iv_op_table_rows (table, &x_rows, N_ROWS, n, x, error) ||
      !iv_op_table_rows (table, &y_rows, N_ROWS, n, y, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpAdd op = { x_rows, y_rows, N_ROWS, n, factor, overwrite, has_scale ? scales : NULL };
  iv_op_add (table->ops, table->commands, &op);
  for (guint i = 0; i < N_ROWS * n; i++)
    y[i] =
        (overwrite ? 0 : y[i]) + (factor != 0 ? factor : 1) * (has_scale ? scale[i % n] : 1) * x[i];
  g_autofree char *detail = g_strdup_printf ("%u, factor %g%s%s",
                                             n,
                                             (double) factor,
                                             overwrite ? ", overwriting" : "",
                                             has_scale ? ", scaled" : "");
  IvOpCheck check = { "add", detail, &y_rows, N_ROWS, n, y, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

static gboolean
check_blend (IvOpTable *table, guint n, guint n_terms, GError **error)
{
  enum { N_ROWS = 6, N_X = 9 };
  g_autofree float *x = iv_op_table_values (table, N_X * n);
  g_autofree float *truth = g_new (float, N_ROWS *n);
  g_autofree IvBlendTerm *terms = g_new (IvBlendTerm, N_ROWS * n_terms);
  for (guint i = 0; i < N_ROWS * n_terms; i++) {
    terms[i].row = iv_op_table_random (table) % N_X;
    iv_op_table_fill (table, &terms[i].weight, 1);
  }
  gsize size = N_ROWS * n_terms * sizeof (IvBlendTerm);
  IvVkBufferParams params = { .name = "terms", .size = size };
  g_autoptr (IvVkBuffer) buffer = iv_vk_buffer_new (iv_ops_get_device (table->ops), &params, error);
  g_auto (IvRows) x_rows = { 0 };
  g_auto (IvRows) y_rows = { 0 };
  if (buffer == NULL || !iv_vk_buffer_write (buffer, 0, terms, size, error) ||
      !iv_op_table_rows (table, &x_rows, N_X, n, x, error) ||
      !iv_op_table_rows (table, &y_rows, N_ROWS, n, NULL, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  IvOpBlend op = { x_rows, buffer, n_terms, y_rows, N_ROWS, n };
  iv_op_blend (table->ops, table->commands, &op);
  for (guint t = 0; t < N_ROWS; t++)
    for (guint i = 0; i < n; i++) {
      double sum = 0;
      for (guint j = 0; j < n_terms; j++)
        sum += (double) terms[t * n_terms + j].weight * x[terms[t * n_terms + j].row * n + i];
      truth[t * n + i] = (float) sum;
    }
  g_autofree char *detail = g_strdup_printf ("%u, %u terms", n, n_terms);
  IvOpCheck check = { "blend", detail, &y_rows, N_ROWS, n, truth, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

gboolean
iv_op_table_run_rows (IvOpTable *table, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    guint n = lengths[i];
    if (!check_norm (table, n, 1, FALSE, error) || !check_norm (table, n, 1, TRUE, error) ||
        !check_add (table, n, 0, FALSE, error) || !check_add (table, n, -2.5f, TRUE, error) ||
        !check_blend (table, n, i % 2 == 0 ? 1 : 16, error))
      return FALSE;
    for (guint kind = 0; kind < G_N_ELEMENTS (activations); kind++)
      if (!check_activation (table, kind, n, (i + kind) % 2 == 0, error))
        return FALSE;
  }
  return check_norm (table, 24, 4, FALSE, error) && check_norm (table, 128, 7, FALSE, error) &&
         check_rope (table, 24, 24, FALSE, error) && check_rope (table, 64, 64, TRUE, error) &&
         check_rope (table, 80, 32, FALSE, error) && check_rope (table, 128, 128, FALSE, error);
}
