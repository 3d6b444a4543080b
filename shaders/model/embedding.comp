#version 450
/* y[t] = scale * table[ids[t]], the table packed as the weights of a linear layer.
 * One invocation per token and quad of a row. An id beyond the whole table gives zeros; a table in
 * pieces is gathered piece by piece.
 * Accuracy: as the unpacked weights, one more rounding for the scale.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#extension GL_GOOGLE_include_directive : require
#ifdef IV_CPU
#include "shaders/include/iv-weights.glsl"
#else
#include "shaders/include/iv-gpu-weights.glsl"
#endif

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint LANES = 8;
layout(std430, binding = 2) readonly buffer Ids { uint ids[]; };
layout(std430, binding = 3) writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { IvPushEmbedding push; };

#ifdef IV_CPU
layout(binding = 0) uniform usamplerBuffer weights;
layout(binding = 1) uniform usamplerBuffer scales;

vec4
load_row_quad (uint row, uint quad)
{
  uint lane = row % LANES;
  uint group = row / LANES % IV_TILE_GROUPS;
  uint block = row / (LANES * IV_TILE_GROUPS) * push.n_blocks + quad / 8;
  uint q = quad % 8;
  uint at = ((block * TEXELS + q / QUADS) * IV_TILE_GROUPS + group) * LANES + lane;
  uvec4 texel = texelFetch (weights, int (at));
  /* Constant indices into the texel: a dynamic one would be written out to memory. */
  vec4 v = vec4 (0.0);
  for (int i = 0; i < QUADS; i++)
    if (i == int (q % QUADS))
      v = unpack_quad (texel, i);
  v = v * X_FACTORS - BIAS;
#if SCALES > 0
  uint before = block * SCALES + (block / IV_SUPER_BLOCKS + 1) * SUPERS;
  uvec4 s[SCALES];
  for (int i = 0; i < SCALES; i++)
    s[i] = texelFetch (scales, int ((before + i) * LANES + lane));
  float d = 0.0, m = 0.0;
#if SUPERS > 0
  uint super = block / IV_SUPER_BLOCKS * (IV_SUPER_BLOCKS * SCALES + SUPERS);
  d = get_half (texelFetch (scales, int (super * LANES + lane)), int (group));
  m = get_half (texelFetch (scales, int ((super + SUPERS - 1) * LANES + lane)), int (group));
#endif
  v *= get_scale (s, d, int (group), SPLIT ? int (q / 4) : 0);
#if HAS_MINIMUM
  v -= get_minimum (s, m, int (group), SPLIT ? int (q / 4) : 0);
#endif
#endif
  return v;
}
#else

vec4
load_row_quad (uint row, uint quad)
{
  return load_weights (row * push.n_blocks + quad / 8, int (quad % 8));
}
#endif

void
main ()
{
  uint quad = gl_GlobalInvocationID.x;
  uint token = gl_WorkGroupID.y;
  if (4 * quad >= push.n)
    return;
  uint id = ids[push.first_id + token];
  uint row = id - push.first_row; /* wraps below the piece */
  uint at = (push.y_first + token * push.y_stride) / 4 + quad;
  if (row < push.n_rows)
    y[at] = push.scale * load_row_quad (row, quad);
  else if (push.first_row == 0)
    y[at] = vec4 (0.0);
}
