/* How a report is cut into words before it is scored; papers differ, so each way has a name.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  IV_TOKENS_BLANKS,        /* between runs of white space, as written */
  IV_TOKENS_SINGLE_BLANKS, /* between single blanks: two in a row give an empty word */
  IV_TOKENS_PTB,           /* lower case, Penn Treebank rules, punctuation dropped */
  IV_TOKENS_R2GEN,         /* lower case, numbering and punctuation deleted, " . " between
                              sentences, as the R2Gen line of papers prepares reports */
  IV_TOKENS_ALPHANUMERIC,  /* lower case, runs of a-z and 0-9 (the rouge_score package) */
} IvTokenisation;

const char *iv_tokenisation_to_string (IvTokenisation tokenisation); /* stable, untranslated */
gboolean iv_tokenisation_parse (const char *name, IvTokenisation *tokenisation);

/* (transfer full) The words of a UTF-8 text. Thread-safety: any. */
char **iv_tokenise (const char *text, IvTokenisation tokenisation);

/* Words as numbers from 1 on, so that n-grams compare quickly. Thread-safety: one thread. */
typedef struct _IvWordNumbers IvWordNumbers;

IvWordNumbers *iv_word_numbers_new (void);
void iv_word_numbers_free (IvWordNumbers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvWordNumbers, iv_word_numbers_free)

/* (transfer full) guint32 per word. */
GArray *iv_word_numbers_add (IvWordNumbers *self, const char *text, IvTokenisation tokenisation);

G_END_DECLS
