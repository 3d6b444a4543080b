/* Quantised blocks of every published type taken apart into integers and scales.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-pack-block.h"

#include "model/files/iv-half.h"

/* The sixteen values of IQ4_NL and IQ4_XS. */
static const gint8 iq4_values[16] = { -127, -104, -83, -65, -49, -35, -22, -10,
                                      1,    13,   25,  38,  53,  69,  89,  113 };

static void
set_integers (IvPackBlock *b, int scale, int minimum)
{
  b->scale[0] = b->scale[1] = (gint8) scale;
  b->minimum[0] = b->minimum[1] = (gint8) minimum;
}

/* F16 d at data, and no minimum. */
static void
set_scale (IvPackBlock *b, const guint8 *data)
{
  b->d = iv_u16_load (data);
  b->m = 0;
  set_integers (b, 1, 0);
}

/* F16 d at data, and behind it what is added to all weights. */
static void
set_scale_and_sum (IvPackBlock *b, const guint8 *data)
{
  b->d = iv_u16_load (data);
  b->m = iv_u16_load (data + 2) ^ 0x8000;
  set_integers (b, 1, 1);
}

/* 16 bytes: low nibbles are weights 0 … 15, high ones 16 … 31; less `bias`. */
static void
read_nibbles (IvPackBlock *b, const guint8 *bytes, int bias)
{
  for (guint j = 0; j < 16; j++) {
    b->q[j] = (gint8) ((bytes[j] & 15) - bias);
    b->q[j + 16] = (gint8) ((bytes[j] >> 4) - bias);
  }
}

static void
read_table (IvPackBlock *b, const guint8 *bytes)
{
  for (guint j = 0; j < 16; j++) {
    b->q[j] = iq4_values[bytes[j] & 15];
    b->q[j + 16] = iq4_values[bytes[j] >> 4];
  }
}

/* Adds 16 where bit j of high is set. */
static void
add_fifth_bits (IvPackBlock *b, const guint8 *high)
{
  for (guint j = 0; j < 32; j++)
    b->q[j] = (gint8) (b->q[j] + (((high[j / 8] >> (j % 8)) & 1) << 4));
}

/* Scale and minimum j of the twelve bytes of Q4_K and Q5_K. */
static void
read_k_scale (const guint8 *s, guint j, guint *scale, guint *minimum)
{
  if (j < 4) {
    *scale = s[j] & 63;
    *minimum = s[j + 4] & 63;
  } else {
    *scale = (s[j + 4] & 15u) | ((s[j - 4] >> 6u) << 4);
    *minimum = (s[j + 4] >> 4u) | ((s[j] >> 6u) << 4);
  }
}

static void
read_q4_k (IvPackBlock *b, const guint8 *data, guint part, const guint8 *quants)
{
  guint scale, minimum;
  read_k_scale (data + 4, part, &scale, &minimum);
  for (guint j = 0; j < 32; j++) {
    guint byte = quants[part / 2 * 32 + j];
    b->q[j] = (gint8) (part % 2 == 0 ? byte & 15 : byte >> 4);
  }
  b->d = iv_u16_load (data);
  b->m = iv_u16_load (data + 2);
  set_integers (b, (int) scale, (int) minimum);
}

static void
read_q5_k (IvPackBlock *b, const guint8 *data, guint part)
{
  read_q4_k (b, data, part, data + 48);
  for (guint j = 0; j < 32; j++)
    b->q[j] = (gint8) (b->q[j] + (((data[16 + j] >> part) & 1) << 4));
}

static void
read_q6_k (IvPackBlock *b, const guint8 *data, guint part)
{
  guint half = part / 4, quarter = part % 4;
  const guint8 *low = data + 64 * half + 32 * (quarter & 1);
  const guint8 *high = data + 128 + 32 * half;
  const gint8 *scales = (const gint8 *) data + 192 + 8 * half + 2 * quarter;
  for (guint j = 0; j < 32; j++) {
    guint bits = quarter < 2 ? low[j] & 15u : low[j] >> 4u;
    bits |= ((high[j] >> (2 * quarter)) & 3u) << 4;
    b->q[j] = (gint8) ((int) bits - 32);
  }
  set_scale (b, data + 208);
  b->scale[0] = scales[0];
  b->scale[1] = scales[1];
}

