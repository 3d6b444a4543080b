/* ROUGE: the longest common subsequence and shared n-grams, by the conventions in use.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-rouge.h"

#include <math.h>

#include "app/read/score/iv-ngrams.h"

guint
iv_rouge_common (const GArray *a, const GArray *b)
{
  g_autofree guint *row = g_new0 (guint, b->len + 1);
  for (guint i = 0; i < a->len; i++) {
    guint32 word = g_array_index (a, guint32, i);
    guint diagonal = 0;
    for (guint j = 0; j < b->len; j++) {
      guint above = row[j + 1];
      row[j + 1] = g_array_index (b, guint32, j) == word ? diagonal + 1 : MAX (above, row[j]);
      diagonal = above;
    }
  }
  return row[b->len];
}

double
iv_rouge_l_coco (const GArray *words, GArray *const *references, guint n_references)
{
  const double beta2 = 1.2 * 1.2;
  double precision = 0, recall = 0;
  for (guint i = 0; i < n_references; i++) {
    double common = iv_rouge_common (words, references[i]);
    if (common == 0) /* also keeps texts without words from dividing by 0 */
      continue;
    precision = MAX (precision, common / words->len);
    recall = MAX (recall, common / references[i]->len);
  }
  if (precision == 0 || recall == 0)
    return 0;
  return (1 + beta2) * precision * recall / (recall + beta2 * precision);
}

double
iv_rouge_l_balanced (const GArray *words, GArray *const *references, guint n_references)
{
  double best = 0;
  for (guint i = 0; i < n_references; i++) {
    double common = iv_rouge_common (words, references[i]);
    if (common == 0)
      continue;
    double precision = common / words->len, recall = common / references[i]->len;
    best = MAX (best, 2 * precision * recall / (precision + recall));
  }
  return best;
}

/* Different n-grams of one length in a, in b, and in both. */
static void
count_shared (const GArray *a, const GArray *b, guint n, guint counts[3])
{
  counts[0] = counts[1] = counts[2] = 0;
  for (guint i = 0, j = 0; i < a->len || j < b->len;) {
    const IvNgram *p = i < a->len ? &g_array_index (a, IvNgramCount, i).ngram : NULL;
    const IvNgram *q = j < b->len ? &g_array_index (b, IvNgramCount, j).ngram : NULL;
    int order = p == NULL ? 1 : q == NULL ? -1 : iv_ngram_compare (p, q);
    if (iv_ngram_get_length (order <= 0 ? p : q) == n) {
      counts[0] += order <= 0;
      counts[1] += order >= 0;
      counts[2] += order == 0;
    }
    i += order <= 0;
    j += order >= 0;
  }
}

static IvRouge
score_ngrams (const GArray *a, const GArray *b, guint n)
{
  guint counts[3];
  IvRouge rouge = { 0 };
  count_shared (a, b, n, counts);
  rouge.precision = counts[0] > 0 ? counts[2] / (double) counts[0] : 0;
  rouge.recall = counts[1] > 0 ? counts[2] / (double) counts[1] : 0;
  rouge.f = 2 * (rouge.precision * rouge.recall / (rouge.precision + rouge.recall + 1e-8));
  return rouge;
}

void
iv_rouge_sets (IvRougeSets *scores, const GArray *words, const GArray *reference)
{
  g_autoptr (GArray) ngrams = iv_ngrams_count (words);
  g_autoptr (GArray) reference_ngrams = iv_ngrams_count (reference);
  double common = iv_rouge_common (words, reference);
  IvRouge *l = &scores->l;
  *scores = (IvRougeSets){ 0 };
  if (words->len == 0 || reference->len == 0)
    return;
  scores->one = score_ngrams (ngrams, reference_ngrams, 1);
  scores->two = score_ngrams (ngrams, reference_ngrams, 2);
  l->precision = common / words->len;
  l->recall = common / reference->len;
  double beta2 = pow (l->precision / (l->recall + 1e-12), 2);
  l->f = (1 + beta2) * l->recall * l->precision / (l->recall + beta2 * l->precision + 1e-12);
}
