/* Reads packed weights of IV_FORMAT in the GPU layout: row by row, blocks of 32.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_GPU_WEIGHTS_GLSL
#define IV_GPU_WEIGHTS_GLSL

#include "shaders/include/iv-weights.glsl"

layout(std430, binding = 0) readonly buffer Weights { uvec4 weights[]; };
#if IV_FORMAT == IV_FORMAT_Q4S || IV_FORMAT == IV_FORMAT_Q8S
layout(std430, binding = 1) readonly buffer Scales { vec2 scales[]; };
#elif IV_FORMAT == IV_FORMAT_Q8M
layout(std430, binding = 1) readonly buffer Scales { vec4 scales[]; };
#else
layout(std430, binding = 1) readonly buffer Scales { uint scales[]; };
#endif

/* x scale and y minimum of quad i of a block: v * x - y, bias included. block: row * blocks + b. */
vec2
load_scale (uint block, int quad)
{
#if SCALES == 0
  return vec2 (1.0, 0.0);
#elif SCALES == 1
  float scale = unpackHalf2x16 (scales[block >> 1])[block & 1u];
  return vec2 (scale, scale * BIAS);
#elif IV_FORMAT == IV_FORMAT_Q4S
  return scales[block];
#elif IV_FORMAT == IV_FORMAT_Q8S
  float scale = scales[block][quad / 4];
  return vec2 (scale, scale * BIAS);
#else
  vec4 s = scales[block];
  return vec2 (s[quad / 4], s[2 + quad / 4] + s[quad / 4] * BIAS);
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
