/* F32 weights to blocks whose scales are fitted: Q5_0, Q4_K, Q5_K and Q6_K.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-quant-blocks.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-half.h"
#include "model/files/iv-quant-fit.h"

enum { BLOCK = 256, PART = 32, N_PARTS = 8, PART_6 = 16, N_PARTS_6 = 16 };
enum { MOST_SCALE = 63 };
/* Levels, then the scale of all parts fitted to them, N_TURNS times. Before the last turn the parts
 * look for better scales of their own: doing so in each turn lowers the error by 0.4 % more and
 * takes half as long again. */
enum { N_TURNS = 2, SEARCH_TURN = 1 };
#define MOST_HALF 65504.0f

static float
round_to_half (float value)
{
  return iv_half_to_float (iv_half_from_float (CLAMP (value, -MOST_HALF, MOST_HALF)));
}

/* --- Q4_K and Q5_K ------------------------------------------------------------------------ */

/* A block in the making: value = d * scale[j] * q - dmin * minimum[j]. */
typedef struct {
  float x[BLOCK], weights[BLOCK];
  guint most; /* the highest level: 15 or 31 */
  float d, dmin;
  guint8 scale[N_PARTS], minimum[N_PARTS];
  guint8 q[BLOCK];
} Affine;

static IvQuantAffine
get_part (const Affine *a, guint scale, guint minimum)
{
  return (IvQuantAffine){ a->d * (float) scale, a->dmin * (float) minimum };
}

static float
try_part (const Affine *a, guint j, guint scale, guint minimum, guint8 *q)
{
  return iv_quant_round_affine (
      a->x + j * PART, a->weights + j * PART, PART, a->most, get_part (a, scale, minimum), q);
}

static guint8
round_scale (float value, float unit)
{
  float ratio = unit > 0 ? value / unit : 0;
  return (guint8) CLAMP (lrintf (MIN (ratio, 2.0f * MOST_SCALE)), 0, MOST_SCALE);
}

/* d and dmin so that the largest scale and minimum become 63; the parts' own from there. */
static void
start_affine (Affine *a)
{
  IvQuantAffine fits[N_PARTS];
  float step = 0, base = 0;
  for (guint j = 0; j < N_PARTS; j++) {
    fits[j] = iv_quant_fit_affine (a->x + j * PART, a->weights + j * PART, PART, a->most);
    step = MAX (step, fits[j].step);
    base = MAX (base, fits[j].base);
  }
  a->d = round_to_half (step / MOST_SCALE);
  a->dmin = round_to_half (base / MOST_SCALE);
  for (guint j = 0; j < N_PARTS; j++) {
    a->scale[j] = round_scale (fits[j].step, a->d);
    a->minimum[j] = round_scale (fits[j].base, a->dmin);
  }
}

/* Scale and minimum of a part were rounded apart: their neighbours may go better together. */
static void
improve_part (Affine *a, guint j)
{
  guint scale = a->scale[j], minimum = a->minimum[j];
  float best = try_part (a, j, scale, minimum, NULL);
  for (guint s = MAX (scale, 1) - 1; s <= MIN (scale + 1, MOST_SCALE); s++)
    for (guint m = MAX (minimum, 1) - 1; m <= MIN (minimum + 1, MOST_SCALE); m++) {
      float error = try_part (a, j, s, m, NULL);
      if (error < best) {
        best = error;
        a->scale[j] = (guint8) s;
        a->minimum[j] = (guint8) m;
      }
    }
}

/* d and dmin by least squares for the levels there are. */
static void
refit_affine (Affine *a)
{
  double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
  for (guint i = 0; i < BLOCK; i++) {
    double w = a->weights[i], x = a->x[i];
    double p = a->scale[i / PART] * a->q[i], m = a->minimum[i / PART];
    aa += w * p * p;
    ab -= w * p * m;
    bb += w * m * m;
    ax += w * p * x;
    bx -= w * m * x;
  }
  double determinant = aa * bb - ab * ab;
  if (determinant > 1e-9 * aa * bb && aa > 0 && bb > 0) {
    double d = (ax * bb - bx * ab) / determinant, dmin = (bx * aa - ax * ab) / determinant;
    if (d >= 0 && dmin >= 0) {
      a->d = round_to_half ((float) d);
      a->dmin = round_to_half ((float) dmin);
    }
  } else if (aa > 0 && bb <= 0) {
    a->d = round_to_half ((float) MAX (ax / aa, 0));
  }
}

static void
fit_affine (Affine *a, const float *values, guint most)
{
  a->most = most;
  iv_quant_prepare (values, BLOCK, a->x, a->weights);
  start_affine (a);
  for (guint turn = 0; turn <= N_TURNS; turn++) {
    for (guint j = 0; j < N_PARTS; j++) {
      if (turn == SEARCH_TURN)
        improve_part (a, j);
      try_part (a, j, a->scale[j], a->minimum[j], a->q + j * PART);
    }
    if (turn < N_TURNS)
      refit_affine (a);
  }
}

/* Scale and minimum of eight parts, six bits each, in 12 bytes: the reverse of reading them. */
static void
pack_scales (const Affine *a, guint8 *s)
{
  memset (s, 0, 12);
  for (guint j = 0; j < 4; j++) {
    s[j] = (guint8) (a->scale[j] | (a->scale[j + 4] >> 4) << 6);
    s[j + 4] = (guint8) (a->minimum[j] | (a->minimum[j + 4] >> 4) << 6);
    s[j + 8] = (guint8) ((a->scale[j + 4] & 15) | (a->minimum[j + 4] & 15) << 4);
  }
}

