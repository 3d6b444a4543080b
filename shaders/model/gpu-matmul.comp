#version 450
/* y[t, row] = sum over k of W[row, k] * x[t, k] (+ bias[row]) (+ y[t, row]), for GPUs, many tokens.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* W [n_out, n_in] packed in the GPU layout of iv-shared-linear.h, x and y F32 rows.
 * Work-group (row / SIDE, t / SIDE) of 256, SIDE = 16 PER: unpacks SIDE rows × 32 of W and loads
 * SIDE tokens × 32 of x into shared memory, each invocation keeps PER rows × PER tokens. Shared
 * arrays are k-major with one column spare, so that neither writing nor reading meets one bank
 * twice.
 * Accuracy: F32, k in order. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "shaders/include/iv-gpu-weights.glsl"

layout(local_size_x = 256) in;
layout(std430, binding = 2) readonly buffer X { vec4 x[]; };
layout(std430, binding = 3) readonly buffer Bias { float bias[]; };
layout(std430, binding = 4) buffer Y { float y[]; };
layout(push_constant) uniform Push { IvPushLinear push; };

layout(constant_id = 2) const uint PER = 4; /* even */
const uint SIDE = 16 * PER;
const uint DEPTH = 32;
shared float w_tile[DEPTH][SIDE + 1];
shared float x_tile[DEPTH][SIDE + 1];

void
load_tiles (uint row0, uint token0, uint block)
{
  [[unroll]] for (uint i = 0; i < SIDE * DEPTH / 4 / 256; i++) {
    uint item = gl_LocalInvocationID.x + 256 * i;
    uint line = item / 8;
    uint quad = item % 8;
    uint row = min (row0 + line, push.n_out - 1);
    uint token = min (token0 + line, push.n_tokens - 1);
    vec4 v = load_weights (row * push.n_blocks + block, int (quad));
    uint k4 = min (block * 8 + quad, ((push.n_in + 3) >> 2) - 1);
    vec4 u = x[((push.x_first + token * push.x_stride) >> 2) + k4];
    ivec4 k = ivec4 (4 * int (block * 8 + quad)) + ivec4 (0, 1, 2, 3);
    u = mix (u, vec4 (0.0), greaterThanEqual (k, ivec4 (push.n_in)));
    [[unroll]] for (uint c = 0; c < 4; c++) {
      w_tile[4 * quad + c][line] = v[c];
      x_tile[4 * quad + c][line] = u[c];
    }
  }
}

void
main ()
{
  uint row0 = gl_WorkGroupID.x * SIDE;
  uint token0 = gl_WorkGroupID.y * SIDE;
  uint my_row = gl_LocalInvocationID.x % 16;
  uint my_token = gl_LocalInvocationID.x / 16;
  float acc[PER][PER];
  [[unroll]] for (uint r = 0; r < PER; r++)
    [[unroll]] for (uint t = 0; t < PER; t++)
      acc[r][t] = 0.0;
  for (uint block = 0; block < push.n_blocks; block++) {
    barrier ();
    load_tiles (row0, token0, block);
    barrier ();
    for (uint k = 0; k < DEPTH; k++) {
      float ws[PER], xs[PER];
      [[unroll]] for (uint i = 0; i < PER; i++) {
        ws[i] = w_tile[k][my_row + 16 * i];
        xs[i] = x_tile[k][my_token + 16 * i];
      }
      [[unroll]] for (uint r = 0; r < PER; r++)
        [[unroll]] for (uint t = 0; t < PER; t++)
          acc[r][t] = fma (ws[r], xs[t], acc[r][t]);
    }
  }
  [[unroll]] for (uint t = 0; t < PER; t++) {
    uint token = token0 + my_token + 16 * t;
    [[unroll]] for (uint r = 0; r < PER; r++) {
      uint row = row0 + my_row + 16 * r;
      if (token < push.n_tokens && row < push.n_out) {
        uint at = push.y_first + token * push.y_stride + row;
        float value = acc[r][t];
        if ((push.flags & IV_LINEAR_BIAS) != 0)
          value += bias[push.bias_first + row];
        if ((push.flags & IV_LINEAR_ADD) != 0)
          value += y[at];
        y[at] = value;
      }
    }
  }
}
