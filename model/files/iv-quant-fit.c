/* Scales of quantised blocks by weighted least squares.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-quant-fit.h"

#include <math.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Below this a block is zero: its steps would be no half. */
#define LEAST_RANGE 1e-12f
#define MOST_VALUE 1e9f

/* Four values at a time: compilers do not find vectors in sums of floats by themselves, and this
 * is where converting a model spends its time (twice as long without). */
typedef float Four __attribute__ ((vector_size (16)));
#ifndef __SSE2__
typedef gint32 FourMask __attribute__ ((vector_size (16)));
#endif

static inline Four
load (const float *values)
{
  Four four;
  memcpy (&four, values, sizeof four);
  return four;
}

static inline Four
spread (float value)
{
  return (Four){ value, value, value, value };
}

static inline Four
clamp_four (Four value, Four least, Four most)
{
#ifdef __SSE2__
  return _mm_min_ps (_mm_max_ps (value, least), most);
#else
  FourMask above = value > least;
  value = (Four) (((FourMask) value & above) | ((FourMask) least & ~above));
  FourMask below = value < most;
  return (Four) (((FourMask) value & below) | ((FourMask) most & ~below));
#endif
}

/* Nearest whole numbers, ties to even, of values far below 2^22. */
static inline Four
round_four (Four value)
{
  return value + 12582912.0f - 12582912.0f;
}

