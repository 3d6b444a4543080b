#version 450
/* Puts k and v of n_tokens into the cache from a slot on, in the CPU layout (see
 * iv-shared-attention.h): keys by slot, values turned so that slots run along k.
 * One invocation per element: x dimension, y token, z kv head. Copies bits.
 * IV_ROTATE: keys are rotated on the way, and one more z rotates the queries in place.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-attention.h"
#include "shaders/include/iv-shared-linear.h"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint LANES = 8;
layout(std430, binding = 0) readonly buffer K { float k[]; };
layout(std430, binding = 1) readonly buffer V { float v[]; };
layout(std430, binding = 2) writeonly buffer Keys { float keys[]; };
layout(std430, binding = 3) writeonly buffer Values { float values[]; };
layout(push_constant) uniform Push { IvPushKvStore push; };

#include "shaders/include/iv-rotate.glsl"

/* Element of a packed matrix. */
uint
locate (uint row, uint column, uint tile_size)
{
  uint tile = row / (LANES * IV_TILE_GROUPS);
  uint group = row / LANES % IV_TILE_GROUPS;
  uint texel = (column / 4 * IV_TILE_GROUPS + group) * LANES + row % LANES;
  return tile * tile_size + 4 * texel + column % 4;
}

void
main ()
{
  uint d = gl_GlobalInvocationID.x;
  uint token = gl_WorkGroupID.y;
  uint head = gl_WorkGroupID.z;
#ifdef IV_ROTATE
  if (head == push.n_kv_heads) {
    rotate_queries (token, d);
    return;
  }
#endif
  if (d >= push.head_dim)
    return;
  uint slot = push.slot + token;
  uint column = head * push.head_dim + d;
  keys[head * push.k_head + locate (slot, d, push.k_tile)] =
      load_key (token, push.k_first + token * push.k_stride + head * push.head_dim, d);
  values[head * push.v_head + locate (d, slot, push.v_tile)] =
      v[push.v_first + token * push.v_stride + column];
}
