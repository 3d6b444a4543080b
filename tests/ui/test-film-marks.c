/* What lies over a film, without a display: sides, scale, outlines, hits, colours, links.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "iv-test-film.h"
#include "ui/film/iv-film-annotation.h"
#include "ui/film/iv-film-outline.h"
#include "ui/film/iv-film-overlay.h"
#include "ui/film/iv-film-text.h"
#include "ui/film/iv-film-tint.h"

static void
assert_side (const IvRadiographInfo *info, int dx, int dy, const char *letter, gboolean assumed)
{
  gboolean is_assumed;

  g_assert_cmpstr (iv_film_text_side (info, dx, dy, &is_assumed), ==, letter);
  if (letter != NULL)
    g_assert_cmpint (is_assumed, ==, assumed);
}

static void
test_sides (void)
{
  char usual[] = "L\\F", mirrored[] = "R\\F", lateral[] = "A\\F", oblique[] = "LA\\FP", bad[] = "?";
  IvRadiographInfo info = { .view = IV_VIEW_PA };

  /* Not stated: the usual orientation, marked as assumed; unknown for a lateral film. */
  assert_side (&info, 1, 0, "L", TRUE);
  assert_side (&info, -1, 0, "R", TRUE);
  assert_side (&info, 0, 1, "F", TRUE);
  info.view = IV_VIEW_LATERAL;
  assert_side (&info, 1, 0, NULL, FALSE);
  info.view = IV_VIEW_PA;

  info.patient_orientation = usual;
  assert_side (&info, 1, 0, "L", FALSE);
  assert_side (&info, -1, 0, "R", FALSE);
  assert_side (&info, 0, -1, "H", FALSE);
  info.patient_orientation = mirrored;
  assert_side (&info, 1, 0, "R", FALSE);
  assert_side (&info, -1, 0, "L", FALSE);
  info.patient_orientation = lateral;
  assert_side (&info, 1, 0, "A", FALSE);
  assert_side (&info, -1, 0, "P", FALSE);
  info.patient_orientation = oblique;
  assert_side (&info, -1, 0, "R", FALSE);
  assert_side (&info, 0, -1, "H", FALSE);
  /* Nonsense in the file is not stated. */
  info.patient_orientation = bad;
  assert_side (&info, 1, 0, "L", TRUE);
}

static void
test_scale_bar (void)
{
  g_assert_cmpfloat (iv_film_annotation_round_length (260), ==, 200);
  g_assert_cmpfloat (iv_film_annotation_round_length (99), ==, 50);
  g_assert_cmpfloat (iv_film_annotation_round_length (1), ==, 1);
  g_assert_cmpfloat (iv_film_annotation_round_length (0.5), ==, 0);
}

/* A disc gives a closed line of the right length, also where it meets the edge of the mask. */
static void
test_outline (void)
{
  static guint8 mask[64 * 64];
  IvFilmOutlineParams params = {
    .mask = mask, .width = 64, .height = 64, .columns = 640, .rows = 640
  };

  for (guint y = 0; y < 64; y++)
    for (guint x = 0; x < 64; x++)
      mask[y * 64 + x] = hypot (x - 31.5, y - 31.5) < 20 ? 2 : 0;
  g_autoptr (GArray) disc = iv_film_outline_trace (&params);
  double length = 0;
  g_assert_cmpint (disc->len % 2, ==, 0);
  for (guint i = 0; i < disc->len; i += 2) {
    const IvPoint a = g_array_index (disc, IvPoint, i), b = g_array_index (disc, IvPoint, i + 1);
    length += hypot (a.x - b.x, a.y - b.y);
    /* On the circle, within a pixel of the mask. */
    g_assert_cmpfloat_with_epsilon (hypot (a.x - 319.5, a.y - 319.5), 200, 10);
  }
  /* Steps of pixels make a line longer than the circle, but smoothing keeps it below 5 %. */
  g_assert_cmpfloat_with_epsilon (length, 2 * G_PI * 200, 0.05 * 2 * G_PI * 200);

  memset (mask, 1, sizeof mask);
  g_autoptr (GArray) full = iv_film_outline_trace (&params);
  length = 0;
  for (guint i = 0; i < full->len; i += 2) {
    const IvPoint a = g_array_index (full, IvPoint, i), b = g_array_index (full, IvPoint, i + 1);
    length += hypot (a.x - b.x, a.y - b.y);
  }
  g_assert_cmpfloat_with_epsilon (length, 4 * 640, 40);
}

