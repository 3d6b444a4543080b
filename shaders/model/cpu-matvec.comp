#version 450
/* y[t, row] = sum over k of W[row, k] * x[t, k] (+ bias[row]) (+ y[t, row]), for CPU devices.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* W [n_out, n_in] packed in the CPU layout of iv-shared-linear.h, x and y F32 rows.
 * Work-group (tile, t / T): one subgroup; invocation = 8 rows of the tile, one in each row group,
 * so that neighbouring lanes read neighbouring texels. T tokens share the unpacked weights; each of
 * them gets the bits that it would get alone. Each lane loads another vec4 of x and the subgroup
 * shares it by broadcast: loads and loop turns are what costs on software Vulkan.
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
layout(constant_id = 2) const uint TOUCH = 1;
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
/* F16 d (0) and m (1) of row group r, of the eight blocks. */
#if SUPERS > 0
#define D(i, r) get_half (d[i], r)
#else
#define D(i, r) 0.0
#endif

vec4 squares[T]; /* of what this lane loads */

/* Vec4 i of the block of x of token t, zero from n_in on. */
vec4
load_x (int t, int base, int i, int limit)
{
  int quad = min (i, (limit - 1) >> 2);
  bvec4 beyond = greaterThanEqual (ivec4 (4 * i) + ivec4 (0, 1, 2, 3), ivec4 (limit));
  vec4 v = mix (texelFetch (x, base + quad), vec4 (0.0), beyond);
#ifdef IV_NORM
  squares[t] = fma (v, v, squares[t]);
  v = mix (v * texelFetch (norm, (int (push.n_in) - limit) / 4 + quad), vec4 (0.0), beyond);
#endif
  return v;
}

/* The eight vec4s of a block for all lanes. */
void
share_x (int t, int base, int limit, out vec4 xs[8])
{
  int lane = int (gl_SubgroupInvocationID);
  vec4 a = load_x (t, base, LANES >= 8 ? lane & 7 : lane, limit);
  if (LANES >= 8) {
    [[unroll]] for (int j = 0; j < 8; j++)
      xs[j] = subgroupBroadcast (a, uint (j));
  } else {
    vec4 b = load_x (t, base, lane + 4, limit);
    [[unroll]] for (int j = 0; j < 4; j++) {
      xs[j] = subgroupBroadcast (a, uint (j));
      xs[j + 4] = subgroupBroadcast (b, uint (j));
    }
  }
}

