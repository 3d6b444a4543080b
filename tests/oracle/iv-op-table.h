/* The op table: operation × shape × type on a device, each against the oracle.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

typedef struct {
  const char *op;  /* "linear" */
  char detail[96]; /* "Q4_K 128 × 256, 17 tokens" */
  double nmse;
  double tolerance; /* the case is right when nmse <= tolerance */
} IvOpResult;

typedef void (*IvOpResultFunc) (const IvOpResult *result, gpointer user_data);

typedef struct {
  gboolean model_shapes; /* also layers of the size of real models */
  gboolean only_linear;  /* no other operation than “linear” and “embedding” */
  IvOpResultFunc func;   /* called for each case, as it is done */
  gpointer user_data;
} IvOpTableParams;

/* FALSE with an error when the device refuses a case; wrong results are the callback's to judge.
 * Thread-safety: engine thread. */
gboolean iv_op_table_run (IvOps *ops, const IvOpTableParams *params, GError **error);

static inline gboolean
iv_op_result_is_right (const IvOpResult *result)
{
  return result->nmse <= result->tolerance; /* FALSE for NaN */
}

G_END_DECLS
