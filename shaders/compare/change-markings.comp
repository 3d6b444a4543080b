/* Products of the fine markings of two films, for their energies and their agreement.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* With p = fine_a - coarse_a and q = fine_b - coarse_b (two blurs of each film), target planes:
 * 0: valid p², 1: valid q², 2: valid p q. [height, width], target [3, height, width]. One
 * invocation a pixel; group (x / 64, y). Accuracy: relative 1e-6. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer FineA { float fine_a[]; };
layout (std430, binding = 1) readonly buffer CoarseA { float coarse_a[]; };
layout (std430, binding = 2) readonly buffer FineB { float fine_b[]; };
layout (std430, binding = 3) readonly buffer CoarseB { float coarse_b[]; };
layout (std430, binding = 4) readonly buffer Valid { float valid[]; };
layout (std430, binding = 5) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeTexture push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, pixel = gl_WorkGroupID.y * push.width + x;
  if (x >= push.width)
    return;
  uint size = push.width * push.height;
  float p = fine_a[pixel] - coarse_a[pixel], q = fine_b[pixel] - coarse_b[pixel];
  target[pixel] = valid[pixel] * p * p;
  target[size + pixel] = valid[pixel] * q * q;
  target[2u * size + pixel] = valid[pixel] * p * q;
}
