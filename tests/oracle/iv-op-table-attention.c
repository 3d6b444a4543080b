/* The op table's attention: grouped heads, windows, blocks without order, odd beginnings.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-data-type.h"
#include "model/ops/iv-attention.h"
#include "model/ops/iv-rope.h"
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
  /* Few tokens: one for each head, windows, beginnings within a tile, no order. */
  { 2, 2, 64, 100, 1, 0, 0, TRUE, IV_TYPE_F32 },
  { 2, 2, 64, 100, 1, 0, 30, TRUE, IV_TYPE_F16 },
  { 2, 2, 32, 100, 1, 0, 30, TRUE, IV_TYPE_Q8_0 },
  { 2, 1, 32, 129, 4, 0, 16, TRUE, IV_TYPE_F32 },
  { 4, 4, 80, 200, 3, 70, 0, FALSE, IV_TYPE_F16 },
  { 4, 2, 96, 190, 2, 75, 0, FALSE, IV_TYPE_Q8_0 },
  { 16, 1, 64, 300, 4, 0, 0, TRUE, IV_TYPE_F32 },
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

/* Rotation taken along by the storing: all slots but the last n_tokens hold keys rotated here. */
typedef struct {
  guint n_heads, n_kv_heads, head_dim, n_rot, n_slots, n_tokens;
  gboolean adjacent;
  IvDataType type;
} RotatedCase;

static const RotatedCase rotated_cases[] = {
  { 4, 2, 64, 64, 7, 1, FALSE, IV_TYPE_F32 },     { 3, 1, 24, 16, 13, 5, TRUE, IV_TYPE_F32 },
  { 14, 2, 64, 64, 129, 17, FALSE, IV_TYPE_F32 }, { 4, 4, 72, 72, 70, 3, FALSE, IV_TYPE_F16 },
  { 4, 2, 64, 64, 66, 1, TRUE, IV_TYPE_F16 },     { 4, 2, 64, 32, 67, 2, FALSE, IV_TYPE_Q8_0 },
  { 2, 1, 96, 96, 13, 7, TRUE, IV_TYPE_Q8_0 },    { 14, 2, 64, 64, 66, 1, FALSE, IV_TYPE_Q8_0 },
};

/* Keys are rounded after their rotation, as the driver rounds: F16 is off by 2^-11 at most. */
#define ROTATED_TOLERANCE 1e-5

typedef struct {
  gint32 *positions;
  float *q, *k, *v;         /* q and all keys rotated: for the oracle */
  float *given_q, *given_k; /* the last keys, and q, not yet */
} RotatedValues;

static void
rotated_values_clear (RotatedValues *values)
{
  g_free (values->positions);
  g_free (values->q);
  g_free (values->k);
  g_free (values->v);
  g_free (values->given_q);
  g_free (values->given_k);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RotatedValues, rotated_values_clear)

static void
rotated_values_init (RotatedValues *values, IvOpTable *table, const RotatedCase *c)
{
  gsize q_width = c->n_heads * c->head_dim, kv_width = c->n_kv_heads * c->head_dim;
  guint before = c->n_slots - c->n_tokens;
  values->positions = g_new (gint32, c->n_slots);
  for (guint i = 0; i < c->n_slots; i++)
    values->positions[i] = (gint32) (100 + i);
  values->given_q = iv_op_table_values (table, c->n_tokens * q_width);
  values->given_k = iv_op_table_values (table, c->n_slots * kv_width);
  values->v = iv_op_table_values (table, c->n_slots * kv_width);
  values->q = g_memdup2 (values->given_q, c->n_tokens * q_width * sizeof (float));
  values->k = g_memdup2 (values->given_k, c->n_slots * kv_width * sizeof (float));
  IvOracleRope rope = { values->q,   values->positions + before,
                        c->n_tokens, c->n_heads,
                        c->head_dim, c->n_rot,
                        1e4,         c->adjacent };
  iv_oracle_rope (&rope);
  rope.x = values->k;
  rope.positions = values->positions;
  rope.n_tokens = c->n_slots;
  rope.n_heads = c->n_kv_heads;
  iv_oracle_rope (&rope);
  memcpy (values->given_k, values->k, before * kv_width * sizeof (float));
  round_to (c->type, values->k, c->n_slots * kv_width);
  round_to (c->type, values->v, c->n_slots * kv_width);
}

