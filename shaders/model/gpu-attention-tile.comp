#version 450
/* y = softmax (scale q k^T) v over the slots each token may see, many tokens at once, for GPUs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Cache [slot, kv head, dimension], F32 or F16 (IV_HALF); q, y F32 rows.
 * Work-group (query head, 64 tokens) of 256 as 16 × 16: takes 64 slots at a time. An invocation
 * has the scores of 4 tokens × 4 slots, summed over 16 dimensions at a time from shared memory,
 * then COLUMNS dimensions of the values of the same 4 tokens; four invocations share a token's
 * maximum and sum, which are carried along, and earlier values shrink when the maximum grows.
 * So a key and a value are read once for 64 tokens. Accuracy: F32. */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "shaders/include/iv-shared-attention.h"

layout(local_size_x = 256) in;
/* Dimensions of a head / 16, rounded up. */
layout(constant_id = 2) const int COLUMNS = 16;
layout(std430, binding = 0) readonly buffer Q { vec4 q[]; };
#ifdef IV_HALF
layout(std430, binding = 1) readonly buffer Keys { uvec2 keys[]; };
layout(std430, binding = 2) readonly buffer Values { uvec2 values[]; };
#else
layout(std430, binding = 1) readonly buffer Keys { vec4 keys[]; };
layout(std430, binding = 2) readonly buffer Values { vec4 values[]; };
#endif
layout(std430, binding = 3) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { IvPushAttention push; };

const uint SIDE = 64;  /* tokens, and slots at a time */
const uint DEPTH = 16; /* dimensions at a time */
const uint RUN = 8;    /* slots of values at a time */
const float LOWEST = -3.0e38;
shared float weights[SIDE][SIDE + 1];
shared float tile[2 * DEPTH * (SIDE + 1)]; /* queries and keys; then RUN × 16 COLUMNS values */
shared float part[SIDE][4];
shared float top[SIDE], total[SIDE], shrink[SIDE];

#ifdef IV_HALF
vec4
unpack (uvec2 half_words)
{
  return vec4 (unpackHalf2x16 (half_words.x), unpackHalf2x16 (half_words.y));
}
#else
vec4
unpack (vec4 v)
{
  return v;
}
#endif

uint
get_first (uint token)
{
  uint own = push.own + token;
  return push.window != 0 ? max (push.first, max (own + 1, push.window) - push.window)
                          : push.first;
}

uint
get_end (uint token)
{
  return push.causal != 0 ? min (push.end, push.own + token + 1) : push.end;
}

/* 16 dimensions of 64 queries and 64 keys, a quad of each for every invocation. */
void
load_tiles (uint token0, uint slot0, uint quad0)
{
  uint line = gl_LocalInvocationID.x / 4, quad = quad0 + gl_LocalInvocationID.x % 4;
  uint quads = push.head_dim / 4, at = gl_LocalInvocationID.x % 4 * 4;
  uint token = min (token0 + line, push.n_tokens - 1), slot = min (slot0 + line, push.end - 1);
  vec4 a = vec4 (0.0), b = vec4 (0.0);
  if (quad < quads) {
    a = push.scale *
        q[(push.q_first + token * push.q_stride) / 4 + gl_WorkGroupID.x * quads + quad];
    b = unpack (keys[(slot * push.n_kv_heads + gl_WorkGroupID.x / push.group) * quads + quad]);
  }
  [[unroll]] for (uint c = 0; c < 4; c++) {
    tile[(at + c) * (SIDE + 1) + line] = a[c];
    tile[(DEPTH + at + c) * (SIDE + 1) + line] = b[c];
  }
}

/* weights[token][slot] become scores; LOWEST where the token may not see the slot. */
void
score (uint token0, uint slot0)
{
  uint tx = gl_LocalInvocationID.x % 16, ty = gl_LocalInvocationID.x / 16;
  float acc[4][4];
  [[unroll]] for (uint i = 0; i < 4; i++)
    [[unroll]] for (uint j = 0; j < 4; j++)
      acc[i][j] = 0.0;
  for (uint quad0 = 0; quad0 < push.head_dim / 4; quad0 += DEPTH / 4) {
    barrier ();
    load_tiles (token0, slot0, quad0);
    barrier ();
    [[unroll]] for (uint d = 0; d < DEPTH; d++) {
      float a[4], b[4];
      [[unroll]] for (uint i = 0; i < 4; i++) {
        a[i] = tile[d * (SIDE + 1) + ty + 16 * i];
        b[i] = tile[(DEPTH + d) * (SIDE + 1) + tx + 16 * i];
      }
      [[unroll]] for (uint i = 0; i < 4; i++)
        [[unroll]] for (uint j = 0; j < 4; j++)
          acc[i][j] = fma (a[i], b[j], acc[i][j]);
    }
  }
  [[unroll]] for (uint i = 0; i < 4; i++) {
    uint token = token0 + ty + 16 * i, first = get_first (token), end = get_end (token);
    [[unroll]] for (uint j = 0; j < 4; j++) {
      uint slot = slot0 + tx + 16 * j;
      bool seen = slot >= first && slot < end;
      weights[ty + 16 * i][tx + 16 * j] = seen ? acc[i][j] : LOWEST;
    }
  }
}

