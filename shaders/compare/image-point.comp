/* Arithmetic on each pixel of one or two images: the operations of IvPlanesOp.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One invocation a pixel; group (x / 64, y, plane). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer First { float first[]; };
layout (std430, binding = 1) readonly buffer Second { float second[]; };
layout (std430, binding = 2) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushPoint push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, plane = gl_WorkGroupID.z;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x, size = push.width * push.height;
  float a = first[plane * size + pixel], b = 0.0, v = a;
  if (push.b_planes != 0u)
    b = second[(push.b_planes == 1u ? 0u : plane * size) + pixel];
  switch (push.op) {
  case IV_POINT_LINEAR:
    v = push.k0 * a + push.k1 * b + push.k2;
    break;
  case IV_POINT_MULTIPLY:
    v = push.k0 * a * b + push.k2;
    break;
  case IV_POINT_STEP:
    v = a > push.k0 ? 1.0 : 0.0;
    break;
  case IV_POINT_CLAMP:
    v = clamp (a, push.k0, push.k1);
    break;
  case IV_POINT_MAX:
    v = max (a, b);
    break;
  case IV_POINT_MIN:
    v = min (a, b);
    break;
  default:
    v = abs (a);
  }
  target[plane * size + pixel] = v;
}
