#version 450
/* y += factor * scale * x, or y = factor * scale * x, scale of each column or 1. F32 rows. One
 * invocation per quad, y a row. Exact to the roundings of two products and one sum.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-rows.h"

layout(local_size_x = 32) in;
layout(std430, binding = 0) readonly buffer X { vec4 x[]; };
layout(std430, binding = 1) buffer Y { vec4 y[]; };
layout(std430, binding = 2) readonly buffer Scale { vec4 scale[]; };
layout(push_constant) uniform Push { IvPushAdd push; };

void
main ()
{
  uint quad = gl_GlobalInvocationID.x;
  uint row = gl_WorkGroupID.y;
  if (4 * quad >= push.n)
    return;
  uint at = (push.y_first + row * push.y_stride) / 4 + quad;
  vec4 v = push.factor * x[(push.x_first + row * push.x_stride) / 4 + quad];
  if (push.has_scale != 0)
    v *= scale[quad];
  y[at] = push.overwrite != 0 ? v : y[at] + v;
}
