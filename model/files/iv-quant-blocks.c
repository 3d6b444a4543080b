/* Quantised blocks of 32 weights: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-quant-blocks.h"

#include <math.h>

#include "model/files/iv-half.h"

enum { BLOCK = 32, HALF_BLOCK = 16 };

const gint8 iv_iq4_levels[16] = { -127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113 };

/* In all four-bit types, byte j holds value j in its low and value j + 16 in its high half. */

void
iv_q4_0_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 18, values += BLOCK) {
    float d = iv_half_load (data);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      guint8 q = data[2 + j];
      values[j] = d * (float) ((q & 15) - 8);
      values[j + HALF_BLOCK] = d * (float) ((q >> 4) - 8);
    }
  }
}

void
iv_q4_1_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 20, values += BLOCK) {
    float d = iv_half_load (data), m = iv_half_load (data + 2);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      guint8 q = data[4 + j];
      values[j] = d * (float) (q & 15) + m;
      values[j + HALF_BLOCK] = d * (float) (q >> 4) + m;
    }
  }
}

/* The fifth bits of a block: bit j belongs to value j. */
static guint32
load_high_bits (const guint8 *data)
{
  return iv_u16_load (data) | (guint32) iv_u16_load (data + 2) << 16;
}

void
iv_q5_0_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 22, values += BLOCK) {
    float d = iv_half_load (data);
    guint32 high = load_high_bits (data + 2);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      guint8 q = data[6 + j];
      gint low_value = (q & 15) | (gint) (high >> j & 1) << 4;
      gint high_value = q >> 4 | (gint) (high >> (j + HALF_BLOCK) & 1) << 4;
      values[j] = d * (float) (low_value - 16);
      values[j + HALF_BLOCK] = d * (float) (high_value - 16);
    }
  }
}

void
iv_q5_1_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 24, values += BLOCK) {
    float d = iv_half_load (data), m = iv_half_load (data + 2);
    guint32 high = load_high_bits (data + 4);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      guint8 q = data[8 + j];
      gint low_value = (q & 15) | (gint) (high >> j & 1) << 4;
      gint high_value = q >> 4 | (gint) (high >> (j + HALF_BLOCK) & 1) << 4;
      values[j] = d * (float) low_value + m;
      values[j + HALF_BLOCK] = d * (float) high_value + m;
    }
  }
}

void
iv_q8_0_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 34, values += BLOCK) {
    float d = iv_half_load (data);
    for (guint j = 0; j < BLOCK; j++)
      values[j] = d * (float) (gint8) data[2 + j];
  }
}

void
iv_iq4_nl_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 18, values += BLOCK) {
    float d = iv_half_load (data);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      guint8 q = data[2 + j];
      values[j] = d * (float) iv_iq4_levels[q & 15];
      values[j + HALF_BLOCK] = d * (float) iv_iq4_levels[q >> 4];
    }
  }
}

/* The value of largest magnitude, with its sign; what is not finite counts as 0. */
static float
find_extreme (const float *values)
{
  float extreme = 0;
  for (guint j = 0; j < BLOCK; j++)
    if (isfinite (values[j]) && fabsf (values[j]) > fabsf (extreme))
      extreme = values[j];
  return extreme;
}

/* 1/d, or 0 when the block is all zero. The scale as it was stored counts, not the one that was
 * wanted: its rounding would else be paid for by the largest values. */
static float
invert_scale (const guint8 *data)
{
  float d = iv_half_load (data);
  return d != 0 && isfinite (d) ? 1 / d : 0;
}

static gint
round_level (float value, float inverse, gint least, gint most)
{
  float scaled = value * inverse;
  if (!isfinite (scaled))
    scaled = isfinite (value) ? copysignf ((float) most, value) : 0;
  return CLAMP ((gint) lrintf (CLAMP (scaled, -1000.0f, 1000.0f)), least, most);
}

/* Keeps a scale finite: 65504 is the largest half. */
static void
store_scale (guint8 *data, float d)
{
  iv_half_store (data, CLAMP (d, -65504.0f, 65504.0f));
}

void
iv_q8_0_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 34, values += BLOCK) {
    store_scale (data, fabsf (find_extreme (values)) / 127);
    float inverse = invert_scale (data);
    for (guint j = 0; j < BLOCK; j++)
      data[2 + j] = (guint8) (gint8) round_level (values[j], inverse, -127, 127);
  }
}

/* The value of largest magnitude becomes level -8, which the positive side does not have. */
void
iv_q4_0_from_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 18, values += BLOCK) {
    store_scale (data, find_extreme (values) / -8);
    float inverse = invert_scale (data);
    for (guint j = 0; j < HALF_BLOCK; j++) {
      gint low = round_level (values[j], inverse, -8, 7) + 8;
      gint high = round_level (values[j + HALF_BLOCK], inverse, -8, 7) + 8;
      data[2 + j] = (guint8) (low | high << 4);
    }
  }
}
