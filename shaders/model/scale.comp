#version 450
/* y[i] = factor * x[i] for i < n, F32. One invocation per element; exact to one rounding.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-rows.h"

layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { IvPushScale push; };

void
main ()
{
  uint i = gl_GlobalInvocationID.x;
  if (i < push.n)
    y[i] = push.factor * x[i];
}
