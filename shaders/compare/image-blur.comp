/* One direction of a Gaussian blur of source + add * second.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target = sum over |k| <= radius of g(k) v(x + k), g normalised over the whole kernel; beyond the
 * edge v is the edge pixel, or 0 (zero_edge). g is stepped by two multiplications a tap. One
 * invocation a pixel; group (x / 64, y, plane). Accuracy: relative 1e-5 up to sigma 40. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) readonly buffer Second { float second[]; };
layout (std430, binding = 2) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushBlur push; };

float
value (uint base, uint stride, int at, int n)
{
  uint i = base + uint (clamp (at, 0, n - 1)) * stride;
  float v = source[i];
  if (push.add != 0.0)
    v += push.add * second[i];
  return push.zero_edge != 0u && (at < 0 || at >= n) ? 0.0 : v;
}

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, plane = gl_WorkGroupID.z;
  if (x >= push.width)
    return;
  uint start = plane * push.height * push.width;
  uint base = push.vertical != 0u ? start + x : start + y * push.width;
  uint stride = push.vertical != 0u ? push.width : 1u;
  int at = int (push.vertical != 0u ? y : x);
  int n = int (push.vertical != 0u ? push.height : push.width);
  float step = exp (-0.5 / (push.sigma * push.sigma)), square = step * step;
  float g = 1.0, total = 1.0, sum = value (base, stride, at, n);
  for (int k = 1; k <= int (push.radius); k++) {
    g *= step;
    step *= square;
    total += 2.0 * g;
    sum += g * (value (base, stride, at - k, n) + value (base, stride, at + k, n));
  }
  target[start + y * push.width + x] = sum / total;
}
