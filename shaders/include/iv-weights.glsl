/* Unpacks weights of IV_FORMAT (see iv-shared-linear.h): texels to vec4s, without their scale.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_WEIGHTS_GLSL
#define IV_WEIGHTS_GLSL

#include "shaders/include/iv-shared-linear.h"

/* TEXELS: of a block of 32. QUADS: vec4s in a texel. */
#if IV_FORMAT == IV_FORMAT_F32
#define TEXELS 8
#define QUADS 1
#elif IV_FORMAT == IV_FORMAT_F16 || IV_FORMAT == IV_FORMAT_BF16
#define TEXELS 4
#define QUADS 2
#elif IV_FORMAT >= IV_FORMAT_Q4
#define TEXELS 1
#define QUADS 8
#else
#define TEXELS 2
#define QUADS 4
#endif

/* HAS_MINIMUM: M and SM. SPLIT: a scale for each half of a block. */
#define HAS_MINIMUM                                                                               \
  (IV_FORMAT == IV_FORMAT_Q8M || IV_FORMAT == IV_FORMAT_Q8SM || IV_FORMAT == IV_FORMAT_Q4M ||     \
   IV_FORMAT == IV_FORMAT_Q4SM)
#define SPLIT (IV_FORMAT == IV_FORMAT_Q8S || IV_FORMAT == IV_FORMAT_Q8SM)

/* Scale texels of the CPU layout for eight row groups, SCALES of a block, SUPERS of eight. */
#if IV_FORMAT < IV_FORMAT_Q8
#define SCALES 0
#elif IV_FORMAT == IV_FORMAT_Q8M || IV_FORMAT == IV_FORMAT_Q8SM || IV_FORMAT == IV_FORMAT_Q4M
#define SCALES 2
#else
#define SCALES 1
#endif
#if IV_FORMAT == IV_FORMAT_Q8SM || IV_FORMAT == IV_FORMAT_Q4SM
#define SUPERS 2
#elif IV_FORMAT == IV_FORMAT_Q8S
#define SUPERS 1
#else
#define SUPERS 0
#endif

/* Bytes and nibbles are not shifted down but masked, which leaves 256^c or 16^c times the value:
 * exact in F32. The activations are divided by it instead, once for all rows. */
#if IV_FORMAT >= IV_FORMAT_Q4
#define X_FACTORS vec4 (1.0, 1.0 / 16.0, 1.0 / 256.0, 1.0 / 4096.0)
#elif IV_FORMAT >= IV_FORMAT_Q8
#define X_FACTORS vec4 (1.0, 1.0 / 256.0, 1.0 / 65536.0, 1.0)
#else
#define X_FACTORS vec4 (1.0)
#endif
#if IV_FORMAT == IV_FORMAT_Q4
#define BIAS 8.0
#elif IV_FORMAT == IV_FORMAT_Q8 || IV_FORMAT == IV_FORMAT_Q8S
#define BIAS 128.0
#else
#define BIAS 0.0
#endif

/* Vec4 i of a texel, to be multiplied with activations that carry X_FACTORS. */
vec4
unpack_quad (uvec4 texel, int i)
{
#if IV_FORMAT == IV_FORMAT_F32
  return uintBitsToFloat (texel);
#elif IV_FORMAT == IV_FORMAT_F16
  return vec4 (unpackHalf2x16 (texel[2 * i]), unpackHalf2x16 (texel[2 * i + 1]));
#elif IV_FORMAT == IV_FORMAT_BF16
  uint a = texel[2 * i], b = texel[2 * i + 1];
  return uintBitsToFloat (uvec4 (a << 16, a & 0xffff0000u, b << 16, b & 0xffff0000u));
#elif IV_FORMAT >= IV_FORMAT_Q4
  int q = int ((i & 1) == 0 ? texel[i >> 1] : texel[i >> 1] >> 16);
  return vec4 (q & 0xf, q & 0xf0, q & 0xf00, q & 0xf000);
#else
  uint q = texel[i];
  return vec4 (int (q & 0xffu), int (q & 0xff00u), int (q & 0xff0000u), int (q >> 24));
#endif
}

/* Half r of a texel of eight, and byte i of a word, signed. */
float
get_half (uvec4 texel, int r)
{
  return unpackHalf2x16 (texel[r / 2])[r % 2];
}

float
get_byte (uint word, int i)
{
  return float (bitfieldExtract (int (word), 8 * i, 8));
}

#if SCALES > 0
/* CPU layout: scale and minimum of half h of a block for row group r, from the block's texels s and
 * the d and m of its eight blocks, where there are such. */
float
get_scale (uvec4 s[SCALES], float d, int r, int h)
{
#if SUPERS > 0
  return d * get_byte (s[0][2 * h + r / 4], r % 4);
#else
  return get_half (s[0], r);
#endif
}

#if HAS_MINIMUM
float
get_minimum (uvec4 s[SCALES], float m, int r, int h)
{
#if IV_FORMAT == IV_FORMAT_Q4SM
  return m * get_byte (s[0][2 + r / 4], r % 4);
#elif SUPERS > 0
  return m * get_byte (s[1][2 * h + r / 4], r % 4);
#else
  return get_half (s[1], r);
#endif
}
#endif
#endif

#endif
