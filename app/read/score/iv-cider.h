/* CIDEr-D: agreement of n-grams weighted by how rare they are among the references.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/score/iv-ngrams.h"

G_BEGIN_DECLS

/* The document frequencies of a set of references. Immutable while scoring; one report is one
 * document, however many references it has. */
typedef struct {
  IvNgramTable *table;
  guint n_reports;
} IvCiderCorpus;

/* One report's references. */
void iv_cider_corpus_add (IvCiderCorpus *corpus, GArray *const *references, guint n_references);

/* CIDEr-D of one report, 0 … 10: n = 1 … 4, sigma 6, clipped tf-idf, difference of lengths in
 * bigrams (Vedantam, Zitnick and Parikh 2015, with the log of the number of reports). A corpus of
 * one report scores 0. words, references: guint32 numbers. Thread-safety: any. */
double iv_cider_score (const IvCiderCorpus *corpus,
                       const GArray *words,
                       GArray *const *references,
                       guint n_references);

G_END_DECLS
