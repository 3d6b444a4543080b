/* Squares of a difference within an area, limited.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target = area * min (|difference|, limit)². [height, width]. One invocation a pixel; group
 * (x / 64, y). Exact. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer Difference { float difference[]; };
layout (std430, binding = 1) readonly buffer Area { float area[]; };
layout (std430, binding = 2) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeNoise push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, pixel = gl_WorkGroupID.y * push.width + x;
  if (x >= push.width)
    return;
  float d = min (abs (difference[pixel]), push.limit);
  target[pixel] = area[pixel] * d * d;
}
