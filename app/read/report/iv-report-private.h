/* The steps from a report's text to what its sentences say.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-report.h"

G_BEGIN_DECLS

/* Step 1, iv-report-layout.c: fills the sections (IvSection) and the sentences' spans and sections
 * (IvSentence, otherwise empty). */
void iv_report_lay_out (const char *text, IvLexicon *lexicon, GArray *sections, GArray *sentences);

/* What parts or joins the pieces of a sentence. */
typedef enum {
  IV_JOIN_NONE,
  IV_JOIN_COMMA, /* also brackets */
  IV_JOIN_AND,
  IV_JOIN_OR, /* also a slash */
  IV_JOIN_WITH,
  IV_JOIN_STOP, /* semicolon, dash between blanks */
} IvJoin;

/* A term, or a word or mark without one. */
typedef struct {
  IvTextSpan span;
  const IvTerm *term; /* or NULL */
  IvJoin join;
  gboolean is_preposition; /* in, on, at … */
  /* Set by iv_report_find_scopes (): */
  guint clause;
  gboolean is_denied, is_doubted, is_supposed, is_qualified;
} IvReportItem;

/* Step 2, iv-report-items.c: (transfer full) IvReportItem, the sentence cut into terms and words.
 */
GArray *iv_report_cut (const char *text, IvTextSpan span, IvLexicon *lexicon);

/* Step 3, iv-report-scope.c: numbers the clauses and marks what is denied, doubted or supposed. */
void iv_report_find_scopes (GArray *items);

/* Step 4, iv-report-mentions.c: adds the sentence's mentions and words of comparison. */
void iv_report_add_mentions (IvSentence *sentence, const GArray *items, IvLexicon *lexicon);

/* Step 5, iv-report-measure.c: adds its measurements. */
void iv_report_add_measurements (IvSentence *sentence, const char *text);

G_END_DECLS
