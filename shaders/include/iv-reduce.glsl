/* Sums and maxima over a work-group of LOCAL invocations (specialisation constant 0).
 * IV_PLAIN: through shared memory alone; else by subgroups, and shared memory between them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_REDUCE_GLSL
#define IV_REDUCE_GLSL

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL = 64;

#ifdef IV_PLAIN

shared float reduce_values[LOCAL];

#define IV_REDUCE(NAME, OP)                                                                        \
  float NAME (float value)                                                                         \
  {                                                                                                \
    uint i = gl_LocalInvocationID.x;                                                               \
    barrier ();                                                                                    \
    reduce_values[i] = value;                                                                      \
    barrier ();                                                                                    \
    for (uint step = LOCAL / 2; step > 0; step /= 2) {                                             \
      if (i < step)                                                                                \
        reduce_values[i] = OP (reduce_values[i], reduce_values[i + step]);                         \
      barrier ();                                                                                  \
    }                                                                                              \
    return reduce_values[0];                                                                       \
  }

float
add_two (float a, float b)
{
  return a + b;
}

IV_REDUCE (reduce_add, add_two)
IV_REDUCE (reduce_max, max)

#else

/* One slot per subgroup; the second constant is the subgroup size. */
layout(constant_id = 1) const uint SUBGROUP = 8;
shared float reduce_values[LOCAL / 4 + 1]; /* a driver may run narrower subgroups */

#define IV_REDUCE(NAME, SUBGROUP_OP, OP)                                                           \
  float NAME (float value)                                                                         \
  {                                                                                                \
    float all = SUBGROUP_OP (value);                                                               \
    if (LOCAL > SUBGROUP) {                                                                        \
      barrier ();                                                                                  \
      if (subgroupElect ())                                                                        \
        reduce_values[gl_SubgroupID] = all;                                                        \
      barrier ();                                                                                  \
      all = reduce_values[0];                                                                      \
      for (uint i = 1; i < gl_NumSubgroups; i++)                                                   \
        all = OP (all, reduce_values[i]);                                                          \
    }                                                                                              \
    return all;                                                                                    \
  }

float
add_two (float a, float b)
{
  return a + b;
}

IV_REDUCE (reduce_add, subgroupAdd, add_two)
IV_REDUCE (reduce_max, subgroupMax, max)

#endif
#endif
