/* The n-grams of a report, n = 1 … 4, counted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_NGRAM_MAX 4

/* Unused places at the end are 0, which is no word. */
typedef struct {
  guint32 words[IV_NGRAM_MAX];
} IvNgram;

typedef struct {
  IvNgram ngram;
  guint count; /* ≥ 1 */
} IvNgramCount;

guint iv_ngram_get_length (const IvNgram *ngram); /* 1 … 4 */
int iv_ngram_compare (const IvNgram *a, const IvNgram *b);

/* (transfer full) IvNgramCount, each n-gram once, in the order of iv_ngram_compare (). words:
 * guint32 numbers from 1 on. Thread-safety: any. */
GArray *iv_ngrams_count (const GArray *words);
/* (transfer full) The greatest count of each n-gram over both lists. */
GArray *iv_ngrams_merge (const GArray *a, const GArray *b);

/* In how many reports each n-gram occurs. */
typedef struct _IvNgramTable IvNgramTable;
IvNgramTable *iv_ngram_table_new (void);
void iv_ngram_table_free (IvNgramTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvNgramTable, iv_ngram_table_free)
/* Counts every n-gram of the list once. */
void iv_ngram_table_add (IvNgramTable *self, const GArray *counts);
guint iv_ngram_table_get (const IvNgramTable *self, const IvNgram *ngram);

G_END_DECLS
