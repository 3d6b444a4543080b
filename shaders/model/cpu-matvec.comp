#version 450
/* y[t, row] = sum over k of W[row, k] * x[t, k] (+ bias[row]) (+ y[t, row]), for CPU devices.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* W [n_out, n_in] packed in the CPU layout of iv-shared-linear.h, x and y F32 rows.
 * Work-group (tile, t): one subgroup; invocation = 8 rows of the tile, one in each row group, so
 * that neighbouring lanes read neighbouring texels. Each lane loads another vec4 of x and the
 * subgroup shares it by broadcast: loads and loop turns are what costs on software Vulkan.
 * IV_NORM: x is first divided by sqrt (mean (x[t]^2) + epsilon) and multiplied by norm[k]: every
 * work-group sums the squares anew, which is cheaper than one more dispatch.
 * Accuracy: F32 sums over blocks of 32, blocks in order. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_ballot : require
#ifdef IV_NORM
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif
#include "shaders/include/iv-weights.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(binding = 0) uniform usamplerBuffer weights;
layout(binding = 1) uniform usamplerBuffer scales;
layout(binding = 2) uniform samplerBuffer x;
layout(std430, binding = 3) readonly buffer Bias { float bias[]; };
layout(std430, binding = 4) buffer Y { float y[]; };
#ifdef IV_NORM
layout(binding = 5) uniform samplerBuffer norm;
#endif
layout(push_constant) uniform Push { IvPushLinear push; };

const int R = IV_TILE_GROUPS;

vec4 squares = vec4 (0.0); /* of what this lane loads */

/* Vec4 i of the block of x, zero from n_in on. */
vec4
load_x (int base, int i, int limit)
{
  int quad = min (i, (limit - 1) >> 2);
  bvec4 beyond = greaterThanEqual (ivec4 (4 * i) + ivec4 (0, 1, 2, 3), ivec4 (limit));
  vec4 v = mix (texelFetch (x, base + quad), vec4 (0.0), beyond);
#ifdef IV_NORM
  squares = fma (v, v, squares);
  v = mix (v * texelFetch (norm, (int (push.n_in) - limit) / 4 + quad), vec4 (0.0), beyond);
#endif
  return v;
}

/* The eight vec4s of a block for all lanes. */
void
share_x (int base, int limit, out vec4 xs[8])
{
  int lane = int (gl_SubgroupInvocationID);
  vec4 a = load_x (base, LANES >= 8 ? lane & 7 : lane, limit);
  if (LANES >= 8) {
    [[unroll]] for (int j = 0; j < 8; j++)
      xs[j] = subgroupBroadcast (a, uint (j));
  } else {
    vec4 b = load_x (base, lane + 4, limit);
    [[unroll]] for (int j = 0; j < 4; j++) {
      xs[j] = subgroupBroadcast (a, uint (j));
      xs[j + 4] = subgroupBroadcast (b, uint (j));
    }
  }
}

/* Reads one texel of each 64-byte line of a block, a line per lane: they arrive side by side while
 * this block is worked on, not one after another when they are needed. */
uint
touch (int first)
{
  uint any = 0;
  [[unroll]] for (int i = 0; i < TEXELS * R / 4; i++)
    any |= texelFetch (weights, first + 4 * (i * int (LANES) + int (gl_SubgroupInvocationID))).x;
  return any;
}

float
sum (vec4 v)
{
  return (v.x + v.y) + (v.z + v.w);
}

