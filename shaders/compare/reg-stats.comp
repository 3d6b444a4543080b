/* One line's share of a weighted correlation: weight, a, b, aa, bb, ab.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One invocation a line; group (y / 8). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_LINE_LOCAL) in;
layout (std430, binding = 0) readonly buffer First { float first[]; };
layout (std430, binding = 1) readonly buffer Second { float second[]; };
layout (std430, binding = 2) readonly buffer Weight { float weight[]; };
layout (std430, binding = 3) writeonly buffer Sums { float sums[]; };
layout (push_constant) uniform Push { IvPushStats push; };

void
main ()
{
  uint y = gl_GlobalInvocationID.x;
  if (y >= push.height)
    return;
  float n = 0.0, sa = 0.0, sb = 0.0, saa = 0.0, sbb = 0.0, sab = 0.0;
  for (uint x = 0u; x < push.width; x++) {
    uint i = y * push.width + x, o = push.plane * push.width * push.height + i;
    float w = push.weighted != 0u ? weight[i] : 1.0, a = first[o], b = second[o];
    n += w;
    sa += w * a;
    sb += w * b;
    saa += w * a * a;
    sbb += w * b * b;
    sab += w * a * b;
  }
  uint o = y * IV_STATS_SUMS;
  sums[o] = n;
  sums[o + 1u] = sa;
  sums[o + 2u] = sb;
  sums[o + 3u] = saa;
  sums[o + 4u] = sbb;
  sums[o + 5u] = sab;
}
