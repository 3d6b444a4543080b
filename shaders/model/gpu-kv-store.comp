#version 450
/* Puts k and v of n_tokens into the cache [slot, kv head, dimension] from a slot on, as F32 or as
 * F16 pairs (IV_HALF). One invocation per pair of elements: x pair, y token.
 * Accuracy: F16 rounds to nearest where the driver does.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-attention.h"

layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer K { vec2 k[]; };
layout(std430, binding = 1) readonly buffer V { vec2 v[]; };
#ifdef IV_HALF
layout(std430, binding = 2) writeonly buffer Keys { uint keys[]; };
layout(std430, binding = 3) writeonly buffer Values { uint values[]; };
#define PACK(pair) packHalf2x16 (pair)
#else
layout(std430, binding = 2) writeonly buffer Keys { vec2 keys[]; };
layout(std430, binding = 3) writeonly buffer Values { vec2 values[]; };
#define PACK(pair) (pair)
#endif
layout(push_constant) uniform Push { IvPushKvStore push; };

void
main ()
{
  uint i = gl_GlobalInvocationID.x;
  uint token = gl_WorkGroupID.y;
  uint pairs = push.head_dim * push.n_kv_heads / 2;
  if (i >= pairs)
    return;
  uint at = (push.slot + token) * pairs + i;
  keys[at] = PACK (k[(push.k_first + token * push.k_stride) / 2 + i]);
  values[at] = PACK (v[(push.v_first + token * push.v_stride) / 2 + i]);
}