/* Scores to weights, with a token's new maximum, sum, and how much earlier values shrink. */
void
weigh ()
{
  uint row = gl_LocalInvocationID.x / 4, member = gl_LocalInvocationID.x % 4;
  float highest = LOWEST, sum = 0.0;
  for (uint k = 0; k < SIDE / 4; k++)
    highest = max (highest, weights[row][member + 4 * k]);
  part[row][member] = highest;
  barrier ();
  float old_top = top[row];
  float new_top = max (max (max (part[row][0], part[row][1]), max (part[row][2], part[row][3])),
                       old_top);
  barrier ();
  for (uint k = 0; k < SIDE / 4; k++) {
    float s = weights[row][member + 4 * k];
    float e = s > LOWEST ? exp (s - new_top) : 0.0;
    weights[row][member + 4 * k] = e;
    sum += e;
  }
  part[row][member] = sum;
  barrier ();
  if (member != 0)
    return;
  float less = exp (old_top - new_top);
  shrink[row] = less;
  total[row] = total[row] * less + part[row][0] + part[row][1] + part[row][2] + part[row][3];
  top[row] = new_top;
}

/* Eight slots' values; zero behind the head and behind the last slot. */
void
load_values (uint slot0)
{
  uint quads = push.head_dim / 4, columns = 4 * uint (COLUMNS);
  for (uint item = gl_LocalInvocationID.x; item < RUN * columns; item += 256) {
    uint line = item / columns, quad = item % columns;
    vec4 v = vec4 (0.0);
    if (quad < quads && slot0 + line < push.end)
      v = unpack (values[((slot0 + line) * push.n_kv_heads + gl_WorkGroupID.x / push.group) *
                             quads +
                         quad]);
    [[unroll]] for (uint c = 0; c < 4; c++)
      tile[line * 4 * columns + 4 * quad + c] = v[c];
  }
}

void
main ()
{
  uint token0 = gl_WorkGroupID.y * SIDE;
  uint tx = gl_LocalInvocationID.x % 16, ty = gl_LocalInvocationID.x / 16;
  uint last = min (token0 + SIDE, push.n_tokens) - 1;
  float acc[4][COLUMNS];
  [[unroll]] for (int i = 0; i < 4; i++)
    [[unroll]] for (int j = 0; j < COLUMNS; j++)
      acc[i][j] = 0.0;
  if (gl_LocalInvocationID.x < SIDE) {
    top[gl_LocalInvocationID.x] = LOWEST;
    total[gl_LocalInvocationID.x] = 0.0;
  }
  for (uint slot0 = get_first (token0); slot0 < get_end (last); slot0 += SIDE) {
    score (token0, slot0);
    barrier ();
    weigh ();
    barrier ();
    [[unroll]] for (int i = 0; i < 4; i++) {
      float less = shrink[ty + 16 * i];
      [[unroll]] for (int j = 0; j < COLUMNS; j++)
        acc[i][j] *= less;
    }
    for (uint run = 0; run < SIDE; run += RUN) {
      load_values (slot0 + run);
      barrier ();
      [[unroll]] for (uint s = 0; s < RUN; s++) {
        float w[4];
        [[unroll]] for (uint i = 0; i < 4; i++)
          w[i] = weights[ty + 16 * i][run + s];
        [[unroll]] for (int j = 0; j < COLUMNS; j++) {
          float v = tile[s * 16 * uint (COLUMNS) + tx + 16 * uint (j)];
          [[unroll]] for (uint i = 0; i < 4; i++)
            acc[i][j] = fma (w[i], v, acc[i][j]);
        }
      }
      barrier ();
    }
  }
  [[unroll]] for (uint i = 0; i < 4; i++) {
    uint token = token0 + ty + 16 * i;
    if (token > last)
      continue;
    uint at = push.y_first + token * push.y_stride + gl_WorkGroupID.x * push.head_dim;
    float factor = 1.0 / total[ty + 16 * i];
    [[unroll]] for (int j = 0; j < COLUMNS; j++)
      if (tx + 16 * uint (j) < push.head_dim)
        y[at + tx + 16 * uint (j)] = acc[i][j] * factor;
  }
}
