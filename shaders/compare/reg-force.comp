/* The demons force that moves the field towards agreement of current and warped prior.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* force = sum w e g / (sum w g^2 + alpha * sum w e^2 + 1e-3) over planes: e = clamp (F - M o T,
 * -clip, clip), g = mean of the gradients of F and of M at T (Thirion's force with the symmetric
 * gradient). Plane 0 counts where both are film, the lung planes with lung_weight. T (x) = x +
 * affine (x) + field (x). |force| <= 1 / (2 sqrt (alpha)) pixels. One invocation a pixel; group (x
 * / 64, y). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Current { float current[]; };
layout (std430, binding = 1) readonly buffer Prior { float prior[]; };
layout (std430, binding = 2) readonly buffer ValidC { float valid_current[]; };
layout (std430, binding = 3) readonly buffer ValidP { float valid_prior[]; };
layout (std430, binding = 4) readonly buffer Field { float field[]; };
layout (std430, binding = 5) writeonly buffer Force { float force[]; };
layout (push_constant) uniform Push { IvPushForce push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y;
  if (x >= push.width)
    return;
  uint pixel = y * push.width + x, size = push.width * push.height;
  uint prior_size = push.prior_width * push.prior_height;
  float fx = float (x), fy = float (y);
  vec2 at = vec2 (fx + push.a0 + push.a1 * fx + push.a2 * fy,
                  fy + push.a3 + push.a4 * fx + push.a5 * fy);
  at += vec2 (field[pixel], field[size + pixel]);
  vec2 last = vec2 (float (push.prior_width) - 1.001, float (push.prior_height) - 1.001);
  vec2 u = vec2 (0.0);
  if (all (greaterThanEqual (at, vec2 (0.0))) && all (lessThanEqual (at, last))) {
    uvec2 i = uvec2 (at);
    vec2 f = at - vec2 (i);
    uint p = i.y * push.prior_width + i.x;
    uint left = x > 0u ? 1u : 0u, right = x + 1u < push.width ? 1u : 0u;
    uint up = y > 0u ? push.width : 0u, down = y + 1u < push.height ? push.width : 0u;
    float film = valid_current[pixel] * (valid_prior[p] > 0.5 ? 1.0 : 0.0);
    vec2 sum = vec2 (0.0);
    float den = 1e-3;
    for (uint k = 0u; k < push.planes; k++) {
      uint o = k * prior_size + p, c = k * size + pixel;
      float v00 = prior[o], v10 = prior[o + 1u];
      float v01 = prior[o + push.prior_width], v11 = prior[o + push.prior_width + 1u];
      float w = k == 0u ? film : push.lung_weight;
      float e = current[c] - mix (mix (v00, v10, f.x), mix (v01, v11, f.x), f.y);
      e = clamp (e, -push.clip, push.clip);
      vec2 g = vec2 (mix (v10 - v00, v11 - v01, f.y), mix (v01 - v00, v11 - v10, f.x));
      g *= 0.5;
      g.x += 0.25 * (current[c + right] - current[c - left]);
      g.y += 0.25 * (current[c + down] - current[c - up]);
      sum += w * e * g;
      den += w * (dot (g, g) + push.alpha * e * e);
    }
    u = sum / den;
  }
  force[pixel] = u.x;
  force[size + pixel] = u.y;
}
