/* Resamples a film's codes to the device pixels of a viewport.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-resample.h"

#include <math.h>
#include <string.h>

/* Quarter turns and flips keep the axes apart, so a viewport is two one-dimensional filters. One
 * device pixel takes up to three neighbours of the level whose pixels are half a device pixel or
 * more: the mean over its footprint when the film is reduced, linear interpolation when enlarged.
 * Weights are 16-bit fractions that sum to exactly 65536. */
#define N_TAPS 3
#define ONE 65536u

typedef struct {
  guint start;
  guint32 weights[N_TAPS];
} Tap;

typedef struct {
  Tap *taps; /* (owned) [n] */
  guint n;
  guint begin, end; /* device pixels whose centre is on the film */
} Axis;

struct _IvFilmResample {
  IvFilmLevel level;
  gboolean has_void;
  Axis x, y;
  IvFilmPlane *plane;
};

typedef struct {
  guint n_view; /* device pixels */
  guint n_film; /* film pixels */
  guint n_level;
  guint n_full;  /* pixels of level 0 */
  double scale;  /* full-size pixels of a level pixel */
  double center; /* film point in the middle of the viewport */
  double zoom;
  int direction;
} AxisParams;

static void
tap_set_box (Tap *tap, double from, double to, guint n)
{
  const double low = MAX (from, 0), high = MIN (to, n);
  guint32 sum = 0;

  tap->start = (guint) CLAMP (floor (low), 0, (double) (n - 1));
  for (guint k = 0; k < N_TAPS; k++) {
    const double a = MAX (low, (double) tap->start + k);
    const double b = MIN (high, (double) tap->start + k + 1);
    const double part = high > low && b > a ? (b - a) / (high - low) : 0;
    tap->weights[k] = (guint32) lrint (part * ONE);
    sum += tap->weights[k];
  }
  /* Rounding, and a footprint that is cut at the edge of the film. */
  tap->weights[tap->weights[1] > tap->weights[0] ? 1 : 0] += ONE - sum;
}

static void
tap_set_linear (Tap *tap, double center, guint n)
{
  const double position = CLAMP (center - 0.5, 0, n - 1.0);

  tap->start = MIN ((guint) position, n >= 2 ? n - 2 : 0);
  tap->weights[1] = n >= 2 ? (guint32) lrint ((position - tap->start) * ONE) : 0;
  tap->weights[0] = ONE - tap->weights[1];
  tap->weights[2] = 0;
}

static void
axis_init (Axis *self, const AxisParams *p)
{
  const double ratio = (double) p->n_full / p->n_film; /* 1 unless the pyramid is a coarser field */
  const double step = 1 / p->zoom;
  double origin = p->center + 0.5 - p->direction * step * p->n_view / 2.0;

  /* At 1:1 device and film pixels coincide. */
  if (fabs (p->zoom - 1) < 1e-9)
    origin = rint (origin);

  self->n = p->n_view;
  self->taps = g_new (Tap, MAX (p->n_view, 1));
  self->begin = self->end = 0;
  for (guint i = 0; i < p->n_view; i++) {
    const double a = origin + p->direction * step * i, b = a + p->direction * step;
    const double middle = (a + b) / 2;

    if (middle >= 0 && middle < p->n_film) {
      if (self->end == 0)
        self->begin = i;
      self->end = i + 1;
    }
    const double from = MIN (a, b) * ratio / p->scale, to = MAX (a, b) * ratio / p->scale;
    if (to - from >= 1 - 1e-9)
      tap_set_box (&self->taps[i], from, to, p->n_level);
    else
      tap_set_linear (&self->taps[i], middle * ratio / p->scale, p->n_level);
    /* Taps of weight 0 must still be readable. */
    if (self->taps[i].start + N_TAPS > p->n_level) {
      const guint start = p->n_level >= N_TAPS ? p->n_level - N_TAPS : 0;
      const guint by = self->taps[i].start - start;
      for (guint k = N_TAPS; k-- > 0;)
        self->taps[i].weights[k] = k >= by ? self->taps[i].weights[k - by] : 0;
      self->taps[i].start = start;
    }
  }
}

