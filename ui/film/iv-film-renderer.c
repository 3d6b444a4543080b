/* The visible pixels of a film: resampled once per geometry, looked up once per window.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-renderer.h"

#include <string.h>

#include "ui/film/iv-film-resample.h"

#define BLACK 0xff000000u
#define TILE 32 /* of the turned look-up: 32 x 32 codes and pixels stay in the first cache */

struct _IvFilmRenderer {
  IvFilmPyramid *pyramid; /* (owned) */
  IvFilmPyramid *tint;    /* (owned) */
  guint8 stored_table[65536];
  guint8 table[65536]; /* over codes of the pyramid */
  guint32 colors[256];
  guint n_threads;
  gboolean is_table_stale, is_plane_stale;
  IvFilmGeometry geometry; /* of the planes */
  IvFilmPlane plane, tint_plane;
};

/* One pass over rows, done in two halves. */
typedef struct Pass Pass;
struct Pass {
  void (*run) (const Pass *pass, guint begin, guint end);
  guint n_rows;
  const IvFilmResample *resample, *tint_resample;
  const IvFilmRenderer *renderer;
  guint32 *pixels;
  /* Second half */
  guint begin;
  GMutex mutex;
  GCond cond;
  gboolean is_done;
};

IvFilmRenderer *
iv_film_renderer_new (void)
{
  IvFilmRenderer *self = g_new0 (IvFilmRenderer, 1);

  self->n_threads = 1;
  return self;
}

void
iv_film_renderer_free (IvFilmRenderer *self)
{
  g_clear_pointer (&self->pyramid, iv_film_pyramid_unref);
  g_clear_pointer (&self->tint, iv_film_pyramid_unref);
  iv_film_plane_clear (&self->plane);
  iv_film_plane_clear (&self->tint_plane);
  g_free (self);
}

static void
replace_pyramid (IvFilmPyramid **place, IvFilmPyramid *pyramid)
{
  if (pyramid != NULL)
    iv_film_pyramid_ref (pyramid);
  g_clear_pointer (place, iv_film_pyramid_unref);
  *place = pyramid;
}

void
iv_film_renderer_set_pyramid (IvFilmRenderer *self, IvFilmPyramid *pyramid)
{
  replace_pyramid (&self->pyramid, pyramid);
  self->is_table_stale = TRUE;
  self->is_plane_stale = TRUE;
}

void
iv_film_renderer_set_table (IvFilmRenderer *self, const guint8 table[65536])
{
  memcpy (self->stored_table, table, sizeof self->stored_table);
  self->is_table_stale = TRUE;
}

void
iv_film_renderer_set_tint (IvFilmRenderer *self, IvFilmPyramid *tint, const guint32 colors[256])
{
  replace_pyramid (&self->tint, tint);
  if (tint != NULL)
    memcpy (self->colors, colors, sizeof self->colors);
  self->is_plane_stale = TRUE;
}

void
iv_film_renderer_set_n_threads (IvFilmRenderer *self, guint n_threads)
{
  self->n_threads = CLAMP (n_threads, 1, 2);
}

static void
on_second_half_cb (gpointer data, gpointer user_data)
{
  Pass *pass = data;

  pass->run (pass, pass->begin, pass->n_rows);
  g_mutex_lock (&pass->mutex);
  pass->is_done = TRUE;
  g_cond_signal (&pass->cond);
  g_mutex_unlock (&pass->mutex);
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter (&pool)) {
    GThreadPool *created = g_thread_pool_new (on_second_half_cb, NULL, 2, FALSE, NULL);
    g_once_init_leave (&pool, created);
  }
  return pool;
}

static void
run_pass (Pass *pass, guint n_threads)
{
  if (n_threads < 2 || pass->n_rows < 64) {
    pass->run (pass, 0, pass->n_rows);
    return;
  }
  pass->begin = pass->n_rows / 2;
  g_mutex_init (&pass->mutex);
  g_cond_init (&pass->cond);
  g_thread_pool_push (get_pool (), pass, NULL);
  pass->run (pass, 0, pass->begin);
  g_mutex_lock (&pass->mutex);
  while (!pass->is_done)
    g_cond_wait (&pass->cond, &pass->mutex);
  g_mutex_unlock (&pass->mutex);
  g_mutex_clear (&pass->mutex);
  g_cond_clear (&pass->cond);
}

static void
run_resample (const Pass *pass, guint begin, guint end)
{
  iv_film_resample_rows (pass->resample, begin, end);
  if (pass->tint_resample != NULL)
    iv_film_resample_rows (pass->tint_resample, begin, end);
}

