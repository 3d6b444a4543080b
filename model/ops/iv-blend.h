/* Rows that are weighted sums of other rows: positions interpolated, patches pooled, tokens moved.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

/* As it lies in the buffer of terms. */
typedef struct {
  guint32 row; /* of x */
  float weight;
} IvBlendTerm;

typedef struct {
  IvRows x;
  IvVkBuffer *terms; /* IvBlendTerm [n_rows, n_terms] */
  guint n_terms;     /* of each row; 1 with weight 1 is a copy in another order */
  IvRows y;          /* [n_rows, n], another buffer than x */
  guint n_rows;
  guint n;
} IvOpBlend;

/* y[t] = sum over j of terms[t, j].weight * x[terms[t, j].row]. Rows of x are not checked: whoever
 * makes the terms knows how many there are. */
void iv_op_blend (IvOps *ops, IvVkCommands *commands, const IvOpBlend *op);

G_END_DECLS
