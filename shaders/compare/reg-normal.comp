/* One line's share of the Gauss-Newton normal equations of an affine registration.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* e = F - M o T with plane 0 (normalised density) weighted 1 / (1 + e^2) where both are film, the
 * lung planes with lung_weight; J = gradient of M times (X, Y, 1) for dx and dy, X = (x + 0.5 -
 * center) / unit. T (x) = x + (a0 + a1 x + a2 y, a3 + a4 x + a5 y). Sums: upper triangle of J'J by
 * rows, J'e, weight of plane 0, its weighted squared error, the current's film weight. One
 * invocation a line; group (y / 8). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_LINE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Current { float current[]; };
layout (std430, binding = 1) readonly buffer Prior { float prior[]; };
layout (std430, binding = 2) readonly buffer ValidC { float valid_current[]; };
layout (std430, binding = 3) readonly buffer ValidP { float valid_prior[]; };
layout (std430, binding = 4) writeonly buffer Sums { float sums[]; };
layout (push_constant) uniform Push { IvPushNormal push; };

void
main ()
{
  uint y = gl_GlobalInvocationID.x;
  if (y >= push.height)
    return;
  float acc[IV_NORMAL_SUMS];
  for (int k = 0; k < IV_NORMAL_SUMS; k++)
    acc[k] = 0.0;
  uint size = push.width * push.height, prior_size = push.prior_width * push.prior_height;
  float fy = float (y), Y = (fy + 0.5 - push.center_y) / push.unit;
  vec2 last = vec2 (float (push.prior_width) - 1.001, float (push.prior_height) - 1.001);
  for (uint x = 0u; x < push.width; x++) {
    float fx = float (x), X = (fx + 0.5 - push.center_x) / push.unit;
    float wc = valid_current[y * push.width + x];
    acc[29] += wc;
    vec2 at = vec2 (fx + push.a0 + push.a1 * fx + push.a2 * fy,
                    fy + push.a3 + push.a4 * fx + push.a5 * fy);
    if (wc <= 0.0 || any (lessThan (at, vec2 (0.0))) || any (greaterThan (at, last)))
      continue;
    uvec2 i = uvec2 (at);
    vec2 f = at - vec2 (i);
    uint p = i.y * push.prior_width + i.x;
    float wp = valid_prior[p];
    float xx = 0.0, xy = 0.0, yy = 0.0, ex = 0.0, ey = 0.0;
    for (uint k = 0u; k < push.planes; k++) {
      uint o = k * prior_size + p;
      float v00 = prior[o], v10 = prior[o + 1u];
      float v01 = prior[o + push.prior_width], v11 = prior[o + push.prior_width + 1u];
      float m = mix (mix (v00, v10, f.x), mix (v01, v11, f.x), f.y);
      float e = current[k * size + y * push.width + x] - m;
      float gx = mix (v10 - v00, v11 - v01, f.y) * push.unit;
      float gy = mix (v01 - v00, v11 - v10, f.x) * push.unit;
      float w = k == 0u ? wc * wp / (1.0 + e * e) : push.lung_weight;
      if (k == 0u) {
        acc[27] += w;
        acc[28] += w * e * e;
      }
      xx += w * gx * gx;
      xy += w * gx * gy;
      yy += w * gy * gy;
      ex += w * gx * e;
      ey += w * gy * e;
    }
    float XX = X * X, XY = X * Y, YY = Y * Y;
    acc[0] += xx * XX;
    acc[1] += xx * XY;
    acc[2] += xx * X;
    acc[3] += xy * XX;
    acc[4] += xy * XY;
    acc[5] += xy * X;
    acc[6] += xx * YY;
    acc[7] += xx * Y;
    acc[8] += xy * XY;
    acc[9] += xy * YY;
    acc[10] += xy * Y;
    acc[11] += xx;
    acc[12] += xy * X;
    acc[13] += xy * Y;
    acc[14] += xy;
    acc[15] += yy * XX;
    acc[16] += yy * XY;
    acc[17] += yy * X;
    acc[18] += yy * YY;
    acc[19] += yy * Y;
    acc[20] += yy;
    acc[21] += ex * X;
    acc[22] += ex * Y;
    acc[23] += ex;
    acc[24] += ey * X;
    acc[25] += ey * Y;
    acc[26] += ey;
  }
  for (int k = 0; k < IV_NORMAL_SUMS; k++)
    sums[y * IV_NORMAL_SUMS + k] = acc[k];
}
