/* What lies over a film: changes, lungs, the other film's pointer, the region being drawn.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "ui/film/iv-film-view.h"

G_BEGIN_DECLS

/* Thread-safety: main. */
typedef struct _IvFilmOverlay IvFilmOverlay;

IvFilmOverlay *iv_film_overlay_new (void);
void iv_film_overlay_free (IvFilmOverlay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmOverlay, iv_film_overlay_free)

/* Takes the outlines; those of the prior go through the link's map once. NULL for none. */
void iv_film_overlay_set_link (IvFilmOverlay *self, IvFilmLink *link, gboolean is_prior);

/* Everything in one drawing. geometry and pointers are in device pixels, the snapshot in logical
 * ones. */
typedef struct {
  const IvFilmGeometry *geometry;
  const IvFilmOverlayStyle *style;
  int scale;                     /* device pixels per logical pixel */
  GtkWidget *widget;             /* for its font */
  const IvChange *hover;         /* or NULL */
  const IvPoint *cursor;         /* film point, or NULL */
  const graphene_rect_t *region; /* logical pixels, or NULL */
  const IvFilmMeasure *measure;  /* whose lines are drawn, or NULL */
} IvFilmOverlayFrame;
void iv_film_overlay_snapshot (IvFilmOverlay *self,
                               const IvFilmOverlayFrame *frame,
                               GtkSnapshot *snapshot);

/* The shown change at a film point: the smallest one whose outline holds it, or whose border is
 * within reach film pixels. */
typedef struct {
  IvPoint point;
  double reach;
  const IvFilmOverlayStyle *style;
} IvFilmOverlayHit;
const IvChange *iv_film_overlay_hit (IvFilmOverlay *self, const IvFilmOverlayHit *hit);

/* Middle of a change in this view's film. FALSE when it is not one of the link's. */
gboolean
iv_film_overlay_get_bounds (IvFilmOverlay *self, const IvChange *change, graphene_rect_t *bounds);

G_END_DECLS
