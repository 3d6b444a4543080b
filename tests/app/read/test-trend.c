/* Measures of all films of the demonstration patient, kept once they were found; and their table.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "app/read/measure/iv-measure-table.h"
#include "app/read/measure/iv-trend-cache.h"

typedef struct {
  IvEngine *engine;
  char *folder;
  IvPatient *patient;
  IvRadiograph *films[3]; /* oldest first */
} Fixture;

static const char *const names[] = { "earlier.dcm", "prior.dcm", "current.dcm" };

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->engine = iv_engine_new (NULL);
  f->folder = g_dir_make_tmp ("interval-trend-XXXXXX", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *file =
        g_test_build_filename (G_TEST_DIST, "..", "data", "demo", "study", names[i], NULL);
    f->films[i] = iv_radiograph_load (file, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (IvImage) image =
        iv_image_new_for_info (iv_radiograph_info_copy (iv_radiograph_get_info (f->films[i])));
    if (f->patient == NULL)
      f->patient = iv_patient_new (image, NULL);
    g_assert_true (iv_patient_add (f->patient, image));
  }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) folder = g_dir_open (f->folder, 0, NULL);

  for (const char *name; (name = g_dir_read_name (folder)) != NULL;) {
    g_autofree char *file = g_build_filename (f->folder, name, NULL);
    g_unlink (file);
  }
  g_rmdir (f->folder);
  iv_engine_shutdown (f->engine);
  g_clear_object (&f->engine);
  g_clear_object (&f->patient);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_clear_object (&f->films[i]);
  g_free (f->folder);
}

/* Follows the latest film until all is known. (transfer full) */
static IvTrend *
follow (Fixture *f)
{
  IvTrend *trend = iv_trend_new (f->engine, f->folder);

  iv_trend_follow (trend, f->patient, iv_patient_get_current (f->patient), f->films[2], NULL);
  while (iv_trend_is_busy (trend))
    g_main_context_iteration (NULL, TRUE);
  return trend;
}

static void
test_series (Fixture *f, gconstpointer data)
{
  g_autoptr (IvTrend) trend = follow (f);
  g_autoptr (IvTrend) again = NULL;
  GPtrArray *points = iv_trend_get_points (trend);

  g_assert_cmpuint (points->len, ==, 3);
  g_assert_cmpuint (iv_trend_count_computed (trend), ==, 2);
  for (guint i = 0; i < 3; i++) {
    const IvTrendPoint *point = g_ptr_array_index (points, i);
    const IvFilmMeasure *measure =
        point->is_current ? &point->values.current : &point->values.prior;

    g_assert_true (point->is_known);
    g_assert_cmpstr (point->problem, ==, NULL);
    g_assert_cmpint (point->is_current, ==, i == 2);
    /* One patient: the heart does not grow between the films; 0.457 simulated. */
    g_assert_cmpfloat_with_epsilon (measure->ratio, 0.457, 0.03);
    if (i < 2) {
      /* Consolidation, effusion and pneumothorax are new since both. */
      g_assert_true (point->values.is_registered);
      g_assert_cmpuint (point->values.n_changes, >=, 3);
      g_assert_cmpfloat (point->values.changes_mm2, >, 2000);
    }
  }
  /* A second time nothing is computed, and the values are the same to the bit. */
  again = follow (f);
  g_assert_cmpuint (iv_trend_count_computed (again), ==, 0);
  for (guint i = 0; i < 2; i++) {
    const IvTrendPoint *a = g_ptr_array_index (points, i);
    const IvTrendPoint *b = g_ptr_array_index (iv_trend_get_points (again), i);

    g_assert_cmpfloat (a->values.prior.ratio, ==, b->values.prior.ratio);
    g_assert_cmpfloat (a->values.prior.heart[1].x, ==, b->values.prior.heart[1].x);
    g_assert_cmpfloat (a->values.changes_mm2, ==, b->values.changes_mm2);
    g_assert_cmpuint (a->values.n_changes, ==, b->values.n_changes);
  }
  iv_trend_clear (again);
  g_assert_cmpuint (iv_trend_get_points (again)->len, ==, 0);
}