static void
test_hits (void)
{
  g_autoptr (IvRadiograph) current = iv_test_film_new (400, 400, "20240929");
  g_autoptr (IvRadiograph) prior = iv_test_film_new (400, 400, "20240907");
  g_autoptr (IvFilmLink) link = iv_test_link_new (current, prior, 30, -10);
  g_autoptr (IvFilmOverlay) on_current = iv_film_overlay_new ();
  g_autoptr (IvFilmOverlay) on_prior = iv_film_overlay_new ();
  const GPtrArray *changes = iv_film_link_get_params (link)->changes;
  IvFilmOverlayStyle style = { .show_changes = TRUE, .opacity = 1, .threshold = 0.5 };
  IvFilmOverlayHit hit = { .reach = 2, .style = &style };

  iv_film_overlay_set_link (on_current, link, FALSE);
  iv_film_overlay_set_link (on_prior, link, TRUE);
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    const gboolean is_shown = change->score >= 0.5;

    hit.point = change->centroid;
    g_assert_true (iv_film_overlay_hit (on_current, &hit) == (is_shown ? change : NULL));
    hit.point.x += 30;
    hit.point.y -= 10;
    g_assert_true (iv_film_overlay_hit (on_prior, &hit) == (is_shown ? change : NULL));
    hit.point = (IvPoint){ change->x + 2 * change->width, change->y };
    g_assert_null (iv_film_overlay_hit (on_current, &hit));
  }
  /* The chosen one stays whatever its score, the others go with the switch. */
  style.selected = g_ptr_array_index (changes, 2);
  style.show_changes = FALSE;
  hit.point = style.selected->centroid;
  g_assert_true (iv_film_overlay_hit (on_current, &hit) == style.selected);
  hit.point = ((const IvChange *) g_ptr_array_index (changes, 0))->centroid;
  g_assert_null (iv_film_overlay_hit (on_current, &hit));
}

static void
test_tint (void)
{
  guint32 colors[256];

  iv_film_tint_fill (colors);
  g_assert_cmphex (colors[127], ==, 0);
  g_assert_cmphex (colors[128], ==, 0);
  /* Warm has more red than blue, cool the other way round; premultiplied. */
  g_assert_cmpint ((colors[255] >> 16) & 0xff, >, (colors[255] & 0xff) + 100);
  g_assert_cmpint (colors[0] & 0xff, >, ((colors[0] >> 16) & 0xff) + 100);
  for (guint i = 0; i < 256; i++)
    for (guint shift = 0; shift < 24; shift += 8)
      g_assert_cmpint ((colors[i] >> shift) & 0xff, <=, colors[i] >> 24);
}

static void
test_link_by_size (void)
{
  const IvRadiographInfo current = { .columns = 2000, .rows = 2400 };
  const IvRadiographInfo prior = { .columns = 1000, .rows = 1200 };
  const IvRadiographInfo fine = {
    .columns = 2000, .rows = 2400, .column_spacing = 0.1, .row_spacing = 0.1
  };
  const IvRadiographInfo coarse = {
    .columns = 2000, .rows = 2000, .column_spacing = 0.2, .row_spacing = 0.2
  };
  g_autoptr (IvFilmLink) by_width = iv_film_link_new_by_size (&current, &prior);
  g_autoptr (IvFilmLink) by_spacing = iv_film_link_new_by_size (&fine, &coarse);
  const IvPoint middle = iv_film_link_to_prior (by_width, (IvPoint){ 999.5, 1199.5 });
  const IvPoint there = iv_film_link_to_prior (by_spacing, (IvPoint){ 123, 456 });
  const IvPoint back = iv_film_link_to_current (by_spacing, there);

  g_assert_cmpfloat_with_epsilon (middle.x, 499.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (middle.y, 599.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (
      iv_film_link_prior_scale (by_width, (IvPoint){ 100, 100 }), 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (
      iv_film_link_prior_scale (by_spacing, (IvPoint){ 100, 100 }), 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (back.x, 123, 1e-9);
  g_assert_cmpfloat_with_epsilon (back.y, 456, 1e-9);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/film/marks/sides", test_sides);
  g_test_add_func ("/film/marks/scale-bar", test_scale_bar);
  g_test_add_func ("/film/marks/outline", test_outline);
  g_test_add_func ("/film/marks/hits", test_hits);
  g_test_add_func ("/film/marks/tint", test_tint);
  g_test_add_func ("/film/marks/link-by-size", test_link_by_size);
  return g_test_run ();
}
