/* One radiograph on screen: zoom, pan, rotation, window, its marks, and what lies over it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/study/iv-grayscale.h"
#include "app/study/iv-radiograph.h"
#include "ui/film/iv-film-geometry.h"
#include "ui/film/iv-film-link.h"

G_BEGIN_DECLS

/* Which of the pair this film is; decides the role text in the corner and the accessible name. */
typedef enum { IV_FILM_ROLE_SINGLE, IV_FILM_ROLE_PRIOR, IV_FILM_ROLE_CURRENT } IvFilmRole;

/* What a primary drag does. REGION lasts for one drag, then WINDOW comes back. */
typedef enum { IV_FILM_TOOL_WINDOW, IV_FILM_TOOL_PAN, IV_FILM_TOOL_REGION } IvFilmTool;

/* Draws only the visible device pixels: one texture of the size of the viewport per frame.
 *
 * Signals: "geometry-changed", "grayscale-changed" (after a gesture, key or setter),
 * "cursor-moved" (double x, double y in film pixels; NAN, NAN when the pointer left),
 * "change-activated" (gpointer IvChange: clicked).
 *
 * Thread-safety: main. */
#define IV_TYPE_FILM_VIEW (iv_film_view_get_type ())
G_DECLARE_FINAL_TYPE (IvFilmView, iv_film_view, IV, FILM_VIEW, GtkWidget)

GtkWidget *iv_film_view_new (IvFilmRole role);

/* NULL shows the placeholder. The film comes fitted, in its preset IV_PRESET_FILE. */
void iv_film_view_set_radiograph (IvFilmView *self, IvRadiograph *radiograph);
/* (transfer none) or NULL. */
IvRadiograph *iv_film_view_get_radiograph (IvFilmView *self);

/* Shown while there is no film: "No prior", and why. Either may be NULL. */
void iv_film_view_set_placeholder (IvFilmView *self, const char *title, const char *description);
/* A film is on its way: a spinner over the old film or the placeholder. */
void iv_film_view_set_is_loading (IvFilmView *self, gboolean is_loading);

/* Geometry. (transfer none), valid until the next change. */
const IvFilmGeometry *iv_film_view_get_geometry (IvFilmView *self);
void iv_film_view_fit (IvFilmView *self);
gboolean iv_film_view_is_fit (IvFilmView *self);
/* Film point in the middle of the view, and device pixels per film pixel. Ends the fit. */
void iv_film_view_set_center (IvFilmView *self, IvPoint center, double zoom);
void iv_film_view_zoom_by (IvFilmView *self, double factor);
void iv_film_view_rotate (IvFilmView *self, int quarter_turns); /* clockwise */
void iv_film_view_flip (IvFilmView *self);                      /* left and right as seen */
void iv_film_view_reset_orientation (IvFilmView *self);

/* Grayscale. */
const IvGrayscale *iv_film_view_get_grayscale (IvFilmView *self);
void iv_film_view_set_grayscale (IvFilmView *self, const IvGrayscale *grayscale);
/* A chest preset, or (index >= 0) the file's own VOI LUT or window number index. */
void iv_film_view_set_preset (IvFilmView *self, IvPreset preset);
void iv_film_view_set_file_window (IvFilmView *self, guint index);
void iv_film_view_set_inverted (IvFilmView *self, gboolean is_inverted);

void iv_film_view_set_tool (IvFilmView *self, IvFilmTool tool);
IvFilmTool iv_film_view_get_tool (IvFilmView *self);

/* The other film's pointer, in this film's pixels; NULL hides it. */
void iv_film_view_set_cursor (IvFilmView *self, const IvPoint *cursor);
/* Corner texts, sides, scale bar. */
void iv_film_view_set_show_texts (IvFilmView *self, gboolean show_texts);

/* The lines of its cardiothoracic ratio; NULL for none. Another film takes them away. */
void iv_film_view_set_measure (IvFilmView *self, const IvFilmMeasure *measure);

/* Changes drawn over the film, through the link; NULL for none. */
void iv_film_view_set_link (IvFilmView *self, IvFilmLink *link);

typedef struct {
  gboolean show_changes;
  gboolean show_lungs;
  double opacity;           /* of the outlines, 0 … 1 */
  double threshold;         /* lowest score shown */
  const IvChange *selected; /* or NULL; shown whatever its score */
  /* Places a report names, graphene_rect_t in pixels of the current film; or NULL. Borrowed. */
  const GArray *boxes;
} IvFilmOverlayStyle;
void iv_film_view_set_overlay (IvFilmView *self, const IvFilmOverlayStyle *style);

G_END_DECLS
