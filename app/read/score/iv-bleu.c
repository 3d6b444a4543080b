/* BLEU: how many n-grams of a hypothesis its references share, over a corpus.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-bleu.h"

#include <math.h>
#include <stdlib.h>

static guint
closest_length (guint length, GArray *const *references, guint n_references)
{
  guint best = references[0]->len;
  for (guint i = 1; i < n_references; i++) {
    guint other = references[i]->len;
    int distance = abs ((int) other - (int) length), least = abs ((int) best - (int) length);
    if (distance < least || (distance == least && other < best))
      best = other;
  }
  return best;
}

static GArray *
count_references (GArray *const *references, guint n_references)
{
  GArray *all = iv_ngrams_count (references[0]);
  for (guint i = 1; i < n_references; i++) {
    g_autoptr (GArray) before = g_steal_pointer (&all);
    g_autoptr (GArray) more = iv_ngrams_count (references[i]);
    all = iv_ngrams_merge (before, more);
  }
  return all;
}

void
iv_bleu_count (IvBleuCounts *counts,
               const GArray *words,
               GArray *const *references,
               guint n_references)
{
  g_autoptr (GArray) own = iv_ngrams_count (words);
  g_autoptr (GArray) theirs = count_references (references, n_references);
  *counts = (IvBleuCounts){ 0 };
  counts->length = words->len;
  counts->reference_length = closest_length (words->len, references, n_references);
  for (guint n = 1; n <= IV_NGRAM_MAX; n++)
    counts->proposed[n - 1] = words->len >= n ? words->len - n + 1 : 0;
  for (guint i = 0, j = 0; i < own->len && j < theirs->len;) {
    const IvNgramCount *a = &g_array_index (own, IvNgramCount, i);
    const IvNgramCount *b = &g_array_index (theirs, IvNgramCount, j);
    int order = iv_ngram_compare (&a->ngram, &b->ngram);
    if (order == 0)
      counts->matched[iv_ngram_get_length (&a->ngram) - 1] += MIN (a->count, b->count);
    i += order <= 0;
    j += order >= 0;
  }
}

double
iv_bleu_score (const IvBleuCounts *sums, guint n)
{
  const double small = 1e-9, tiny = 1e-15; /* keep an empty corpus from dividing by 0 */
  double product = 1;
  for (guint k = 0; k < n; k++)
    product *= (sums->matched[k] + tiny) / (sums->proposed[k] + small);
  double score = pow (product, 1.0 / n);
  double ratio = (sums->length + tiny) / (sums->reference_length + small);
  return ratio < 1 ? score * exp (1 - 1 / ratio) : score;
}
