#version 450
/* Puts k and v of n_tokens into a cache of F16 or Q8 from a slot on, in the CPU layout (see
 * iv-shared-attention.h).
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* A word of values holds 2 (F16) or 4 (Q8) slots, so that an invocation takes as many and leaves
 * those outside the tokens as they are: x, that many slots; y, 2 or 32 dimensions; z, kv head.
 * IV_ROTATE: keys are rotated on the way, and one more z rotates the queries in place.
 * Accuracy: F16 rounds to nearest where the driver does. Q8: scale F16 (max |x| / 127) of each 32
 * dimensions, levels to nearest. */
#extension GL_GOOGLE_include_directive : require
#include "shaders/include/iv-shared-attention.h"
#include "shaders/include/iv-shared-linear.h"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint LANES = 8;
layout(std430, binding = 0) readonly buffer K { float k[]; };
layout(std430, binding = 1) readonly buffer V { float v[]; };
layout(std430, binding = 2) writeonly buffer Keys { uint keys[]; };
layout(std430, binding = 3) buffer Values { uint values[]; };
#if IV_CACHE != IV_CACHE_F16
layout(std430, binding = 4) writeonly buffer KeyScales { float key_scales[]; };
layout(std430, binding = 5) writeonly buffer ValueScales { float value_scales[]; };
#endif
layout(push_constant) uniform Push { IvPushKvStore push; };

#include "shaders/include/iv-rotate.glsl"

#if IV_CACHE == IV_CACHE_F16
const uint SLOTS = 2;
const uint DIMENSIONS = 2;
const uint PER_TEXEL = 8;
#else
const uint SLOTS = 4;
const uint DIMENSIONS = 32;
const uint PER_TEXEL = 16;
#endif

/* The word that holds an element of a packed matrix. */
uint
locate (uint row, uint column, uint tile_size)
{
  uint tile = row / (LANES * IV_TILE_GROUPS);
  uint group = row / LANES % IV_TILE_GROUPS;
  uint texel = (column / PER_TEXEL * IV_TILE_GROUPS + group) * LANES + row % LANES;
  return tile * tile_size + 4 * texel + column % PER_TEXEL * 4 / PER_TEXEL;
}

uint
locate_value (uint head, uint d, uint slot)
{
  return head * push.v_head + locate (d, slot, push.v_tile);
}

#if IV_CACHE == IV_CACHE_F16
void
store (uint slot, uint d, uint head)
{
  uint low = values[locate_value (head, d, slot)];
  uint high = values[locate_value (head, d + 1, slot)];
  for (uint i = 0; i < SLOTS; i++) {
    if (slot + i < push.slot || slot + i >= push.slot + push.n_tokens)
      continue;
    uint token = slot + i - push.slot;
    uint column = head * push.head_dim + d;
    uint key = push.k_first + token * push.k_stride + head * push.head_dim;
    keys[head * push.k_head + locate (slot + i, d, push.k_tile)] =
        packHalf2x16 (vec2 (load_key (token, key, d), load_key (token, key, d + 1)));
    uint at = push.v_first + token * push.v_stride + column;
    uint word = packHalf2x16 (vec2 (v[at], v[at + 1]));
    uint shift = 16 * i;
    low = low & ~(0xffffu << shift) | (word & 0xffffu) << shift;
    high = high & ~(0xffffu << shift) | (word >> 16) << shift;
  }
  values[locate_value (head, d, slot)] = low;
  values[locate_value (head, d + 1, slot)] = high;
}
#else
float
round_scale (float most)
{
  return unpackHalf2x16 (packHalf2x16 (vec2 (min (most / 127.0, 65504.0), 0.0))).x;
}

uint
round_level (float value, float scale)
{
  float level = scale > 0.0 ? value / scale : 0.0;
  return uint (int (roundEven (clamp (level, -127.0, 127.0)))) & 0xffu;
}

void
store_keys (uint slot, uint d, uint head, uint token)
{
  uint at = push.k_first + token * push.k_stride + head * push.head_dim;
  float most = 0.0;
  for (uint i = 0; i < 32; i++)
    most = max (most, abs (load_key (token, at, d + i)));
  float scale = round_scale (most);
  uint place = head * push.k_head + locate (slot, d, push.k_tile);
  for (uint i = 0; i < 32; i += 4) {
    uint word = 0;
    for (uint j = 0; j < 4; j++)
      word |= round_level (load_key (token, at, d + i + j), scale) << (8 * j);
    /* The second texel of the block lies a round of groups further on. */
    keys[place + i / 16 * 4 * IV_TILE_GROUPS * LANES + i % 16 / 4] = word;
  }
  uint tile = slot / (LANES * IV_TILE_GROUPS);
  uint group = slot / LANES % IV_TILE_GROUPS;
  uint texel = (d / 32 * 2 + group / 4) * LANES + slot % LANES;
  key_scales[head * push.k_scale_head + tile * push.k_scale_tile + 4 * texel + group % 4] = scale;
}

void
store_values (uint slot, uint i, uint d, uint head, uint at)
{
  float most = 0.0;
  for (uint j = 0; j < 32; j++)
    most = max (most, abs (v[at + j]));
  float scale = round_scale (most);
  for (uint j = 0; j < 32; j++) {
    uint place = locate_value (head, d + j, slot);
    uint level = round_level (v[at + j], scale);
    values[place] = values[place] & ~(0xffu << (8 * i)) | level << (8 * i);
  }
  value_scales[head * push.v_scale_head + d / 32 * push.v_scale_block + slot + i] = scale;
}

void
store (uint slot, uint d, uint head)
{
  for (uint i = 0; i < SLOTS; i++) {
    if (slot + i < push.slot || slot + i >= push.slot + push.n_tokens)
      continue;
    uint token = slot + i - push.slot;
    uint column = head * push.head_dim + d;
    store_keys (slot + i, d, head, token);
    store_values (slot, i, d, head, push.v_first + token * push.v_stride + column);
  }
}
#endif

void
main ()
{
  uint slot = (push.slot / SLOTS + gl_GlobalInvocationID.x) * SLOTS;
  uint d = gl_WorkGroupID.y * DIMENSIONS;
#ifdef IV_ROTATE
  if (gl_WorkGroupID.z == push.n_kv_heads) {
    for (uint i = 0; i < SLOTS; i++) {
      bool is_ours = slot + i >= push.slot && slot + i < push.slot + push.n_tokens;
      for (uint j = d / 2; is_ours && j < (d + DIMENSIONS) / 2; j++)
        rotate_queries (slot + i - push.slot, j);
    }
    return;
  }
#endif
  if (slot < push.slot + push.n_tokens)
    store (slot, d, gl_WorkGroupID.z);
}
