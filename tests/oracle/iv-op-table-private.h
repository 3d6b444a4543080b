/* What the parts of the op table share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tests/oracle/iv-op-table.h"
#include "tests/oracle/iv-oracle.h"

G_BEGIN_DECLS

typedef struct {
  IvOps *ops;
  IvVkCommands *commands;
  const IvOpTableParams *params;
  guint32 random;
} IvOpTable;

/* F32 arithmetic in another order: sums of a few thousand products are off by about 1e-7 of their
 * size, squared. */
#define IV_OP_TOLERANCE 1e-7

guint32 iv_op_table_random (IvOpTable *table);
/* Uniform in -1 … 1. */
void iv_op_table_fill (IvOpTable *table, float *values, gsize n);
/* (transfer full) n such values. */
float *iv_op_table_values (IvOpTable *table, gsize n);
/* Rows with values in them. */
gboolean iv_op_table_rows (IvOpTable *table,
                           IvRows *rows,
                           guint n_rows,
                           guint n,
                           const float *values,
                           GError **error);
/* Runs what was recorded, reads y [n_rows, n] and reports it against the truth. */
typedef struct {
  const char *op;
  const char *detail;
  const IvRows *y;
  guint n_rows, n;
  const float *truth;
  double tolerance;
} IvOpCheck;

gboolean iv_op_table_check (IvOpTable *table, const IvOpCheck *check, GError **error);

gboolean iv_op_table_run_linear (IvOpTable *table, GError **error);
gboolean iv_op_table_run_rows (IvOpTable *table, GError **error);
gboolean iv_op_table_run_attention (IvOpTable *table, GError **error);

G_END_DECLS
