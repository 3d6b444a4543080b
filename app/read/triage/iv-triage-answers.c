/* How probable yes and no are as a model's next word.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-answers.h"

#include <math.h>

#include "app/read/iv-read-error.h"
#include "model/files/iv-model-error.h"

/* --- the words ------------------------------------------------------------------------------- */

/* "Yes" from "yes". */
static char *
capitalise (const char *word)
{
  g_autofree char *head = g_utf8_substring (word, 0, 1);
  g_autofree char *upper = g_utf8_strup (head, -1);
  return g_strconcat (upper, g_utf8_next_char (word), NULL);
}

/* (transfer full) All ways to write the words. */
static GHashTable *
list_forms (const char *const *words)
{
  GHashTable *forms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *lower = g_utf8_strdown (words[i], -1);
    char *cases[] = {
      g_strdup (words[i]), g_strdup (lower), capitalise (lower), g_utf8_strup (words[i], -1)
    };
    for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
      g_hash_table_add (forms, g_strconcat (" ", cases[k], NULL));
      g_hash_table_add (forms, cases[k]);
    }
  }
  return forms;
}

/* --- their tokens ---------------------------------------------------------------------------- */

static gboolean
is_blank (IvTokenizer *tokenizer, gint32 id)
{
  g_autoptr (GString) piece = g_string_new (NULL);
  iv_tokenizer_append_piece (tokenizer, id, FALSE, piece);
  return *g_strstrip (piece->str) == '\0';
}

/* ids: a set of gint32. */
static void
add_first_tokens (GHashTable *ids, IvTokenizer *tokenizer, GHashTable *forms)
{
  GHashTableIter iter;
  gpointer form;
  g_hash_table_iter_init (&iter, forms);
  while (g_hash_table_iter_next (&iter, &form, NULL)) {
    g_autoptr (GArray) tokens = iv_tokenizer_encode (tokenizer, form, -1, IV_TOKENIZE_PLAIN);
    guint i = 0;
    while (i < tokens->len && is_blank (tokenizer, g_array_index (tokens, gint32, i)))
      i++;
    if (i < tokens->len)
      g_hash_table_add (ids, GINT_TO_POINTER (g_array_index (tokens, gint32, i)));
  }
}

/* Once through the vocabulary: what is exactly one of the forms. SentencePiece has no other way to
 * a word without a blank before it. */
static void
add_whole_tokens (GHashTable *ids[2], IvTokenizer *tokenizer, GHashTable *forms[2])
{
  g_autoptr (GString) piece = g_string_new (NULL);
  for (guint id = 0; id < iv_tokenizer_get_n_vocab (tokenizer); id++) {
    g_string_truncate (piece, 0);
    iv_tokenizer_append_piece (tokenizer, (gint32) id, FALSE, piece);
    for (guint k = 0; k < 2; k++)
      if (g_hash_table_contains (forms[k], piece->str))
        g_hash_table_add (ids[k], GINT_TO_POINTER ((gint32) id));
  }
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint32 x = *(const gint32 *) a, y = *(const gint32 *) b;
  return (x > y) - (x < y);
}

/* gint32, what is in ids and not in others. */
static GArray *
collect (GHashTable *ids, GHashTable *others)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (gint32));
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    gint32 id = GPOINTER_TO_INT (key);
    if (!g_hash_table_contains (others, key))
      g_array_append_val (array, id);
  }
  g_array_sort (array, compare_ids);
  return array;
}

gboolean
iv_triage_answers_init (IvTriageAnswers *answers,
                        IvTokenizer *tokenizer,
                        const char *const *yes,
                        const char *const *no,
                        GError **error)
{
  g_autoptr (GHashTable) yes_forms = list_forms (yes);
  g_autoptr (GHashTable) no_forms = list_forms (no);
  g_autoptr (GHashTable) yes_ids = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) no_ids = g_hash_table_new (NULL, NULL);
  GHashTable *forms[] = { yes_forms, no_forms }, *ids[] = { yes_ids, no_ids };
  add_first_tokens (yes_ids, tokenizer, yes_forms);
  add_first_tokens (no_ids, tokenizer, no_forms);
  add_whole_tokens (ids, tokenizer, forms);
  answers->yes = collect (yes_ids, no_ids);
  answers->no = collect (no_ids, yes_ids);
  if (answers->yes->len > 0 && answers->no->len > 0)
    return TRUE;
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "the model's vocabulary does not tell “%s” from “%s” by a first token",
               yes[0],
               no[0]);
  return FALSE;
}

void
iv_triage_answers_clear (IvTriageAnswers *answers)
{
  g_clear_pointer (&answers->yes, g_array_unref);
  g_clear_pointer (&answers->no, g_array_unref);
}

/* --- their probabilities --------------------------------------------------------------------- */

/* log Σ exp of the logits of the ids, NULL: of all. The largest is taken out, so that nothing
 * overflows. */
static double
log_sum (const float *logits, guint n_vocab, const GArray *ids)
{
  guint n = ids != NULL ? ids->len : n_vocab;
  double most = -INFINITY, sum = 0;
  for (guint i = 0; i < n; i++)
    most = MAX (most, (double) logits[ids != NULL ? (guint) g_array_index (ids, gint32, i) : i]);
  if (!isfinite (most))
    return most;
  for (guint i = 0; i < n; i++)
    sum += exp (logits[ids != NULL ? (guint) g_array_index (ids, gint32, i) : i] - most);
  return most + log (sum);
}

gboolean
iv_triage_answers_weigh (const IvTriageAnswers *answers,
                         const float *logits,
                         guint n_vocab,
                         double temperature,
                         IvTriageProbability *probability,
                         GError **error)
{
  for (guint i = 0; i < n_vocab; i++)
    if (!isfinite (logits[i])) {
      g_set_error (
          error, IV_MODEL_ERROR, IV_MODEL_ERROR_DEVICE, "the logit of token %u is not a number", i);
      return FALSE;
    }
  double all = log_sum (logits, n_vocab, NULL);
  double yes = log_sum (logits, n_vocab, answers->yes);
  double no = log_sum (logits, n_vocab, answers->no);
  probability->mass = MIN (exp (yes - all) + exp (no - all), 1);
  probability->score = 1 / (1 + exp ((no - yes) / temperature));
  return TRUE;
}