IvFilmResample *
iv_film_resample_new (IvFilmPyramid *pyramid, const IvFilmGeometry *geometry, IvFilmPlane *plane)
{
  IvFilmResample *self = g_new0 (IvFilmResample, 1);
  const IvFilmLevel full = iv_film_pyramid_get_level (pyramid, 0);
  const IvFilmAxes axes = iv_film_geometry_axes (geometry);
  const double zoom = geometry->zoom * geometry->columns / full.columns;
  guint level = 0;

  while (level + 1 < iv_film_pyramid_get_n_levels (pyramid) && ldexp (zoom, (int) level + 1) <= 1)
    level++;
  self->level = iv_film_pyramid_get_level (pyramid, level);
  self->has_void = iv_film_pyramid_has_void (pyramid);
  self->plane = plane;

  plane->is_turned = axes.xx == 0;
  const guint columns = plane->is_turned ? geometry->height : geometry->width;
  const guint rows = plane->is_turned ? geometry->width : geometry->height;
  if ((gsize) plane->columns * plane->rows != (gsize) columns * rows || plane->codes == NULL) {
    g_free (plane->codes);
    plane->codes = g_new (guint16, MAX ((gsize) columns * rows, 1));
  }
  plane->columns = columns;
  plane->rows = rows;

  axis_init (&self->x,
             &(AxisParams){ .n_view = columns,
                            .n_film = geometry->columns,
                            .n_level = self->level.columns,
                            .n_full = full.columns,
                            .scale = ldexp (1, (int) level),
                            .center = geometry->center.x,
                            .zoom = geometry->zoom,
                            .direction = axes.xx + axes.yx });
  axis_init (&self->y,
             &(AxisParams){ .n_view = rows,
                            .n_film = geometry->rows,
                            .n_level = self->level.rows,
                            .n_full = full.rows,
                            .scale = ldexp (1, (int) level),
                            .center = geometry->center.y,
                            .zoom = geometry->zoom,
                            .direction = axes.xy + axes.yy });
  plane->x_begin = self->x.begin;
  plane->x_end = self->x.end;
  plane->y_begin = self->y.begin;
  plane->y_end = self->y.end;
  return self;
}

/* Next to void the heaviest neighbour decides, so that void neither darkens nor spreads. */
static guint16
mix_with_void (const guint16 v[N_TAPS], const guint32 w[N_TAPS])
{
  guint heaviest = 0;
  gboolean has_void = FALSE;

  for (guint k = 0; k < N_TAPS; k++) {
    has_void |= v[k] == 0 && w[k] > 0;
    if (w[k] > w[heaviest])
      heaviest = k;
  }
  if (has_void)
    return v[heaviest];
  return (guint16) ((v[0] * w[0] + v[1] * w[1] + v[2] * w[2] + ONE / 2) / ONE);
}

static void
filter_row (const IvFilmResample *self, const guint16 *from, guint16 *to)
{
  const Tap *taps = self->x.taps;

  if (self->level.columns < N_TAPS || self->has_void) {
    const guint last = self->level.columns - 1;
    for (guint i = self->x.begin; i < self->x.end; i++) {
      const guint s = taps[i].start;
      const guint16 v[N_TAPS] = { from[s], from[MIN (s + 1, last)], from[MIN (s + 2, last)] };
      to[i] = mix_with_void (v, taps[i].weights);
    }
    return;
  }
  for (guint i = self->x.begin; i < self->x.end; i++) {
    const guint16 *v = from + taps[i].start;
    const guint32 *w = taps[i].weights;
    to[i] = (guint16) ((v[0] * w[0] + v[1] * w[1] + v[2] * w[2] + ONE / 2) >> 16);
  }
}

static void
mix_rows (const IvFilmResample *self, guint16 *const rows[N_TAPS], const guint32 *w, guint16 *to)
{
  const guint begin = self->x.begin, end = self->x.end;
  const guint16 *a = rows[0], *b = rows[1], *c = rows[2];

  if (self->has_void) {
    for (guint i = begin; i < end; i++)
      to[i] = mix_with_void ((const guint16[]){ a[i], b[i], c[i] }, w);
  } else if (w[0] == ONE) {
    memcpy (to + begin, a + begin, (end - begin) * sizeof *to);
  } else {
    for (guint i = begin; i < end; i++)
      to[i] = (guint16) ((a[i] * w[0] + b[i] * w[1] + c[i] * w[2] + ONE / 2) >> 16);
  }
}

void
iv_film_resample_rows (const IvFilmResample *self, guint begin, guint end)
{
  const guint columns = self->plane->columns;
  const guint last = self->level.rows - 1;
  /* Horizontally filtered rows, by row number modulo 4; neighbours share them. */
  g_autofree guint16 *cache = g_new0 (guint16, MAX ((gsize) columns * 4, 1));
  gint64 cached[4] = { -1, -1, -1, -1 };

  begin = MAX (begin, self->y.begin);
  end = MIN (end, self->y.end);
  for (guint y = begin; y < end && self->x.begin < self->x.end; y++) {
    const Tap *tap = &self->y.taps[y];
    guint16 *rows[N_TAPS];

    for (guint k = 0; k < N_TAPS; k++) {
      const guint row = tap->weights[k] > 0 ? MIN (tap->start + k, last) : 0;
      rows[k] = cache + (gsize) columns * (row & 3);
      if (tap->weights[k] == 0) {
        rows[k] = k > 0 ? rows[k - 1] : cache;
      } else if (cached[row & 3] != row) {
        filter_row (self, self->level.codes + (gsize) row * self->level.columns, rows[k]);
        cached[row & 3] = row;
      }
    }
    mix_rows (self, rows, tap->weights, self->plane->codes + (gsize) y * columns);
  }
}

void
iv_film_resample_free (IvFilmResample *self)
{
  g_free (self->x.taps);
  g_free (self->y.taps);
  g_free (self);
}

void
iv_film_plane_clear (IvFilmPlane *self)
{
  g_clear_pointer (&self->codes, g_free);
  self->columns = self->rows = 0;
}
