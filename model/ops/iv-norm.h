/* RMS norm and layer norm over rows or over the heads within rows.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

typedef struct {
  IvRows x;
  IvRows y;         /* may be x */
  IvVector *weight; /* [n]; NULL: ones */
  IvVector *bias;   /* [n]; NULL: zeros */
  guint n_rows;
  guint n;        /* normalised together; a multiple of 4 when n_groups > 1 */
  guint n_groups; /* groups of n, one after another in each row: heads; 0 counts as 1 */
  float epsilon;
  gboolean center; /* layer norm: subtract the mean first */
} IvOpNorm;

/* y = weight * (x - m) / sqrt (mean ((x - m)²) + epsilon) + bias, m the mean or 0. */
void iv_op_norm (IvOps *ops, IvVkCommands *commands, const IvOpNorm *op);

G_END_DECLS
