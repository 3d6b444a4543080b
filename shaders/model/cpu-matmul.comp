#version 450
/* y[z, t, row] = sum over k of w[z, row, k] * x[z, t, k] (+ bias[row]) (+ y), for CPU devices: the
 * linear layers with many tokens, and both products of attention (see IvPushMatmul).
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* w: texels in the CPU layout, F32 or, for a key and value cache, of another IV_CACHE; x and y F32
 * rows.
 * Work-group (tile, tokens / T, z): one subgroup; an invocation keeps 8 rows × T tokens in
 * accumulators. Lane t loads x of token t and the subgroup shares it by broadcast.
 * IV_SOFTMAX: x are scores, which each lane turns into weights of its own query as it loads them:
 * exp (scale (s - top)) of the slots it may see, 0 of others, and the sum divides in the end.
 * Accuracy: F32, k in order. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_ballot : require
#include "shaders/include/iv-shared-attention.h"
#include "shaders/include/iv-shared-linear.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
#if IV_CACHE == IV_CACHE_F32
layout(binding = 0) uniform samplerBuffer w;
#else
layout(binding = 0) uniform usamplerBuffer w;
#endif
layout(binding = 1) uniform samplerBuffer x;
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };
layout(std430, binding = 3) buffer Y { float y[]; };
#if IV_CACHE >= IV_CACHE_Q8_KEYS
layout(binding = 4) uniform samplerBuffer scales;
#endif
layout(push_constant) uniform Push
{
  IvPushMatmul push;
#ifdef IV_SOFTMAX
  IvPushSeen seen;
#endif
};

/* Quads of k in a texel: 1 << SHIFT. */
#if IV_CACHE == IV_CACHE_F32
const int SHIFT = 0;
#elif IV_CACHE == IV_CACHE_F16
const int SHIFT = 1;
#else
const int SHIFT = 2;
#endif
const int R = IV_TILE_GROUPS;
const int LOADS = (T + int (LANES) - 1) / int (LANES);

#ifdef IV_SOFTMAX
const float LOWEST = -3.0e38;

/* Columns from low on, before high, are seen. */
struct Query {
  int low, high;
  float top;
  vec4 sums;
};

Query queries[(T + 3) / 4]; /* those that this lane loads */

bvec4
find_hidden (Query query, int k)
{
  ivec4 columns = ivec4 (4 * k) + ivec4 (0, 1, 2, 3);
  return bvec4 (uvec4 (lessThan (columns, ivec4 (query.low))) |
                uvec4 (greaterThanEqual (columns, ivec4 (query.high))));
}

void
begin_query (int i, uint t, int x_at, int quads)
{
  uint own = seen.own + t / push.group;
  uint end = seen.causal != 0 ? min (seen.end, own + 1) : seen.end;
  uint first = seen.window != 0 ? max (seen.first, max (own + 1, seen.window) - seen.window)
                                : seen.first;
  Query query = Query (int (first - seen.base), int (end - seen.base), LOWEST, vec4 (0.0));
  vec4 most = vec4 (LOWEST);
  for (int k = 0; k < quads; k++)
    most = max (most, mix (texelFetch (x, x_at + k), vec4 (LOWEST), find_hidden (query, k)));
  query.top = max (max (most.x, most.y), max (most.z, most.w));
  queries[i] = query;
}

vec4
weigh (int i, vec4 s, int k)
{
  vec4 weights = exp (seen.scale * (s - queries[i].top));
  weights = mix (weights, vec4 (0.0), find_hidden (queries[i], k));
  queries[i].sums += weights;
  return weights;
}
#endif

/* Quad k of a row whose texel that holds it is at. */
#if IV_CACHE == IV_CACHE_F32
vec4
fetch (int at, int k)
{
  return texelFetch (w, at);
}
#elif IV_CACHE == IV_CACHE_F16
vec4
fetch (int at, int k)
{
  uvec4 texel = texelFetch (w, at);
  uvec2 half_words = (k & 1) == 0 ? texel.xy : texel.zw;
  return vec4 (unpackHalf2x16 (half_words.x), unpackHalf2x16 (half_words.y));
}
#else
vec4
fetch (int at, int k)
{
  uvec4 texel = texelFetch (w, at);
  uvec2 words = (k & 2) == 0 ? texel.xy : texel.zw;
  int word = int ((k & 1) == 0 ? words.x : words.y);
  return vec4 (ivec4 (word << 24, word << 16, word << 8, word) >> 24);
}
#endif

