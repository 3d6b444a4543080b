/* Where a film lies in a viewport: centre, zoom, quarter turns and flip, in both directions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* Film points follow IvPoint: (0, 0) is the centre of the first pixel. View points are device
 * pixels from the top left corner of the viewport, (0.5, 0.5) is the centre of the first one. The
 * film is flipped first (left and right), then turned clockwise. Plain data. */
typedef struct {
  guint columns, rows; /* of the film */
  guint width, height; /* of the viewport, device pixels */
  IvPoint center;      /* film point in the middle of the viewport */
  double zoom;         /* device pixels per film pixel */
  guint quarter_turns; /* 0 … 3, clockwise */
  gboolean is_flipped;
} IvFilmGeometry;

#define IV_FILM_ZOOM_MAX 32.0

/* The two in-plane axes: view = center + zoom * axes * (film - center). Entries are -1, 0, 1. */
typedef struct {
  int xx, xy, yx, yy; /* view x = xx * film x + xy * film y; view y = yx * film x + yy * film y */
} IvFilmAxes;
IvFilmAxes iv_film_geometry_axes (const IvFilmGeometry *self);

IvPoint iv_film_geometry_to_view (const IvFilmGeometry *self, IvPoint film);
IvPoint iv_film_geometry_to_film (const IvFilmGeometry *self, double view_x, double view_y);

/* Whole film visible, centred. */
void iv_film_geometry_fit (IvFilmGeometry *self);
double iv_film_geometry_fit_zoom (const IvFilmGeometry *self);
/* Keeps the film point under (view_x, view_y) where it is; zoom is clamped to [fit / 4, 32]. */
void iv_film_geometry_zoom_at (IvFilmGeometry *self, double view_x, double view_y, double zoom);
/* Moves the film by device pixels; the middle of the viewport stays on the film. */
void iv_film_geometry_pan (IvFilmGeometry *self, double d_x, double d_y);
/* Turns and flips as seen on screen, about the middle of the viewport. */
void iv_film_geometry_rotate (IvFilmGeometry *self, int quarter_turns);
void iv_film_geometry_flip (IvFilmGeometry *self);

gboolean iv_film_geometry_equal (const IvFilmGeometry *a, const IvFilmGeometry *b);

G_END_DECLS
