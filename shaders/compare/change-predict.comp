/* The current film as predicted from the prior: grey curve, local contrast, slow field.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* With m = prior - 0.5, detail = prior - mean / share, (u, v) the place within the chest and k the
 * coefficients, target = gain * (k0 m + k1 m^2 + k2 m^3 + k3 detail + k4 detail m + k5 air +
 * k6 m (u - 0.5) + k7 m (v - 0.5) + sum over i + j <= order of k cos (pi i u) cos (pi j v)).
 * All images [height, width]. One invocation a pixel; group (x / 64, y). Accuracy: relative 1e-5.
 */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-change.h"

layout (local_size_x = 64) in;
layout (std430, binding = 0) readonly buffer Prior { float prior[]; };
layout (std430, binding = 1) readonly buffer Mean { float mean[]; };
layout (std430, binding = 2) readonly buffer Share { float share[]; };
layout (std430, binding = 3) readonly buffer Air { float air[]; };
layout (std430, binding = 4) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushChangePredict push; };

const float PI = 3.14159265358979;

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x;
  float u = clamp ((float (x) - push.x0) / push.across, -0.1, 1.1);
  float v = clamp ((float (y) - push.y0) / push.down, -0.1, 1.1);
  float m = prior[pixel] - 0.5, detail = prior[pixel] - mean[pixel] / (share[pixel] + 1e-3);
  float sum = m * (push.coefficients[0]
                   + m * (push.coefficients[1] + m * push.coefficients[2]))
              + detail * (push.coefficients[3] + m * push.coefficients[4])
              + air[pixel] * push.coefficients[5]
              + m * ((u - 0.5) * push.coefficients[6]
                     + (v - 0.5) * push.coefficients[7]);
  int k = IV_GREY_CURVE;
  for (int i = 0; i <= IV_GREY_ORDER; i++)
    for (int j = 0; i + j <= IV_GREY_ORDER; j++)
      sum += push.coefficients[k++] * cos (PI * float (i) * u) * cos (PI * float (j) * v);
  target[pixel] = push.gain * sum;
}
