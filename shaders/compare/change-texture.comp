/* Fine markings that came or went.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From local energies a, b and product c of the markings (change-markings.comp, blurred), planes
 * of the target: 0: 0.5 log ((a + floor) / (b + floor)), 1: c / sqrt (a b), 2: sqrt (max (a, b)).
 * [3, height, width] each. One invocation a pixel; group (x / 64, y). Accuracy: relative 1e-5. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer Energy { float energy[]; };
layout (std430, binding = 1) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangeTexture push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, pixel = gl_WorkGroupID.y * push.width + x;
  if (x >= push.width)
    return;
  uint size = push.width * push.height;
  float a = energy[pixel], b = energy[size + pixel], c = energy[2u * size + pixel];
  target[pixel] = 0.5 * log ((a + push.floor) / (b + push.floor));
  target[size + pixel] = c / sqrt (a * b + 1e-8);
  target[2u * size + pixel] = sqrt (max (a, b));
}
