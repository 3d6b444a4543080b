/* Bilinear sampling along an affine map plus a field.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target[p, y, x] = source (p, y + dy, x + dx), dx = a0 + a1 x + a2 y + field[0], dy = a3 + a4 x +
 * a5 y + field[1]; samples outside of the source count as 0. One invocation a target pixel; group
 * (x / 64, y, plane). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) readonly buffer Field { float field[]; };
layout (std430, binding = 2) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushWarp push; };

float
tap (uint plane, int x, int y)
{
  bool inside = x >= 0 && y >= 0 && x < int (push.source_width) && y < int (push.source_height);
  uint row = (plane * push.source_height + uint (y)) * push.source_width;
  return inside ? source[row + uint (x)] : 0.0;
}

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, plane = gl_WorkGroupID.z;
  if (x >= push.width)
    return;
  float fx = float (x), fy = float (y);
  vec2 at = vec2 (fx + push.a0 + push.a1 * fx + push.a2 * fy,
                  fy + push.a3 + push.a4 * fx + push.a5 * fy);
  uint pixel = y * push.width + x;
  if (push.has_field != 0u)
    at += vec2 (field[pixel], field[push.width * push.height + pixel]);
  at = clamp (at, vec2 (-1e6), vec2 (1e6));
  ivec2 i = ivec2 (floor (at));
  vec2 f = at - vec2 (i);
  float top = mix (tap (plane, i.x, i.y), tap (plane, i.x + 1, i.y), f.x);
  float low = mix (tap (plane, i.x, i.y + 1), tap (plane, i.x + 1, i.y + 1), f.x);
  target[plane * push.width * push.height + pixel] = mix (top, low, f.y);
}
