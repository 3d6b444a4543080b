/* CIDEr-D: agreement of n-grams weighted by how rare they are among the references.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-cider.h"

#include <math.h>

#define SIGMA 6.0

/* tf-idf of the n-grams of one text. */
typedef struct {
  GArray *counts;  /* IvNgramCount (owned) */
  double *weights; /* [counts->len] (owned) */
  double norms[IV_NGRAM_MAX];
  double n_bigrams;
} Vector;

static void
vector_init (Vector *vector, const IvCiderCorpus *corpus, const GArray *words)
{
  double log_reports = log (corpus->n_reports);
  *vector = (Vector){ .counts = iv_ngrams_count (words) };
  vector->weights = g_new0 (double, vector->counts->len + 1);
  for (guint i = 0; i < vector->counts->len; i++) {
    const IvNgramCount *count = &g_array_index (vector->counts, IvNgramCount, i);
    guint n = iv_ngram_get_length (&count->ngram);
    guint frequency = iv_ngram_table_get (corpus->table, &count->ngram);
    double weight = count->count * (log_reports - log (MAX (frequency, 1)));
    vector->weights[i] = weight;
    vector->norms[n - 1] += weight * weight;
    if (n == 2)
      vector->n_bigrams += count->count;
  }
  for (guint n = 0; n < IV_NGRAM_MAX; n++)
    vector->norms[n] = sqrt (vector->norms[n]);
}

static void
vector_clear (Vector *vector)
{
  g_array_unref (vector->counts);
  g_free (vector->weights);
}

/* Mean over n of the clipped cosine, less for texts of other lengths. */
static double
similarity (const Vector *a, const Vector *b)
{
  double products[IV_NGRAM_MAX] = { 0 }, sum = 0;
  double delta = a->n_bigrams - b->n_bigrams;
  for (guint i = 0, j = 0; i < a->counts->len && j < b->counts->len;) {
    const IvNgram *p = &g_array_index (a->counts, IvNgramCount, i).ngram;
    const IvNgram *q = &g_array_index (b->counts, IvNgramCount, j).ngram;
    int order = iv_ngram_compare (p, q);
    if (order == 0)
      products[iv_ngram_get_length (p) - 1] += MIN (a->weights[i], b->weights[j]) * b->weights[j];
    i += order <= 0;
    j += order >= 0;
  }
  for (guint n = 0; n < IV_NGRAM_MAX; n++)
    if (a->norms[n] != 0 && b->norms[n] != 0)
      sum += products[n] / (a->norms[n] * b->norms[n]);
  return sum / IV_NGRAM_MAX * exp (-delta * delta / (2 * SIGMA * SIGMA));
}

void
iv_cider_corpus_add (IvCiderCorpus *corpus, GArray *const *references, guint n_references)
{
  GArray *all = iv_ngrams_count (references[0]);
  for (guint i = 1; i < n_references; i++) {
    g_autoptr (GArray) before = g_steal_pointer (&all);
    g_autoptr (GArray) more = iv_ngrams_count (references[i]);
    all = iv_ngrams_merge (before, more);
  }
  iv_ngram_table_add (corpus->table, all);
  corpus->n_reports++;
  g_array_unref (all);
}

double
iv_cider_score (const IvCiderCorpus *corpus,
                const GArray *words,
                GArray *const *references,
                guint n_references)
{
  Vector own;
  double sum = 0;
  vector_init (&own, corpus, words);
  for (guint i = 0; i < n_references; i++) {
    Vector theirs;
    vector_init (&theirs, corpus, references[i]);
    sum += similarity (&own, &theirs);
    vector_clear (&theirs);
  }
  vector_clear (&own);
  return 10 * sum / n_references;
}
