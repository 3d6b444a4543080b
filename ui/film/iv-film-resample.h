/* Resamples a film's codes to the device pixels of a viewport.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ui/film/iv-film-geometry.h"
#include "ui/film/iv-film-pyramid.h"

G_BEGIN_DECLS

/* The codes of a viewport in the film's own orientation: columns run along the film's x axis (in
 * either direction), so that both passes read memory in order; the look-up turns it. */
typedef struct {
  guint columns, rows;
  gboolean is_turned;                   /* film x runs along view y */
  guint16 *codes;                       /* (owned) [rows, columns] */
  guint x_begin, x_end, y_begin, y_end; /* the part that shows film; the rest is undefined */
} IvFilmPlane;

void iv_film_plane_clear (IvFilmPlane *self);

/* Prepares a resampling; the film of the geometry is covered by the whole pyramid, whatever its
 * size. Keeps the memory of the plane where it fits. */
typedef struct _IvFilmResample IvFilmResample;
IvFilmResample *
iv_film_resample_new (IvFilmPyramid *pyramid, const IvFilmGeometry *geometry, IvFilmPlane *plane);
/* Fills rows [begin, end) of the plane; disjoint rows may be filled by several threads. */
void iv_film_resample_rows (const IvFilmResample *self, guint begin, guint end);
void iv_film_resample_free (IvFilmResample *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmResample, iv_film_resample_free)

G_END_DECLS