static void
record_rotated (IvOpTable *table, const RotatedCase *c, IvKvCache *cache, const IvRows *rows)
{
  guint before = c->n_slots - c->n_tokens;
  IvOpKvStore store = { cache, 0, rows[1], rows[2], before, 0 };
  if (before > 0)
    iv_op_kv_store (table->ops, table->commands, &store);
  store.k = iv_rows_from_row (&rows[1], before);
  store.v = iv_rows_from_row (&rows[2], before);
  store.slot = before;
  store.n_tokens = c->n_tokens;
  store.n_heads = c->n_heads;
  store.q = rows[0];
  store.angles = rows[4];
  store.n_rot = c->n_rot;
  store.adjacent = c->adjacent;
  iv_op_kv_store (table->ops, table->commands, &store);
  IvOpAttention op = { .cache = cache,
                       .q = rows[0],
                       .y = rows[3],
                       .n_tokens = c->n_tokens,
                       .n_heads = c->n_heads,
                       .end = c->n_slots,
                       .causal = TRUE };
  iv_op_attention (table->ops, table->commands, &op);
}

static gboolean
check_rotated (IvOpTable *table, const RotatedCase *c, GError **error)
{
  guint q_width = c->n_heads * c->head_dim, kv_width = c->n_kv_heads * c->head_dim;
  guint before = c->n_slots - c->n_tokens;
  g_auto (RotatedValues) values = { 0 };
  rotated_values_init (&values, table, c);
  g_autofree float *truth = g_new (float, (gsize) c->n_tokens *q_width);
  g_autofree float *angles = g_new (float, (gsize) c->n_tokens * c->n_rot);
  g_autofree guint *first = g_new0 (guint, c->n_tokens);
  g_autofree guint *end = g_new (guint, c->n_tokens);
  for (guint t = 0; t < c->n_tokens; t++)
    end[t] = before + t + 1;
  IvRopeParams rope = { .kind = IV_ROPE_PLAIN, .n_rot = c->n_rot, .theta = 1e4 };
  iv_rope_fill_angles (&rope, values.positions + before, c->n_tokens, angles);
  IvKvCacheParams params = { 1, c->n_kv_heads, c->head_dim, c->n_slots + 5, c->type };
  g_autoptr (IvKvCache) cache = iv_kv_cache_new (table->ops, &params, error);
  g_auto (IvRows) q = { 0 };
  g_auto (IvRows) k = { 0 };
  g_auto (IvRows) v = { 0 };
  g_auto (IvRows) y = { 0 };
  g_auto (IvRows) turns = { 0 };
  if (cache == NULL || !iv_op_table_rows (table, &q, c->n_tokens, q_width, values.given_q, error) ||
      !iv_op_table_rows (table, &k, c->n_slots, kv_width, values.given_k, error) ||
      !iv_op_table_rows (table, &v, c->n_slots, kv_width, values.v, error) ||
      !iv_op_table_rows (table, &y, c->n_tokens, q_width, NULL, error) ||
      !iv_op_table_rows (table, &turns, c->n_tokens, c->n_rot, angles, error) ||
      !iv_vk_commands_begin (table->commands, error))
    return FALSE;
  const IvRows rows[] = { q, k, v, y, turns };
  record_rotated (table, c, cache, rows);
  iv_oracle_attention (&(IvOracleAttention){ values.q,
                                             values.k,
                                             values.v,
                                             truth,
                                             c->n_tokens,
                                             c->n_heads,
                                             c->n_kv_heads,
                                             c->head_dim,
                                             first,
                                             end,
                                             1 / sqrt (c->head_dim) });
  g_autofree char *detail =
      g_strdup_printf ("%s, rotated while stored, %u of %u, %u tokens, %u slots, %s pairs",
                       iv_data_type_to_string (c->type),
                       c->n_rot,
                       c->head_dim,
                       c->n_tokens,
                       c->n_slots,
                       c->adjacent ? "adjacent" : "half-split");
  double tolerance = c->type == IV_TYPE_F32 ? IV_OP_TOLERANCE : ROTATED_TOLERANCE;
  IvOpCheck check = { "attention", detail, &y, c->n_tokens, q_width, truth, tolerance };
  return iv_op_table_check (table, &check, error);
}

gboolean
iv_op_table_run_attention (IvOpTable *table, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!check_case (table, &cases[i], error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rotated_cases); i++)
    if (iv_op_kv_store_can_rotate (table->ops) && !check_rotated (table, &rotated_cases[i], error))
      return FALSE;
  return TRUE;
}
