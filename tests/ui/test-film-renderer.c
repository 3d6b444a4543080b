/* The drawing of films without a display: exact at 1:1, and the same however it is turned.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "ui/film/iv-film-renderer.h"

typedef struct {
  IvFilmPyramid *pyramid;
  guint16 *pixels;
  guint columns, rows;
  gint32 min, max;
} Film;

/* A film with structure in both directions and no symmetry. */
static void
film_init (Film *film, guint columns, guint rows, gboolean is_signed)
{
  film->columns = columns;
  film->rows = rows;
  film->pixels = g_new (guint16, (gsize) columns * rows);
  film->min = G_MAXINT32;
  film->max = G_MININT32;
  for (guint y = 0; y < rows; y++)
    for (guint x = 0; x < columns; x++) {
      gint32 value = (gint32) ((x * 37 + y * 101 + x * y * 3) % 4096);
      if (is_signed)
        value -= 2048;
      film->pixels[(gsize) y * columns + x] = (guint16) (gint16) value;
      film->min = MIN (film->min, value);
      film->max = MAX (film->max, value);
    }
  film->pyramid = iv_film_pyramid_new (&(IvFilmPyramidParams){ .pixels = film->pixels,
                                                               .columns = columns,
                                                               .rows = rows,
                                                               .is_signed = is_signed,
                                                               .min = film->min,
                                                               .max = film->max });
}

static void
film_clear (Film *film)
{
  g_clear_pointer (&film->pyramid, iv_film_pyramid_unref);
  g_clear_pointer (&film->pixels, g_free);
}

static void
table_init (guint8 table[65536], gboolean is_signed, gboolean invert)
{
  for (gint32 i = 0; i < 65536; i++) {
    const gint32 value = is_signed ? (gint16) (guint16) i + 2048 : i;
    const guint8 gray = (guint8) CLAMP (value / 16, 0, 255);
    table[i] = invert ? 255 - gray : gray;
  }
}

static GBytes *
render (const Film *film, const IvFilmGeometry *geometry, const guint8 table[65536])
{
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();

  iv_film_renderer_set_pyramid (renderer, film->pyramid);
  iv_film_renderer_set_table (renderer, table);
  return iv_film_renderer_render (renderer, geometry);
}

static IvFilmGeometry
geometry_for (const Film *film, guint width, guint height, double zoom)
{
  IvFilmGeometry geometry = {
    .columns = film->columns, .rows = film->rows, .width = width, .height = height
  };

  iv_film_geometry_fit (&geometry);
  if (zoom > 0)
    geometry.zoom = zoom;
  return geometry;
}

static guint32
pixel (GBytes *picture, guint width, guint x, guint y)
{
  return ((const guint32 *) g_bytes_get_data (picture, NULL))[(gsize) y * width + x];
}

static void
test_one_to_one (void)
{
  static guint8 table[65536];

  for (int is_signed = 0; is_signed < 2; is_signed++) {
    Film film = { 0 };
    film_init (&film, 61, 47, is_signed != 0);
    table_init (table, is_signed != 0, FALSE);
    const IvFilmGeometry geometry = geometry_for (&film, 61, 47, 1);
    g_autoptr (GBytes) picture = render (&film, &geometry, table);

    for (guint y = 0; y < 47; y++)
      for (guint x = 0; x < 61; x++)
        g_assert_cmphex (pixel (picture, 61, x, y),
                         ==,
                         0xff000000u | table[film.pixels[y * 61 + x]] * 0x010101u);
    film_clear (&film);
  }
}

/* Turning and flipping the geometry is turning and flipping the picture, bit for bit, at
 * reductions, at 1:1 and at enlargements alike. */
