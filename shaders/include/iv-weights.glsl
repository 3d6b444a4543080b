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
#elif IV_FORMAT == IV_FORMAT_Q4 || IV_FORMAT == IV_FORMAT_Q4S
#define TEXELS 1
#define QUADS 8
#else
#define TEXELS 2
#define QUADS 4
#endif

/* SCALES: scale texels of a block for the eight row groups of the CPU layout. */
#if IV_FORMAT < IV_FORMAT_Q8
#define SCALES 0
#elif IV_FORMAT == IV_FORMAT_Q8 || IV_FORMAT == IV_FORMAT_Q4
#define SCALES 1
#elif IV_FORMAT == IV_FORMAT_Q8M
#define SCALES 8
#else
#define SCALES 4
#endif

/* Bytes and nibbles are not shifted down but masked, which leaves 256^c or 16^c times the value:
 * exact in F32. The activations are divided by it instead, once for all rows. */
#if IV_FORMAT >= IV_FORMAT_Q4
#define X_FACTORS vec4 (1.0, 1.0 / 16.0, 1.0 / 256.0, 1.0 / 4096.0)
#define BIAS 8.0
#elif IV_FORMAT >= IV_FORMAT_Q8
#define X_FACTORS vec4 (1.0, 1.0 / 256.0, 1.0 / 65536.0, 1.0)
#define BIAS 128.0
#else
#define X_FACTORS vec4 (1.0)
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
#elif IV_FORMAT == IV_FORMAT_Q4 || IV_FORMAT == IV_FORMAT_Q4S
  int q = int ((i & 1) == 0 ? texel[i >> 1] : texel[i >> 1] >> 16);
  return vec4 (q & 0xf, q & 0xf0, q & 0xf00, q & 0xf000);
#else
  uint q = texel[i];
  return vec4 (int (q & 0xffu), int (q & 0xff00u), int (q & 0xff0000u), int (q >> 24));
#endif
}

#endif
