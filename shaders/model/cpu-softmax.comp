#version 450
/* Rows of scores to rows of weights, in place: softmax (scale * s) over the slots a token may see,
 * zero elsewhere. Row (batch, token, member of the group); see IvPushSoftmax.
 * CPU devices: one invocation per row. Accuracy: F32, the maximum taken off first.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-attention.h"

layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer Scores { vec4 scores[]; };
layout(push_constant) uniform Push { IvPushSoftmax push; };

const float LOWEST = -3.0e38;

void
main ()
{
  uint row = gl_GlobalInvocationID.x;
  if (row >= push.n_rows)
    return;
  uint own = push.own + row / push.group % push.n_tokens;
  uint end = push.causal != 0 ? min (push.end, own + 1) : push.end;
  uint first = push.window != 0 ? max (push.first, max (own + 1, push.window) - push.window)
                                : push.first;
  ivec4 low = ivec4 (int (first - push.base)) - ivec4 (0, 1, 2, 3);
  ivec4 high = ivec4 (int (end - push.base)) - ivec4 (0, 1, 2, 3);
  int at = int (row * push.stride / 4);
  int quads = int ((push.n + 3) / 4);
  int from = low.x / 4;
  int to = min ((high.x + 3) / 4, quads);

  vec4 most = vec4 (LOWEST);
  for (int i = from; i < to; i++) {
    bvec4 hidden = bvec4 (uvec4 (lessThan (ivec4 (4 * i), low)) |
                          uvec4 (greaterThanEqual (ivec4 (4 * i), high)));
    most = max (most, mix (scores[at + i], vec4 (LOWEST), hidden));
  }
  float top = max (max (most.x, most.y), max (most.z, most.w));
  vec4 sums = vec4 (0.0);
  for (int i = from; i < to; i++) {
    bvec4 hidden = bvec4 (uvec4 (lessThan (ivec4 (4 * i), low)) |
                          uvec4 (greaterThanEqual (ivec4 (4 * i), high)));
    vec4 e = mix (exp (push.scale * (scores[at + i] - top)), vec4 (0.0), hidden);
    sums += e;
    scores[at + i] = e;
  }
  float factor = 1.0 / (sums.x + sums.y + sums.z + sums.w);
  for (int i = 0; i < quads; i++)
    scores[at + i] = i >= from && i < to ? scores[at + i] * factor : vec4 (0.0);
}