static void
read_q2_k (IvPackBlock *b, const guint8 *data, guint part)
{
  const guint8 *quants = data + 16 + 32 * (part / 4);
  for (guint j = 0; j < 32; j++)
    b->q[j] = (gint8) ((quants[j] >> (2 * (part % 4))) & 3);
  b->d = iv_u16_load (data + 80);
  b->m = iv_u16_load (data + 82);
  for (guint i = 0; i < 2; i++) {
    b->scale[i] = data[2 * part + i] & 15;
    b->minimum[i] = data[2 * part + i] >> 4;
  }
}

/* Scale j of the twelve bytes of Q3_K: four low bits, then two high ones. */
static gint8
read_q3_scale (const guint8 *s, guint j)
{
  guint low = j < 8 ? s[j] & 15u : s[j - 8] >> 4u;
  guint high = (s[8 + j % 4] >> (2 * (j / 4))) & 3u;
  return (gint8) ((int) (low | high << 4) - 32);
}

static void
read_q3_k (IvPackBlock *b, const guint8 *data, guint part)
{
  const guint8 *quants = data + 32 + 32 * (part / 4);
  for (guint j = 0; j < 32; j++) {
    int low = (quants[j] >> (2 * (part % 4))) & 3;
    b->q[j] = (gint8) (low - (((data[j] >> part) & 1) != 0 ? 0 : 4));
  }
  set_scale (b, data + 108);
  b->scale[0] = read_q3_scale (data + 96, 2 * part);
  b->scale[1] = read_q3_scale (data + 96, 2 * part + 1);
}

static void
read_iq4_xs (IvPackBlock *b, const guint8 *data, guint part)
{
  guint low = (data[4 + part / 2] >> (4 * (part % 2))) & 15u;
  guint high = ((guint) iv_u16_load (data + 2) >> (2 * part)) & 3u;
  read_table (b, data + 8 + 16 * part);
  set_scale (b, data);
  set_integers (b, (int) (low | high << 4) - 32, 0);
}

void
iv_pack_block_read (IvDataType type, const guint8 *data, guint block, IvPackBlock *b)
{
  guint parts = iv_data_type_get_block_elements (type) / 32;
  guint part = block % parts;
  data += (gsize) (block / parts) * iv_data_type_get_block_bytes (type);
  switch (type) {
  case IV_TYPE_Q8_0:
    set_scale (b, data);
    memcpy (b->q, data + 2, 32);
    break;
  case IV_TYPE_Q4_0:
    set_scale (b, data);
    read_nibbles (b, data + 2, 8);
    break;
  case IV_TYPE_Q4_1:
    set_scale_and_sum (b, data);
    read_nibbles (b, data + 4, 0);
    break;
  case IV_TYPE_Q5_0:
    set_scale (b, data);
    read_nibbles (b, data + 6, 16);
    add_fifth_bits (b, data + 2);
    break;
  case IV_TYPE_Q5_1:
    set_scale_and_sum (b, data);
    read_nibbles (b, data + 8, 0);
    add_fifth_bits (b, data + 4);
    break;
  case IV_TYPE_IQ4_NL:
    set_scale (b, data);
    read_table (b, data + 2);
    break;
  case IV_TYPE_Q4_K:
    read_q4_k (b, data, part, data + 16);
    break;
  case IV_TYPE_Q5_K:
    read_q5_k (b, data, part);
    break;
  case IV_TYPE_Q6_K:
    read_q6_k (b, data, part);
    break;
  case IV_TYPE_Q2_K:
    read_q2_k (b, data, part);
    break;
  case IV_TYPE_Q3_K:
    read_q3_k (b, data, part);
    break;
  case IV_TYPE_IQ4_XS:
    read_iq4_xs (b, data, part);
    break;
  case IV_TYPE_F32:
  case IV_TYPE_F16:
  case IV_TYPE_BF16:
    g_return_if_reached ();
  }
}
