#version 450
/* (a, b) -> (a cos - b sin, b cos + a sin) for pairs of a head: (2j, 2j + 1) when adjacent, else
 * (j, j + n_rot / 2). x [n_tokens, n_heads * head_dim] in place; angles [n_tokens, n_rot] hold
 * cos, sin of each j, made in double on the host.
 * One invocation per pair: x pair of a head, y head, z token. Accuracy: F32 roundings only.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-rows.h"

layout(local_size_x = 32) in;
layout(std430, binding = 0) buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Angles { vec2 angles[]; };
layout(push_constant) uniform Push { IvPushRope push; };

void
main ()
{
  uint pairs = push.n_rot / 2;
  uint token = gl_WorkGroupID.y;
  uint i = gl_GlobalInvocationID.x;
  uint head = i / pairs;
  uint j = i % pairs;
  if (head >= push.n_heads)
    return;
  uint at = push.x_first + token * push.x_stride + head * push.head_dim;
  uint first = at + (push.adjacent != 0 ? 2 * j : j);
  uint second = at + (push.adjacent != 0 ? 2 * j + 1 : j + pairs);
  vec2 turn = angles[(push.angles_first + token * push.angles_stride) / 2 + j];
  float a = x[first], b = x[second];
  x[first] = a * turn.x - b * turn.y;
  x[second] = b * turn.x + a * turn.y;
}
