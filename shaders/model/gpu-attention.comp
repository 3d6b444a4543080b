#version 450
/* y = softmax (scale q k^T) v over the slots a token may see, in one pass, for GPUs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Cache [slot, kv head, dimension], F32, F16 (IV_HALF) or signed bytes with a scale for each 32
 * dimensions (IV_Q8); q, y F32 rows.
 * Work-group (query head, token) of LOCAL: takes LOCAL slots at a time, an invocation per slot for
 * the scores, then an invocation per 4 dimensions for the weighted values; maximum and sum are
 * carried along and earlier values rescaled when the maximum grows.
 * Accuracy: F32. */
#extension GL_GOOGLE_include_directive : require
#ifndef IV_PLAIN
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif
#include "shaders/include/iv-reduce.glsl"
#include "shaders/include/iv-shared-attention.h"

layout(std430, binding = 0) readonly buffer Q { vec4 q[]; };
#ifdef IV_HALF
layout(std430, binding = 1) readonly buffer Keys { uvec2 keys[]; };
layout(std430, binding = 2) readonly buffer Values { uvec2 values[]; };
#elif defined(IV_Q8)
layout(std430, binding = 1) readonly buffer Keys { uint keys[]; };
layout(std430, binding = 2) readonly buffer Values { uint values[]; };
layout(std430, binding = 4) readonly buffer KeyScales { float key_scales[]; };
layout(std430, binding = 5) readonly buffer ValueScales { float value_scales[]; };
#else
layout(std430, binding = 1) readonly buffer Keys { vec4 keys[]; };
layout(std430, binding = 2) readonly buffer Values { vec4 values[]; };
#endif
layout(std430, binding = 3) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { IvPushAttention push; };

const uint MAX_QUADS = 64; /* head_dim <= 256 */
shared vec4 query[MAX_QUADS];
shared float weights[LOCAL];

#ifdef IV_HALF
vec4
unpack (uvec2 half_words)
{
  return vec4 (unpackHalf2x16 (half_words.x), unpackHalf2x16 (half_words.y));
}
#elif defined(IV_Q8)
vec4
unpack (uint bytes)
{
  int word = int (bytes);
  return vec4 (ivec4 (word << 24, word << 16, word << 8, word) >> 24);
}
#else
vec4
unpack (vec4 v)
{
  return v;
}
#endif

/* Quad `at` of the cache. */
vec4
get_key (uint at)
{
#ifdef IV_Q8
  return key_scales[at / 8] * unpack (keys[at]);
#else
  return unpack (keys[at]);
#endif
}

vec4
get_value (uint at)
{
#ifdef IV_Q8
  return value_scales[at / 8] * unpack (values[at]);
#else
  return unpack (values[at]);
#endif
}

void
main ()
{
  uint i = gl_LocalInvocationID.x;
  uint head = gl_WorkGroupID.x;
  uint token = gl_WorkGroupID.y;
  uint quads = push.head_dim / 4;
  uint kv_at = head / push.group * quads;
  uint kv_stride = push.n_kv_heads * quads;
  uint own = push.own + token;
  uint end = push.causal != 0 ? min (push.end, own + 1) : push.end;
  uint first = push.window != 0 ? max (push.first, max (own + 1, push.window) - push.window)
                                : push.first;
  for (uint d = i; d < quads; d += LOCAL)
    query[d] = push.scale * q[(push.q_first + token * push.q_stride) / 4 + head * quads + d];
  barrier ();

  float top = -3.0e38;
  float total = 0.0;
  vec4 acc = vec4 (0.0);
  for (uint slot0 = first; slot0 < end; slot0 += LOCAL) {
    uint slot = slot0 + i;
    float score = -3.0e38;
    if (slot < end) {
      score = 0.0;
      for (uint d = 0; d < quads; d++)
        score += dot (query[d], get_key (slot * kv_stride + kv_at + d));
    }
    float new_top = max (top, reduce_max (score));
    float weight = slot < end ? exp (score - new_top) : 0.0;
    float shrink = exp (top - new_top);
    total = total * shrink + reduce_add (weight);
    top = new_top;
    barrier ();
    weights[i] = weight;
    barrier ();
    if (i < quads) {
      acc *= shrink;
      uint n = min (LOCAL, end - slot0);
      for (uint j = 0; j < n; j++)
        acc += weights[j] * get_value ((slot0 + j) * kv_stride + kv_at + i);
    }
  }
  if (i < quads)
    y[(push.y_first + token * push.y_stride) / 4 + head * quads + i] = acc / total;
}
