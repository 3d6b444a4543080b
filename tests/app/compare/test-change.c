/* The change detection on made-up pairs: what was put in is found, and nothing else.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change.h"
#include "tests/app/compare/iv-test-planes.h"

#define WIDTH 480
#define HEIGHT 420
#define N_PIXELS (WIDTH * HEIGHT)

/* Two films on one grid, registered exactly. */
typedef struct {
  IvVkDevice *device;
  IvPlanesPasses *passes;
  IvCompareFilm films[2];
} Fixture;

static double
ellipse (double x, double y, double cx, double cy, double rx, double ry)
{
  return hypot ((x - cx) / rx, (y - cy) / ry);
}

/* 0 none, 1 patient's right lung, 2 left. */
static guint8
lung_at (gint x, gint y)
{
  gboolean heart = ellipse (x, y, 260, 290, 75, 80) < 1;
  if (ellipse (x, y, 130, 220, 85, 160) < 1 && !heart)
    return 1;
  return ellipse (x, y, 350, 220, 85, 160) < 1 && !heart ? 2 : 0;
}

/* Lungs dark with ribs, vessels and film noise of its own for every film. */
static void
draw_chest (float *density, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x++) {
      double side = x < 240 ? 240 - x : x - 240;
      double rib = 0.05 * pow (0.5 + 0.5 * sin ((y + 0.25 * side) * 0.17), 2);
      double vessels = 0.03 * sin (0.31 * x + 2 * sin (0.07 * y)) * sin (0.27 * y + 0.05 * x);
      double value = lung_at (x, y) ? 0.3 + rib + vessels : 0.7 + rib;
      density[y * WIDTH + x] = (float) (value + g_rand_double_range (rand, -0.01, 0.01));
    }
}

static void
upload (Fixture *f, IvCompareFilm *film)
{
  g_autofree float *valid = g_new (float, N_PIXELS);
  g_clear_pointer (&film->density, iv_planes_unref);
  g_clear_pointer (&film->valid, iv_planes_unref);
  g_clear_pointer (&film->normalised, iv_planes_unref);
  for (gsize i = 0; i < N_PIXELS; i++)
    valid[i] = film->valid_host[i];
  film->density =
      iv_planes_new_from (f->passes, &(IvPlanesValues){ WIDTH, HEIGHT, 1, film->density_host });
  film->valid = iv_planes_new_from (f->passes, &(IvPlanesValues){ WIDTH, HEIGHT, 1, valid });
  film->normalised = iv_planes_new_like (f->passes, film->density);
  iv_planes_local_norm (f->passes,
                        &(IvPlanesNorm){ .source = film->density,
                                         .valid = film->valid,
                                         .sigma = 40,
                                         .floor = 0.02f,
                                         .target = film->normalised });
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  f->device = iv_test_device_new ();
  f->passes = iv_planes_passes_new (f->device, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < 2; k++) {
    IvCompareFilm *film = &f->films[k];
    *film = (IvCompareFilm){ .width = WIDTH, .height = HEIGHT, .pitch = 2, .mm = NAN };
    film->density_host = g_new (float, N_PIXELS);
    film->valid_host = g_malloc (N_PIXELS);
    film->lung_labels = g_malloc (N_PIXELS);
    draw_chest (film->density_host, 3 + k);
    for (gint i = 0; i < N_PIXELS; i++) {
      film->valid_host[i] = 1;
      film->lung_labels[i] = lung_at (i % WIDTH, i / WIDTH);
    }
  }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (guint k = 0; k < 2; k++) {
    iv_planes_unref (f->films[k].density);
    iv_planes_unref (f->films[k].valid);
    iv_planes_unref (f->films[k].normalised);
    g_free (f->films[k].density_host);
    g_free (f->films[k].valid_host);
    g_free (f->films[k].lung_labels);
  }
  iv_planes_passes_free (f->passes);
  iv_test_assert_silent (f->device);
  iv_vk_device_unref (f->device);
}

/* Changes of films[current] against the other one. */
static GPtrArray *
detect (Fixture *f, guint current, float **subtraction, GError **error)
{
  g_autofree float *zero = g_new0 (float, 2 * N_PIXELS);
  upload (f, &f->films[0]);
  upload (f, &f->films[1]);
  g_autoptr (IvPlanes) field =
      iv_planes_new_from (f->passes, &(IvPlanesValues){ WIDTH, HEIGHT, 2, zero });
  IvCompareFilm *prior = &f->films[1 - current];
  IvRegistration registration = {
    .ok = TRUE,
    .quality = 1,
    .elastic = { .field = field,
                 .density = prior->density,
                 .normalised = prior->normalised,
                 .valid = prior->valid },
  };
  IvChangeInput input = { .passes = f->passes,
                          .current = &f->films[current],
                          .prior = prior,
                          .registration = &registration };
  return iv_change_detect (&input, subtraction, error);
}

