/* Quantised super-blocks of 256 weights: Q2_K to Q6_K and IQ4_XS.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-quant-blocks.h"

#include "model/files/iv-half.h"

enum { BLOCK = 256 };

/* Scale and minimum of sub-block j (0..7) of Q4_K and Q5_K: six bits each, packed in 12 bytes. */
static void
unpack_scale (const guint8 *s, guint j, guint8 *scale, guint8 *minimum)
{
  if (j < 4) {
    *scale = s[j] & 63;
    *minimum = s[j + 4] & 63;
  } else {
    *scale = (guint8) ((s[j + 4] & 15) | (s[j - 4] >> 6) << 4);
    *minimum = (guint8) (s[j + 4] >> 4 | (s[j] >> 6) << 4);
  }
}

/* u8 scales[16] (low half scale, high half minimum), u8 qs[64], half d, half dmin.
 * Each half of 128 values lies in 32 bytes: shift 0, 2, 4, 6 gives 32 values each. */
void
iv_q2_k_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 84, values += BLOCK) {
    const guint8 *scales = data, *qs = data + 16;
    float d = iv_half_load (data + 80), dmin = iv_half_load (data + 82);
    for (guint e = 0; e < BLOCK; e++) {
      guint8 scale = scales[e / 16];
      guint q = qs[e / 128 * 32 + e % 32] >> (e % 128 / 32 * 2) & 3;
      values[e] = d * (float) (scale & 15) * (float) q - dmin * (float) (scale >> 4);
    }
  }
}

/* The 16 six-bit scales of Q3_K in 12 bytes: four low bits in the first 8 (low halves, then high
 * halves), two high bits in the last 4. */
static gint
unpack_q3_scale (const guint8 *s, guint j)
{
  guint low = j < 8 ? s[j] & 15 : s[j - 8] >> 4;
  guint high = s[8 + j % 4] >> (j / 4 * 2) & 3;
  return (gint) (low | high << 4) - 32;
}

/* u8 hmask[32], u8 qs[64], u8 scales[12], half d. A clear bit of hmask takes 4 away. */
void
iv_q3_k_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 110, values += BLOCK) {
    const guint8 *hmask = data, *qs = data + 32, *scales = data + 96;
    float d = iv_half_load (data + 108);
    for (guint e = 0; e < BLOCK; e++) {
      gint q = qs[e / 128 * 32 + e % 32] >> (e % 128 / 32 * 2) & 3;
      gint high = hmask[e % 32] >> (e / 32) & 1;
      float scale = d * (float) unpack_q3_scale (scales, e / 16);
      values[e] = scale * (float) (q - (high != 0 ? 0 : 4));
    }
  }
}

/* half d, half dmin, u8 scales[12], u8 qs[128]. */
void
iv_q4_k_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 144, values += BLOCK) {
    float d = iv_half_load (data), dmin = iv_half_load (data + 2);
    const guint8 *qs = data + 16;
    for (guint j = 0; j < 8; j++) {
      guint8 scale, minimum;
      unpack_scale (data + 4, j, &scale, &minimum);
      float step = d * scale, base = dmin * minimum;
      for (guint l = 0; l < 32; l++)
        values[32 * j + l] = step * (float) (qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15) - base;
    }
  }
}

/* half d, half dmin, u8 scales[12], u8 qh[32], u8 qs[128]. */
void
iv_q5_k_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 176, values += BLOCK) {
    float d = iv_half_load (data), dmin = iv_half_load (data + 2);
    const guint8 *qh = data + 16, *qs = data + 48;
    for (guint j = 0; j < 8; j++) {
      guint8 scale, minimum;
      unpack_scale (data + 4, j, &scale, &minimum);
      float step = d * scale, base = dmin * minimum;
      for (guint l = 0; l < 32; l++) {
        gint q = (qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15) | (qh[l] >> j & 1) << 4;
        values[32 * j + l] = step * (float) q - base;
      }
    }
  }
}

/* u8 ql[128], u8 qh[64], i8 scales[16], half d. */
void
iv_q6_k_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 210, values += BLOCK) {
    float d = iv_half_load (data + 208);
    for (guint e = 0; e < BLOCK; e++) {
      guint half = e / 128, quarter = e % 128 / 32, l = e % 32;
      guint low = data[half * 64 + quarter % 2 * 32 + l] >> (quarter / 2 * 4) & 15;
      guint high = data[128 + half * 32 + l] >> (quarter * 2) & 3;
      float scale = d * (float) (gint8) data[192 + e / 16];
      values[e] = scale * (float) ((gint) (low | high << 4) - 32);
    }
  }
}

/* half d, u16 scales_h, u8 scales_l[4], u8 qs[128]. */
void
iv_iq4_xs_to_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 136, values += BLOCK) {
    float d = iv_half_load (data);
    guint scales_high = iv_u16_load (data + 2);
    for (guint j = 0; j < 8; j++) {
      guint low = data[4 + j / 2] >> (j % 2 * 4) & 15;
      gint scale = (gint) (low | (scales_high >> (2 * j) & 3) << 4) - 32;
      const guint8 *qs = data + 8 + 16 * j;
      for (guint l = 0; l < 16; l++) {
        values[32 * j + l] = d * (float) scale * (float) iv_iq4_levels[qs[l] & 15];
        values[32 * j + l + 16] = d * (float) scale * (float) iv_iq4_levels[qs[l] >> 4];
      }
    }
  }
}
