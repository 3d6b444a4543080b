/* Robust linear least squares with a handful of unknowns.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-solve.h"

#include <math.h>

/* Solves the symmetric positive definite a x = b in place (Cholesky); the lower half is used. */
static gboolean
solve_cholesky (double *a, double *b, guint n)
{
  for (guint j = 0; j < n; j++) {
    for (guint k = 0; k < j; k++)
      a[j * n + j] -= a[j * n + k] * a[j * n + k];
    if (!(a[j * n + j] > 0))
      return FALSE;
    a[j * n + j] = sqrt (a[j * n + j]);
    for (guint i = j + 1; i < n; i++) {
      for (guint k = 0; k < j; k++)
        a[i * n + j] -= a[i * n + k] * a[j * n + k];
      a[i * n + j] /= a[j * n + j];
    }
  }
  for (guint i = 0; i < n; i++) {
    for (guint k = 0; k < i; k++)
      b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (guint i = n; i-- > 0;) {
    for (guint k = i + 1; k < n; k++)
      b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return TRUE;
}

static void
accumulate (const IvSolveParams *params, const float *weights, double *a, double *b)
{
  guint n = params->n_unknowns;

  for (guint i = 0; i < params->n_rows; i++) {
    const float *row = params->basis + (gsize) i * n;
    double w = weights[i];
    if (w <= 0)
      continue;
    for (guint j = 0; j < n; j++) {
      double wj = w * row[j];
      b[j] += wj * params->y[i];
      for (guint k = 0; k <= j; k++)
        a[j * n + k] += wj * row[k];
    }
  }
}

/* Residuals, and their robust deviation over the rows that count. */
static double
residuals (const IvSolveParams *params, const double *c, float *residual, float *scratch)
{
  gsize m = 0;

  for (guint i = 0; i < params->n_rows; i++) {
    const float *row = params->basis + (gsize) i * params->n_unknowns;
    double sum = 0;
    for (guint k = 0; k < params->n_unknowns; k++)
      sum += c[k] * row[k];
    residual[i] = (float) (params->y[i] - sum);
    if (params->weights[i] > 0.2f)
      scratch[m++] = fabsf (residual[i]);
  }
  return 1.4826 * iv_quantile (scratch, m, 0.5) + 1e-6;
}

gboolean
iv_solve_robust (const IvSolveParams *params, double *coefficients, double *deviation)
{
  guint n = params->n_unknowns;
  g_autofree double *a = g_new (double, n *n);
  g_autofree float *weights = g_memdup2 (params->weights, params->n_rows * sizeof (float));
  g_autofree float *residual = g_new (float, params->n_rows);
  g_autofree float *scratch = g_new (float, params->n_rows);

  g_return_val_if_fail (n > 0 && n <= IV_SOLVE_MAX, FALSE);
  for (guint pass = 0; pass < params->iterations; pass++) {
    double trace = 0;
    for (guint i = 0; i < n * n; i++)
      a[i] = 0;
    for (guint i = 0; i < n; i++)
      coefficients[i] = 0;
    accumulate (params, weights, a, coefficients);
    for (guint i = 0; i < n; i++)
      trace += a[i * n + i];
    for (guint i = 0; i < n; i++)
      a[i * n + i] += params->ridge * trace / n + 1e-12;
    if (!solve_cholesky (a, coefficients, n))
      return FALSE;
    *deviation = residuals (params, coefficients, residual, scratch);
    for (guint i = 0; i < params->n_rows; i++) {
      double r = residual[i] / (params->cut * *deviation);
      weights[i] = (float) (params->weights[i] / (1 + r * r));
    }
  }
  return TRUE;
}

/* Quickselect (Hoare). */
float
iv_quantile (float *values, gsize n, double q)
{
  if (n == 0)
    return 0;
  gsize want = (gsize) (CLAMP (q, 0.0, 1.0) * (n - 1)), first = 0, last = n - 1;
  while (first < last) {
    float pivot = values[first + (last - first) / 2];
    gsize i = first, j = last;
    while (i <= j) {
      while (values[i] < pivot)
        i++;
      while (values[j] > pivot)
        j--;
      if (i <= j) {
        float swap = values[i];
        values[i++] = values[j];
        values[j] = swap;
        if (j == 0)
          break;
        j--;
      }
    }
    if (want <= j)
      last = j;
    else if (want >= i)
      first = i;
    else
      break;
  }
  return values[want];
}

void
iv_cosines (double x, double y, guint order, float *out)
{
  guint n = 0;

  for (guint i = 0; i <= order; i++)
    for (guint j = 0; i + j <= order; j++)
      out[n++] = (float) (cos (G_PI * i * x) * cos (G_PI * j * y));
}
