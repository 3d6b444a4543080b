/* Angles of the rotary position embedding with three position streams, and with rows and columns.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "model/ops/iv-rope.h"

/* Far apart, and different from token to token: a wrong stream cannot pass. */
enum { N_TOKENS = 2 };
static const gint32 positions[3][N_TOKENS] = { { 7, 1041 }, { 11, 503 }, { 29, 97 } };

/* streams[j]: what frequency j follows. */
static void
check_angles (const IvRopeParams *params, const char *streams, guint n_frequencies)
{
  g_autofree float *angles = g_new (float, (gsize) N_TOKENS * params->n_rot);
  iv_rope_fill_angles (params, positions[0], N_TOKENS, angles);
  for (guint t = 0; t < N_TOKENS; t++)
    for (guint j = 0; j < params->n_rot / 2; j++) {
      double exponent = (double) (j % n_frequencies) / n_frequencies;
      double angle = positions[streams[j] - '0'][t] / pow (params->theta, exponent);
      const float *pair = angles + (gsize) t * params->n_rot + 2 * (gsize) j;
      /* One rounding to F32. */
      g_assert_cmpfloat_with_epsilon (pair[0], cos (angle), 1e-7);
      g_assert_cmpfloat_with_epsilon (pair[1], sin (angle), 1e-7);
    }
}

/* Qwen2.5-VL: 16 of t, 24 of h, 24 of w. */
static void
test_sections (void)
{
  IvRopeParams params = {
    .kind = IV_ROPE_CHUNKED, .n_rot = 128, .theta = 1e6, .sections = { 16, 24, 24 }
  };
  check_angles (&params, "0000000000000000111111111111111111111111222222222222222222222222", 64);
}

/* Qwen3-VL: t, h, w in turn for the first 60, then t alone. */
static void
test_interleaved (void)
{
  IvRopeParams params = {
    .kind = IV_ROPE_INTERLEAVED, .n_rot = 128, .theta = 5e6, .sections = { 24, 20, 20 }
  };
  check_angles (&params, "0120120120120120120120120120120120120120120120120120120120120000", 64);
}

/* A head of 32 has no whole number of turns: 16 = 6 + 5 + 5. */
static void
test_interleaved_small (void)
{
  IvRopeParams params = {
    .kind = IV_ROPE_INTERLEAVED, .n_rot = 32, .theta = 1e4, .sections = { 6, 5, 5 }
  };
  check_angles (&params, "0120120120120120", 16);
}

/* An image tower: rows turn the first half, columns the second. */
static void
test_vision (void)
{
  IvRopeParams params = { .kind = IV_ROPE_VISION, .n_rot = 80, .theta = 1e4 };
  check_angles (&params, "0000000000000000000011111111111111111111", 20);
}

static void
test_plain (void)
{
  IvRopeParams params = { .kind = IV_ROPE_PLAIN, .n_rot = 16, .theta = 1e4 };
  check_angles (&params, "00000000", 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rope-angles/plain", test_plain);
  g_test_add_func ("/rope-angles/sections", test_sections);
  g_test_add_func ("/rope-angles/interleaved", test_interleaved);
  g_test_add_func ("/rope-angles/interleaved-small", test_interleaved_small);
  g_test_add_func ("/rope-angles/vision", test_vision);
  return g_test_run ();
}
