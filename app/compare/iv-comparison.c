/* The finished comparison: an immutable object that answers questions about a pair of films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-comparison.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/compare/iv-comparison-private.h"

/* Below it films are compared, but the reader is told that they match poorly. */
#define GOOD_QUALITY 0.5

/* From here on a change is shown. */
#define SHOWN_SCORE 0.5

/* The inverse of the field is found by fixed-point steps; the field is smooth, so they shrink by
 * half or more each. */
#define INVERSE_STEPS 30

struct _IvComparison {
  GObject parent_instance;
  IvComparisonContents contents;
};

G_DEFINE_FINAL_TYPE (IvComparison, iv_comparison, G_TYPE_OBJECT)

void
iv_comparison_contents_clear (IvComparisonContents *contents)
{
  g_clear_object (&contents->current);
  g_clear_object (&contents->prior);
  g_clear_pointer (&contents->current_film, iv_compare_film_free);
  g_clear_pointer (&contents->prior_film, iv_compare_film_free);
  g_clear_pointer (&contents->reason, g_free);
  g_clear_pointer (&contents->field, g_free);
  g_clear_pointer (&contents->changes, g_ptr_array_unref);
  g_clear_pointer (&contents->subtraction, g_free);
  g_clear_pointer (&contents->device_name, g_free);
}

static void
iv_comparison_finalize (GObject *object)
{
  iv_comparison_contents_clear (&IV_COMPARISON (object)->contents);
  G_OBJECT_CLASS (iv_comparison_parent_class)->finalize (object);
}

static void
iv_comparison_class_init (IvComparisonClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = iv_comparison_finalize;
}

static void
iv_comparison_init (IvComparison *self)
{
}

IvComparison *
iv_comparison_new (IvComparisonContents *contents)
{
  IvComparison *self = g_object_new (IV_TYPE_COMPARISON, NULL);
  self->contents = *contents;
  *contents = (IvComparisonContents){ 0 };
  return self;
}

IvRadiograph *
iv_comparison_get_current (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return self->contents.current;
}

IvRadiograph *
iv_comparison_get_prior (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return self->contents.prior;
}

gboolean
iv_comparison_is_ok (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), FALSE);
  return self->contents.reason == NULL;
}

const char *
iv_comparison_get_reason (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return self->contents.reason;
}

double
iv_comparison_get_quality (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), 0);
  return self->contents.quality;
}

const char *
iv_comparison_get_caution (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  if (self->contents.reason != NULL || self->contents.quality >= GOOD_QUALITY)
    return NULL;
  return _ ("The films match poorly: check that both show the same patient");
}

double
iv_comparison_get_seconds (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), 0);
  return self->contents.seconds;
}

const char *
iv_comparison_get_device_name (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return self->contents.device_name;
}

const IvFilmMeasure *
iv_comparison_get_current_measure (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return &self->contents.current_film->measure;
}

const IvFilmMeasure *
iv_comparison_get_prior_measure (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return &self->contents.prior_film->measure;
}

GPtrArray *
iv_comparison_get_changes (IvComparison *self)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  return self->contents.changes;
}

const float *
iv_comparison_get_subtraction (IvComparison *self, guint *width, guint *height)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  *width = self->contents.current_film->width;
  *height = self->contents.current_film->height;
  return self->contents.subtraction;
}

const guint8 *
iv_comparison_get_lungs (IvComparison *self, guint *width, guint *height)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), NULL);
  *width = self->contents.current_film->width;
  *height = self->contents.current_film->height;
  return self->contents.current_film->lung_labels;
}

static IvPoint
to_work (const IvCompareFilm *film, IvPoint at)
{
  return (IvPoint){ (at.x + 0.5) / film->pitch - 0.5, (at.y + 0.5) / film->pitch - 0.5 };
}

static IvPoint
to_film (const IvCompareFilm *film, IvPoint at)
{
  return (IvPoint){ (at.x + 0.5) * film->pitch - 0.5, (at.y + 0.5) * film->pitch - 0.5 };
}