void
main ()
{
  int lanes = int (LANES);
  int lane = int (gl_SubgroupInvocationID);
  int blocks = int (push.n_blocks);
  int tile = int (gl_WorkGroupID.x);
  int token = int (gl_WorkGroupID.y);
  int w_at = tile * blocks * TEXELS * R * lanes + lane;
  int s_at = tile * blocks * SCALES * lanes + lane;
  int x_at = int (push.x_first + token * push.x_stride) >> 2;
  int left = int (push.n_in);
  float acc[R];
  [[unroll]] for (int r = 0; r < R; r++)
    acc[r] = 0.0;

  uint touched = 0;
  for (int block = 0; block < blocks; block++) {
#if TEXELS > 1 /* at one texel a block, the processor's own prefetching keeps up */
    touched |= touch (w_at + (block + 1 < blocks ? TEXELS * R * lanes : 0) - lane);
#endif
    vec4 xs[8];
    share_x (x_at, left, xs);
#if SCALES > 0
    float low = 0.0, high = 0.0; /* sums of the halves of x: the share of bias and minimum */
    [[unroll]] for (int j = 0; j < 4; j++) {
      low += sum (xs[j]);
      high += sum (xs[j + 4]);
    }
    [[unroll]] for (int j = 0; j < 8; j++)
      xs[j] *= X_FACTORS;
    uvec4 s[SCALES];
    [[unroll]] for (int i = 0; i < SCALES; i++)
      s[i] = texelFetch (scales, s_at + i * lanes);
#endif
    [[unroll]] for (int r = 0; r < R; r++) {
      float part[2] = { 0.0, 0.0 };
      [[unroll]] for (int j = 0; j < TEXELS; j++) {
        uvec4 texel = texelFetch (weights, w_at + (j * R + r) * lanes);
        [[unroll]] for (int i = 0; i < QUADS; i++) {
          vec4 v = unpack_quad (texel, i);
          vec4 u = xs[j * QUADS + i];
          int half_block = (j * QUADS + i) / 4;
          part[half_block] = fma (v.x, u.x, part[half_block]);
          part[half_block] = fma (v.y, u.y, part[half_block]);
          part[half_block] = fma (v.z, u.z, part[half_block]);
          part[half_block] = fma (v.w, u.w, part[half_block]);
        }
      }
#if SCALES == 0
      acc[r] += part[0] + part[1];
#elif SCALES == 1
      vec2 pair = unpackHalf2x16 (s[0][r / 2]);
      acc[r] += pair[r % 2] * (part[0] + part[1] - BIAS * (low + high));
#elif IV_FORMAT == IV_FORMAT_Q4S
      acc[r] += uintBitsToFloat (s[r / 4][r % 4]) * (part[0] + part[1]) -
                uintBitsToFloat (s[2 + r / 4][r % 4]) * (low + high);
#else
      acc[r] += uintBitsToFloat (s[r / 4][r % 4]) * (part[0] - BIAS * low) +
                uintBitsToFloat (s[2 + r / 4][r % 4]) * (part[1] - BIAS * high);
#if IV_FORMAT == IV_FORMAT_Q8M
      acc[r] -= uintBitsToFloat (s[4 + r / 4][r % 4]) * low +
                uintBitsToFloat (s[6 + r / 4][r % 4]) * high;
#endif
#endif
    }
    w_at += TEXELS * R * lanes;
    s_at += SCALES * lanes;
    x_at += 8;
    left -= 32;
  }

  if (push.n_in == 0) /* never: it keeps the touching alive */
    acc[0] += float (touched);
#ifdef IV_NORM /* with more than eight lanes, each vec4 is loaded more than once */
  float mean = subgroupAdd (sum (squares)) / float (push.n_in * max (LANES / 8, 1));
  float factor = inversesqrt (mean + push.epsilon);
  [[unroll]] for (int r = 0; r < R; r++)
    acc[r] *= factor;
#endif
  [[unroll]] for (int r = 0; r < R; r++) {
    uint row = uint ((tile * R + r) * lanes + lane);
    if (row < push.n_out) {
      uint at = push.y_first + token * push.y_stride + row;
      float value = acc[r];
      if ((push.flags & IV_LINEAR_BIAS) != 0)
        value += bias[push.bias_first + row];
      if ((push.flags & IV_LINEAR_ADD) != 0)
        value += y[at];
      y[at] = value;
    }
  }
}
