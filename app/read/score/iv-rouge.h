/* ROUGE: the longest common subsequence and shared n-grams, by the conventions in use.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double precision, recall, f;
} IvRouge;

/* Words in the longest common subsequence of two lists of guint32. Thread-safety: any. */
guint iv_rouge_common (const GArray *a, const GArray *b);

/* ROUGE-L of the COCO caption tools: words between single blanks, the best precision and the best
 * recall over the references, F with beta 1.2. An empty text is one empty word there. */
double iv_rouge_l_coco (const GArray *words, GArray *const *references, guint n_references);

/* ROUGE-L of the rouge_score package without stemming: words by IV_TOKENS_ALPHANUMERIC, F with beta
 * 1, the best reference. */
double iv_rouge_l_balanced (const GArray *words, GArray *const *references, guint n_references);

/* The rouge package of Python (version 0.2): n-grams as sets, F with 1e-8 against division by 0; in
 * ROUGE-L beta = precision / recall. The file's words are those between single blanks. */
typedef struct {
  IvRouge one, two, l;
} IvRougeSets;
void iv_rouge_sets (IvRougeSets *scores, const GArray *words, const GArray *reference);

G_END_DECLS
