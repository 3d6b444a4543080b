/* Whole comparisons of the simulated demonstration films, moved in ways that are known.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/compare/iv-comparison-private.h"

/* Working pixels of the pictures made here; a chest fills about 300 mm of them. */
#define MM_PER_PIXEL 0.6
#define SIDE 560

typedef struct {
  IvEngine *engine;
  float *density; /* [rows, columns] of the prior of the demonstration study */
  guint rows, columns;
} Fixture;

/* How a picture is taken from the film: turned, scaled and shifted about the centre, bent like a
 * breath, and its greys mapped. */
typedef struct {
  double turn, scale, shift_x, shift_y, breath, gamma;
  guint border; /* black columns on the left, a burned-in letter on the right */
} Pose;

static void
load_film (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file =
      g_test_build_filename (G_TEST_DIST, "..", "data", "demo", "study", "prior.dcm", NULL);
  g_autoptr (IvRadiograph) film = iv_radiograph_load (file, NULL, &error);
  g_assert_no_error (error);
  f->density = iv_radiograph_get_density (film);
  f->rows = iv_radiograph_get_rows (film);
  f->columns = iv_radiograph_get_columns (film);
}

/* Where a picture's pixel lies on the film. */
static IvPoint
film_position (const Fixture *f, const Pose *pose, IvPoint at)
{
  double unit = MAX (f->rows, f->columns) / (double) SIDE;
  double x = (at.x - 0.5 * SIDE) / pose->scale, y = (at.y - 0.5 * SIDE) / pose->scale;
  double c = cos (pose->turn), s = sin (pose->turn);
  double u = c * x - s * y + pose->shift_x, v = s * x + c * y + pose->shift_y;
  v += pose->breath * (1 - exp (-pow (MAX (0, v + 150) / 200, 2)));
  return (IvPoint){ unit * u + 0.5 * f->columns, unit * v + 0.5 * f->rows };
}

static double
film_value (const Fixture *f, IvPoint at)
{
  int i = floor (at.x), j = floor (at.y);
  if (i < 0 || j < 0 || i + 1 >= (int) f->columns || j + 1 >= (int) f->rows)
    return 0;
  const float *p = f->density + (gsize) j * f->columns + i;
  double u = at.x - i, v = at.y - j;
  return (1 - v) * ((1 - u) * p[0] + u * p[1]) +
         v * ((1 - u) * p[f->columns] + u * p[f->columns + 1]);
}

/* (transfer full) 16-bit film without spacing from values 0 … 1. */
static IvRadiograph *
make_view (guint rows, guint columns, const double *values, IvView view)
{
  g_autoptr (GError) error = NULL;
  guint16 *pixels = g_new (guint16, (gsize) rows * columns);
  for (gsize i = 0; i < (gsize) rows * columns; i++)
    pixels[i] = CLAMP (values[i], 0, 1) * 4095;
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->file = g_strdup ("test");
  info->rows = rows;
  info->columns = columns;
  info->frames = 1;
  info->bits_allocated = 16;
  info->bits_stored = 12;
  info->photometric = g_strdup ("MONOCHROME2");
  info->rescale_slope = 1;
  info->view = view;
  GBytes *bytes = g_bytes_new_take (pixels, (gsize) rows * columns * 2);
  IvRadiograph *radiograph = iv_radiograph_new (info, bytes, &error);
  g_assert_no_error (error);
  return radiograph;
}

static IvRadiograph *
make_radiograph (guint rows, guint columns, const double *values)
{
  return make_view (rows, columns, values, IV_VIEW_UNKNOWN);
}

