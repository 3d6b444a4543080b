/* Cardiothoracic ratio and lung areas of drawn chests whose answers are known, and their doubts.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/compare/iv-film-measure.h"

#define WIDTH 600
#define HEIGHT 560
#define MIDDLE 300
#define TOP 60
#define FLOOR 440

/* A chest as simple as a drawing: both lungs between the spine and straight walls, flat domes, a
 * heart of two arcs that lies over the lungs' medial parts. Sizes in working pixels. */
typedef struct {
  double wall;        /* half of the chest's width at the base */
  double right, left; /* how far the heart reaches from the middle */
  double shift;       /* of everything to the right */
  double widen;       /* of the right lung, at the left one's cost, above the heart */
} Chest;

typedef struct {
  float density[HEIGHT * WIDTH];
  guint8 lungs[HEIGHT * WIDTH];
  IvRadiographInfo *info;
} Film;

static const Chest normal = { .wall = 220, .right = 60, .left = 130 };

/* Narrower at the apex than at the base. */
static double
wall_at (const Chest *chest, double y)
{
  return chest->wall * (0.55 + 0.45 * (y - TOP) / (FLOOR - TOP));
}

static double
border_at (double reach, double y)
{
  double down = (y - 240) / (FLOOR - 20 - 240);
  return 30 + (reach - 30) * sin (G_PI_2 * CLAMP (down, 0, 1));
}

static void
draw (Film *film, const Chest *chest, IvView view)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  film->info = iv_radiograph_info_new ();
  film->info->view = view;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      double u = x - MIDDLE - chest->shift, turn = y < 240 ? chest->widen : 0;
      double wall = wall_at (chest, y), side = fabs (u - turn);
      gboolean is_lung = y >= TOP && y < FLOOR && fabs (u) < wall && side > 25;
      gboolean is_heart =
          y >= 240 && u > -border_at (chest->right, y) && u < border_at (chest->left, y);
      float *value = &film->density[y * WIDTH + x];

      film->lungs[y * WIDTH + x] = is_lung ? (u < turn ? 1 : 2) : 0;
      *value = is_lung && !is_heart ? 0.25f : is_lung ? 0.6f : 0.75f;
      *value += (float) g_rand_double_range (rand, -0.02, 0.02);
    }
}

static IvFilmMeasure
measure (const Film *film, double quality, double pitch)
{
  return iv_film_measure (&(IvFilmMeasureInput){ .width = WIDTH,
                                                 .height = HEIGHT,
                                                 .density = film->density,
                                                 .lungs = film->lungs,
                                                 .lung_quality = quality,
                                                 .pitch = pitch,
                                                 .info = film->info });
}

static void
film_free (Film *film)
{
  iv_radiograph_info_free (film->info);
  g_free (film);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Film, film_free)

