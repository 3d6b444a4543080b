/* Reads packed weights of IV_FORMAT in the GPU layout: row by row, blocks of 32.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_GPU_WEIGHTS_GLSL
#define IV_GPU_WEIGHTS_GLSL

#include "shaders/include/iv-weights.glsl"

layout(std430, binding = 0) readonly buffer Weights { uvec4 weights[]; };
layout(std430, binding = 1) readonly buffer Scales { uint scales[]; };

/* x scale and y minimum of quad i of a block: v * x - y, bias included. block: row * blocks + b. */
vec2
load_scale (uint block, int quad)
{
#if SCALES == 0
  return vec2 (1.0, 0.0);
#elif SUPERS > 0
  /* Words: d and m, then two or four bytes of each block. */
  const uint bytes = 2 * SCALES;
  uint super = block / IV_SUPER_BLOCKS * (1 + bytes * IV_SUPER_BLOCKS / 4);
  uint at = block % IV_SUPER_BLOCKS * bytes;
  uint word = scales[super + 1 + at / 4] >> 8 * (at % 4);
  vec2 d = unpackHalf2x16 (scales[super]);
#if IV_FORMAT == IV_FORMAT_Q4SM
  return d * vec2 (get_byte (word, 0), get_byte (word, 1));
#elif HAS_MINIMUM
  return d * vec2 (get_byte (word, quad / 4), get_byte (word, 2 + quad / 4));
#else
  float scale = d.x * get_byte (word, quad / 4);
  return vec2 (scale, scale * BIAS);
#endif
#elif HAS_MINIMUM
  return unpackHalf2x16 (scales[block]);
#else
  float scale = unpackHalf2x16 (scales[block >> 1])[block & 1u];
  return vec2 (scale, scale * BIAS);
#endif
}

/* Four weights: quad (0 … 7) of a block. */
vec4
load_weights (uint block, int quad)
{
  vec2 scale = load_scale (block, quad);
  uvec4 texel = weights[block * TEXELS + uint (quad / QUADS)];
  return unpack_quad (texel, quad % QUADS) * X_FACTORS * scale.x - scale.y;
}

#endif
