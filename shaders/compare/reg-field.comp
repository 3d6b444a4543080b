/* The whole displacement: affine part plus field.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* whole[0] = a0 + a1 x + a2 y + field[0], whole[1] = a3 + a4 x + a5 y + field[1]. One invocation a
 * pixel; group (x / 64, y). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Field { float field[]; };
layout (std430, binding = 1) writeonly buffer Whole { float whole[]; };
layout (push_constant) uniform Push { IvPushField push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x, size = push.width * push.height;
  float fx = float (x), fy = float (y);
  whole[pixel] = push.a0 + push.a1 * fx + push.a2 * fy + field[pixel];
  whole[size + pixel] = push.a3 + push.a4 * fx + push.a5 * fy + field[size + pixel];
}
