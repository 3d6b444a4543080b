#version 450
/* y = weight * (x - m) / sqrt (mean ((x - m)^2) + epsilon) + bias over groups of n in a row; m is
 * the mean (layer norm) or 0 (RMS norm). x, y F32 rows; y may be x.
 * Work-group (group, row): its invocations take every LOCAL-th quad and reduce.
 * Accuracy: F32; the mean is taken off before squaring, so that a large mean costs nothing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#ifndef IV_PLAIN
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif
#include "shaders/include/iv-reduce.glsl"
#include "shaders/include/iv-shared-rows.h"

layout(std430, binding = 0) readonly buffer X { vec4 x[]; };
layout(std430, binding = 1) buffer Y { vec4 y[]; };
layout(std430, binding = 2) readonly buffer Weight { vec4 weight[]; };
layout(std430, binding = 3) readonly buffer Bias { vec4 bias[]; };
layout(push_constant) uniform Push { IvPushNorm push; };

/* Zero beyond the row's end. */
vec4
mask (vec4 v, uint quad)
{
  ivec4 k = ivec4 (4 * int (quad)) + ivec4 (0, 1, 2, 3);
  return mix (v, vec4 (0.0), greaterThanEqual (k, ivec4 (push.n)));
}

void
main ()
{
  uint quads = (push.n + 3) >> 2;
  uint row = gl_WorkGroupID.y;
  uint group_at = gl_WorkGroupID.x * quads;
  uint x_at = ((push.x_first + row * push.x_stride) >> 2) + group_at;
  uint y_at = ((push.y_first + row * push.y_stride) >> 2) + group_at;
  float mean = 0.0;
  if ((push.flags & IV_NORM_CENTER) != 0) {
    float sum = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < quads; i += LOCAL)
      sum += dot (mask (x[x_at + i], i), vec4 (1.0));
    mean = reduce_add (sum) / float (push.n);
  }
  float squares = 0.0;
  for (uint i = gl_LocalInvocationID.x; i < quads; i += LOCAL) {
    vec4 v = mask (x[x_at + i] - mean, i);
    squares += dot (v, v);
  }
  float factor = inversesqrt (reduce_add (squares) / float (push.n) + push.epsilon);
  for (uint i = gl_LocalInvocationID.x; i < quads; i += LOCAL) {
    vec4 v = (x[x_at + i] - mean) * factor;
    if ((push.flags & IV_NORM_WEIGHT) != 0)
      v *= weight[i];
    if ((push.flags & IV_NORM_BIAS) != 0)
      v += bias[i];
    y[y_at + i] = v;
  }
}
