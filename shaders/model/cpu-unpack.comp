#version 450
/* Packed weights to F32 texels of the same CPU layout: out = scale * (w - bias) - minimum, which
 * cpu-matmul reads. Work-group (tile, block): one subgroup, 8 rows of 32 weights per invocation.
 * Accuracy: one rounding of scale * integer, another of the minimum.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "shaders/include/iv-weights.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(binding = 0) uniform usamplerBuffer weights;
layout(binding = 1) uniform usamplerBuffer scales;
layout(std430, binding = 2) writeonly buffer Out { vec4 unpacked[]; };
layout(push_constant) uniform Push { IvPushUnpack push; };

const int R = IV_TILE_GROUPS;

void
main ()
{
  int lanes = int (LANES);
  int lane = int (gl_LocalInvocationID.x);
  int block = int (gl_WorkGroupID.y);
  int here = int (gl_WorkGroupID.x * push.n_blocks) + block;
  int there = int ((push.first_tile + gl_WorkGroupID.x) * push.n_blocks) + block;
  int w_at = there * TEXELS * R * lanes + lane;
  int out_at = here * 8 * R * lanes + lane;
#if SCALES > 0
  int before = there * SCALES + (there / IV_SUPER_BLOCKS + 1) * SUPERS;
  uvec4 s[SCALES];
  [[unroll]] for (int i = 0; i < SCALES; i++)
    s[i] = texelFetch (scales, (before + i) * lanes + lane);
#if SUPERS > 0
  int super = there / IV_SUPER_BLOCKS * (IV_SUPER_BLOCKS * SCALES + SUPERS);
  uvec4 d[SUPERS];
  [[unroll]] for (int i = 0; i < SUPERS; i++)
    d[i] = texelFetch (scales, (super + i) * lanes + lane);
#endif
#endif
  [[unroll]] for (int r = 0; r < R; r++) {
    float dr = 0.0, mr = 0.0;
#if SUPERS > 0
    dr = get_half (d[0], r);
    mr = get_half (d[SUPERS - 1], r);
#endif
    [[unroll]] for (int j = 0; j < TEXELS; j++) {
      uvec4 texel = texelFetch (weights, w_at + (j * R + r) * lanes);
      [[unroll]] for (int i = 0; i < QUADS; i++) {
        int quad = j * QUADS + i;
        vec4 v = unpack_quad (texel, i) * X_FACTORS - BIAS;
#if SCALES > 0
        v *= get_scale (s, dr, r, SPLIT ? quad / 4 : 0);
#endif
#if HAS_MINIMUM
        v -= get_minimum (s, mr, r, SPLIT ? quad / 4 : 0);
#endif
        unpacked[out_at + (quad * R + r) * lanes] = v;
      }
    }
  }
}
