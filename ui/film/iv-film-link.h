/* How two films correspond and what changed between them, as the views need it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* Immutable, reference counted. Thread-safety: any. */
typedef struct _IvFilmLink IvFilmLink;

typedef IvPoint (*IvFilmMapFunc) (gpointer user_data, IvPoint point);

/* All that a link is made of; the arrays are borrowed from whatever user_data keeps alive. */
typedef struct {
  guint current_columns, current_rows;
  guint prior_columns, prior_rows;
  IvFilmMapFunc current_to_prior, prior_to_current;
  gpointer user_data; /* (owned) */
  GDestroyNotify destroy;
  gboolean is_registered;   /* FALSE: the maps only bring centre to centre */
  const char *reason;       /* why not, or NULL */
  GPtrArray *changes;       /* const IvChange *, or NULL */
  const float *subtraction; /* [subtraction_height, subtraction_width], or NULL */
  guint subtraction_width, subtraction_height;
  const guint8 *lungs; /* [lungs_height, lungs_width], or NULL */
  guint lungs_width, lungs_height;
} IvFilmLinkParams;

IvFilmLink *iv_film_link_new (const IvFilmLinkParams *params);
/* From a comparison, registered or refused. */
IvFilmLink *iv_film_link_new_for_comparison (IvComparison *comparison);
/* Before there is a comparison: centre to centre, scaled by spacing when both films have one, else
 * by width. */
IvFilmLink *
iv_film_link_new_by_size (const IvRadiographInfo *current, const IvRadiographInfo *prior);
IvFilmLink *iv_film_link_ref (IvFilmLink *self);
void iv_film_link_unref (IvFilmLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmLink, iv_film_link_unref)

/* (transfer none), lives as long as the link. */
const IvFilmLinkParams *iv_film_link_get_params (IvFilmLink *self);

IvPoint iv_film_link_to_prior (IvFilmLink *self, IvPoint current);
IvPoint iv_film_link_to_current (IvFilmLink *self, IvPoint prior);
/* Prior pixels per current pixel around a point of the current film (mean of both axes). */
double iv_film_link_prior_scale (IvFilmLink *self, IvPoint current);

G_END_DECLS
