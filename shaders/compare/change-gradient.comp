/* Size of the gradient.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target = scale * |(a(x + 1) - a(x - 1), a(y + 1) - a(y - 1))| / 2, one-sided at the edges.
 * [height, width]. One invocation a pixel; group (x / 64, y). Accuracy: relative 1e-6. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeGradient push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, width = push.width;
  if (x >= width)
    return;
  uint left = x > 0u ? x - 1u : x, right = min (x + 1u, width - 1u);
  uint up = y > 0u ? y - 1u : y, down = min (y + 1u, push.height - 1u);
  float gx = source[y * width + right] - source[y * width + left];
  float gy = source[down * width + x] - source[up * width + x];
  gx /= max (float (right - left), 1.0);
  gy /= max (float (down - up), 1.0);
  target[y * width + x] = push.scale * sqrt (gx * gx + gy * gy);
}
