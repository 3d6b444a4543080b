/* The lines of the cardiothoracic ratio over a film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/compare/iv-film-measure.h"
#include "ui/film/iv-film-geometry.h"

G_BEGIN_DECLS

typedef struct {
  const IvFilmMeasure *measure; /* with a ratio, or nothing is drawn */
  const IvFilmGeometry *geometry;
  int scale;         /* device pixels per logical pixel */
  GtkWidget *widget; /* for its font */
} IvFilmMeasureLines;

/* The chest's diameter, both halves of the heart's from the middle, and the middle. The ratio
 * stands beside them, with a question mark where it is doubtful. */
void iv_film_measure_lines_draw (const IvFilmMeasureLines *self, cairo_t *cr);

G_END_DECLS
