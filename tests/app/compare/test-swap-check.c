/* Changes must flip when the films are exchanged: by hand, and on the demonstration study.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "app/compare/iv-change.h"
#include "app/compare/iv-comparison-private.h"
#include "app/compare/iv-swap-check.h"

typedef struct {
  double x, y, size;
  IvChangeDirection direction;
} Square;

static void
add_square (GPtrArray *changes, const Square *square)
{
  IvChange *change = g_new0 (IvChange, 1);
  const IvPoint corners[] = { { square->x, square->y },
                              { square->x + square->size, square->y },
                              { square->x + square->size, square->y + square->size },
                              { square->x, square->y + square->size } };

  change->direction = square->direction;
  change->contour = g_array_new (FALSE, FALSE, sizeof (IvPoint));
  g_array_append_vals (change->contour, corners, G_N_ELEMENTS (corners));
  g_ptr_array_add (changes, change);
}

/* Films that lie on each other but for a shift, with square changes. */
static IvComparison *
make_comparison (double shift, const char *reason, const Square *squares, guint n)
{
  IvComparisonContents contents = { .reason = g_strdup (reason),
                                    .affine = { shift },
                                    .seconds = 2 };

  contents.current_film = g_new0 (IvCompareFilm, 1);
  contents.prior_film = g_new0 (IvCompareFilm, 1);
  contents.current_film->pitch = contents.prior_film->pitch = 1;
  contents.changes = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_change_free);
  for (guint i = 0; i < n; i++)
    add_square (contents.changes, &squares[i]);
  return iv_comparison_new (&contents);
}

static void
test_marks (void)
{
  static const Square here[] = { { 10, 10, 20, IV_CHANGE_INCREASED },
                                 { 100, 10, 20, IV_CHANGE_INCREASED },
                                 { 200, 10, 20, IV_CHANGE_DECREASED },
                                 { 300, 10, 20, IV_CHANGE_DECREASED } };
  /* In the prior's pixels, 50 to the right: found; same direction; found in part; too large. */
  static const Square there[] = { { 60, 10, 20, IV_CHANGE_DECREASED },
                                  { 150, 10, 20, IV_CHANGE_INCREASED },
                                  { 262, 10, 20, IV_CHANGE_INCREASED },
                                  { 310, -30, 80, IV_CHANGE_INCREASED } };
  static const IvSwapMark expected[] = {
    IV_SWAP_CONSISTENT, IV_SWAP_INCONSISTENT, IV_SWAP_CONSISTENT, IV_SWAP_INCONSISTENT
  };
  g_autoptr (IvComparison) comparison = make_comparison (50, NULL, here, G_N_ELEMENTS (here));
  g_autoptr (IvComparison) swapped = make_comparison (-50, NULL, there, G_N_ELEMENTS (there));
  g_autoptr (IvComparison) refused = make_comparison (0, "They do not fit", NULL, 0);
  g_autoptr (IvSwapCheck) check = iv_swap_check_new (comparison, swapped);
  g_autoptr (IvSwapCheck) unknown = iv_swap_check_new (comparison, refused);

  g_assert_true (check->comparison == comparison);
  g_assert_cmpfloat (check->seconds, ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (here); i++) {
    g_assert_cmpint (g_array_index (check->marks, IvSwapMark, i), ==, expected[i]);
    g_assert_cmpint (g_array_index (unknown->marks, IvSwapMark, i), ==, IV_SWAP_UNKNOWN);
  }
  g_assert_cmpstr (iv_swap_mark_to_string (expected[0]), ==, "consistent");
}

static IvRadiograph *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file =
      g_test_build_filename (G_TEST_DIST, "..", "data", "demo", "study", name, NULL);
  IvRadiograph *film = iv_radiograph_load (file, NULL, &error);

  g_assert_no_error (error);
  return film;
}

/* Of the simulated patient, along the rays: where heart and lung are thicker than 4 mm. */
#define SIMULATED_RATIO 0.457

static void
assert_measure (const IvFilmMeasure *measure, double ratio)
{
  g_test_message ("ratio %.3f, simulated %.3f", measure->ratio, ratio);
  g_assert_cmpuint (measure->doubts, ==, 0);
  g_assert_cmpint (measure->source, ==, IV_SPACING_DETECTOR);
  /* Twice the 90th percentile of the error on simulated films (docs/COMPARE.md). */
  g_assert_cmpfloat_with_epsilon (measure->ratio, ratio, 0.03);
  g_assert_cmpfloat_with_epsilon (measure->heart_mm / measure->thorax_mm, measure->ratio, 1e-6);
  /* An adult's lung fields: 200 to 350 cm² each. */
  g_assert_cmpfloat (measure->lung_mm2[0], >, 20000);
  g_assert_cmpfloat (measure->lung_mm2[1], <, 35000);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* What was drawn into the current film is found both ways round; nothing else is claimed. */
static void
test_demonstration (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvEngine) engine = iv_engine_new (NULL);
  g_autoptr (IvRadiograph) current = load ("current.dcm");
  g_autoptr (IvRadiograph) prior = load ("prior.dcm");
  g_autoptr (IvComparison) comparison = iv_comparison_run (
      engine, &(IvComparisonParams){ .current = current, .prior = prior }, NULL, &error);
  g_autoptr (GAsyncResult) result = NULL;
  guint n_consistent = 0, n_shown = 0;

  g_assert_no_error (error);
  assert_measure (iv_comparison_get_current_measure (comparison), SIMULATED_RATIO);
  assert_measure (iv_comparison_get_prior_measure (comparison), SIMULATED_RATIO);
  iv_swap_check_run_async (engine, comparison, NULL, done_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (IvSwapCheck) check = iv_swap_check_run_finish (result, &error);
  g_assert_no_error (error);
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  g_assert_cmpuint (check->marks->len, ==, changes->len);
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    gboolean is_up = change->direction == IV_CHANGE_INCREASED;

    g_assert_true (isfinite (change->mean_normalised) && isfinite (change->mean_relative));
    if (change->score < 0.5) {
      g_assert_cmpint (iv_change_get_course (change), ==, IV_COURSE_UNCHANGED);
      continue;
    }
    n_shown++;
    n_consistent += g_array_index (check->marks, IvSwapMark, i) == IV_SWAP_CONSISTENT;
    g_assert_cmpint (
        iv_change_get_course (change), ==, is_up ? IV_COURSE_INCREASED : IV_COURSE_DECREASED);
    /* A lost or gained texture need not differ in density. */
    if (change->kind == IV_CHANGE_OPACITY) {
      g_assert_cmpint (change->mean_relative > 0, ==, is_up);
      g_assert_cmpint (change->mean_normalised > 0, ==, is_up);
    }
  }
  g_test_message ("%u of %u consistent, %.1f s", n_consistent, n_shown, check->seconds);
  /* Consolidation, effusion and pneumothorax at least. */
  g_assert_cmpuint (n_consistent, >=, 3);
  /* Exchanged with itself no change flips. */
  g_autoptr (IvSwapCheck) same = iv_swap_check_new (comparison, comparison);
  for (guint i = 0; i < same->marks->len; i++)
    if (((IvChange *) g_ptr_array_index (changes, i))->score >= 0.5)
      g_assert_cmpint (g_array_index (same->marks, IvSwapMark, i), ==, IV_SWAP_INCONSISTENT);
  iv_engine_shutdown (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/swap-check/marks", test_marks);
  g_test_add_func ("/swap-check/demonstration", test_demonstration);
  return g_test_run ();
}
