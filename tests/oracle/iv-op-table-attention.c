/* The op table's attention: grouped heads, windows, blocks without order, odd beginnings.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "model/files/iv-data-type.h"
#include "model/ops/iv-attention.h"
#include "tests/oracle/iv-op-table-private.h"

typedef struct {
  guint n_heads, n_kv_heads, head_dim;
  guint n_slots; /* stored */
  guint n_tokens;
  guint first, window;
  gboolean causal;
  IvDataType type;
} Case;

static const Case cases[] = {
  { 1, 1, 4, 1, 1, 0, 0, TRUE, IV_TYPE_F32 },
  { 4, 2, 24, 7, 7, 0, 0, TRUE, IV_TYPE_F32 },
  { 3, 1, 32, 13, 1, 0, 0, TRUE, IV_TYPE_F32 },
  { 14, 2, 64, 127, 1, 0, 0, TRUE, IV_TYPE_F32 },
  { 14, 2, 64, 129, 17, 0, 0, TRUE, IV_TYPE_F32 },
  { 8, 8, 32, 128, 13, 0, 0, TRUE, IV_TYPE_F16 },
  { 2, 1, 32, 129, 40, 0, 16, TRUE, IV_TYPE_F32 },
  { 2, 1, 256, 70, 3, 0, 64, TRUE, IV_TYPE_F16 },
  { 4, 4, 72, 65, 65, 0, 0, FALSE, IV_TYPE_F32 },
  { 4, 4, 80, 200, 36, 70, 0, FALSE, IV_TYPE_F32 },
  { 4, 2, 128, 300, 9, 129, 0, TRUE, IV_TYPE_F32 },
  { 4, 2, 24, 40, 10, 0, 5, FALSE, IV_TYPE_F32 },
  { 4, 2, 24, 7, 7, 0, 0, TRUE, IV_TYPE_F16 },
  { 14, 2, 64, 127, 1, 0, 0, TRUE, IV_TYPE_F16 },
  { 4, 4, 80, 200, 36, 70, 0, FALSE, IV_TYPE_F16 },
  { 1, 1, 32, 1, 1, 0, 0, TRUE, IV_TYPE_Q8_0 },
  { 14, 2, 64, 127, 1, 0, 0, TRUE, IV_TYPE_Q8_0 },
  { 14, 2, 64, 129, 17, 0, 0, TRUE, IV_TYPE_Q8_0 },
  { 3, 1, 96, 13, 7, 0, 0, TRUE, IV_TYPE_Q8_0 },
  { 2, 1, 256, 70, 3, 0, 64, TRUE, IV_TYPE_Q8_0 },
  { 4, 2, 128, 300, 9, 129, 0, TRUE, IV_TYPE_Q8_0 },
  { 4, 4, 64, 200, 36, 70, 0, FALSE, IV_TYPE_Q8_0 },
  { 2, 2, 80, 150, 130, 0, 0, FALSE, IV_TYPE_F16 },
  { 4, 2, 64, 201, 131, 0, 0, TRUE, IV_TYPE_F16 },
  { 3, 1, 128, 190, 70, 67, 33, TRUE, IV_TYPE_F32 },
  { 2, 1, 256, 130, 65, 0, 0, FALSE, IV_TYPE_F32 },
};

/* The tolerance for F16 and Q8_0 keys and values is that of F32: they are rounded beforehand. */
static void
round_to (IvDataType type, float *values, gsize n)
{
  g_autofree guint8 *data = g_malloc (iv_data_type_get_size (type, (gint64) n));
  iv_data_type_from_f32 (type, values, data, n);
  iv_data_type_to_f32 (type, data, values, n);
}

static void
fill_ranges (const Case *c, guint *first, guint *end)
{
  for (guint t = 0; t < c->n_tokens; t++) {
    guint own = c->n_slots - c->n_tokens + t;
    end[t] = c->causal ? own + 1 : c->n_slots;
    first[t] = c->first;
    if (c->window > 0 && own + 1 > c->window)
      first[t] = MAX (c->first, own + 1 - c->window);
  }
}