/* Cancelled at once: nothing arrives, nothing is left busy. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (IvTrend) trend = iv_trend_new (f->engine, f->folder);

  iv_trend_follow (trend, f->patient, iv_patient_get_current (f->patient), f->films[2], NULL);
  g_assert_true (iv_trend_is_busy (trend));
  iv_trend_clear (trend);
  g_assert_false (iv_trend_is_busy (trend));
  for (guint i = 0; i < 50; i++) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  g_assert_cmpuint (iv_trend_get_points (trend)->len, ==, 0);
  g_assert_cmpuint (iv_trend_count_computed (trend), ==, 0);
}

/* A damaged, foreign or empty file is as good as none. */
static void
test_cache (Fixture *f, gconstpointer data)
{
  g_autofree char *file = iv_trend_cache_name (f->folder, f->films[2], f->films[1]);
  g_autofree char *other = iv_trend_cache_name (f->folder, f->films[1], f->films[2]);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  IvTrendValues values = { .n_changes = 3, .changes_mm2 = 12, .is_registered = TRUE }, found;
  gsize size;

  g_assert_cmpstr (file, !=, other);
  g_assert_false (iv_trend_cache_read (file, &found));
  values.prior.ratio = 0.5;
  values.prior.source = IV_SPACING_DETECTOR;
  g_assert_true (iv_trend_cache_write (file, &values, &error));
  g_assert_no_error (error);
  g_assert_true (iv_trend_cache_read (file, &found));
  g_assert_cmpfloat (found.prior.ratio, ==, 0.5);
  g_assert_cmpint (found.prior.source, ==, IV_SPACING_DETECTOR);
  g_assert_true (g_file_get_contents (file, &bytes, &size, NULL));
  for (gsize cut = 0; cut < size; cut += 7) {
    g_assert_true (g_file_set_contents (file, bytes, (gssize) cut, NULL));
    g_assert_false (iv_trend_cache_read (file, &found));
  }
  bytes[0] ^= 1; /* the version */
  g_assert_true (g_file_set_contents (file, bytes, (gssize) size, NULL));
  g_assert_false (iv_trend_cache_read (file, &found));
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, part)) != NULL; at += strlen (part))
    n++;
  return n;
}

static void
test_table (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvComparison) comparison =
      iv_comparison_run (f->engine,
                         &(IvComparisonParams){ .current = f->films[2], .prior = f->films[1] },
                         NULL,
                         &error);
  g_assert_no_error (error);
  IvMeasureTableParams params = { .comparison = comparison, .threshold = 0.5 };
  g_autoptr (GPtrArray) rows = iv_measure_table_list (comparison);
  g_autofree char *tabs = iv_measure_table_format (&params);
  params.form = IV_TABLE_MARKDOWN;
  g_autofree char *markdown = iv_measure_table_format (&params);
  g_auto (GStrv) lines = g_strsplit (tabs, "\n", -1);

  g_test_message ("%s", tabs);
  g_assert_cmpuint (rows->len, ==, 5);
  /* Each row adds up as it is shown. */
  for (guint i = 0; i < rows->len; i++) {
    const IvMeasureRow *row = g_ptr_array_index (rows, i);
    double difference = g_ascii_strtod (row->current, NULL) - g_ascii_strtod (row->prior, NULL);
    const char *sign = difference < -1e-9 ? "−" : difference > 1e-9 ? "+" : "";

    g_assert_true (g_str_has_prefix (row->difference, sign));
    g_assert_cmpfloat_with_epsilon (
        g_ascii_strtod (row->difference + strlen (sign), NULL), fabs (difference), 1e-9);
    g_assert_cmpint (row->is_doubtful, ==, FALSE);
  }
  g_assert_cmpstr (lines[0], ==, "Measure\tCurrent\tPrior\tDifference\tUnit");
  g_assert_true (g_str_has_prefix (lines[1], "Cardiothoracic ratio\t0.4"));
  g_assert_true (g_str_has_suffix (lines[2], "\tmm"));
  g_assert_true (g_str_has_suffix (lines[4], "\tcm²"));
  g_assert_nonnull (strstr (tabs, "at the detector"));
  /* A line and a rule for both tables; as many lines of changes as are shown. */
  g_assert_cmpuint (count (markdown, "\n|---|"), ==, 2);
  g_assert_cmpuint (count (markdown, "| increased |") + count (markdown, "| decreased |"),
                    ==,
                    iv_trend_values_of (comparison).n_changes);
  g_assert_cmpuint (count (tabs, "\tincreased\t") + count (tabs, "\tdecreased\t"),
                    ==,
                    iv_trend_values_of (comparison).n_changes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/trend/series", Fixture, NULL, set_up, test_series, tear_down);
  g_test_add ("/trend/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/trend/cache", Fixture, NULL, set_up, test_cache, tear_down);
  g_test_add ("/trend/table", Fixture, NULL, set_up, test_table, tear_down);
  return g_test_run ();
}
