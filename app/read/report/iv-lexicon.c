/* The words of chest radiograph reports, and which of them begin at a word of a text.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-lexicon-private.h"

#include <string.h>

gboolean
iv_concept_is (const IvConcept *a, const IvConcept *b)
{
  if (a == b)
    return TRUE;
  for (guint i = 0; i < a->is->len; i++)
    if (iv_concept_is (g_ptr_array_index (a->is, i), b))
      return TRUE;
  return FALSE;
}

const char *
iv_said_course_to_string (IvSaidCourse course)
{
  static const char *const names[] = { "",          "new",        "increased", "decreased",
                                       "unchanged", "persistent", "resolved",  "removed" };
  return names[course];
}

/* British spellings, and what keeps its s. */
static void
respell (GString *word)
{
  g_string_replace (word, "oedema", "edema", 0);
  g_string_replace (word, "haem", "hem", 0);
  g_string_replace (word, "oesoph", "esoph", 0);
  g_string_replace (word, "tumour", "tumor", 0);
  g_string_replace (word, "colour", "color", 0);
  g_string_replace (word, "visualis", "visualiz", 0);
}

static void
make_singular (GString *word)
{
  const char *s = word->str;
  gsize n = word->len;
  if (n <= 3 || s[n - 1] != 's')
    return;
  if (g_str_has_suffix (s, "ss") || g_str_has_suffix (s, "us") || g_str_has_suffix (s, "is"))
    return;
  if (n > 4 && g_str_has_suffix (s, "ies")) {
    g_string_truncate (word, n - 3);
    g_string_append_c (word, 'y');
  } else if (g_str_has_suffix (s, "sses"))
    g_string_truncate (word, n - 2);
  else
    g_string_truncate (word, n - 1);
}

char *
iv_lexicon_normalise (const char *word, gssize length)
{
  g_autofree char *lower = g_utf8_strdown (word, length);
  GString *text = g_string_new (lower);
  respell (text);
  make_singular (text);
  return g_string_free (text, FALSE);
}

const IvTerm *
iv_lexicon_match (const IvLexicon *self, const char *const *words, guint n, guint *length)
{
  const IvLexiconNode *node = self->root;
  const IvTerm *found = NULL;
  for (guint i = 0; i < n && words[i] != NULL && node->next != NULL; i++) {
    node = g_hash_table_lookup (node->next, words[i]);
    if (node == NULL)
      break;
    if (node->term != NULL) {
      found = node->term;
      *length = i + 1;
    }
  }
  return found;
}

const IvConcept *
iv_lexicon_find_concept (const IvLexicon *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

const GPtrArray *
iv_lexicon_get_concepts (const IvLexicon *self)
{
  return self->concepts;
}

const GPtrArray *
iv_lexicon_get_state (const IvLexicon *self, const IvConcept *anatomy, const char *state)
{
  g_autofree char *key = g_strconcat (anatomy->id, " ", state, NULL);
  return g_hash_table_lookup (self->states, key);
}

/* Lower case, blanks inside single, marks around taken off. (transfer full) */
static char *
fold_phrase (const char *text, gssize length)
{
  g_autofree char *lower = g_utf8_strdown (text, length);
  g_auto (GStrv) words = NULL;
  g_strdelimit (lower, "\t\r\n-_", ' ');
  words = g_strsplit_set (lower, " ", -1);
  GString *folded = g_string_new (NULL);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (folded, "%s%s", folded->len > 0 ? " " : "", words[i]);
  while (folded->len > 0 && strchr (".,:;*#", folded->str[folded->len - 1]) != NULL)
    g_string_truncate (folded, folded->len - 1);
  return g_string_free (folded, FALSE);
}

char *
iv_lexicon_fold (const char *text, gssize length)
{
  return fold_phrase (text, length);
}

gboolean
iv_lexicon_has (const IvLexicon *self, const char *group, const char *text, gssize length)
{
  g_autofree char *folded = fold_phrase (text, length);
  GHashTable *words = g_hash_table_lookup (self->groups, group);
  return words != NULL && g_hash_table_contains (words, folded);
}

const char *
iv_lexicon_find_section (const IvLexicon *self, const char *heading, gssize length)
{
  g_autofree char *folded = fold_phrase (heading, length);
  return g_hash_table_lookup (self->headings, folded);
}
