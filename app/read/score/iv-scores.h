/* All scores of a set of reports against their references, with what resampling says of them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/score/iv-tokens.h"

G_BEGIN_DECLS

/* Reports of one system and their references, in one order; all UTF-8. Borrowed. */
typedef struct {
  guint n_reports;
  const char *const *hypotheses; /* [n_reports] */
  guint n_references;            /* of each report, ≥ 1 */
  const char *const *references; /* [n_references, n_reports] */
  /* Words of BLEU, CIDEr-D and the COCO ROUGE-L; with IV_TOKENS_BLANKS the last uses single blanks,
   * as its authors do. */
  IvTokenisation tokenisation;
} IvScoreParams;

typedef struct {
  const char *name;   /* stable: "bleu_1", "label_f1_edema" */
  const char *title;  /* "BLEU-1" */
  const char *tokens; /* how the words were cut, never NULL */
  double value;       /* 0 … 1, CIDEr-D 0 … 10 */
  double low, high;   /* of the confidence interval; NAN before iv_scores_resample () */
} IvScore;

/* The scores of one system. Thread-safety: one thread at a time. */
typedef struct _IvScores IvScores;

IvScores *iv_scores_new (const IvScoreParams *params);
void iv_scores_free (IvScores *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvScores, iv_scores_free)

guint iv_scores_get_n_reports (const IvScores *self);
guint iv_scores_get_n (const IvScores *self);
const IvScore *iv_scores_get (const IvScores *self, guint i);
/* NULL when there is no score of that name. */
const IvScore *iv_scores_find (const IvScores *self, const char *name);

typedef struct {
  guint n_samples; /* ≥ 1 */
  guint32 seed;    /* the same seed gives the same figures on every machine */
  double level;    /* of the interval, 0.95 */
} IvResampling;

/* Percentile bootstrap over reports (Efron): draws n_reports of them with replacement, n_samples
 * times. The document frequencies of CIDEr-D stay those of the whole set. */
void iv_scores_resample (IvScores *self, const IvResampling *resampling);

typedef struct {
  double difference; /* self minus other */
  double low, high;  /* paired bootstrap interval of the difference */
  double p;          /* two-sided */
} IvScoreDifference;

/* Paired comparison of two systems on the same reports: approximate randomisation (Noreen 1989)
 * swaps the two systems' reports at random; p = (1 + samples with at least this difference) /
 * (1 + samples). (transfer full) IvScoreDifference, [iv_scores_get_n ()]. NULL when the numbers of
 * reports differ. */
GArray *
iv_scores_compare (const IvScores *self, const IvScores *other, const IvResampling *resampling);

G_END_DECLS
