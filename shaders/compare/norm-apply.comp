/* Local normalisation from blurred moments.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target = clamp ((d - mean) / (deviation + floor), -3, 3) * valid. With density_plane a plane
 * before it holds (2 clamp (d, -0.2, 1.2) - 1) * valid, the other input of the lung network. One
 * invocation a pixel; group (x / 64, y). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) readonly buffer Valid { float valid[]; };
layout (std430, binding = 2) readonly buffer Moments { float moments[]; };
layout (std430, binding = 3) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushNorm push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x, size = push.width * push.height;
  float v = valid[pixel], d = source[pixel], n = moments[pixel] + 1e-4;
  float mean = moments[size + pixel] / n;
  float variance = moments[2u * size + pixel] / n - mean * mean;
  float z = clamp ((d - mean) / (sqrt (max (variance, 0.0)) + push.floor), -3.0, 3.0) * v;
  if (push.density_plane != 0.0)
    target[pixel] = (2.0 * clamp (d, -0.2, 1.2) - 1.0) * v;
  target[(push.density_plane != 0.0 ? size : 0u) + pixel] = z;
}
