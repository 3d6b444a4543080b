/* Mean over the source area under each target pixel; 0 outside of the source.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target[p, y, x] = sum of source * covered area / (scale_x * scale_y). One invocation a target
 * pixel; group (x / 64, y, plane). Accuracy: float sums of at most a few hundred terms. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushArea push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, plane = gl_WorkGroupID.z;
  if (x >= push.width)
    return;
  float x0 = (float (x) - push.offset_x) * push.scale_x, x1 = x0 + push.scale_x;
  float y0 = (float (y) - push.offset_y) * push.scale_y, y1 = y0 + push.scale_y;
  int i0 = max (int (floor (x0)), 0), i1 = min (int (ceil (x1)), int (push.source_width));
  int j0 = max (int (floor (y0)), 0), j1 = min (int (ceil (y1)), int (push.source_height));
  float sum = 0.0;
  for (int j = j0; j < j1; j++) {
    float v = min (float (j + 1), y1) - max (float (j), y0);
    uint row = (plane * push.source_height + uint (j)) * push.source_width;
    for (int i = i0; i < i1; i++)
      sum += v * (min (float (i + 1), x1) - max (float (i), x0)) * source[row + uint (i)];
  }
  target[(plane * push.height + y) * push.width + x] = sum / (push.scale_x * push.scale_y);
}