/* Hearts of several sizes, hanging where they may, against what was drawn. */
static void
test_ratio (void)
{
  static const Chest chests[] = {
    { .wall = 220, .right = 60, .left = 130 },
    { .wall = 220, .right = 45, .left = 110 },
    { .wall = 220, .right = 75, .left = 165 },
    { .wall = 180, .right = 50, .left = 120, .shift = 25 },
    { .wall = 240, .right = 80, .left = 150, .shift = -30 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (chests); i++) {
    const Chest *chest = &chests[i];
    g_autoptr (Film) film = g_new0 (Film, 1);
    draw (film, chest, IV_VIEW_PA);
    IvFilmMeasure self = measure (film, 0.9, 1);
    double heart = chest->right + chest->left, thorax = 2 * wall_at (chest, FLOOR - 1);
    g_test_message ("chest %u: ratio %.3f, drawn %.3f", i, self.ratio, heart / thorax);
    g_assert_cmpuint (self.doubts, ==, 0);
    /* The chest's wall is drawn to the pixel. */
    g_assert_cmpfloat_with_epsilon (self.thorax[1].x - self.thorax[0].x, thorax, 2.5);
    /* The path is stiff and ends a little above the diaphragm: 4 pixels are 2 mm of a chest. */
    g_assert_cmpfloat_with_epsilon (self.heart[0].x, MIDDLE + chest->shift - chest->right, 4);
    g_assert_cmpfloat_with_epsilon (self.heart[1].x, MIDDLE + chest->shift + chest->left, 4);
    g_assert_cmpfloat_with_epsilon (self.ratio, heart / thorax, 0.02);
    g_assert_cmpfloat_with_epsilon (self.middle, MIDDLE + chest->shift, 2);
  }
}

/* The ratio neither knows the grey scale nor the size of the pixels; lengths and areas do. */
static void
test_units (void)
{
  g_autoptr (Film) film = g_new0 (Film, 1);
  draw (film, &normal, IV_VIEW_PA);
  IvFilmMeasure plain = measure (film, 0.9, 1);
  g_assert_true (isnan (plain.heart_mm) && isnan (plain.thorax_mm) && isnan (plain.lung_mm2[0]));
  g_assert_cmpint (plain.source, ==, IV_SPACING_NONE);

  for (guint i = 0; i < HEIGHT * WIDTH; i++)
    film->density[i] = 0.1f + 0.5f * film->density[i];
  film->info->spacing_source = IV_SPACING_DETECTOR;
  film->info->row_spacing = 0.2;
  film->info->column_spacing = 0.2;
  IvFilmMeasure scaled = measure (film, 0.9, 4);
  g_assert_cmpfloat_with_epsilon (scaled.ratio, plain.ratio, 1e-6);
  g_assert_cmpint (scaled.source, ==, IV_SPACING_DETECTOR);
  g_assert_cmpfloat_with_epsilon (scaled.thorax_mm, 440 * 4 * 0.2, 2);
  g_assert_cmpfloat_with_epsilon (scaled.heart_mm, scaled.ratio * scaled.thorax_mm, 1e-6);
  for (guint side = 0; side < 2; side++) {
    g_assert_cmpfloat_with_epsilon (scaled.lung_px[side], 16 * plain.lung_px[side], 1e-6);
    g_assert_cmpfloat_with_epsilon (scaled.lung_mm2[side], 0.04 * scaled.lung_px[side], 1e-3);
  }
  /* Both lungs of a symmetric chest; the first column of the right one counts. */
  g_assert_cmpfloat_with_epsilon (plain.lung_px[0] / plain.lung_px[1], 1, 0.01);
}

static void
test_doubts (void)
{
  g_autoptr (Film) film = g_new0 (Film, 1);
  Chest turned = normal, cut = normal;
  g_autofree char *text = NULL;

  draw (film, &normal, IV_VIEW_AP);
  IvFilmMeasure self = measure (film, 0.9, 1);
  g_assert_cmpuint (self.doubts, ==, IV_DOUBT_AP);
  g_assert_true (isfinite (self.ratio));
  text = iv_film_measure_describe_doubts (self.doubts);
  g_assert_nonnull (strstr (text, "AP"));
  g_assert_null (iv_film_measure_describe_doubts (0));

  film->info->view = IV_VIEW_UNKNOWN;
  g_assert_cmpuint (measure (film, 0.9, 1).doubts, ==, IV_DOUBT_VIEW);
  film->info->view = IV_VIEW_PA;
  g_assert_cmpuint (measure (film, 0.5, 1).doubts, ==, IV_DOUBT_LUNGS);

  film->info->view = IV_VIEW_LATERAL;
  self = measure (film, 0.9, 1);
  g_assert_cmpuint (self.doubts, ==, IV_DOUBT_LATERAL);
  g_assert_true (isnan (self.ratio));
  film->info->view = IV_VIEW_PA;
  self = measure (film, 0.1, 1);
  g_assert_cmpuint (self.doubts, ==, IV_DOUBT_NO_LUNGS);
  g_assert_true (isnan (self.ratio));
  iv_radiograph_info_free (g_steal_pointer (&film->info));

  turned.widen = 40;
  draw (film, &turned, IV_VIEW_PA);
  self = measure (film, 0.9, 1);
  g_assert_true ((self.doubts & IV_DOUBT_ROTATED) != 0);
  g_assert_cmpfloat (self.asymmetry, >, 0.10);
  iv_radiograph_info_free (g_steal_pointer (&film->info));

  cut.wall = 320;
  draw (film, &cut, IV_VIEW_PA);
  g_assert_true ((measure (film, 0.9, 1).doubts & IV_DOUBT_CUT) != 0);
}

/* No border where there is none: a film of one grey, and one with a single lung. */
static void
test_nothing (void)
{
  g_autoptr (Film) film = g_new0 (Film, 1);

  draw (film, &normal, IV_VIEW_PA);
  for (guint i = 0; i < HEIGHT * WIDTH; i++)
    film->density[i] = 0.5f;
  IvFilmMeasure self = measure (film, 0.9, 1);
  g_assert_cmpuint (self.doubts, ==, IV_DOUBT_NO_HEART);
  g_assert_true (isnan (self.ratio));
  for (guint i = 0; i < HEIGHT * WIDTH; i++)
    film->lungs[i] = film->lungs[i] == 2 ? 2 : 0;
  self = measure (film, 0.9, 1);
  g_assert_cmpuint (self.doubts, ==, IV_DOUBT_NO_LUNGS);
  g_assert_cmpfloat (self.lung_px[0], ==, 0);
  g_assert_cmpfloat (self.lung_px[1], >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/film-measure/ratio", test_ratio);
  g_test_add_func ("/film-measure/units", test_units);
  g_test_add_func ("/film-measure/doubts", test_doubts);
  g_test_add_func ("/film-measure/nothing", test_nothing);
  return g_test_run ();
}
