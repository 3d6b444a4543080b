/* The form an answer must have.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-answer-form.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/constrain/iv-grammar.h"
#include "model/generate/constrain/iv-json-schema.h"
#include "model/generate/constrain/iv-token-constraint.h"
#include "model/generate/constrain/iv-word-ban.h"

struct IvAnswerForm {
  IvLogitConstraint constraint;
  IvTokenizer *tokenizer;
  GPtrArray *automata; /* IvByteAutomaton */
  IvTokenConstraint *tokens;
  char *after;    /* NULL once the form holds */
  GString *heard; /* what was said before it holds */
};

static void
mask (float *logits, guint n_vocab, gpointer user_data)
{
  IvAnswerForm *form = user_data;
  const IvLogitConstraint *tokens = iv_token_constraint_get (form->tokens);
  if (form->after == NULL) {
    tokens->mask (logits, n_vocab, tokens->user_data);
    return;
  }
  for (guint id = 0; id < MIN (n_vocab, iv_tokenizer_get_n_vocab (form->tokenizer)); id++)
    if (iv_tokenizer_is_stop (form->tokenizer, (gint32) id))
      logits[id] = -INFINITY;
}

static void
accept (gint32 id, gpointer user_data)
{
  IvAnswerForm *form = user_data;
  const IvLogitConstraint *tokens = iv_token_constraint_get (form->tokens);
  if (form->after == NULL) {
    tokens->accept (id, tokens->user_data);
    return;
  }
  /* Such marks are control tokens in some vocabularies and text in others. */
  iv_tokenizer_append_piece (form->tokenizer, id, TRUE, form->heard);
  if (strstr (form->heard->str, form->after) != NULL)
    g_clear_pointer (&form->after, g_free);
}

static gboolean
is_done (gpointer user_data)
{
  IvAnswerForm *form = user_data;
  const IvLogitConstraint *tokens = iv_token_constraint_get (form->tokens);
  return form->after == NULL && tokens->is_done (tokens->user_data);
}

static gboolean
add_grammar (IvAnswerForm *form, const char *text, GError **error)
{
  IvByteAutomaton *grammar = iv_grammar_new (text, error);
  if (grammar == NULL)
    return FALSE;
  g_ptr_array_add (form->automata, grammar);
  return TRUE;
}

static gboolean
add_automata (IvAnswerForm *form, const IvAnswerFormParams *params, GError **error)
{
  static const char *const nothing[] = { NULL };
  if (params->grammar != NULL && params->json_schema != NULL) {
    g_set_error_literal (error,
                         IV_MODEL_ERROR,
                         IV_MODEL_ERROR_INPUT,
                         "an answer has a grammar or a JSON schema, not both");
    return FALSE;
  }
  if (params->grammar != NULL && !add_grammar (form, params->grammar, error))
    return FALSE;
  if (params->json_schema != NULL) {
    g_autofree char *grammar = iv_json_schema_to_grammar (params->json_schema, -1, error);
    if (grammar == NULL || !add_grammar (form, grammar, error))
      return FALSE;
  }
  /* With neither, a list of no words lets everything pass. */
  if (params->banned != NULL || form->automata->len == 0)
    g_ptr_array_add (form->automata,
                     iv_word_ban_new (params->banned != NULL ? params->banned : nothing));
  return TRUE;
}

IvAnswerForm *
iv_answer_form_new (IvLanguageModel *model, const IvAnswerFormParams *params, GError **error)
{
  g_autoptr (IvAnswerForm) form = g_new0 (IvAnswerForm, 1);
  form->constraint = (IvLogitConstraint){ mask, accept, is_done, form };
  form->tokenizer = iv_language_model_get_tokenizer (model);
  form->automata = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_byte_automaton_free);
  form->heard = g_string_new (NULL);
  form->after = g_strdup (params->after);
  if (!add_automata (form, params, error))
    return NULL;
  form->tokens = iv_token_constraint_new (form->tokenizer,
                                          iv_language_model_get_token_trie (model),
                                          (IvByteAutomaton **) form->automata->pdata,
                                          form->automata->len);
  return g_steal_pointer (&form);
}

void
iv_answer_form_free (IvAnswerForm *form)
{
  g_clear_pointer (&form->tokens, iv_token_constraint_free);
  g_ptr_array_unref (form->automata);
  g_string_free (form->heard, TRUE);
  g_free (form->after);
  g_free (form);
}

const IvLogitConstraint *
iv_answer_form_get_constraint (IvAnswerForm *form)
{
  return &form->constraint;
}

gboolean
iv_answer_form_is_whole (IvAnswerForm *form)
{
  return form->after == NULL && iv_token_constraint_may_end (form->tokens);
}
