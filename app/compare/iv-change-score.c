/* Scores candidates and lets the best of overlapping ones stand.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-score.h"

#include <math.h>
#include <string.h>

#define LIMIT 4.0        /* deviations: features far outside of what was seen count no more */
#define OVERLAP 0.3      /* of the smaller region: two candidates are the same change */
#define REACH_MM 5.0     /* templates come in steps of size: a change may reach this far beyond */
#define LEAST_SCORE 0.02 /* below it nothing is kept */

double
iv_change_score (const IvCandidate *candidate)
{
  const IvChangeWeights *weights = &iv_change_weights[candidate->kind];
  double sum = weights->bias;

  for (guint i = 0; i < weights->n_terms; i++) {
    const IvChangeTerm *term = &weights->terms[i];
    double z = (candidate->features[term->feature] - term->mean) / term->deviation;
    sum += term->weight * CLAMP (z, -LIMIT, LIMIT);
  }
  return 1 / (1 + exp (-sum));
}

static gint
compare_scores (gconstpointer a, gconstpointer b)
{
  double u = (*(const IvCandidate *const *) a)->score;
  double v = (*(const IvCandidate *const *) b)->score;
  return u < v ? 1 : u > v ? -1 : 0;
}

static gboolean
overlaps (const IvChangeRegion *a, const IvChangeRegion *b)
{
  return iv_change_region_overlap (a, b) > OVERLAP * MIN (a->area, b->area);
}

static gboolean
is_template (const IvCandidate *candidate)
{
  return candidate->kind == IV_CANDIDATE_CRESCENT || candidate->kind == IV_CANDIDATE_BASE;
}

static gboolean
boxes_are_apart (const IvChangeRegion *a, const IvChangeRegion *b, gint reach)
{
  return a->x > b->x + b->width + reach || b->x > a->x + a->width + reach ||
         a->y > b->y + b->height + reach || b->y > a->y + a->height + reach;
}

/* Pixels of the other region that lie in the template's or within its reach. */
static guint
reached (const IvChangeRegion *template, const IvChangeRegion *other, double mm)
{
  float reach = (float) (REACH_MM / mm);
  if (boxes_are_apart (template, other, (gint) ceilf (reach)))
    return 0;

  IvMaskView all = { other->x + other->width, other->y + other->height, NULL };
  gsize n_pixels = (gsize) all.width * all.height;
  g_autofree guint8 *ones = g_malloc (n_pixels);
  all.data = memset (ones, 1, n_pixels);
  g_autoptr (IvChangeRegion) around = iv_change_region_ring (template, 0, reach, all);
  guint n = iv_change_region_overlap (template, other);
  return around ? n + iv_change_region_overlap (around, other) : n;
}

/* Whether one is the rest of the air or fluid that the other, a template, did not take in. */
static gboolean
continues (const IvCandidate *weaker, const IvCandidate *better, double mm)
{
  double least = OVERLAP * weaker->region->area;
  if (weaker->sign != better->sign)
    return FALSE;
  return (is_template (better) && reached (better->region, weaker->region, mm) > least) ||
         (is_template (weaker) && reached (weaker->region, better->region, mm) > least);
}

void
iv_change_select (GPtrArray *candidates, guint most, double mm)
{
  for (guint i = 0; i < candidates->len; i++) {
    IvCandidate *candidate = g_ptr_array_index (candidates, i);
    candidate->score = iv_change_score (candidate);
  }
  g_ptr_array_sort (candidates, compare_scores);
  for (guint i = 0; i < candidates->len;) {
    const IvCandidate *candidate = g_ptr_array_index (candidates, i);
    gboolean keep = i < most && candidate->score >= LEAST_SCORE;
    for (guint k = 0; keep && k < i; k++) {
      const IvCandidate *better = g_ptr_array_index (candidates, k);
      keep = !overlaps (candidate->region, better->region) && !continues (candidate, better, mm);
    }
    if (keep)
      i++;
    else
      g_ptr_array_remove_index (candidates, i);
  }
}
