/* 16-bit floating point in memory: IEEE half and bfloat16, little-endian, any alignment.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline guint16
iv_u16_load (const guint8 *data)
{
  return (guint16) (data[0] | data[1] << 8);
}

static inline void
iv_u16_store (guint8 *data, guint16 value)
{
  data[0] = (guint8) value;
  data[1] = (guint8) (value >> 8);
}

static inline guint32
iv_float_bits (float value)
{
  guint32 bits;
  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static inline float
iv_float_from_bits (guint32 bits)
{
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Exact, subnormals, infinities and NaN included. */
static inline float
iv_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) /* infinity or NaN */
    return iv_float_from_bits (sign | 0x7f800000 | magnitude << 13);
  if (magnitude >= 0x0400) /* normal: the exponent's bias grows from 15 to 127 */
    return iv_float_from_bits (sign | ((magnitude << 13) + (112u << 23)));
  float value = (float) magnitude * 0x1p-24f;
  return sign != 0 ? -value : value;
}

/* Rounds to nearest, ties to even; too large becomes infinity. */
static inline guint16
iv_half_from_float (float value)
{
  guint32 bits = iv_float_bits (value);
  guint16 sign = (guint16) (bits >> 16 & 0x8000);
  guint32 magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  if (magnitude >= 0x477ff000) /* rounds to 65536 or more */
    return sign | 0x7c00;
  if (magnitude < 0x38800000) { /* below the least normal half: a multiple of 2^-24 */
    float scaled = iv_float_from_bits (magnitude) * 0x1p24f;
    guint32 whole = (guint32) scaled;
    float rest = scaled - (float) whole;
    if (rest > 0.5f || (rest == 0.5f && (whole & 1) != 0))
      whole++;
    return (guint16) (sign | whole);
  }
  guint32 rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return (guint16) (sign | ((rounded >> 13) - (112u << 10)));
}

static inline float
iv_half_load (const guint8 *data)
{
  return iv_half_to_float (iv_u16_load (data));
}

static inline void
iv_half_store (guint8 *data, float value)
{
  iv_u16_store (data, iv_half_from_float (value));
}

static inline float
iv_bf16_load (const guint8 *data)
{
  return iv_float_from_bits ((guint32) iv_u16_load (data) << 16);
}

/* Rounds to nearest, ties to even. */
static inline void
iv_bf16_store (guint8 *data, float value)
{
  guint32 bits = iv_float_bits (value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    bits |= 0x00400000; /* keep a NaN a NaN */
  else
    bits += 0x7fff + (bits >> 16 & 1);
  iv_u16_store (data, (guint16) (bits >> 16));
}

G_END_DECLS
