/* Bilinear resampling by one factor, edge pixels carried on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* target[p, y, x] = gain * source (p, (y + 0.5) * scale - 0.5, (x + 0.5) * scale - 0.5). One
 * invocation a target pixel; group (x / 64, y, plane). */

#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-image.h"

layout (local_size_x = IV_IMAGE_LOCAL) in;
layout (std430, binding = 0) readonly buffer Source { float source[]; };
layout (std430, binding = 1) writeonly buffer Target { float target[]; };
layout (push_constant) uniform Push { IvPushResize push; };

void
main ()
{
  uint x = gl_GlobalInvocationID.x, y = gl_WorkGroupID.y, plane = gl_WorkGroupID.z;
  if (x >= push.width)
    return;
  vec2 last = vec2 (float (push.source_width - 1u), float (push.source_height - 1u));
  vec2 at = clamp ((vec2 (float (x), float (y)) + 0.5) * push.scale - 0.5, vec2 (0.0), last);
  uvec2 i = uvec2 (at), n = min (i + 1u, uvec2 (last));
  vec2 f = at - vec2 (i);
  uint r0 = (plane * push.source_height + i.y) * push.source_width;
  uint r1 = (plane * push.source_height + n.y) * push.source_width;
  float top = mix (source[r0 + i.x], source[r0 + n.x], f.x);
  float low = mix (source[r1 + i.x], source[r1 + n.x], f.x);
  target[(plane * push.height + y) * push.width + x] = push.gain * mix (top, low, f.y);
}
