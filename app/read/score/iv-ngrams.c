/* The n-grams of a report, n = 1 … 4, counted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-ngrams.h"

#include <string.h>

struct _IvNgramTable {
  GHashTable *reports; /* IvNgram * → number of reports */
};

guint
iv_ngram_get_length (const IvNgram *ngram)
{
  guint n = 0;
  while (n < IV_NGRAM_MAX && ngram->words[n] != 0)
    n++;
  return n;
}

int
iv_ngram_compare (const IvNgram *a, const IvNgram *b)
{
  for (guint i = 0; i < IV_NGRAM_MAX; i++)
    if (a->words[i] != b->words[i])
      return a->words[i] < b->words[i] ? -1 : 1;
  return 0;
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  return iv_ngram_compare (a, b);
}

GArray *
iv_ngrams_count (const GArray *words)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (IvNgram));
  GArray *counts = g_array_new (FALSE, FALSE, sizeof (IvNgramCount));
  for (guint i = 0; i < words->len; i++)
    for (guint n = 1; n <= IV_NGRAM_MAX && i + n <= words->len; n++) {
      IvNgram ngram = { { 0 } };
      memcpy (ngram.words, &g_array_index (words, guint32, i), n * sizeof (guint32));
      g_array_append_val (all, ngram);
    }
  g_array_sort (all, compare_cb);
  for (guint i = 0; i < all->len; i++) {
    IvNgramCount one = { g_array_index (all, IvNgram, i), 1 };
    IvNgramCount *last =
        counts->len > 0 ? &g_array_index (counts, IvNgramCount, counts->len - 1) : NULL;
    if (last != NULL && iv_ngram_compare (&last->ngram, &one.ngram) == 0)
      last->count++;
    else
      g_array_append_val (counts, one);
  }
  return counts;
}

GArray *
iv_ngrams_merge (const GArray *a, const GArray *b)
{
  GArray *merged = g_array_sized_new (FALSE, FALSE, sizeof (IvNgramCount), a->len + b->len);
  guint i = 0, j = 0;
  while (i < a->len || j < b->len) {
    const IvNgramCount *p = i < a->len ? &g_array_index (a, IvNgramCount, i) : NULL;
    const IvNgramCount *q = j < b->len ? &g_array_index (b, IvNgramCount, j) : NULL;
    int order = p == NULL ? 1 : q == NULL ? -1 : iv_ngram_compare (&p->ngram, &q->ngram);
    IvNgramCount one = order <= 0 ? *p : *q;
    if (order == 0)
      one.count = MAX (p->count, q->count);
    i += order <= 0;
    j += order >= 0;
    g_array_append_val (merged, one);
  }
  return merged;
}

static guint
hash_cb (gconstpointer key)
{
  const IvNgram *ngram = key;
  guint hash = 2166136261u; /* FNV-1a over the words */
  for (guint i = 0; i < IV_NGRAM_MAX; i++)
    hash = (hash ^ ngram->words[i]) * 16777619u;
  return hash ^ hash >> 15;
}

static gboolean
equal_cb (gconstpointer a, gconstpointer b)
{
  return iv_ngram_compare (a, b) == 0;
}

IvNgramTable *
iv_ngram_table_new (void)
{
  IvNgramTable *self = g_new0 (IvNgramTable, 1);
  self->reports = g_hash_table_new_full (hash_cb, equal_cb, g_free, NULL);
  return self;
}

void
iv_ngram_table_free (IvNgramTable *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->reports);
  g_free (self);
}

void
iv_ngram_table_add (IvNgramTable *self, const GArray *counts)
{
  for (guint i = 0; i < counts->len; i++) {
    const IvNgram *ngram = &g_array_index (counts, IvNgramCount, i).ngram;
    guint n = iv_ngram_table_get (self, ngram);
    g_hash_table_insert (self->reports, g_memdup2 (ngram, sizeof *ngram), GUINT_TO_POINTER (n + 1));
  }
}

guint
iv_ngram_table_get (const IvNgramTable *self, const IvNgram *ngram)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->reports, ngram));
}
