/* Valid, valid * density, valid * density squared: what a local mean and deviation are made of.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One invocation a pixel; group (x / 64, y). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) readonly buffer Valid { float valid[]; };
layout (std430, binding = 2) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushNorm push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x, size = push.width * push.height;
  float v = valid[pixel], d = source[pixel];
  target[pixel] = v;
  target[size + pixel] = v * d;
  target[2u * size + pixel] = v * d * d;
}