/* Reads one texel of each 64-byte line of a block, a line per lane: they arrive side by side while
 * this block is worked on, not one after another when they are needed. Whether that pays depends on
 * the processor and the format: TOUCH switches it. */
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
  int first = int (gl_WorkGroupID.y) * T;
  int last = min (first + T, int (push.n_tokens)) - 1;
  int w_at = tile * blocks * TEXELS * R * lanes + lane;
  int s_at = tile * (blocks * SCALES + blocks / IV_SUPER_BLOCKS * SUPERS) * lanes + lane;
  int x_at[T];
  int left = int (push.n_in);
  float acc[R][T];
  [[unroll]] for (int t = 0; t < T; t++) {
    x_at[t] = int (push.x_first + min (first + t, last) * push.x_stride) >> 2;
    squares[t] = vec4 (0.0);
    [[unroll]] for (int r = 0; r < R; r++)
      acc[r][t] = 0.0;
  }

  uint touched = 0;
  for (int block = 0; block < blocks; block++) {
    if (TOUCH != 0)
      touched |= touch (w_at + (block + 1 < blocks ? TEXELS * R * lanes : 0) - lane);
    vec4 xs[T][8];
    [[unroll]] for (int t = 0; t < T; t++)
      share_x (t, x_at[t], left, xs[t]);
#if SCALES > 0
    float low[T], high[T]; /* sums of the halves of x: the share of bias and minimum */
    [[unroll]] for (int t = 0; t < T; t++) {
      low[t] = high[t] = 0.0;
      [[unroll]] for (int j = 0; j < 4; j++) {
        low[t] += sum (xs[t][j]);
        high[t] += sum (xs[t][j + 4]);
      }
      [[unroll]] for (int j = 0; j < 8; j++)
        xs[t][j] *= X_FACTORS;
    }
#if SUPERS > 0
    /* Fetched anew for each block: keeping them over an inner loop of eight cost 8 % more. */
    int ahead = block % IV_SUPER_BLOCKS;
    int super = s_at - ahead * SCALES * lanes;
    uvec4 d[SUPERS];
    [[unroll]] for (int i = 0; i < SUPERS; i++)
      d[i] = texelFetch (scales, super + i * lanes);
    s_at += ahead == IV_SUPER_BLOCKS - 1 ? SUPERS * lanes : 0;
    int before = super + (ahead * SCALES + SUPERS) * lanes;
#else
    int before = s_at;
#endif
    uvec4 s[SCALES];
    [[unroll]] for (int i = 0; i < SCALES; i++)
      s[i] = texelFetch (scales, before + i * lanes);
#endif
    [[unroll]] for (int r = 0; r < R; r++) {
      float part[T][2];
      [[unroll]] for (int t = 0; t < T; t++)
        part[t][0] = part[t][1] = 0.0;
      [[unroll]] for (int j = 0; j < TEXELS; j++) {
        uvec4 texel = texelFetch (weights, w_at + (j * R + r) * lanes);
        [[unroll]] for (int i = 0; i < QUADS; i++) {
          vec4 v = unpack_quad (texel, i);
          int half_block = (j * QUADS + i) / 4;
          [[unroll]] for (int t = 0; t < T; t++) {
            vec4 u = xs[t][j * QUADS + i];
            part[t][half_block] = fma (v.x, u.x, part[t][half_block]);
            part[t][half_block] = fma (v.y, u.y, part[t][half_block]);
            part[t][half_block] = fma (v.z, u.z, part[t][half_block]);
            part[t][half_block] = fma (v.w, u.w, part[t][half_block]);
          }
        }
      }
      [[unroll]] for (int t = 0; t < T; t++) {
#if SCALES == 0
        acc[r][t] += part[t][0] + part[t][1];
#elif SPLIT
        acc[r][t] += get_scale (s, D (0, r), r, 0) * (part[t][0] - BIAS * low[t]) +
                     get_scale (s, D (0, r), r, 1) * (part[t][1] - BIAS * high[t]);
#if HAS_MINIMUM
        acc[r][t] -= get_minimum (s, D (1, r), r, 0) * low[t] +
                     get_minimum (s, D (1, r), r, 1) * high[t];
#endif
#else
        acc[r][t] +=
            get_scale (s, D (0, r), r, 0) * (part[t][0] + part[t][1] - BIAS * (low[t] + high[t]));
#if HAS_MINIMUM
        acc[r][t] -= get_minimum (s, D (1, r), r, 0) * (low[t] + high[t]);
#endif
#endif
      }
    }
    w_at += TEXELS * R * lanes;
    s_at += SCALES * lanes;
    [[unroll]] for (int t = 0; t < T; t++)
      x_at[t] += 8;
    left -= 32;
  }

  if (push.n_in == 0) /* never: it keeps the touching alive */
    acc[0][0] += float (touched);
#ifdef IV_NORM /* with more than eight lanes, each vec4 is loaded more than once */
  [[unroll]] for (int t = 0; t < T; t++) {
    float mean = subgroupAdd (sum (squares[t])) / float (push.n_in * max (LANES / 8, 1));
    float factor = inversesqrt (mean + push.epsilon);
    [[unroll]] for (int r = 0; r < R; r++)
      acc[r][t] *= factor;
  }
#endif
  [[unroll]] for (int t = 0; t < T; t++) {
    if (first + t <= last) {
      [[unroll]] for (int r = 0; r < R; r++) {
        uint row = uint ((tile * R + r) * lanes + lane);
        if (row < push.n_out) {
          uint at = push.y_first + (first + t) * push.y_stride + row;
          float value = acc[r][t];
          if ((push.flags & IV_LINEAR_BIAS) != 0)
            value += bias[push.bias_first + row];
          if ((push.flags & IV_LINEAR_ADD) != 0)
            value += y[at];
          y[at] = value;
        }
      }
    }
  }
}
