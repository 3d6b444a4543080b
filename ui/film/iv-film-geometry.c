/* Where a film lies in a viewport: centre, zoom, quarter turns and flip, in both directions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-geometry.h"

#include <math.h>

IvFilmAxes
iv_film_geometry_axes (const IvFilmGeometry *self)
{
  const int f = self->is_flipped ? -1 : 1;

  switch (self->quarter_turns & 3) {
  case 0:
    return (IvFilmAxes){ f, 0, 0, 1 };
  case 1: /* y is down, so clockwise takes (x, y) to (-y, x) */
    return (IvFilmAxes){ 0, -1, f, 0 };
  case 2:
    return (IvFilmAxes){ -f, 0, 0, -1 };
  default:
    return (IvFilmAxes){ 0, 1, -f, 0 };
  }
}

IvPoint
iv_film_geometry_to_view (const IvFilmGeometry *self, IvPoint film)
{
  const IvFilmAxes axes = iv_film_geometry_axes (self);
  const double x = self->zoom * (film.x - self->center.x);
  const double y = self->zoom * (film.y - self->center.y);

  return (IvPoint){ self->width / 2.0 + axes.xx * x + axes.xy * y,
                    self->height / 2.0 + axes.yx * x + axes.yy * y };
}

IvPoint
iv_film_geometry_to_film (const IvFilmGeometry *self, double view_x, double view_y)
{
  /* The axes are orthonormal: the inverse is the transpose. */
  const IvFilmAxes axes = iv_film_geometry_axes (self);
  const double x = (view_x - self->width / 2.0) / self->zoom;
  const double y = (view_y - self->height / 2.0) / self->zoom;

  return (IvPoint){ self->center.x + axes.xx * x + axes.yx * y,
                    self->center.y + axes.xy * x + axes.yy * y };
}

double
iv_film_geometry_fit_zoom (const IvFilmGeometry *self)
{
  const gboolean is_upright = (self->quarter_turns & 1) == 0;
  const double columns = MAX (is_upright ? self->columns : self->rows, 1);
  const double rows = MAX (is_upright ? self->rows : self->columns, 1);
  const double zoom = MIN (self->width / columns, self->height / rows);

  return zoom > 0 ? zoom : 1;
}

void
iv_film_geometry_fit (IvFilmGeometry *self)
{
  self->zoom = MIN (iv_film_geometry_fit_zoom (self), IV_FILM_ZOOM_MAX);
  self->center = (IvPoint){ (self->columns - 1.0) / 2, (self->rows - 1.0) / 2 };
}

static void
clamp_center (IvFilmGeometry *self)
{
  self->center.x = CLAMP (self->center.x, -0.5, MAX (self->columns, 1) - 0.5);
  self->center.y = CLAMP (self->center.y, -0.5, MAX (self->rows, 1) - 0.5);
}

void
iv_film_geometry_zoom_at (IvFilmGeometry *self, double view_x, double view_y, double zoom)
{
  const IvPoint before = iv_film_geometry_to_film (self, view_x, view_y);
  const double smallest = MIN (iv_film_geometry_fit_zoom (self) / 4, IV_FILM_ZOOM_MAX);

  self->zoom = CLAMP (zoom, smallest, IV_FILM_ZOOM_MAX);

  const IvPoint after = iv_film_geometry_to_film (self, view_x, view_y);
  self->center.x += before.x - after.x;
  self->center.y += before.y - after.y;
  clamp_center (self);
}

void
iv_film_geometry_pan (IvFilmGeometry *self, double d_x, double d_y)
{
  self->center = iv_film_geometry_to_film (self, self->width / 2.0 - d_x, self->height / 2.0 - d_y);
  clamp_center (self);
}

void
iv_film_geometry_rotate (IvFilmGeometry *self, int quarter_turns)
{
  self->quarter_turns = (self->quarter_turns + (guint) (quarter_turns & 3)) & 3;
}

void
iv_film_geometry_flip (IvFilmGeometry *self)
{
  /* The flip comes before the turn; mirrored on screen means that the turn goes the other way. */
  self->is_flipped = !self->is_flipped;
  self->quarter_turns = (4 - self->quarter_turns) & 3;
}

gboolean
iv_film_geometry_equal (const IvFilmGeometry *a, const IvFilmGeometry *b)
{
  return a->columns == b->columns && a->rows == b->rows && a->width == b->width &&
         a->height == b->height && a->center.x == b->center.x && a->center.y == b->center.y &&
         a->zoom == b->zoom && a->quarter_turns == b->quarter_turns &&
         a->is_flipped == b->is_flipped;
}