/* Those that would be shown. */
static GPtrArray *
shown (Fixture *f, guint current)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *subtraction = NULL;
  GPtrArray *changes = detect (f, current, &subtraction, &error);
  g_assert_no_error (error);
  g_assert_nonnull (subtraction);
  double last = 1;
  for (guint i = 0; i < changes->len;) {
    const IvChange *change = g_ptr_array_index (changes, i);
    g_assert_cmpfloat (change->score, <=, last);
    last = change->score;
    if (change->score < 0.5)
      g_ptr_array_remove_index (changes, i);
    else
      i++;
  }
  return changes;
}

static void
add_disc (float *density, double cx, double cy, double radius, double height)
{
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x++) {
      double r = hypot (x - cx, y - cy) / radius;
      density[y * WIDTH + x] += (float) (height * CLAMP (3 * (1 - r), 0.0, 1.0));
    }
}

static void
assert_disc (const GPtrArray *changes, IvChangeDirection direction, const char *zone)
{
  g_assert_cmpuint (changes->len, ==, 1);
  const IvChange *change = g_ptr_array_index (changes, 0);
  g_assert_cmpint (change->direction, ==, direction);
  g_assert_cmpstr (iv_zone_to_string (change->zone), ==, zone);
  g_assert_cmpint (change->kind, ==, IV_CHANGE_OPACITY);
  g_assert_true (isnan (change->area_mm2));
  g_assert_true ((change->mean_difference > 0) == (direction == IV_CHANGE_INCREASED));
  g_assert_cmpuint (change->contour->len, >=, 8);
}

static void
test_unchanged (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) changes = shown (f, 0);
  g_assert_cmpuint (changes->len, ==, 0);
}

/* A disc on the current film, in film pixels of half the working size; then the pair exchanged. */
static void
test_disc (Fixture *f, gconstpointer data)
{
  add_disc (f->films[0].density_host, 120, 200, 18, 0.2);
  g_autoptr (GPtrArray) there = shown (f, 0);
  assert_disc (there, IV_CHANGE_INCREASED, "right mid");
  const IvChange *change = g_ptr_array_index (there, 0);
  g_assert_cmpfloat_with_epsilon (change->centroid.x, 240.5, 6);
  g_assert_cmpfloat_with_epsilon (change->centroid.y, 400.5, 6);
  g_assert_cmpfloat_with_epsilon (change->x + change->width / 2, 240.5, 8);
  double outer = G_PI * 36 * 36; /* film pixels; the edge is soft */
  g_assert_cmpfloat (change->area_px, >, 0.3 * outer);
  g_assert_cmpfloat (change->area_px, <, 1.5 * outer);
  g_autoptr (GPtrArray) back = shown (f, 1);
  assert_disc (back, IV_CHANGE_DECREASED, "right mid");
}

/* The other film may have other greys and lighting: no change by itself, and the disc stays. */
static void
test_processing (Fixture *f, gconstpointer data)
{
  for (gint i = 0; i < N_PIXELS; i++) {
    float v = f->films[1].density_host[i];
    f->films[1].density_host[i] = 0.1f + 0.8f * powf (v, 1.3f) + 0.04f * (i % WIDTH) / WIDTH;
  }
  g_autoptr (GPtrArray) none = shown (f, 0);
  g_assert_cmpuint (none->len, ==, 0);
  add_disc (f->films[0].density_host, 370, 260, 20, 0.2);
  g_autoptr (GPtrArray) one = shown (f, 0);
  assert_disc (one, IV_CHANGE_INCREASED, "left mid");
}

/* The prior ends within the right lung, and beside its end the current film is brighter in a strip:
 * the shadow of a collimator, not a change. A disc further in stays one. */
static void
test_edge (Fixture *f, gconstpointer data)
{
  const gint end = 80, strip = 5;
  for (gint i = 0; i < N_PIXELS; i++)
    if (i % WIDTH < end)
      f->films[1].valid_host[i] = 0;
    else if (i % WIDTH < end + strip)
      f->films[0].density_host[i] += 0.2f;
  g_autoptr (GPtrArray) none = shown (f, 0);
  g_assert_cmpuint (none->len, ==, 0);
  add_disc (f->films[0].density_host, 150, 180, 18, 0.2);
  g_autoptr (GPtrArray) one = shown (f, 0);
  assert_disc (one, IV_CHANGE_INCREASED, "right mid");
}

static void
test_no_lung (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  memset (f->films[0].lung_labels, 0, N_PIXELS);
  g_autoptr (GPtrArray) changes = detect (f, 0, NULL, &error);
  g_assert_null (changes);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/compare/change/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("unchanged", test_unchanged);
  ADD ("disc", test_disc);
  ADD ("processing", test_processing);
  ADD ("edge", test_edge);
  ADD ("no-lung", test_no_lung);
  return g_test_run ();
}
