/* Robust linear least squares with a handful of unknowns.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_SOLVE_MAX 32

/* y[i] ≈ Σ_k c[k] basis[i * n_unknowns + k], each row with a weight ≥ 0. */
typedef struct {
  guint n_rows, n_unknowns; /* unknowns: at most IV_SOLVE_MAX */
  const float *basis;
  const float *y;
  const float *weights;
  guint iterations;
  double cut;   /* a residual of this many deviations counts half (Cauchy weights) */
  double ridge; /* of the mean diagonal, added to the diagonal */
} IvSolveParams;

/* Iteratively re-weighted: outliers lose their say, so a finding does not bend the model that is
 * meant to reveal it. @deviation: (out) robust deviation of the residuals (1.4826 × median).
 * Returns FALSE when the equations have no solution. Thread-safety: any. */
gboolean iv_solve_robust (const IvSolveParams *params, double *coefficients, double *deviation);

/* The q-quantile (0 … 1) of the values; the array is reordered. 0 when n is 0. */
float iv_quantile (float *values, gsize n, double q);

/* Number of terms of iv_cosines(). */
#define IV_N_COSINES(order) (((order) + 1) * ((order) + 2) / 2)
/* cos(π i x) cos(π j y) with i + j <= order; x and y run from 0 to 1 over the area. */
void iv_cosines (double x, double y, guint order, float *out);

G_END_DECLS
