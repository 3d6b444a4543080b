/* From what a model wrote to the text of a report: sections, and no comparison without a prior.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/draft/iv-comparison-words.h"
#include "app/read/iv-draft.h"

G_BEGIN_DECLS

/* What is known without the model; borrowed, NULL for what is not. */
typedef struct {
  const char *indication;
  const char *technique;  /* "PA chest radiograph." */
  const char *comparison; /* NULL: there is none */
} IvDraftFacts;

/* (transfer full) The views that were shown, as a sentence. current: IvRadiographInfo of today. */
char *iv_draft_describe_technique (const IvRadiographInfo *const *current, guint n);
/* Days from the prior to the current film by their dates; -1 when one is not known, or it is the
 * later one. */
int iv_draft_count_days (const IvRadiographInfo *current, const IvRadiographInfo *prior);
/* (transfer full) "Chest radiograph of 2021-02-24, 16 days earlier." days: negative when not known.
 */
char *iv_draft_describe_prior (const IvRadiographInfo *prior, int days);

/* (transfer full) What the model said, without its thoughts and the marks of its answer. */
char *iv_draft_strip_thoughts (const char *raw);
/* Takes out control tokens of the form <|…|>, and control characters but line breaks and tabs. */
void iv_draft_strip_tokens (char *text);

/* (transfer full) The report: sections Indication, Technique and Comparison from the facts,
 * Findings and Impression (and others) from what the model said; its own words for the first three
 * are left out, since it was told no more of them. words: sentences that use one are taken out and
 * added to removals; NULL where a prior may be compared with. Thread-safety of all: any. */
char *iv_draft_compose (const IvDraftFacts *facts,
                        const char *said,
                        const IvComparisonWords *words,
                        GArray *removals);

G_END_DECLS
