/* From a registered pair to the list of its changes: maps, candidates, scores, outlines.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "app/compare/iv-change-score.h"
#include "app/compare/iv-change.h"

#define MOST_CHANGES 10

void
iv_change_free (IvChange *change)
{
  if (!change)
    return;
  g_clear_pointer (&change->contour, g_array_unref);
  g_free (change);
}

static IvChangeKind
kind_of (const IvCandidate *candidate)
{
  switch (candidate->kind) {
  case IV_CANDIDATE_CRESCENT:
    return IV_CHANGE_TEXTURE;
  case IV_CANDIDATE_BORDER:
    return IV_CHANGE_CONTOUR;
  default:
    return IV_CHANGE_OPACITY;
  }
}

/* From the working grid to pixels of the film. */
static IvPoint
to_film (const IvCompareFilm *film, IvPoint p)
{
  return (IvPoint){ (p.x + 0.5) * film->pitch - 0.5, (p.y + 0.5) * film->pitch - 0.5 };
}

static void
set_outline (IvChange *change, const IvCompareFilm *film, const IvChangeRegion *region)
{
  double x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE, y1 = -G_MAXDOUBLE;

  change->contour = iv_change_region_outline (region);
  for (guint i = 0; i < change->contour->len; i++) {
    IvPoint *p = &g_array_index (change->contour, IvPoint, i);
    *p = to_film (film, *p);
    x0 = MIN (x0, p->x);
    x1 = MAX (x1, p->x);
    y0 = MIN (y0, p->y);
    y1 = MAX (y1, p->y);
  }
  change->x = x0;
  change->y = y0;
  change->width = x1 - x0;
  change->height = y1 - y0;
}

/* What else the difference of a region is told in. */
typedef struct {
  float *normalised; /* (owned) [height, width] difference of the locally normalised films */
  double spread;     /* deviation of density inside of the current film's lungs */
} Units;

static void
units_clear (Units *units)
{
  g_free (units->normalised);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Units, units_clear)

static double
lung_spread (const IvCompareFilm *film)
{
  double n = 0, sum = 0, squares = 0;

  for (gsize i = 0; i < (gsize) film->width * film->height; i++)
    if (film->lung_labels[i] != 0) {
      n++;
      sum += film->density_host[i];
      squares += (double) film->density_host[i] * film->density_host[i];
    }
  return n > 1 ? sqrt (MAX (0, squares / n - sum / n * sum / n)) : NAN;
}

static gboolean
units_init (Units *units, const IvChangeInput *input, GError **error)
{
  gsize n = (gsize) input->current->width * input->current->height;
  g_autofree float *prior =
      iv_planes_read (input->passes, input->registration->elastic.normalised, error);

  units->spread = lung_spread (input->current);
  if (prior != NULL)
    units->normalised = iv_planes_read (input->passes, input->current->normalised, error);
  for (gsize i = 0; units->normalised != NULL && i < n; i++)
    units->normalised[i] -= prior[i];
  return units->normalised != NULL;
}

static IvChange *
make_change (const IvChangeInput *input,
             const Units *units,
             const IvChangeMaps *maps,
             const IvChangeAnatomy *anatomy,
             const IvCandidate *candidate)
{
  const IvCompareFilm *film = input->current;
  IvPoint centre = iv_change_region_centroid (candidate->region);
  gboolean border = candidate->kind == IV_CANDIDATE_BORDER;
  double difference = iv_change_region_mean (
      candidate->region, border ? maps->posture : maps->subtraction, maps->width);
  IvChange *change = g_new0 (IvChange, 1);

  set_outline (change, film, candidate->region);
  change->centroid = to_film (film, centre);
  change->direction = candidate->sign > 0 ? IV_CHANGE_INCREASED : IV_CHANGE_DECREASED;
  change->kind = kind_of (candidate);
  change->score = candidate->score;
  change->zone = iv_change_anatomy_zone (anatomy, centre);
  change->area_mm2 = film->mm_is_measured ? candidate->region->area * film->mm * film->mm : NAN;
  change->area_px = candidate->region->area * film->pitch * film->pitch;
  change->mean_difference = difference * maps->contrast;
  change->mean_normalised =
      iv_change_region_mean (candidate->region, units->normalised, maps->width);
  change->mean_relative = units->spread > 1e-6 ? change->mean_difference / units->spread : NAN;
  return change;
}

GPtrArray *
iv_change_detect (const IvChangeInput *input, float **subtraction, GError **error)
{
  const IvCompareFilm *film = input->current;
  IvMaskView lungs = { film->width, film->height, film->lung_labels };
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_change_free);

  g_autoptr (IvChangeAnatomy) anatomy = iv_change_anatomy_new (lungs);
  if (!anatomy) {
    g_ptr_array_unref (changes);
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_INVALID_DATA,
                 "change detection: no lung found on the current film");
    return NULL;
  }
  g_auto (Units) units = { NULL };
  g_autoptr (IvChangeMaps) maps = iv_change_maps_new (input, anatomy, error);
  if (!maps || !units_init (&units, input, error) ||
      g_cancellable_set_error_if_cancelled (input->cancellable, error)) {
    g_ptr_array_unref (changes);
    return NULL;
  }
  g_autoptr (GPtrArray) candidates = iv_change_candidates (maps, anatomy);
  iv_change_select (candidates, MOST_CHANGES, anatomy->mm);
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add (changes,
                     make_change (input, &units, maps, anatomy, g_ptr_array_index (candidates, i)));
  if (subtraction)
    *subtraction = g_steal_pointer (&maps->subtraction);
  return changes;
}
