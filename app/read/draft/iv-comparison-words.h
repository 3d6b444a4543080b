/* Words that compare with an earlier film, which a draft without a prior must not use.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Immutable. Thread-safety: any. */
typedef struct IvComparisonWords IvComparisonWords;

/* The list of prompts/report/comparison-words.txt, or the reader's own. Errors: those of
 * iv_prompt_load (); IV_READ_ERROR_INVALID names file and line. (transfer full) */
IvComparisonWords *iv_comparison_words_load (GError **error);
/* text: such a list; source names it in errors. */
IvComparisonWords *iv_comparison_words_parse (const char *text, const char *source, GError **error);
void iv_comparison_words_free (IvComparisonWords *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvComparisonWords, iv_comparison_words_free)

/* (transfer none) NULL-terminated, for IvAnswerFormParams.banned. */
const char *const *iv_comparison_words_get_entries (const IvComparisonWords *self);

/* The first word of the list in bytes from … of text, as iv_word_ban_new () understands them.
 * Bytes *start … *end (exclusive) of text hold it. FALSE: there is none. */
gboolean iv_comparison_words_find (const IvComparisonWords *self,
                                   const char *text,
                                   gsize from,
                                   gsize *start,
                                   gsize *end);

G_END_DECLS