static void
test_orientations (void)
{
  static guint8 table[65536];
  static const double zooms[] = { 0.13, 0.5, 0.77, 1, 1.9, 5 };
  const guint n = 90; /* square viewport: the turned picture has the same size */
  Film film = { 0 };

  film_init (&film, 160, 120, FALSE);
  table_init (table, FALSE, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++) {
    IvFilmGeometry geometry = geometry_for (&film, n, n, zooms[i]);
    g_autoptr (GBytes) upright = render (&film, &geometry, table);

    for (int turns = 0; turns < 4; turns++)
      for (int flip = 0; flip < 2; flip++) {
        IvFilmGeometry turned = geometry;
        if (flip)
          iv_film_geometry_flip (&turned);
        iv_film_geometry_rotate (&turned, turns);
        g_autoptr (GBytes) picture = render (&film, &turned, table);

        for (guint y = 0; y < n; y++)
          for (guint x = 0; x < n; x++) {
            guint tx = flip ? n - 1 - x : x, ty = y;
            for (int k = 0; k < turns; k++) { /* clockwise: (x, y) goes to (n - 1 - y, x) */
              const guint old_x = tx;
              tx = n - 1 - ty;
              ty = old_x;
            }
            /* Rounding of the footprints may differ by one step of the table. */
            const int a = pixel (upright, n, x, y) & 0xff, b = pixel (picture, n, tx, ty) & 0xff;
            g_assert_cmpint (ABS (a - b), <=, 1);
          }
      }
  }
  film_clear (&film);
}

static void
test_invert (void)
{
  static guint8 table[65536], inverted[65536];
  Film film = { 0 };

  film_init (&film, 100, 80, FALSE);
  table_init (table, FALSE, FALSE);
  table_init (inverted, FALSE, TRUE);
  const IvFilmGeometry geometry = geometry_for (&film, 50, 40, 0);
  g_autoptr (GBytes) a = render (&film, &geometry, table);
  g_autoptr (GBytes) b = render (&film, &geometry, inverted);
  for (guint i = 0; i < 50 * 40; i++)
    g_assert_cmpint ((pixel (a, 1, 0, i) & 0xff) + (pixel (b, 1, 0, i) & 0xff), ==, 255);
  film_clear (&film);
}

/* A larger viewport around the same centre shows the same picture in its middle. */
static void
test_pad (void)
{
  static guint8 table[65536];
  Film film = { 0 };

  film_init (&film, 200, 150, FALSE);
  table_init (table, FALSE, FALSE);
  for (double zoom = 0.3; zoom < 3; zoom *= 1.7) {
    const IvFilmGeometry small = geometry_for (&film, 64, 48, zoom);
    const IvFilmGeometry large = geometry_for (&film, 64 + 20, 48 + 12, zoom);
    g_autoptr (GBytes) a = render (&film, &small, table);
    g_autoptr (GBytes) b = render (&film, &large, table);
    for (guint y = 0; y < 48; y++)
      for (guint x = 0; x < 64; x++)
        g_assert_cmphex (pixel (a, 64, x, y), ==, pixel (b, 84, x + 10, y + 6));
  }
  film_clear (&film);
}

/* A fine checkerboard is reduced to its mean at any size: nothing aliases. */
static void
test_no_aliasing (void)
{
  static guint8 table[65536];
  const guint n = 512;
  g_autofree guint16 *pixels = g_new (guint16, n * n);

  table_init (table, FALSE, FALSE);
  for (guint i = 0; i < n * n; i++)
    pixels[i] = ((i % n) + (i / n)) % 2 ? 4000 : 0;
  Film film = { .columns = n, .rows = n };
  film.pyramid = iv_film_pyramid_new (
      &(IvFilmPyramidParams){ .pixels = pixels, .columns = n, .rows = n, .max = 4000 });
  for (double zoom = 0.06; zoom < 0.5; zoom *= 1.13) {
    const guint size = (guint) (n * zoom) - 4;
    const IvFilmGeometry geometry = geometry_for (&film, size, size, zoom);
    g_autoptr (GBytes) picture = render (&film, &geometry, table);
    for (guint y = 0; y < size; y++)
      for (guint x = 0; x < size; x++)
        g_assert_cmpint (ABS ((int) (pixel (picture, size, x, y) & 0xff) - 125), <=, 1);
  }
  film_clear (&film);
}

