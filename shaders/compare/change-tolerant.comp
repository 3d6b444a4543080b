/* Difference of two films that forgives a misregistration of a few pixels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Over the square of reach pixels to each side: d = how far a lies outside of the range of b,
 * e = how far b lies outside of the range of a (sign as a - b); the smaller of both. Exchanging a
 * and b flips the sign. [height, width]. One invocation a pixel; group (x / 64, y). Exact. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer A { float a[]; };
layout (std430, binding = 1) readonly buffer B { float b[]; };
layout (std430, binding = 2) readonly buffer Valid { float valid[]; };
layout (std430, binding = 3) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeTolerant push; };

void
main ()
{
  int x = int (gl_GlobalInvocationID.x), y = int (gl_WorkGroupID.y), reach = int (push.reach);
  int width = int (push.width), height = int (push.height), pixel = y * width + x;
  if (x >= width)
    return;
  float low_a = a[pixel], high_a = low_a, low_b = b[pixel], high_b = low_b;
  for (int v = max (y - reach, 0); v <= min (y + reach, height - 1); v++)
    for (int u = max (x - reach, 0); u <= min (x + reach, width - 1); u++) {
      float p = a[v * width + u], q = b[v * width + u];
      low_a = min (low_a, p);
      high_a = max (high_a, p);
      low_b = min (low_b, q);
      high_b = max (high_b, q);
    }
  float d = max (a[pixel] - high_b, 0.0) + min (a[pixel] - low_b, 0.0);
  float e = max (low_a - b[pixel], 0.0) + min (high_a - b[pixel], 0.0);
  target[pixel] = valid[pixel] * (abs (d) < abs (e) ? d : e);
}
