/* Scores candidates and lets the best of overlapping ones stand.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-score.h"

#include <math.h>

#define LIMIT 4.0        /* deviations: features far outside of what was seen count no more */
#define OVERLAP 0.3      /* of the smaller region: two candidates are the same change */
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

void
iv_change_select (GPtrArray *candidates, guint most)
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
      keep = !overlaps (candidate->region, better->region);
    }
    if (keep)
      i++;
    else
      g_ptr_array_remove_index (candidates, i);
  }
}