/* Enlarging an 8-bit film under a narrow window gives a smooth ramp, not stairs. */
static void
test_smooth_enlargement (void)
{
  static guint8 table[65536];
  const guint16 pixels[] = { 100, 101, 102, 103, 100, 101, 102, 103 };
  Film film = { .columns = 4, .rows = 2 };
  int last = -1;

  for (guint i = 0; i < 65536; i++)
    table[i] = (guint8) CLAMP (((int) i - 100) * 85, 0, 255);
  film.pyramid = iv_film_pyramid_new (
      &(IvFilmPyramidParams){ .pixels = pixels, .columns = 4, .rows = 2, .max = 255 });
  const IvFilmGeometry geometry = geometry_for (&film, 96, 1, 32);
  g_autoptr (GBytes) picture = render (&film, &geometry, table);
  for (guint x = 0; x < 96; x++) {
    const int gray = pixel (picture, 96, x, 0) & 0xff;
    g_assert_cmpint (gray - last, >=, 0);
    if (x > 0)
      g_assert_cmpint (gray - last, <=, 4);
    last = gray;
  }
  g_assert_cmpint (last, >, 230);
  film_clear (&film);
}

/* Padding is black, and keeps out of the mean of its neighbours whatever the table. */
static void
test_padding (void)
{
  static guint8 table[65536];
  const guint n = 64;
  g_autofree guint16 *pixels = g_new (guint16, n * n);
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();

  for (guint i = 0; i < n * n; i++)
    pixels[i] = i % n < 21 ? 0 : 1000;
  for (guint i = 0; i < 65536; i++)
    table[i] = i >= 900 ? 40 : 255;
  g_autoptr (IvFilmPyramid) pyramid = iv_film_pyramid_new (&(IvFilmPyramidParams){
      .pixels = pixels, .columns = n, .rows = n, .min = 990, .max = 1000, .has_padding = TRUE });
  iv_film_renderer_set_pyramid (renderer, pyramid);
  iv_film_renderer_set_table (renderer, table);
  for (double zoom = 0.2; zoom < 4; zoom *= 1.3) {
    const IvFilmGeometry geometry = {
      .columns = n, .rows = n, .width = 40, .height = 40, .center = { 22, 30 }, .zoom = zoom
    };
    g_autoptr (GBytes) picture = iv_film_renderer_render (renderer, &geometry);
    for (guint i = 0; i < 40 * 40; i++) {
      const guint gray = pixel (picture, 40, i % 40, i / 40) & 0xff;
      g_assert_true (gray == 0 || gray == 40);
    }
  }
}

/* Two threads draw what one draws; windowing after a change of geometry as well. */
static void
test_threads (void)
{
  static guint8 table[65536], inverted[65536];
  Film film = { 0 };
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();

  film_init (&film, 300, 260, FALSE);
  table_init (table, FALSE, FALSE);
  table_init (inverted, FALSE, TRUE);
  iv_film_renderer_set_n_threads (renderer, 2);
  iv_film_renderer_set_pyramid (renderer, film.pyramid);
  for (int turns = 0; turns < 4; turns++) {
    IvFilmGeometry geometry = geometry_for (&film, 211, 190, 0.7);
    iv_film_geometry_rotate (&geometry, turns);
    for (int step = 0; step < 2; step++) {
      iv_film_renderer_set_table (renderer, step == 0 ? table : inverted);
      g_autoptr (GBytes) a = iv_film_renderer_render (renderer, &geometry);
      g_autoptr (GBytes) b = render (&film, &geometry, step == 0 ? table : inverted);
      g_assert_true (g_bytes_equal (a, b));
    }
  }
  film_clear (&film);
}

static void
test_tint (void)
{
  static guint8 table[65536];
  guint32 colors[256] = { 0 };
  const float field[] = { -1, 1 };
  Film film = { 0 };
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();
  g_autoptr (IvFilmPyramid) tint =
      iv_film_pyramid_new_for_field (field, 2, 1, (const float[]){ -1, 1 });

  film_init (&film, 80, 60, FALSE);
  table_init (table, FALSE, FALSE);
  colors[255] = 0xffff8000u;
  iv_film_renderer_set_pyramid (renderer, film.pyramid);
  iv_film_renderer_set_table (renderer, table);
  iv_film_renderer_set_tint (renderer, tint, colors);
  const IvFilmGeometry geometry = geometry_for (&film, 80, 60, 1);
  g_autoptr (GBytes) picture = iv_film_renderer_render (renderer, &geometry);
  g_autoptr (GBytes) plain = render (&film, &geometry, table);
  g_assert_cmphex (pixel (picture, 80, 70, 30), ==, 0xffff8000u);
  g_assert_cmphex (pixel (picture, 80, 5, 30), ==, pixel (plain, 80, 5, 30));
  film_clear (&film);
}

