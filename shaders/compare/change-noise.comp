/* What difference is to be expected at a place: film noise, neighbourhood and edges.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* deviation = sqrt (floor² + local / share + (gradient * max (g, g_wide))²); target = difference /
 * deviation. local: mean over the neighbourhood of limited squares of the difference within the
 * area, share: part of that neighbourhood that lies in the area, g: gradient, g_wide: blurred.
 * [height, width]. One invocation a pixel; group (x / 64, y). Accuracy: relative 1e-6. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer Difference { float difference[]; };
layout (std430, binding = 1) readonly buffer Local { float local[]; };
layout (std430, binding = 2) readonly buffer Share { float share[]; };
layout (std430, binding = 3) readonly buffer Gradient { float gradient[]; };
layout (std430, binding = 4) readonly buffer Wide { float wide[]; };
layout (std430, binding = 5) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeNoise push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, pixel = gl_WorkGroupID.y * push.width + x;
  if (x >= push.width)
    return;
  float edge = push.gradient * max (gradient[pixel], wide[pixel]);
  float around = local[pixel] / (share[pixel] + 1e-3);
  target[pixel] = difference[pixel] / sqrt (push.floor * push.floor + around + edge * edge);
}
