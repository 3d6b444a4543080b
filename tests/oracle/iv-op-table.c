/* The op table: operation × shape × type on a device, each against the oracle.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/oracle/iv-op-table.h"

#include <math.h>

#include "tests/oracle/iv-op-table-private.h"

guint32
iv_op_table_random (IvOpTable *table)
{
  table->random = table->random * 1664525u + 1013904223u;
  return table->random >> 8;
}

void
iv_op_table_fill (IvOpTable *table, float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) iv_op_table_random (table) / (float) (1 << 23) - 1;
}

float *
iv_op_table_values (IvOpTable *table, gsize n)
{
  float *values = g_new (float, n);
  iv_op_table_fill (table, values, n);
  return values;
}

gboolean
iv_op_table_rows (IvOpTable *table,
                  IvRows *rows,
                  guint n_rows,
                  guint n,
                  const float *values,
                  GError **error)
{
  IvRowsParams params = { .name = "op table", .n_rows = n_rows, .n = n };
  if (!iv_rows_init (rows, table->ops, &params, error))
    return FALSE;
  /* What lies between the rows must not matter: let it be poison. */
  gsize all = (gsize) n_rows * rows->stride;
  g_autofree float *poison = g_new (float, all);
  for (gsize i = 0; i < all; i++)
    poison[i] = NAN;
  return iv_vk_buffer_write (rows->buffer, 0, poison, all * sizeof (float), error) &&
         (values == NULL || iv_rows_write (rows, n_rows, n, values, error));
}

gboolean
iv_op_table_check (IvOpTable *table, const IvOpCheck *check, GError **error)
{
  gsize n = (gsize) check->n_rows * check->n;
  g_autofree float *values = g_new (float, n);
  IvOpResult result = { .op = check->op, .tolerance = check->tolerance };
  g_strlcpy (result.detail, check->detail, sizeof result.detail);
  if (!iv_vk_commands_run (table->commands, error) ||
      !iv_rows_read (check->y, check->n_rows, check->n, values, error)) {
    g_prefix_error (error, "%s, %s: ", check->op, check->detail);
    return FALSE;
  }
  result.nmse = iv_oracle_nmse (values, check->truth, n);
  table->params->func (&result, table->params->user_data);
  return TRUE;
}

gboolean
iv_op_table_run (IvOps *ops, const IvOpTableParams *params, GError **error)
{
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (iv_ops_get_device (ops), error);
  if (commands == NULL)
    return FALSE;
  IvOpTable table = { .ops = ops, .commands = commands, .params = params, .random = 1 };
  return iv_op_table_run_linear (&table, error) &&
         (params->only_linear ||
          (iv_op_table_run_rows (&table, error) && iv_op_table_run_attention (&table, error)));
}
