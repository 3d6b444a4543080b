#version 450
/* y = f (x) [* up]: SiLU, GELU by tanh, GELU by erf, quick GELU (IvActivation 0 … 3). F32 rows;
 * y may be x or up. One invocation per quad, y a row.
 * erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7; the rest to F32 exp.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-rows.h"

layout(local_size_x = 32) in;
layout(std430, binding = 0) readonly buffer X { vec4 x[]; };
layout(std430, binding = 1) readonly buffer Up { vec4 up[]; };
layout(std430, binding = 2) buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { IvPushActivation push; };

/* 1 / (1 + exp (-v)); exp is kept from overflowing, where drivers differ. */
vec4
logistic (vec4 v)
{
  return 1.0 / (1.0 + exp (clamp (-v, -80.0, 80.0)));
}

vec4
erf (vec4 v)
{
  vec4 a = abs (v);
  vec4 t = 1.0 / (1.0 + 0.3275911 * a);
  vec4 p = t * (0.254829592 +
                t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign (v) * (1.0 - p * exp (-min (a * a, vec4 (80.0))));
}

vec4
activate (vec4 v)
{
  switch (push.activation) {
  case 0:
    return v * logistic (v);
  case 1: /* (1 + tanh (u)) / 2 = logistic (2 u) */
    return v * logistic (1.5957691216057308 * (v + 0.044715 * v * v * v));
  case 2:
    return 0.5 * v * (1.0 + erf (0.7071067811865476 * v));
  default:
    return v * logistic (1.702 * v);
  }
}

void
main ()
{
  uint quad = gl_GlobalInvocationID.x;
  uint row = gl_WorkGroupID.y;
  if (4 * quad >= push.n)
    return;
  vec4 v = activate (x[(push.x_first + row * push.x_stride) / 4 + quad]);
  if (push.has_up != 0)
    v *= up[(push.up_first + row * push.up_stride) / 4 + quad];
  y[(push.y_first + row * push.y_stride) / 4 + quad] = v;
}
