#version 450
/* y[t] = sum over j of weight[t, j] * x[row[t, j]]: F32 rows, terms as pairs of row and weight.
 * One invocation per quad, y a row. Accuracy: F32, terms in order.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-rows.h"

layout(local_size_x = 32) in;
layout(std430, binding = 0) readonly buffer X { vec4 x[]; };
layout(std430, binding = 1) readonly buffer Terms { uvec2 terms[]; };
layout(std430, binding = 2) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { IvPushBlend push; };

void
main ()
{
  uint quad = gl_GlobalInvocationID.x;
  uint row = gl_WorkGroupID.y;
  if (4 * quad >= push.n)
    return;
  vec4 sum = vec4 (0.0);
  for (uint j = 0; j < push.n_terms; j++) {
    uvec2 term = terms[row * push.n_terms + j];
    sum += uintBitsToFloat (term.y) * x[(push.x_first + term.x * push.x_stride) / 4 + quad];
  }
  y[(push.y_first + row * push.y_stride) / 4 + quad] = sum;
}
