/* Words that compare with an earlier film, which a draft without a prior must not use.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-comparison-words.h"

#include <string.h>

#include "app/read/iv-prompt.h"
#include "app/read/iv-read-error.h"

/* A word of a text or an entry. */
typedef struct {
  const char *start;
  gsize length;
} Word;

struct IvComparisonWords {
  GPtrArray *entries; /* char *, as written, NULL-terminated */
  GPtrArray *words;   /* GArray of Word of each entry, without the * */
  GArray *is_prefix;  /* gboolean */
};

static gboolean
is_letter (char c)
{
  return g_ascii_isalnum (c) || (guint8) c >= 0x80;
}

/* The next word from *at on, which moves behind it. */
static gboolean
next_word (const char **at, Word *word)
{
  const char *c = *at;
  while (*c != '\0' && !is_letter (*c))
    c++;
  word->start = c;
  while (is_letter (*c))
    c++;
  word->length = (gsize) (c - word->start);
  *at = c;
  return word->length > 0;
}

static GArray *
cut (const char *text)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Word));
  Word word;
  while (next_word (&text, &word))
    g_array_append_val (words, word);
  return words;
}

IvComparisonWords *
iv_comparison_words_load (GError **error)
{
  g_autofree char *source = NULL;
  g_autofree char *text = iv_prompt_load ("report/comparison-words", &source, error);
  return text != NULL ? iv_comparison_words_parse (text, source, error) : NULL;
}

static gboolean
add_entry (IvComparisonWords *self, const char *line)
{
  gboolean is_prefix = g_str_has_suffix (line, "*");
  char *entry = g_strdup (line);
  GArray *words = cut (entry);
  g_ptr_array_add (self->entries, entry);
  g_ptr_array_add (self->words, words);
  g_array_append_val (self->is_prefix, is_prefix);
  return words->len > 0;
}

IvComparisonWords *
iv_comparison_words_parse (const char *text, const char *source, GError **error)
{
  g_autoptr (IvComparisonWords) self = g_new0 (IvComparisonWords, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  self->entries = g_ptr_array_new_with_free_func (g_free);
  self->words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self->is_prefix = g_array_new (FALSE, FALSE, sizeof (gboolean));
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strstrip (lines[i]);
    if (*line == '\0' || *line == '#')
      continue;
    if (!add_entry (self, line)) {
      g_set_error (error,
                   IV_READ_ERROR,
                   IV_READ_ERROR_INVALID,
                   "%s, line %u: “%s” holds no word",
                   source,
                   i + 1,
                   line);
      return NULL;
    }
  }
  g_ptr_array_add (self->entries, NULL);
  return g_steal_pointer (&self);
}

void
iv_comparison_words_free (IvComparisonWords *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->words);
  g_array_unref (self->is_prefix);
  g_free (self);
}

const char *const *
iv_comparison_words_get_entries (const IvComparisonWords *self)
{
  return (const char *const *) self->entries->pdata;
}

/* Whether the text goes on with the entry's words; *end is behind them. */
static gboolean
matches (const GArray *entry, gboolean is_prefix, const char *text, const char **end)
{
  for (guint i = 0; i < entry->len; i++) {
    const Word *wanted = &g_array_index (entry, Word, i);
    Word word;
    if (!next_word (&text, &word))
      return FALSE;
    gboolean may_go_on = is_prefix && i + 1 == entry->len;
    if (may_go_on ? word.length < wanted->length : word.length != wanted->length)
      return FALSE;
    if (g_ascii_strncasecmp (word.start, wanted->start, wanted->length) != 0)
      return FALSE;
  }
  *end = text;
  return TRUE;
}

gboolean
iv_comparison_words_find (const IvComparisonWords *self,
                          const char *text,
                          gsize from,
                          gsize *start,
                          gsize *end)
{
  const char *at = text + from;
  Word word;
  while (next_word (&at, &word))
    for (guint i = 0; i < self->words->len; i++) {
      const char *behind;
      if (!matches (self->words->pdata[i],
                    g_array_index (self->is_prefix, gboolean, i),
                    word.start,
                    &behind))
        continue;
      *start = (gsize) (word.start - text);
      *end = (gsize) (behind - text);
      return TRUE;
    }
  return FALSE;
}