static IvPoint
affine_shift (const double a[6], IvPoint at)
{
  return (IvPoint){ a[0] + a[1] * at.x + a[2] * at.y, a[3] + a[4] * at.x + a[5] * at.y };
}

/* What the field adds to the affine part; beyond the grid, what it adds at the nearest pixel. */
static IvPoint
bend (const IvComparisonContents *contents, IvPoint at)
{
  const IvCompareFilm *film = contents->current_film;
  if (contents->field == NULL)
    return (IvPoint){ 0, 0 };
  IvPoint p = { CLAMP (at.x, 0, film->width - 1.0), CLAMP (at.y, 0, film->height - 1.0) };
  guint x = MIN ((guint) p.x, film->width - 2), y = MIN ((guint) p.y, film->height - 2);
  double fx = p.x - x, fy = p.y - y, sum[2];
  for (guint k = 0; k < 2; k++) {
    const float *d = contents->field + (k * film->height + y) * (gsize) film->width + x;
    sum[k] = (1 - fy) * ((1 - fx) * d[0] + fx * d[1]) +
             fy * ((1 - fx) * d[film->width] + fx * d[film->width + 1]);
  }
  IvPoint shift = affine_shift (contents->affine, p);
  return (IvPoint){ sum[0] - shift.x, sum[1] - shift.y };
}

IvPoint
iv_comparison_current_to_prior (IvComparison *self, IvPoint current)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), current);
  const IvComparisonContents *c = &self->contents;
  IvPoint at = to_work (c->current_film, current);
  IvPoint shift = affine_shift (c->affine, at), extra = bend (c, at);
  return to_film (c->prior_film, (IvPoint){ at.x + shift.x + extra.x, at.y + shift.y + extra.y });
}

IvPoint
iv_comparison_prior_to_current (IvComparison *self, IvPoint prior)
{
  g_return_val_if_fail (IV_IS_COMPARISON (self), prior);
  const IvComparisonContents *c = &self->contents;
  const double *a = c->affine;
  IvPoint target = to_work (c->prior_film, prior), at = target;
  double det = (1 + a[1]) * (1 + a[5]) - a[2] * a[4];
  /* at = A⁻¹ (target - shift - bend (at)) */
  for (guint i = 0; i < INVERSE_STEPS; i++) {
    IvPoint extra = i == 0 ? (IvPoint){ 0, 0 } : bend (c, at);
    double x = target.x - a[0] - extra.x, y = target.y - a[3] - extra.y;
    at.x = ((1 + a[5]) * x - a[2] * y) / det;
    at.y = ((1 + a[1]) * y - a[4] * x) / det;
  }
  return to_film (c->current_film, at);
}

const char *
iv_zone_to_string (IvZone zone)
{
  static const char *const names[] = {
    [IV_ZONE_RIGHT_UPPER] = "right upper", [IV_ZONE_RIGHT_MID] = "right mid",
    [IV_ZONE_RIGHT_LOWER] = "right lower", [IV_ZONE_LEFT_UPPER] = "left upper",
    [IV_ZONE_LEFT_MID] = "left mid",       [IV_ZONE_LEFT_LOWER] = "left lower",
  };
  g_return_val_if_fail (zone < G_N_ELEMENTS (names), NULL);
  return names[zone];
}

IvChangeCourse
iv_change_get_course (const IvChange *change)
{
  if (change->score < SHOWN_SCORE)
    return IV_COURSE_UNCHANGED;
  return change->direction == IV_CHANGE_INCREASED ? IV_COURSE_INCREASED : IV_COURSE_DECREASED;
}

const char *
iv_change_course_to_string (IvChangeCourse course)
{
  static const char *const names[] = {
    [IV_COURSE_UNCHANGED] = "unchanged",
    [IV_COURSE_INCREASED] = "increased",
    [IV_COURSE_DECREASED] = "decreased",
  };
  g_return_val_if_fail (course < G_N_ELEMENTS (names), NULL);
  return names[course];
}