static void
pack_head (const Affine *a, guint8 *data)
{
  iv_half_store (data, a->d);
  iv_half_store (data + 2, a->dmin);
  pack_scales (a, data + 4);
}

/* The low four bits of part 2 k and of part 2 k + 1 share 32 bytes. */
static void
pack_nibbles (const Affine *a, guint8 *qs)
{
  for (guint i = 0; i < BLOCK / 2; i++) {
    const guint8 *q = a->q + i / PART * 2 * PART + i % PART;
    qs[i] = (guint8) ((q[0] & 15) | (q[PART] & 15) << 4);
  }
}

void
iv_q4_k_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  Affine a;
  for (; n_blocks > 0; n_blocks--, data += 144, values += BLOCK) {
    fit_affine (&a, values, 15);
    pack_head (&a, data);
    pack_nibbles (&a, data + 16);
  }
}

void
iv_q5_k_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  Affine a;
  for (; n_blocks > 0; n_blocks--, data += 176, values += BLOCK) {
    fit_affine (&a, values, 31);
    pack_head (&a, data);
    memset (data + 16, 0, PART);
    for (guint i = 0; i < BLOCK; i++)
      data[16 + i % PART] |= (guint8) ((a.q[i] >> 4) << (i / PART));
    pack_nibbles (&a, data + 48);
  }
}

/* --- Q6_K --------------------------------------------------------------------------------- */

/* A block in the making: value = d * scale[j] * (q - 32). */
typedef struct {
  float x[BLOCK], weights[BLOCK];
  float d;
  gint8 scale[N_PARTS_6];
  guint8 q[BLOCK];
} Symmetric;

static float
try_part_6 (const Symmetric *a, guint j, gint scale, guint8 *q)
{
  return iv_quant_round_symmetric (
      a->x + j * PART_6, a->weights + j * PART_6, PART_6, 32, a->d * (float) scale, q);
}

static void
start_symmetric (Symmetric *a)
{
  float steps[N_PARTS_6], extreme = 0;
  for (guint j = 0; j < N_PARTS_6; j++) {
    steps[j] = iv_quant_fit_symmetric (a->x + j * PART_6, a->weights + j * PART_6, PART_6, 32);
    extreme = fabsf (steps[j]) > fabsf (extreme) ? steps[j] : extreme;
  }
  a->d = round_to_half (extreme / 127);
  for (guint j = 0; j < N_PARTS_6; j++) {
    float ratio = a->d != 0 ? steps[j] / a->d : 0;
    a->scale[j] = (gint8) lrintf (CLAMP (ratio, -128.0f, 127.0f));
  }
}

static void
improve_part_6 (Symmetric *a, guint j)
{
  gint scale = a->scale[j];
  float best = try_part_6 (a, j, scale, NULL);
  for (gint s = MAX (scale - 1, -128); s <= MIN (scale + 1, 127); s++) {
    float error = try_part_6 (a, j, s, NULL);
    if (error < best) {
      best = error;
      a->scale[j] = (gint8) s;
    }
  }
}

static void
refit_symmetric (Symmetric *a)
{
  double aa = 0, ax = 0;
  for (guint i = 0; i < BLOCK; i++) {
    double p = a->scale[i / PART_6] * (a->q[i] - 32);
    aa += a->weights[i] * p * p;
    ax += a->weights[i] * p * a->x[i];
  }
  if (aa > 0)
    a->d = round_to_half ((float) (ax / aa));
}

static void
fit_symmetric (Symmetric *a, const float *values)
{
  iv_quant_prepare (values, BLOCK, a->x, a->weights);
  start_symmetric (a);
  for (guint turn = 0; turn <= N_TURNS; turn++) {
    for (guint j = 0; j < N_PARTS_6; j++) {
      if (turn == SEARCH_TURN)
        improve_part_6 (a, j);
      try_part_6 (a, j, a->scale[j], a->q + j * PART_6);
    }
    if (turn < N_TURNS)
      refit_symmetric (a);
  }
}

void
iv_q6_k_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  Symmetric a;
  for (; n_blocks > 0; n_blocks--, data += 210, values += BLOCK) {
    fit_symmetric (&a, values);
    memset (data, 0, 192);
    for (guint e = 0; e < BLOCK; e++) {
      guint half = e / 128, quarter = e % 128 / 32, l = e % 32;
      data[half * 64 + quarter % 2 * 32 + l] |= (guint8) ((a.q[e] & 15) << (quarter / 2 * 4));
      data[128 + half * 32 + l] |= (guint8) ((a.q[e] >> 4) << (quarter * 2));
    }
    memcpy (data + 192, a.scale, N_PARTS_6);
    iv_half_store (data + 208, a.d);
  }
}

/* --- Q5_0 --------------------------------------------------------------------------------- */

/* half d, u8 qh[4], u8 qs[16]. */
void
iv_q5_0_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  float x[PART], weights[PART];
  guint8 q[PART];
  for (; n_blocks > 0; n_blocks--, data += 22, values += PART) {
    guint32 high = 0;
    iv_quant_prepare (values, PART, x, weights);
    float d = round_to_half (iv_quant_fit_symmetric (x, weights, PART, 16));
    iv_quant_round_symmetric (x, weights, PART, 16, d, q);
    iv_half_store (data, d);
    for (guint i = 0; i < PART; i++)
      high |= (guint32) (q[i] >> 4) << i;
    for (guint i = 0; i < 4; i++)
      data[2 + i] = (guint8) (high >> (8 * i));
    for (guint i = 0; i < PART / 2; i++)
      data[6 + i] = (guint8) ((q[i] & 15) | (q[i + PART / 2] & 15) << 4);
  }
}