static IvPoint
shift_map (gpointer user_data, IvPoint point)
{
  return (IvPoint){ point.x + 7, point.y - 3 };
}

static void
test_warp (void)
{
  Film film = { 0 };

  film_init (&film, 77, 53, FALSE);
  g_autoptr (IvFilmPyramid) warped = iv_film_pyramid_new_warped (
      &(IvFilmWarpParams){ .source = film.pyramid, .columns = 77, .rows = 53, .map = shift_map },
      NULL);
  const IvFilmLevel from = iv_film_pyramid_get_level (film.pyramid, 0);
  const IvFilmLevel to = iv_film_pyramid_get_level (warped, 0);
  for (int y = 0; y < 53; y++)
    for (int x = 0; x < 77; x++) {
      const gboolean is_inside = x + 7 < 77 && y - 3 >= 0;
      const guint16 expected = is_inside ? from.codes[(y - 3) * 77 + x + 7] : 0;
      g_assert_cmpint (to.codes[y * 77 + x], ==, expected);
    }
  film_clear (&film);
}

static void
test_geometry (void)
{
  IvFilmGeometry geometry = { .columns = 2000, .rows = 2400, .width = 800, .height = 600 };

  for (int turns = 0; turns < 4; turns++)
    for (int flip = 0; flip < 2; flip++) {
      IvFilmGeometry g = geometry;
      iv_film_geometry_rotate (&g, turns);
      if (flip)
        iv_film_geometry_flip (&g);
      iv_film_geometry_fit (&g);
      g_assert_cmpfloat_with_epsilon (g.zoom, turns % 2 == 0 ? 600 / 2400.0 : 600 / 2000.0, 1e-12);

      /* The point under the pointer stays there. */
      const IvPoint before = iv_film_geometry_to_film (&g, 300, 320);
      iv_film_geometry_zoom_at (&g, 300, 320, 1.5);
      const IvPoint after = iv_film_geometry_to_film (&g, 300, 320);
      g_assert_cmpfloat_with_epsilon (before.x, after.x, 1e-9);
      g_assert_cmpfloat_with_epsilon (before.y, after.y, 1e-9);

      const IvPoint view = iv_film_geometry_to_view (&g, after);
      g_assert_cmpfloat_with_epsilon (view.x, 300, 1e-9);
      g_assert_cmpfloat_with_epsilon (view.y, 320, 1e-9);

      /* A pan moves what is seen by as many device pixels. */
      iv_film_geometry_pan (&g, 11, -7);
      const IvPoint moved = iv_film_geometry_to_view (&g, after);
      g_assert_cmpfloat_with_epsilon (moved.x, 311, 1e-9);
      g_assert_cmpfloat_with_epsilon (moved.y, 313, 1e-9);
    }

  /* Two flips, four turns: nothing. */
  geometry.quarter_turns = 1;
  IvFilmGeometry g = geometry;
  iv_film_geometry_flip (&g);
  iv_film_geometry_flip (&g);
  for (int i = 0; i < 4; i++)
    iv_film_geometry_rotate (&g, -1);
  g_assert_true (iv_film_geometry_equal (&g, &geometry));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/film/geometry", test_geometry);
  g_test_add_func ("/film/render/one-to-one", test_one_to_one);
  g_test_add_func ("/film/render/orientations", test_orientations);
  g_test_add_func ("/film/render/invert", test_invert);
  g_test_add_func ("/film/render/pad", test_pad);
  g_test_add_func ("/film/render/no-aliasing", test_no_aliasing);
  g_test_add_func ("/film/render/smooth-enlargement", test_smooth_enlargement);
  g_test_add_func ("/film/render/padding", test_padding);
  g_test_add_func ("/film/render/threads", test_threads);
  g_test_add_func ("/film/render/tint", test_tint);
  g_test_add_func ("/film/render/warp", test_warp);
  return g_test_run ();
}
