/* What changed between a prior and a current radiograph: registration, subtraction, regions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-film-measure.h"
#include "app/engine/iv-engine.h"

G_BEGIN_DECLS

typedef enum { IV_CHANGE_INCREASED, IV_CHANGE_DECREASED } IvChangeDirection; /* of opacity */

/* How a change was found; the list says it in words. */
typedef enum {
  IV_CHANGE_OPACITY, /* locally normalised subtraction */
  IV_CHANGE_TEXTURE, /* lost or gained fine markings (pneumothorax) */
  IV_CHANGE_CONTOUR, /* a border that moved, read off the deformation (heart) */
} IvChangeKind;

/* Patient's side and third of that lung's height. */
typedef enum {
  IV_ZONE_RIGHT_UPPER,
  IV_ZONE_RIGHT_MID,
  IV_ZONE_RIGHT_LOWER,
  IV_ZONE_LEFT_UPPER,
  IV_ZONE_LEFT_MID,
  IV_ZONE_LEFT_LOWER,
} IvZone;
const char *iv_zone_to_string (IvZone zone); /* "right upper" … stable, untranslated */

/* One region, in pixels of the current film. Owned by its comparison. */
typedef struct {
  double x, y, width, height; /* bounding box */
  GArray *contour;            /* IvPoint, closed polygon */
  IvPoint centroid;
  IvChangeDirection direction;
  IvChangeKind kind;
  double score; /* 0 … 1; show at 0.5 */
  IvZone zone;
  double area_mm2; /* NAN when the spacing is unknown */
  double area_px;
  double mean_difference; /* of density, current minus prior, signed */
  /* The same after local normalisation of both films: in deviations of a neighbourhood of 40
   * working pixels (about 22 mm). */
  double mean_normalised;
  /* mean_difference over the deviation of density inside of the current film's lungs. */
  double mean_relative;
} IvChange;

/* What the list says of opacity: a region below the score that is shown counts as unchanged. */
typedef enum { IV_COURSE_UNCHANGED, IV_COURSE_INCREASED, IV_COURSE_DECREASED } IvChangeCourse;
IvChangeCourse iv_change_get_course (const IvChange *change);
const char *iv_change_course_to_string (IvChangeCourse course); /* stable, untranslated */

#define IV_TYPE_COMPARISON (iv_comparison_get_type ())
/* Immutable. Thread-safety: any. */
G_DECLARE_FINAL_TYPE (IvComparison, iv_comparison, IV, COMPARISON, GObject)

IvRadiograph *iv_comparison_get_current (IvComparison *self);
IvRadiograph *iv_comparison_get_prior (IvComparison *self);

/* FALSE: the films could not be registered well enough; reason says why, and there is neither a
 * subtraction nor a list of changes. */
gboolean iv_comparison_is_ok (IvComparison *self);
const char *iv_comparison_get_reason (IvComparison *self);
double iv_comparison_get_quality (IvComparison *self); /* 0 … 1 */
/* What to keep in mind when reading the changes, a translated sentence without full stop; NULL when
 * there is nothing, and when the films were refused. */
const char *iv_comparison_get_caution (IvComparison *self);
double iv_comparison_get_seconds (IvComparison *self);
const char *iv_comparison_get_device_name (IvComparison *self);

/* Position in the other film; outside of the films the nearest deformation is carried on. */
IvPoint iv_comparison_current_to_prior (IvComparison *self, IvPoint current);
IvPoint iv_comparison_prior_to_current (IvComparison *self, IvPoint prior);

/* What is measured on each film by itself; also when the films were refused. (transfer none) */
const IvFilmMeasure *iv_comparison_get_current_measure (IvComparison *self);
const IvFilmMeasure *iv_comparison_get_prior_measure (IvComparison *self);

/* (transfer none) IvChange *, best score first; all of them, also those below 0.5. */
GPtrArray *iv_comparison_get_changes (IvComparison *self);

/* Locally normalised subtraction on the grid of the current film at the working resolution:
 * [height, width] floats, 0 = no change, positive = more opaque now, about -1 … 1. NULL when
 * refused. */
const float *iv_comparison_get_subtraction (IvComparison *self, guint *width, guint *height);
/* Lung fields of the current film on the same grid: 0 none, 1 patient's right, 2 left. Never NULL.
 */
const guint8 *iv_comparison_get_lungs (IvComparison *self, guint *width, guint *height);

typedef struct {
  IvRadiograph *current, *prior;
  gboolean is_background; /* queue behind everything that somebody waits for */
} IvComparisonParams;

void iv_comparison_run_async (IvEngine *engine,
                              const IvComparisonParams *params,
                              IvEngineProgressFunc progress,
                              gpointer progress_data,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
IvComparison *iv_comparison_run_finish (GAsyncResult *result, GError **error);
/* Blocking, for the command line and tests. */
IvComparison *iv_comparison_run (IvEngine *engine,
                                 const IvComparisonParams *params,
                                 GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