static inline float
total (Four sum)
{
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static inline float
clamp (float value, float least, float most)
{
  float raised = value > least ? value : least;
  return raised < most ? raised : most;
}

void
iv_quant_prepare (const float *values, guint n, float *x, float *weights)
{
  float squares = 0;
  for (guint i = 0; i < n; i++) {
    x[i] = isfinite (values[i]) ? clamp (values[i], -MOST_VALUE, MOST_VALUE) : 0;
    squares += x[i] * x[i];
  }
  float inverse = squares > 0 ? 1 / sqrtf (squares / (float) n) : 0;
  for (guint i = 0; i < n; i++)
    weights[i] = 1 + fabsf (x[i]) * inverse;
}

/* --- step and base ------------------------------------------------------------------------ */

/* What the normal equations need: sums of weights times powers of q and x. */
typedef struct {
  float w, x; /* of the block */
  float q, qq, qx;
} Moments;

static void
sum_block (const float *x, const float *weights, guint n, Moments *m)
{
  Four w = { 0 }, wx = { 0 };
  for (guint i = 0; i < n; i += IV_QUANT_LANES) {
    Four weight = load (weights + i);
    w += weight;
    wx += weight * load (x + i);
  }
  *m = (Moments){ .w = total (w), .x = total (wx) };
}

/* How values become levels: the nearest to (x + shift) * inverse between least and most. */
typedef struct {
  float shift, inverse, least, most;
} Rounding;

static inline Four
round_values (const Rounding *rounding, Four x)
{
  return round_four (clamp_four ((x + rounding->shift) * rounding->inverse,
                                 spread (rounding->least),
                                 spread (rounding->most)));
}

static void
sum_levels (const float *x, const float *weights, guint n, const Rounding *rounding, Moments *m)
{
  Four q = { 0 }, qq = { 0 }, qx = { 0 };
  for (guint i = 0; i < n; i += IV_QUANT_LANES) {
    Four value = load (x + i), level = round_values (rounding, value);
    Four weighted = load (weights + i) * level;
    q += weighted;
    qq += weighted * level;
    qx += weighted * value;
  }
  m->q = total (q);
  m->qq = total (qq);
  m->qx = total (qx);
}

/* The best step and base for the levels summed, and their error less the part no choice changes. */
static float
solve_affine (const Moments *m, IvQuantAffine *fit)
{
  float determinant = m->w * m->qq - m->q * m->q;
  float step = 0, offset = 0;
  if (determinant > 0) {
    step = (m->w * m->qx - m->x * m->q) / determinant;
    offset = (m->qq * m->x - m->q * m->qx) / determinant;
  }
  if (determinant <= 0 || offset > 0) { /* a base below zero cannot be stored */
    offset = 0;
    step = m->qq > 0 ? m->qx / m->qq : 0;
  }
  *fit = (IvQuantAffine){ MAX (step, 0), -offset };
  return fit->step * (fit->step * m->qq - 2 * m->qx) + offset * (offset * m->w - 2 * m->x) +
         2 * fit->step * offset * m->q;
}

IvQuantAffine
iv_quant_fit_affine (const float *x, const float *weights, guint n, guint most)
{
  /* Parts of a step by which the range is stretched: the extremes may be cut or may be given
   * room. */
  static const float stretches[] = { 0, -0.9f, -0.6f, -0.3f, 0.3f, 0.6f };
  float low = 0, high = 0, best = 0;
  IvQuantAffine found = { 0 };
  Moments m;
  for (guint i = 0; i < n; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  if (!(high - low > LEAST_RANGE))
    return found;
  sum_block (x, weights, n, &m);
  for (guint i = 0; i < G_N_ELEMENTS (stretches); i++) {
    IvQuantAffine fit;
    float inverse = ((float) most + stretches[i]) / (high - low);
    Rounding rounding = { -low, inverse, 0, (float) most };
    for (guint turn = 0; turn < 2; turn++) {
      sum_levels (x, weights, n, &rounding, &m);
      float error = solve_affine (&m, &fit);
      if (error < best) {
        best = error;
        found = fit;
      }
      if (!(fit.step > LEAST_RANGE))
        break;
      rounding.inverse = 1 / fit.step;
      rounding.shift = fit.base;
    }
  }
  return found;
}

static float
round_levels (const float *x,
              const float *weights,
              guint n,
              const Rounding *rounding,
              float step,
              guint8 *q)
{
  Four errors = { 0 };
  for (guint i = 0; i < n; i += IV_QUANT_LANES) {
    Four value = load (x + i), level = round_values (rounding, value);
    Four error = level * step - rounding->shift - value;
    errors += load (weights + i) * error * error;
    for (guint l = 0; q != NULL && l < IV_QUANT_LANES; l++)
      q[i + l] = (guint8) (gint) (level[l] - rounding->least);
  }
  return total (errors);
}

static float
invert (float step)
{
  return fabsf (step) > LEAST_RANGE ? 1 / step : 0;
}

float
iv_quant_round_affine (const float *x,
                       const float *weights,
                       guint n,
                       guint most,
                       IvQuantAffine fit,
                       guint8 *q)
{
  Rounding rounding = { fit.base, invert (fit.step), 0, (float) most };
  return round_levels (x, weights, n, &rounding, fit.step, q);
}

/* --- a step alone ------------------------------------------------------------------------- */

float
iv_quant_fit_symmetric (const float *x, const float *weights, guint n, guint half)
{
  static const float stretches[] = { 0, -1.2f, -0.8f, -0.4f, 0.4f, 0.8f };
  float extreme = 0, best = 0, found = 0;
  Moments m;
  for (guint i = 0; i < n; i++)
    extreme = fabsf (x[i]) > fabsf (extreme) ? x[i] : extreme;
  if (!(fabsf (extreme) > LEAST_RANGE))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (stretches); i++) {
    /* The extreme goes to the side that has a level more. */
    float inverse = -((float) half + stretches[i]) / extreme;
    Rounding rounding = { 0, inverse, -(float) half, (float) half - 1 };
    for (guint turn = 0; turn < 2; turn++) {
      sum_levels (x, weights, n, &rounding, &m);
      if (!(m.qq > 0))
        break;
      float step = m.qx / m.qq, gain = step * m.qx;
      if (gain > best) {
        best = gain;
        found = step;
      }
      if (!(fabsf (step) > LEAST_RANGE))
        break;
      rounding.inverse = 1 / step;
    }
  }
  return found;
}

float
iv_quant_round_symmetric (const float *x,
                          const float *weights,
                          guint n,
                          guint half,
                          float step,
                          guint8 *q)
{
  Rounding rounding = { 0, invert (step), -(float) half, (float) half - 1 };
  return round_levels (x, weights, n, &rounding, step, q);
}
