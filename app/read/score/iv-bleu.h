/* BLEU: how many n-grams of a hypothesis its references share, over a corpus.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/score/iv-ngrams.h"

G_BEGIN_DECLS

/* What one report adds to a corpus; all are counts, so they may be summed. */
typedef struct {
  double matched[IV_NGRAM_MAX];  /* clipped by the greatest count in a reference */
  double proposed[IV_NGRAM_MAX]; /* n-grams of the hypothesis */
  double length;                 /* words of the hypothesis */
  double reference_length;       /* of the reference closest in length, the shorter of two */
} IvBleuCounts;

/* words, references[n_references]: guint32 numbers of words. Thread-safety: any. */
void iv_bleu_count (IvBleuCounts *counts,
                    const GArray *words,
                    GArray *const *references,
                    guint n_references);

/* BLEU-n of summed counts, 0 … 1, n = 1 … 4. Papineni et al. 2002 with the small constants of the
 * COCO caption tools: precisions (matched + 1e-15) / (proposed + 1e-9), geometric mean, times
 * exp (1 - 1 / ratio) when the ratio of lengths is below 1. */
double iv_bleu_score (const IvBleuCounts *sums, guint n);

G_END_DECLS