void
main ()
{
  int lanes = int (LANES);
  int lane = int (gl_SubgroupInvocationID);
  int tile = int (gl_WorkGroupID.x);
  int first = int (gl_WorkGroupID.y) * T;
  uint batch = gl_WorkGroupID.z;
  int last = min (first + T, int (push.n_tokens)) - 1;
  if (push.limit != 0 && uint (tile * R * lanes) >= push.limit + uint (last) / push.group)
    return;

  int x_at[(T + 3) / 4]; /* at least LOADS for every subgroup size from 4 on */
  [[unroll]] for (int i = 0; i < LOADS; i++) {
    uint t = uint (min (first + i * lanes + lane, last));
    x_at[i] = int (push.x_first + t / push.group * push.x_token + t % push.group * push.x_group +
                   batch * push.x_batch) >> 2;
  }
  int w_first = int (push.w_first + tile * push.w_tile + batch * push.w_batch) + lane;
  int n_in = int (push.n_in);
  int quads = (n_in + 3) >> 2;
#if IV_CACHE == IV_CACHE_Q8_KEYS
  int s_first = int (push.s_first + tile * push.s_tile + batch * push.s_batch) + lane;
#elif IV_CACHE == IV_CACHE_Q8_VALUES
  int s_tile = tile * R * lanes / 32;
  int s_first = int (push.s_first + s_tile * push.s_tile + batch * push.s_batch);
  int s_last = (int (push.n_rows) - 1) / 32 - s_tile;
#endif
#ifdef IV_SOFTMAX
  [[unroll]] for (int i = 0; i < LOADS; i++)
    begin_query (i, uint (min (first + i * lanes + lane, last)), x_at[i], quads);
#endif
  float acc[R][T];
  [[unroll]] for (int r = 0; r < R; r++)
    [[unroll]] for (int t = 0; t < T; t++)
      acc[r][t] = 0.0;

  for (int k = 0; k < quads; k++) {
    vec4 xs[(T + 3) / 4];
    bvec4 beyond = greaterThanEqual (ivec4 (4 * k) + ivec4 (0, 1, 2, 3), ivec4 (n_in));
    [[unroll]] for (int i = 0; i < LOADS; i++)
#ifdef IV_SOFTMAX
      xs[i] = weigh (i, texelFetch (x, x_at[i] + k), k);
#else
      xs[i] = mix (texelFetch (x, x_at[i] + k), vec4 (0.0), beyond);
#endif
    vec4 ws[R];
    int w_at = w_first + (k >> SHIFT) * R * lanes;
    [[unroll]] for (int r = 0; r < R; r++)
      ws[r] = fetch (w_at + r * lanes, k);
#if IV_CACHE == IV_CACHE_Q8_KEYS
    int s_at = s_first + (k >> 3) * 2 * lanes;
    vec4 low = texelFetch (scales, s_at);
    vec4 high = texelFetch (scales, s_at + lanes);
    [[unroll]] for (int r = 0; r < R; r++)
      ws[r] *= r < 4 ? low[r % 4] : high[r % 4];
#elif IV_CACHE == IV_CACHE_Q8_VALUES
    vec4 four;
    [[unroll]] for (int r = 0; r < R; r++) {
      if (r * lanes % 32 == 0)
        four = texelFetch (scales, s_first + min (r * lanes / 32, s_last) * int (push.s_tile) + k);
      ws[r] *= four;
    }
#endif
    [[unroll]] for (int t = 0; t < T; t++) {
      vec4 u = subgroupBroadcast (xs[t / lanes], uint (t % lanes));
      [[unroll]] for (int r = 0; r < R; r++) {
        acc[r][t] = fma (ws[r].x, u.x, acc[r][t]);
        acc[r][t] = fma (ws[r].y, u.y, acc[r][t]);
        acc[r][t] = fma (ws[r].z, u.z, acc[r][t]);
        acc[r][t] = fma (ws[r].w, u.w, acc[r][t]);
      }
    }
  }

#ifdef IV_SOFTMAX
  [[unroll]] for (int t = 0; t < T; t++) {
    vec4 sums = queries[t / lanes].sums;
    float factor = 1.0 / (sums.x + sums.y + sums.z + sums.w);
    factor = subgroupBroadcast (factor, uint (t % lanes));
    [[unroll]] for (int r = 0; r < R; r++)
      acc[r][t] *= factor;
  }
#endif
  [[unroll]] for (int t = 0; t < T; t++) {
    if (first + t <= last) {
      uint token = uint (first + t);
      uint y_at = push.y_first + token / push.group * push.y_token +
                  token % push.group * push.y_group + batch * push.y_batch;
      [[unroll]] for (int r = 0; r < R; r++) {
        uint row = uint ((tile * R + r) * lanes + lane);
        if (row < push.n_rows) {
          float value = acc[r][t];
          if ((push.flags & IV_LINEAR_BIAS) != 0)
            value += bias[push.bias_first + row];
          if ((push.flags & IV_LINEAR_ADD) != 0)
            value += y[y_at + row];
          y[y_at + row] = value;
        }
      }
    }
  }
}
