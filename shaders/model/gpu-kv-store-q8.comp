#version 450
/* Puts k and v of n_tokens into the cache [slot, kv head, dimension] from a slot on, as signed
 * bytes with a scale for each 32 dimensions. One invocation per 32: x block, y token.
 * Accuracy: scale F16 (max |x| / 127), levels to nearest.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-attention.h"

layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer K { vec4 k[]; };
layout(std430, binding = 1) readonly buffer V { vec4 v[]; };
layout(std430, binding = 2) writeonly buffer Keys { uint keys[]; };
layout(std430, binding = 3) writeonly buffer Values { uint values[]; };
layout(std430, binding = 4) writeonly buffer KeyScales { float key_scales[]; };
layout(std430, binding = 5) writeonly buffer ValueScales { float value_scales[]; };
layout(push_constant) uniform Push { IvPushKvStore push; };

float
round_scale (vec4 most)
{
  float all = max (max (most.x, most.y), max (most.z, most.w));
  return unpackHalf2x16 (packHalf2x16 (vec2 (min (all / 127.0, 65504.0), 0.0))).x;
}

uint
round_levels (vec4 quad, float scale)
{
  vec4 levels = scale > 0.0 ? quad / scale : vec4 (0.0);
  uvec4 bytes = uvec4 (ivec4 (roundEven (clamp (levels, -127.0, 127.0)))) & 0xffu;
  return bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
}

void
main ()
{
  uint block = gl_GlobalInvocationID.x;
  uint token = gl_WorkGroupID.y;
  uint blocks = push.head_dim * push.n_kv_heads / 32;
  if (block >= blocks)
    return;
  uint k_at = (push.k_first + token * push.k_stride) / 4 + 8 * block;
  uint v_at = (push.v_first + token * push.v_stride) / 4 + 8 * block;
  vec4 k_most = vec4 (0.0);
  vec4 v_most = vec4 (0.0);
  for (uint i = 0; i < 8; i++) {
    k_most = max (k_most, abs (k[k_at + i]));
    v_most = max (v_most, abs (v[v_at + i]));
  }
  float k_scale = round_scale (k_most);
  float v_scale = round_scale (v_most);
  uint at = (push.slot + token) * blocks + block;
  key_scales[at] = k_scale;
  value_scales[at] = v_scale;
  for (uint i = 0; i < 8; i++) {
    keys[8 * at + i] = round_levels (k[k_at + i], k_scale);
    values[8 * at + i] = round_levels (v[v_at + i], v_scale);
  }
}
