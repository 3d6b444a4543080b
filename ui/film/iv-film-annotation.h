/* The texts in a film's corners, the patient's sides and the scale bar.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "ui/film/iv-film-view.h"

G_BEGIN_DECLS

typedef struct {
  GtkWidget *widget; /* for its font */
  const IvRadiographInfo *info;
  const IvFilmGeometry *geometry;
  const IvGrayscale *grayscale;
  const char *preset_name; /* translated, or NULL when the window was set by hand */
  const char *heading;     /* "Prior", "Current"; NULL for none */
  /* The film right of a curtain, named in the upper right corner; NULL when there is one film. */
  const IvRadiographInfo *right_info;
  const char *right_heading;
  const char *notice;  /* a line below the texts: "Shown: prior, warped"; or NULL */
  gboolean has_legend; /* of the subtraction's colours */
  int scale;           /* device pixels per logical pixel */
} IvFilmAnnotation;

void iv_film_annotation_snapshot (const IvFilmAnnotation *self, GtkSnapshot *snapshot);

/* The length of the scale bar: a round number of mm that takes at most limit_mm. 0 when none
 * fits. */
double iv_film_annotation_round_length (double limit_mm);

G_END_DECLS