static void
update_planes (IvFilmRenderer *self, const IvFilmGeometry *geometry)
{
  if (!self->is_plane_stale && iv_film_geometry_equal (&self->geometry, geometry))
    return;

  g_autoptr (IvFilmResample) resample =
      iv_film_resample_new (self->pyramid, geometry, &self->plane);
  g_autoptr (IvFilmResample) tint_resample = NULL;
  if (self->tint != NULL)
    tint_resample = iv_film_resample_new (self->tint, geometry, &self->tint_plane);

  Pass pass = { .run = run_resample,
                .n_rows = self->plane.rows,
                .resample = resample,
                .tint_resample = tint_resample };
  run_pass (&pass, self->n_threads);
  self->geometry = *geometry;
  self->is_plane_stale = FALSE;
}

/* Gray under a premultiplied colour. */
static inline guint32
tinted (guint gray, guint32 color)
{
  const guint rest = gray * (255 - (color >> 24));

  if (color == 0)
    return BLACK | (gray * 0x010101u);
  /* (x + 128) * 257 >> 16 is x / 255 to the nearest for x up to 65535. */
  return BLACK + ((((rest + 128) * 257) >> 16) * 0x010101u) + (color & 0xffffff);
}

static inline guint32
shade (const IvFilmRenderer *self, gsize at)
{
  const guint gray = self->table[self->plane.codes[at]];

  if (self->tint == NULL)
    return BLACK | (gray * 0x010101u);
  return tinted (gray, self->colors[self->tint_plane.codes[at] >> 8]);
}

static void
fill_black (guint32 *pixels, gsize n)
{
  for (gsize i = 0; i < n; i++)
    pixels[i] = BLACK;
}

/* Rows of the plane are rows of the picture. */
static void
run_shade_upright (const Pass *pass, guint begin, guint end)
{
  const IvFilmRenderer *self = pass->renderer;
  const IvFilmPlane *plane = &self->plane;
  const guint columns = plane->columns;

  for (guint y = begin; y < end; y++) {
    const gsize row = (gsize) y * columns;
    guint32 *out = pass->pixels + row;

    if (y < plane->y_begin || y >= plane->y_end) {
      fill_black (out, columns);
      continue;
    }
    fill_black (out, plane->x_begin);
    if (self->tint == NULL) {
      const guint16 *codes = plane->codes + row;
      for (guint x = plane->x_begin; x < plane->x_end; x++)
        out[x] = BLACK | (self->table[codes[x]] * 0x010101u);
    } else {
      for (guint x = plane->x_begin; x < plane->x_end; x++)
        out[x] = shade (self, row + x);
    }
    fill_black (out + plane->x_end, columns - plane->x_end);
  }
}

/* Rows of the plane are columns of the picture. */
static void
run_shade_turned (const Pass *pass, guint begin, guint end)
{
  const IvFilmRenderer *self = pass->renderer;
  const IvFilmPlane *plane = &self->plane;
  const guint width = plane->rows;

  for (guint y0 = begin; y0 < end; y0 += TILE) {
    const guint y1 = MIN (y0 + TILE, end);
    for (guint x0 = 0; x0 < plane->columns; x0 += TILE) {
      const guint x1 = MIN (x0 + TILE, plane->columns);
      for (guint x = x0; x < x1; x++) {
        guint32 *out = pass->pixels + (gsize) x * width;
        for (guint y = y0; y < y1; y++)
          out[y] =
              x >= plane->x_begin && x < plane->x_end && y >= plane->y_begin && y < plane->y_end
                  ? shade (self, (gsize) y * plane->columns + x)
                  : BLACK;
      }
    }
  }
}

GBytes *
iv_film_renderer_render (IvFilmRenderer *self, const IvFilmGeometry *geometry)
{
  const gsize n_pixels = (gsize) geometry->width * geometry->height;
  guint32 *pixels = g_new (guint32, MAX (n_pixels, 1));

  if (self->pyramid == NULL || geometry->columns == 0 || geometry->rows == 0) {
    fill_black (pixels, n_pixels);
    return g_bytes_new_take (pixels, n_pixels * 4);
  }

  update_planes (self, geometry);
  if (self->is_table_stale) {
    iv_film_pyramid_build_table (self->pyramid, self->stored_table, self->table);
    self->is_table_stale = FALSE;
  }
  Pass pass = { .run = self->plane.is_turned ? run_shade_turned : run_shade_upright,
                .n_rows = self->plane.rows,
                .renderer = self,
                .pixels = pixels };
  run_pass (&pass, self->n_threads);
  return g_bytes_new_take (pixels, n_pixels * 4);
}