static IvRadiograph *
take_picture (const Fixture *f, const Pose *pose)
{
  g_autofree double *values = g_new (double, SIDE *SIDE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (pose->gamma * 1000);
  for (guint y = 0; y < SIDE; y++)
    for (guint x = 0; x < SIDE; x++) {
      double v = film_value (f, film_position (f, pose, (IvPoint){ x, y }));
      v = 0.1 + 0.8 * pow (CLAMP (v, 0, 1), pose->gamma) + g_rand_double_range (rand, -.01, .01);
      if (x < pose->border)
        v = 0;
      if (pose->border > 0 && x > SIDE - 50 && x < SIDE - 30 && y > 30 && y < 60)
        v = 1;
      values[y * SIDE + x] = v;
    }
  return make_radiograph (SIDE, SIDE, values);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->engine = iv_engine_new (NULL);
  load_film (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  iv_engine_shutdown (f->engine);
  g_clear_object (&f->engine);
  g_free (f->density);
}

static IvComparison *
compare (Fixture *f, IvRadiograph *current, IvRadiograph *prior)
{
  g_autoptr (GError) error = NULL;
  IvComparison *comparison = iv_comparison_run (
      f->engine, &(IvComparisonParams){ .current = current, .prior = prior }, NULL, &error);
  g_assert_no_error (error);
  return comparison;
}

/* The prior's pixel that shows what a current pixel shows, found by stepping back along the pose.
 */
static IvPoint
true_position (const Fixture *f, const Pose *current, const Pose *prior, IvPoint at)
{
  IvPoint target = film_position (f, current, at), guess = at;
  double unit = MAX (f->rows, f->columns) / (double) SIDE;
  for (guint i = 0; i < 200; i++) {
    IvPoint reached = film_position (f, prior, guess);
    guess.x += 0.7 * (target.x - reached.x) / unit;
    guess.y += 0.7 * (target.y - reached.y) / unit;
  }
  return guess;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Median and 90th percentile of the values. */
static void
spread (GArray *values, double *median, double *most)
{
  g_array_sort (values, compare_doubles);
  *median = g_array_index (values, double, values->len / 2);
  *most = g_array_index (values, double, values->len * 9 / 10);
}

/* Errors in millimetres at a lattice of lung points. */
static GArray *
lung_errors (const Fixture *f, IvComparison *comparison, const Pose *current, const Pose *prior)
{
  guint w, h;
  const guint8 *lungs = iv_comparison_get_lungs (comparison, &w, &h);
  GArray *errors = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint y = 4; y < SIDE; y += 12)
    for (guint x = 4; x < SIDE; x += 12) {
      if (lungs[y * h / SIDE * w + x * w / SIDE] == 0)
        continue;
      IvPoint at = { x, y }, truth = true_position (f, current, prior, at);
      IvPoint found = iv_comparison_current_to_prior (comparison, at);
      double e = MM_PER_PIXEL * hypot (found.x - truth.x, found.y - truth.y);
      g_assert_true (isfinite (e));
      g_array_append_val (errors, e);
    }
  g_assert_cmpuint (errors->len, >, 200);
  return errors;
}

static const Pose kStraight = { 0, 1, 0, 0, 0, 1 };
/* Six degrees are 0.105. */
static const Pose kMoved = { 0.105, 1.06, 22, -15, 18, 0.75, 30 };

/* What a comparison's own inverse misses at a lung point is no more than the search leaves; what
 * the comparison of the swapped films misses is a matter of registration. */
static void
assert_back (IvComparison *there, IvComparison *back)
{
  g_autoptr (GArray) errors = g_array_new (FALSE, FALSE, sizeof (double));
  double median, most;
  guint w, h;
  const guint8 *lungs = iv_comparison_get_lungs (there, &w, &h);
  for (guint y = 4; y < SIDE; y += 12)
    for (guint x = 4; x < SIDE; x += 12) {
      IvPoint at = { x, y }, other = iv_comparison_current_to_prior (there, at);
      IvPoint home = iv_comparison_prior_to_current (there, other);
      if (lungs[y * h / SIDE * w + x * w / SIDE] == 0)
        continue;
      g_assert_cmpfloat (hypot (home.x - at.x, home.y - at.y), <, 0.05);
      home = iv_comparison_current_to_prior (back, other);
      double e = MM_PER_PIXEL * hypot (home.x - at.x, home.y - at.y);
      g_array_append_val (errors, e);
    }
  spread (errors, &median, &most);
  g_test_message ("there and back %.2f mm median, %.2f mm at 90 %%", median, most);
  g_assert_cmpfloat (median, <, 1.0);
  g_assert_cmpfloat (most, <, 2.5);
}

/* A known movement is found, and the swapped pair gives its inverse. The bounds are those asked for
 * real films; the simulated ones are easier. */
static void
test_known_warp (Fixture *f, gconstpointer data)
{
  g_autoptr (IvRadiograph) current = take_picture (f, &kStraight);
  g_autoptr (IvRadiograph) prior = take_picture (f, &kMoved);
  g_autoptr (IvComparison) comparison = compare (f, current, prior);
  g_autoptr (IvComparison) swapped = compare (f, prior, current);
  double median, most;
  g_assert_true (iv_comparison_is_ok (comparison));
  g_assert_null (iv_comparison_get_reason (comparison));
  g_assert_cmpfloat (iv_comparison_get_quality (comparison), >, 0.7);
  g_autoptr (GArray) errors = lung_errors (f, comparison, &kStraight, &kMoved);
  spread (errors, &median, &most);
  g_test_message ("error %.2f mm median, %.2f mm at 90 %%", median, most);
  g_assert_cmpfloat (median, <, 0.8);
  g_assert_cmpfloat (most, <, 2.0);
  assert_back (comparison, swapped);
}

/* A film with itself: nothing moves, and nothing that would be shown changes. */
static void
test_same_film (Fixture *f, gconstpointer data)
{
  g_autoptr (IvRadiograph) film = take_picture (f, &kStraight);
  g_autoptr (IvComparison) comparison = compare (f, film, film);
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  guint w, h;
  const float *difference = iv_comparison_get_subtraction (comparison, &w, &h);
  g_assert_true (iv_comparison_is_ok (comparison));
  g_assert_cmpfloat (iv_comparison_get_quality (comparison), >, 0.95);
  IvPoint middle = iv_comparison_current_to_prior (comparison, (IvPoint){ 200, 250 });
  g_assert_cmpfloat_with_epsilon (middle.x, 200, 0.2);
  g_assert_cmpfloat_with_epsilon (middle.y, 250, 0.2);
  for (guint i = 0; i < changes->len; i++)
    g_assert_cmpfloat (((IvChange *) g_ptr_array_index (changes, i))->score, <, 0.5);
  g_assert_nonnull (difference);
  for (guint i = 0; i < w * h; i++)
    g_assert_true (isfinite (difference[i]));
}

/* Refused, with a reason that holds this word, and with nothing to show. */
static void
assert_refused (Fixture *f, IvRadiograph *current, IvRadiograph *prior, const char *word)
{
  g_autoptr (IvComparison) comparison = compare (f, current, prior);
  guint w, h;
  g_assert_false (iv_comparison_is_ok (comparison));
  g_assert_nonnull (strstr (iv_comparison_get_reason (comparison), word));
  g_assert_cmpuint (iv_comparison_get_changes (comparison)->len, ==, 0);
  g_assert_null (iv_comparison_get_subtraction (comparison, &w, &h));
  g_assert_nonnull (iv_comparison_get_lungs (comparison, &w, &h));
  IvPoint at = iv_comparison_current_to_prior (comparison, (IvPoint){ 100, 100 });
  g_assert_true (isfinite (at.x) && isfinite (at.y));
}

/* Lateral by its own word, blank, noise, upside down. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree double *values = g_new (double, SIDE *SIDE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (IvRadiograph) film = take_picture (f, &kStraight);
  for (guint i = 0; i < SIDE * SIDE; i++)
    values[i] = 0.5;
  g_autoptr (IvRadiograph) blank = make_radiograph (SIDE, SIDE, values);
  for (guint i = 0; i < SIDE * SIDE; i++)
    values[i] = g_rand_double (rand);
  g_autoptr (IvRadiograph) noise = make_radiograph (SIDE, SIDE, values);
  g_autoptr (IvRadiograph) lateral = make_view (SIDE, SIDE, values, IV_VIEW_LATERAL);
  Pose turned = kStraight;
  turned.turn = G_PI;
  g_autoptr (IvRadiograph) upside_down = take_picture (f, &turned);
  assert_refused (f, film, lateral, "prior film is a lateral");
  assert_refused (f, film, blank, "prior film is blank");
  assert_refused (f, blank, film, "current film is blank");
  assert_refused (f, film, noise, "same chest");
  assert_refused (f, film, upside_down, "same chest");
}

/* Films of one patient sixteen and twenty-two days apart, where they are at hand. */
static void
test_real_films (Fixture *f, gconstpointer data)
{
  static const char *const kFilms[] = { "ada8c494.png", "1052b0fe.png", "8da14fff.png" };
  g_autoptr (GPtrArray) films = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (kFilms); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *file = g_test_build_filename (
        G_TEST_DIST, "..", "..", "shared", "radiographs", "films", kFilms[i], NULL);
    if (!g_file_test (file, G_FILE_TEST_EXISTS)) {
      g_test_skip ("the public films are not beside the project: left out");
      return;
    }
    g_ptr_array_add (films, iv_radiograph_load (file, NULL, &error));
    g_assert_no_error (error);
  }
  for (guint i = 1; i < films->len; i++) {
    g_autoptr (IvComparison) comparison =
        compare (f, g_ptr_array_index (films, i), g_ptr_array_index (films, i - 1));
    guint w, h, n = 0;
    const guint8 *lungs = iv_comparison_get_lungs (comparison, &w, &h);
    for (guint k = 0; k < w * h; k++)
      n += lungs[k] != 0;
    g_assert_true (iv_comparison_is_ok (comparison));
    g_assert_cmpfloat (iv_comparison_get_quality (comparison), >, 0.6);
    /* Their published outlines cover 0.43 and 0.45 of these films. */
    g_test_message ("lungs cover %.3f", n / (double) (w * h));
    g_assert_cmpfloat (n / (double) (w * h), >, 0.36);
    g_assert_cmpfloat (n / (double) (w * h), <, 0.52);
  }
}

static void
test_small_film (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *values = g_new0 (double, 40 * 300);
  g_autoptr (IvRadiograph) small = make_radiograph (40, 300, values);
  g_autoptr (IvComparison) comparison = iv_comparison_run (
      f->engine, &(IvComparisonParams){ .current = small, .prior = small }, NULL, &error);
  g_assert_null (comparison);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "300x40"));
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (IvRadiograph) film = take_picture (f, &kStraight);
  g_cancellable_cancel (cancellable);
  g_autoptr (IvComparison) comparison = iv_comparison_run (
      f->engine, &(IvComparisonParams){ .current = film, .prior = film }, cancellable, &error);
  g_assert_null (comparison);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static const char *
caution_at (double quality, const char *reason)
{
  IvComparisonContents contents = { .quality = quality, .reason = g_strdup (reason) };
  g_autoptr (IvComparison) comparison = iv_comparison_new (&contents);
  return iv_comparison_get_caution (comparison);
}

/* Said of films that were compared but match poorly, not of those that match or were refused. */
static void
test_caution (void)
{
  g_assert_null (caution_at (0.5, NULL));
  g_assert_nonnull (strstr (caution_at (0.49, NULL), "same patient"));
  g_assert_null (caution_at (0.1, "The films do not fit"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } kTests[] = {
    { "/compare/known-warp", test_known_warp }, { "/compare/same-film", test_same_film },
    { "/compare/refused", test_refused },       { "/compare/real-films", test_real_films },
    { "/compare/small-film", test_small_film }, { "/compare/cancelled", test_cancelled },
  };
  for (guint k = 0; k < G_N_ELEMENTS (kTests); k++)
    g_test_add (kTests[k].path, Fixture, NULL, set_up, kTests[k].run, tear_down);
  g_test_add_func ("/compare/caution", test_caution);
  return g_test_run ();
}
