/* Rotation on the way into a cache (IV_ROTATE): queries in place, keys as they are read. See
 * rope.comp; push is an IvPushKvStore and k the buffer that keys are read from.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_ROTATE_GLSL
#define IV_ROTATE_GLSL

#ifdef IV_ROTATE
layout(std430, binding = 6) buffer Q { float q[]; };
layout(std430, binding = 7) readonly buffer Angles { vec2 angles[]; };

/* cos, sin of pair j. */
vec2
load_turn (uint token, uint j)
{
  return angles[(push.angles_first + token * push.angles_stride) / 2 + j];
}

/* Pair j of every query head. */
void
rotate_queries (uint token, uint j)
{
  uint pairs = push.n_rot / 2;
  if (j >= pairs)
    return;
  vec2 turn = load_turn (token, j);
  uint first = push.q_first + token * push.q_stride + (push.adjacent != 0 ? 2 * j : j);
  uint apart = push.adjacent != 0 ? 1 : pairs;
  for (uint head = 0; head < push.n_heads; head++) {
    float a = q[first], b = q[first + apart];
    q[first] = a * turn.x - b * turn.y;
    q[first + apart] = b * turn.x + a * turn.y;
    first += push.head_dim;
  }
}

/* Element d of a key whose first element is at. */
float
load_key (uint token, uint at, uint d)
{
  uint pairs = push.n_rot / 2;
  if (d >= push.n_rot)
    return k[at + d];
  bool is_adjacent = push.adjacent != 0;
  bool is_second = is_adjacent ? d % 2 == 1 : d >= pairs;
  uint partner = is_adjacent ? d ^ 1u : is_second ? d - pairs : d + pairs;
  vec2 turn = load_turn (token, is_adjacent ? d / 2 : is_second ? partner : d);
  float mine = k[at + d], other = k[at + partner];
  return is_second ? mine * turn.x + other * turn.y : mine * turn.x - other * turn.y;
}
#else
float
load_key (uint token, uint at, uint d)
{
  return k[at + d];
}
#endif

#endif
