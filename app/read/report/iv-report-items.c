/* Cuts a sentence into terms of the lexicon, other words, and marks.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-report-private.h"

#include <string.h>

/* The words of a sentence, as normalised, and where they stand. */
typedef struct {
  GPtrArray *words; /* char *; NULL where a mark or the end parts two words */
  GArray *spans;    /* IvTextSpan */
  GArray *joins;    /* IvJoin of a mark; IV_JOIN_NONE for words */
} Words;

static void
add_piece (Words *words, char *word, IvTextSpan span, IvJoin join)
{
  g_ptr_array_add (words->words, word);
  g_array_append_val (words->spans, span);
  g_array_append_val (words->joins, join);
}

static gboolean
is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || c == '\'';
}

/* What the character at *at parts; its length goes to length. IV_JOIN_NONE: nothing. */
static IvJoin
read_mark (const char *at, const char *start, gsize *length)
{
  static const char *const dashes[] = { "–", "—", "--" };
  *length = 1;
  for (guint i = 0; i < G_N_ELEMENTS (dashes); i++)
    if (g_str_has_prefix (at, dashes[i])) {
      *length = strlen (dashes[i]);
      return IV_JOIN_STOP;
    }
  if (*at == '-' && at > start && at[-1] == ' ' && at[1] == ' ')
    return IV_JOIN_STOP;
  if (strchr (",()[]", *at) != NULL)
    return IV_JOIN_COMMA;
  if (*at == ';' || *at == '.') /* a full stop inside of a sentence: an abbreviation's */
    return *at == ';' ? IV_JOIN_STOP : IV_JOIN_NONE;
  if (*at == '/')
    return IV_JOIN_OR;
  return IV_JOIN_NONE;
}

static void
read_words (Words *words, const char *text, IvTextSpan sentence)
{
  const char *start = text + sentence.start, *end = text + sentence.end;
  for (const char *at = start; at < end;) {
    const char *from = at;
    while (at < end && is_word_char (g_utf8_get_char (at)))
      at = g_utf8_next_char (at);
    IvTextSpan span = { (guint) (from - text), (guint) (at - text) };
    if (at > from) {
      add_piece (words, iv_lexicon_normalise (from, at - from), span, IV_JOIN_NONE);
      continue;
    }
    gsize length;
    IvJoin join = read_mark (at, start, &length);
    at = join != IV_JOIN_NONE ? at + length : g_utf8_next_char (at);
    span.end = (guint) (at - text);
    if (join != IV_JOIN_NONE)
      add_piece (words, NULL, span, join);
  }
}

static IvJoin
join_of_word (const char *word)
{
  if (g_str_equal (word, "and") || g_str_equal (word, "plus"))
    return IV_JOIN_AND;
  if (g_str_equal (word, "or"))
    return IV_JOIN_OR;
  if (g_str_equal (word, "with"))
    return IV_JOIN_WITH;
  return IV_JOIN_NONE;
}

static gboolean
is_preposition (const char *word)
{
  static const char *const words[] = { "in",     "on",    "at",   "within",    "along",
                                       "over",   "of",    "near", "involving", "throughout",
                                       "across", "under", "to",   "overlying", "above" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i], word))
      return TRUE;
  return FALSE;
}

GArray *
iv_report_cut (const char *text, IvTextSpan span, IvLexicon *lexicon)
{
  GArray *items = g_array_new (FALSE, TRUE, sizeof (IvReportItem));
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (IvTextSpan));
  g_autoptr (GArray) joins = g_array_new (FALSE, FALSE, sizeof (IvJoin));
  Words words = { list, spans, joins };
  read_words (&words, text, span);
  for (guint i = 0; i < list->len;) {
    IvReportItem item = { .span = g_array_index (spans, IvTextSpan, i) };
    guint n = 1;
    if (list->pdata[i] != NULL) {
      item.term =
          iv_lexicon_match (lexicon, (const char *const *) list->pdata + i, list->len - i, &n);
      if (item.term == NULL)
        item.join = join_of_word (list->pdata[i]);
      item.is_preposition = is_preposition (list->pdata[i]);
    } else
      item.join = g_array_index (joins, IvJoin, i);
    item.span.end = g_array_index (spans, IvTextSpan, i + n - 1).end;
    g_array_append_val (items, item);
    i += n;
  }
  return items;
}
