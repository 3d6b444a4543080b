#version 450
/* y[t, row] = sum over k of W[row, k] * x[t, k] (+ bias[row]) (+ y[t, row]), for GPUs.
 * W [n_out, n_in] packed in the GPU layout of iv-shared-linear.h, x and y F32 rows.
 * Work-group (row / 2, t): all its invocations share two rows, each taking every LOCAL-th quad of
 * k, and reduce at the end, so that neighbours read neighbouring memory.
 * Accuracy: F32; the order of sums depends on the group's size.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifndef IV_PLAIN
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif
#include "shaders/include/iv-gpu-weights.glsl"
#include "shaders/include/iv-reduce.glsl"

layout(std430, binding = 2) readonly buffer X { vec4 x[]; };
layout(std430, binding = 3) readonly buffer Bias { float bias[]; };
layout(std430, binding = 4) buffer Y { float y[]; };
layout(push_constant) uniform Push { IvPushLinear push; };

const uint ROWS = 2;

void
main ()
{
  uint token = gl_WorkGroupID.y;
  uint x_at = (push.x_first + token * push.x_stride) >> 2;
  uint quads = (push.n_in + 3) >> 2;
  /* The grid is folded where a dimension of work-groups would not do. */
  uint row0 = (gl_WorkGroupID.z * gl_NumWorkGroups.x + gl_WorkGroupID.x) * ROWS;
  float acc[ROWS];
  [[unroll]] for (uint r = 0; r < ROWS; r++)
    acc[r] = 0.0;
  if (row0 < push.n_out) {
    for (uint quad = gl_LocalInvocationID.x; quad < quads; quad += LOCAL) {
      ivec4 k = ivec4 (4 * int (quad)) + ivec4 (0, 1, 2, 3);
      vec4 u = mix (x[x_at + quad], vec4 (0.0), greaterThanEqual (k, ivec4 (push.n_in)));
      [[unroll]] for (uint r = 0; r < ROWS; r++) {
        uint row = min (row0 + r, push.n_out - 1);
        acc[r] += dot (load_weights (row * push.n_blocks + quad / 8, int (quad % 8)), u);
      }
    }
  }
  [[unroll]] for (uint r = 0; r < ROWS; r++) {
    float value = reduce_add (acc[r]);
    uint row = row0 + r;
    if (gl_LocalInvocationID.x == 0 && row < push.n_out) {
      uint at = push.y_first + token * push.y_stride + row;
      if ((push.flags & IV_LINEAR_BIAS) != 0)
        value += bias[push.bias_first + row];
      if ((push.flags & IV_LINEAR_ADD) != 0)
        value += y[at];
      y[at] = value;
    }
  }
}
