/* How probable yes and no are as a model's next word.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-tokenizer.h"

G_BEGIN_DECLS

/* The tokens that begin an answer; ids (gint32) ascending, none in both. */
typedef struct {
  GArray *yes, *no;
} IvTriageAnswers;

/* Each word as it is, in lower case, capitalised and in capitals, with and without a blank before
 * it: the tokens that are exactly that text, and the first token, but for blanks, of what the
 * tokenizer makes of it. Those that begin a yes as well as a no are left out. Errors:
 * IV_READ_ERROR_INVALID when nothing is left of one of the two. Thread-safety: any. */
gboolean iv_triage_answers_init (IvTriageAnswers *answers,
                                 IvTokenizer *tokenizer,
                                 const char *const *yes,
                                 const char *const *no,
                                 GError **error);
void iv_triage_answers_clear (IvTriageAnswers *answers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvTriageAnswers, iv_triage_answers_clear)

typedef struct {
  double score; /* p(yes) of the two, tempered: 0 … 1 */
  double mass;  /* p(yes) + p(no) among all tokens, not tempered: 0 … 1 */
} IvTriageProbability;

/* With z the logits and L(S) = log Σ_S exp z: mass = exp (L(yes ∪ no) − L(all)), score =
 * 1 / (1 + exp ((L(no) − L(yes)) / temperature)); temperature scaling of Guo et al. 2017 for two
 * classes. logits [n_vocab]. Errors: IV_MODEL_ERROR_DEVICE when one is not a number.
 * Thread-safety: any. */
gboolean iv_triage_answers_weigh (const IvTriageAnswers *answers,
                                  const float *logits,
                                  guint n_vocab,
                                  double temperature,
                                  IvTriageProbability *probability,
                                  GError **error);

G_END_DECLS
