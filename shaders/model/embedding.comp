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
  v = v * X_FACTORS - (IV_FORMAT == IV_FORMAT_Q4S ? 0.0 : BIAS);
#if SCALES == 1
  uvec4 s = texelFetch (scales, int (block * LANES + lane));
  v *= unpackHalf2x16 (s[group / 2])[group % 2];
#elif SCALES > 1
  uint second = IV_FORMAT == IV_FORMAT_Q4S ? 0 : q / 4 * 2;
  uint s_at = (block * SCALES + second + group / 4) * LANES + lane;
  v *= uintBitsToFloat (texelFetch (scales, int (s_at))[group % 4]);
#if IV_FORMAT == IV_FORMAT_Q4S || IV_FORMAT == IV_FORMAT_Q8M
  uint offset = IV_FORMAT == IV_FORMAT_Q4S ? 2 : 4;
  v -= uintBitsToFloat (texelFetch (scales, int (s_at + offset * LANES))[group % 4]);
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
