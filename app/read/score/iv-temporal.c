/* Temporal entity F1: do two reports use the same words of comparison?
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-temporal.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
  "bigger",   "change",    "cleared",     "constant",    "decrease",   "decreased",   "decreasing",
  "elevated", "elevation", "enlarged",    "enlargement", "enlarging",  "expanded",    "greater",
  "growing",  "improved",  "improvement", "improving",   "increase",   "increased",   "increasing",
  "larger",   "new",       "persistence", "persistent",  "persisting", "progression", "progressive",
  "reduced",  "removal",   "resolution",  "resolved",    "resolving",  "smaller",     "stability",
  "stable",   "stably",    "unaltered",   "unchanged",   "unfolded",   "worse",       "worsen",
  "worsened", "worsening",
};
G_STATIC_ASSERT (G_N_ELEMENTS (words) == 44);

static int
compare_cb (const void *key, const void *element)
{
  return strcmp (key, *(const char *const *) element);
}

static guint64
find_word (const char *word)
{
  const char *const *found =
      bsearch (word, words, G_N_ELEMENTS (words), sizeof words[0], compare_cb);
  return found != NULL ? G_GUINT64_CONSTANT (1) << (found - words) : 0;
}

guint64
iv_temporal_find (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);
  g_autoptr (GString) word = g_string_new (NULL);
  guint64 found = 0;
  for (const char *at = lower;; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    if (g_unichar_isalnum (c))
      g_string_append_unichar (word, c);
    else if (c == 0 || g_unichar_isspace (c) || strchr ("_-.,:;()", (int) MIN (c, 0x7f)) != NULL) {
      found |= find_word (word->str);
      g_string_truncate (word, 0);
    } /* any other mark is deleted, as the definition has it: "new/old" is one word */
    if (c == 0)
      return found;
  }
}

static guint
count_bits (guint64 set)
{
  return (guint) __builtin_popcountll (set);
}

double
iv_temporal_score (guint64 text, guint64 references)
{
  const double epsilon = 1e-10;
  if (references == 0)
    return text == 0 ? 1 : epsilon;
  double shared = count_bits (text & references) + epsilon;
  double precision = shared / (count_bits (text) + epsilon);
  double recall = shared / (count_bits (references) + epsilon);
  return 2 * precision * recall / (precision + recall + epsilon);
}