/* Two stores, so that the second does not begin at a multiple of anything. */
static void
record (IvOpTable *table, const Case *c, IvKvCache *cache, const IvRows *rows)
{
  guint half = c->n_slots / 3;
  IvOpKvStore store = { cache, 1, rows[1], rows[2], half, 0 };
  if (half > 0)
    iv_op_kv_store (table->ops, table->commands, &store);
  store.k = iv_rows_from_row (&rows[1], half);
  store.v = iv_rows_from_row (&rows[2], half);
  store.slot = half;
  store.n_tokens = c->n_slots - half;
  iv_op_kv_store (table->ops, table->commands, &store);
  IvOpAttention op = {
    .cache = cache,
    .layer = 1,
    .q = rows[0],
    .y = rows[3],
    .n_tokens = c->n_tokens,
    .n_heads = c->n_heads,
    .first = c->first,
    .end = c->n_slots,
    .causal = c->causal,
    .window = c->window,
  };
  iv_op_attention (table->ops, table->commands, &op);
}

static gboolean
check_case (IvOpTable *table, const Case *c, GError **error)
{
  guint q_width = c->n_heads * c->head_dim, kv_width = c->n_kv_heads * c->head_dim;
  g_autofree float *q = iv_op_table_values (table, (gsize) c->n_tokens * q_width);
  g_autofree float *k = iv_op_table_values (table, (gsize) c->n_slots * kv_width);
  g_autofree float *v = iv_op_table_values (table, (gsize) c->n_slots * kv_width);
  g_autofree float *truth = g_new (float, (gsize) c->n_tokens *q_width);
  g_autofree guint *first = g_new (guint, c->n_tokens);
  g_autofree guint *end = g_new (guint, c->n_tokens);
  /* Scores of some size, so that the softmax is not flat. */
  for (gsize i = 0; i < (gsize) c->n_tokens * q_width; i++)
    q[i] *= 5;
  round_to (c->type, k, (gsize) c->n_slots * kv_width);
  round_to (c->type, v, (gsize) c->n_slots * kv_width);
  IvKvCacheParams params = { 2, c->n_kv_heads, c->head_dim, c->n_slots + 5, c->type };
  g_autoptr (IvKvCache) cache = iv_kv_cache_new (table->ops, &params, error);
  g_auto (IvRows) q_rows = { 0 };
  g_auto (IvRows) k_rows = { 0 };
  g_auto (IvRows) v_rows = { 0 };
  g_auto (IvRows) y_rows = { 0 };
  if (cache == NULL || !iv_op_table_rows (table, &q_rows, c->n_tokens, q_width, q, error) ||
      !iv_op_table_rows (table, &k_rows, c->n_slots, kv_width, k, error) ||
      !iv_op_table_rows (table, &v_rows, c->n_slots, kv_width, v, error) ||
      !iv_op_table_rows (table, &y_rows, c->n_tokens, q_width, NULL, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  const IvRows rows[] = { q_rows, k_rows, v_rows, y_rows };
  record (table, c, cache, rows);
  fill_ranges (c, first, end);
  iv_oracle_attention (&(IvOracleAttention){ q,
                                             k,
                                             v,
                                             truth,
                                             c->n_tokens,
                                             c->n_heads,
                                             c->n_kv_heads,
                                             c->head_dim,
                                             first,
                                             end,
                                             1 / sqrt (c->head_dim) });
  g_autofree char *detail =
      g_strdup_printf ("%s, %u/%u heads of %u, %u tokens, slots %u to %u, window %u, %s",
                       iv_data_type_to_string (c->type),
                       c->n_heads,
                       c->n_kv_heads,
                       c->head_dim,
                       c->n_tokens,
                       c->first,
                       c->n_slots,
                       c->window,
                       c->causal ? "causal" : "unordered");
  IvOpCheck check = { "attention", detail, &y_rows, c->n_tokens, q_width, truth, IV_OP_TOLERANCE };
  return iv_op_table_check (table, &check, error);
}

gboolean
iv_op_table_run_attention (IvOpTable *table, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!check_case (table, &cases[i], error))
      return FALSE;
  return TRUE;
}
