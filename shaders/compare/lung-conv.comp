/* Convolution layer of the lung network over the planes of two images; zero beyond the edge.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* out[o, y, x] = f (bias[o] + sum w[o, i, j, k] in[i, y + j - r, x + k - r]), in: the planes of a,
 * then those of b; f the leaky rectifier of slope 0.1 or the logistic function. One invocation
 * makes 8 planes of one pixel, so that an input is loaded once for 8 outputs; group (x / 64, y,
 * plane / 8). Accuracy: relative 1e-4. */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer First { float first[]; };
layout (std430, binding = 1) readonly buffer Second { float second[]; };
layout (std430, binding = 2) readonly buffer Weights { float weights[]; };
layout (std430, binding = 3) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushConv push; };

#define TILE 8u

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, o0 = gl_WorkGroupID.z * TILE;
  if (x >= push.width)
    return;
  uint planes = push.planes_a + push.planes_b, taps = push.kernel * push.kernel;
  uint size = push.width * push.height, tile = min (TILE, push.planes_out - o0);
  int r = int (push.kernel / 2u);
  float acc[TILE];
  for (uint o = 0u; o < TILE; o++)
    acc[o] = o < tile ? weights[push.weights + push.planes_out * planes * taps + o0 + o] : 0.0;
  for (uint i = 0u; i < planes; i++) {
    bool in_a = i < push.planes_a;
    uint base = (in_a ? i : i - push.planes_a) * size;
    for (uint t = 0u; t < taps; t++) {
      int sx = int (x) + int (t % push.kernel) - r, sy = int (y) + int (t / push.kernel) - r;
      if (sx < 0 || sy < 0 || sx >= int (push.width) || sy >= int (push.height))
        continue;
      uint at = base + uint (sy) * push.width + uint (sx);
      float v = in_a ? first[at] : second[at];
      uint w = push.weights + (o0 * planes + i) * taps + t;
      for (uint o = 0u; o < TILE; o++)
        acc[o] += v * weights[w + min (o, tile - 1u) * planes * taps];
    }
  }
  for (uint o = 0u; o < tile; o++) {
    float z = acc[o];
    z = push.sigmoid != 0u ? 1.0 / (1.0 + exp (-z)) : max (z, 0.1 * z);
    target[((o0 + o) * push.height + y) * push.width + x] = z;
  }
}
