/* The form an answer must have: a grammar, a JSON schema, words it must not use.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/iv-language-model.h"
#include "model/generate/iv-sampler.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvAnswerForm IvAnswerForm;

typedef struct {
  const char *grammar;       /* optional, as for iv_grammar_new() */
  const char *json_schema;   /* optional, not with a grammar; as for iv_json_schema_to_grammar() */
  const char *const *banned; /* optional, NULL-terminated; as for iv_word_ban_new() */
  /* Optional: the form holds from behind this text on, e.g. "</think>"; the answer cannot end
   * before it. */
  const char *after;
} IvAnswerFormParams;

/* One for each answer. model must outlive it. Errors: those of the grammar or the schema,
 * IV_MODEL_ERROR_INPUT when both are given. */
IvAnswerForm *
iv_answer_form_new (IvLanguageModel *model, const IvAnswerFormParams *params, GError **error);
void iv_answer_form_free (IvAnswerForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvAnswerForm, iv_answer_form_free)

/* (transfer none) For IvGenerateParams. */
const IvLogitConstraint *iv_answer_form_get_constraint (IvAnswerForm *form);
/* Whether what was said so far is a whole answer; FALSE after one that was cut off. */
gboolean iv_answer_form_is_whole (IvAnswerForm *form);

G_END_DECLS
