/* Measures of all films of a patient against the film that is read, found in the background.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/study/iv-patient.h"

G_BEGIN_DECLS

/* Films looked at, the one that is read among them: the latest before it. */
#define IV_TREND_MOST 12

/* What a comparison says of its prior, small enough to keep. Plain data. */
typedef struct {
  IvFilmMeasure current, prior;
  gboolean is_registered;
  guint n_changes;    /* shown ones, of the current film against this prior */
  double changes_px;  /* their areas together, pixels of the current film */
  double changes_mm2; /* NAN without spacing */
} IvTrendValues;

/* One film. */
typedef struct {
  IvImage *image;       /* (owned) */
  gboolean is_current;  /* the film that is read: no changes against itself */
  gboolean is_known;    /* values are there */
  IvTrendValues values; /* for the current film only values.current */
  char *problem;        /* (owned) why there will be none, or NULL */
} IvTrendPoint;

/* Compares the film that is read with each other film of the patient, one after the other, behind
 * everything that somebody waits for. What was found once is kept in a folder, named by the
 * contents of both films, and not computed again.
 * Signal "changed": a point became known, or all are others. Thread-safety: main. */
#define IV_TYPE_TREND (iv_trend_get_type ())
G_DECLARE_FINAL_TYPE (IvTrend, iv_trend, IV, TREND, GObject)

/* folder: NULL for interval/measures in the user's cache folder. */
IvTrend *iv_trend_new (IvEngine *engine, const char *folder);
/* comparison: of this film with one of the others when there is one already, or NULL. Another film
 * cancels what is under way; the same one goes on. */
void iv_trend_follow (IvTrend *self,
                      IvPatient *patient,
                      IvImage *current,
                      IvRadiograph *radiograph,
                      IvComparison *comparison);
/* Stops and forgets. */
void iv_trend_clear (IvTrend *self);
/* The film that is followed, or NULL. (transfer none) */
IvImage *iv_trend_get_current (IvTrend *self);
/* (transfer none) IvTrendPoint *, oldest first; may be empty. */
GPtrArray *iv_trend_get_points (IvTrend *self);
gboolean iv_trend_is_busy (IvTrend *self);
/* Comparisons that were computed since it was made, not taken from the folder; for tests. */
guint iv_trend_count_computed (IvTrend *self);

/* What a comparison says of its prior. Thread-safety: any. */
IvTrendValues iv_trend_values_of (IvComparison *comparison);

G_END_DECLS
