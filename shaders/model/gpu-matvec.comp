#version 450
/* y[t, row] = sum over k of W[row, k] * x[t, k] (+ bias[row]) (+ y[t, row]), for GPUs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* W [n_out, n_in] packed in the GPU layout of iv-shared-linear.h, x and y F32 rows.
 * A team takes ROWS rows at a time: a subgroup, or with IV_PLAIN the whole work-group. Its members
 * read neighbouring 16-byte texels of a row and add up at the end. Work-groups (teams, t); teams
 * go on to later rows until none is left, so that a driver may choose its subgroup size.
 * Accuracy: F32; the order of sums depends on the team's size. */
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

#ifdef IV_PLAIN
#define TEAM_SIZE LOCAL
#define MEMBER gl_LocalInvocationID.x
#define TEAM gl_WorkGroupID.x
#define N_TEAMS gl_NumWorkGroups.x
#define TEAM_ADD reduce_add
#else
#define TEAM_SIZE gl_SubgroupSize
#define MEMBER gl_SubgroupInvocationID
#define TEAM (gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID)
#define N_TEAMS (gl_NumWorkGroups.x * gl_NumSubgroups)
#define TEAM_ADD subgroupAdd
#endif

layout(constant_id = 2) const uint ROWS = 2; /* 1 … 4 */

/* Vec4 quad of x, zero from n_in on. */
vec4
load_x (uint x_at, uint quad)
{
  ivec4 k = ivec4 (4 * int (quad)) + ivec4 (0, 1, 2, 3);
  uint last = (push.n_in + 3) / 4 - 1;
  return mix (x[x_at + min (quad, last)], vec4 (0.0), greaterThanEqual (k, ivec4 (push.n_in)));
}

/* The team's sum for a row, given to the first of its members. */
void
store (uint row, uint token, float sum)
{
  if (MEMBER != 0 || row >= push.n_out)
    return;
  uint at = push.y_first + token * push.y_stride + row;
  if ((push.flags & IV_LINEAR_BIAS) != 0)
    sum += bias[push.bias_first + row];
  if ((push.flags & IV_LINEAR_ADD) != 0)
    sum += y[at];
  y[at] = sum;
}

void
main ()
{
  uint token = gl_WorkGroupID.y;
  uint x_at = (push.x_first + token * push.x_stride) / 4;
  uint texels = push.n_blocks * TEXELS;
  for (uint row = TEAM * ROWS; row < push.n_out; row += N_TEAMS * ROWS) {
    float acc[ROWS];
    [[unroll]] for (uint r = 0; r < ROWS; r++)
      acc[r] = 0.0;
    for (uint i = MEMBER; i < texels; i += TEAM_SIZE) {
      vec4 xs[QUADS];
      [[unroll]] for (uint q = 0; q < QUADS; q++)
        xs[q] = load_x (x_at, i * QUADS + q);
      [[unroll]] for (uint r = 0; r < ROWS; r++) {
        uint block = min (row + r, push.n_out - 1) * push.n_blocks + i / TEXELS;
        [[unroll]] for (uint q = 0; q < QUADS; q++)
          acc[r] += dot (load_weights (block, int (i % TEXELS * QUADS + q)), xs[q]);
      }
    }
    [[unroll]] for (uint r = 0; r < ROWS; r++)
      store (row + r, token, TEAM_ADD (acc[r]));
  }
}
