/* Scales of quantised blocks by weighted least squares.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Thread-safety of all in this header: any. */

/* Blocks are multiples of this. */
#define IV_QUANT_LANES 4u

/* Copies n values to x, without what is not finite (0) and cut at ±1e9, beyond which no type
 * reaches; and how much an error at each counts: weights [n] = 1 + |x| / rms (x), since large
 * weights are what training made of a network and the small ones stand nearest to its noise.
 */
void iv_quant_prepare (const float *values, guint n, float *x, float *weights);

/* x ≈ step * q - base with whole q in 0 … most and base >= 0. */
typedef struct {
  float step, base;
} IvQuantAffine;

/* Rounds with several spacings, and solves for step and base after each; the best pair wins. */
IvQuantAffine iv_quant_fit_affine (const float *x, const float *weights, guint n, guint most);
/* Levels for that pair; returns the weighted sum of squared errors. q may be NULL. */
float iv_quant_round_affine (const float *x,
                             const float *weights,
                             guint n,
                             guint most,
                             IvQuantAffine fit,
                             guint8 *q);

/* x ≈ step * q with whole q in -half … half - 1; step may be negative. */
float iv_quant_fit_symmetric (const float *x, const float *weights, guint n, guint half);
/* Levels + half; returns the weighted sum of squared errors. q may be NULL. */
float iv_quant_round_symmetric (const float *x,
                                const float *weights,
                                guint n,
                                guint half,
                                float step,
                                guint8 *q);

G_END_DECLS
