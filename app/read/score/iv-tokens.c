/* How a report is cut into words before it is scored; papers differ, so each way has a name.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-tokens.h"

#include <string.h>

static const char *const names[] = {
  [IV_TOKENS_BLANKS] = "blanks",
  [IV_TOKENS_SINGLE_BLANKS] = "single-blanks",
  [IV_TOKENS_PTB] = "ptb",
  [IV_TOKENS_R2GEN] = "r2gen",
  [IV_TOKENS_ALPHANUMERIC] = "alphanumeric",
};

struct _IvWordNumbers {
  GHashTable *numbers; /* word → number */
};

const char *
iv_tokenisation_to_string (IvTokenisation tokenisation)
{
  return names[tokenisation];
}

gboolean
iv_tokenisation_parse (const char *name, IvTokenisation *tokenisation)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0) {
      *tokenisation = i;
      return TRUE;
    }
  return FALSE;
}

static char **
take_words (GPtrArray *words)
{
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

static char **
split_at_space (const char *text)
{
  GPtrArray *words = g_ptr_array_new ();
  const char *start = NULL;
  const char *at = text;
  for (; *at != '\0'; at = g_utf8_next_char (at)) {
    gboolean is_space = g_unichar_isspace (g_utf8_get_char (at));
    if (!is_space && start == NULL)
      start = at;
    else if (is_space && start != NULL) {
      g_ptr_array_add (words, g_strndup (start, at - start));
      start = NULL;
    }
  }
  if (start != NULL)
    g_ptr_array_add (words, g_strndup (start, at - start));
  return take_words (words);
}

static char **
split_alphanumeric (const char *text)
{
  /* Unicode lower case first: the Kelvin sign and the dotted I become ASCII letters. */
  g_autofree char *lower = g_utf8_strdown (text, -1);
  GPtrArray *words = g_ptr_array_new ();
  for (const char *at = lower; *at != '\0';) {
    const char *start = at;
    while (g_ascii_isalnum (*at))
      at++;
    if (at > start)
      g_ptr_array_add (words, g_strndup (start, at - start));
    else
      at++;
  }
  return take_words (words);
}

/* Punctuation marks that the COCO tools drop after tokenising are not added at all. */
static void
add_ptb (GPtrArray *words, const char *start, gsize length)
{
  static const char *const endings[] = { "n't", "'s", "'m", "'d", "'ll", "'re", "'ve" };
  static const char *const dropped[] = { "'", "''", "`", "``", ".", "-", "--", "..." };
  g_autofree char *word = g_strndup (start, length);
  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++)
    if (g_str_equal (word, dropped[i]))
      return;
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (word, endings[i]) && length > strlen (endings[i])) {
      g_ptr_array_add (words, g_strndup (word, length - strlen (endings[i])));
      g_ptr_array_add (words, g_strdup (endings[i]));
      return;
    }
  if (length > 0)
    g_ptr_array_add (words, g_steal_pointer (&word));
}

/* One blank-free piece: brackets and marks are cut off, numbers such as 1.5, 1,000, 10:30 and 3/4
 * stay whole, a last full stop goes unless the piece is an abbreviation such as u.s. */
static void
split_ptb_piece (GPtrArray *words, const char *piece)
{
  const char *start = piece;
  gsize length;
  for (const char *at = piece; *at != '\0'; at++) {
    gboolean in_number =
        at > piece && g_ascii_isdigit (at[-1]) && g_ascii_isdigit (at[1]) && strchr (",:/", *at);
    gboolean is_silent = strchr ("()[]{},;:?!\"", *at) != NULL;
    gboolean is_mark = strchr ("/%$&*+=<>@#", *at) != NULL;
    if (in_number || !(is_silent || is_mark))
      continue;
    add_ptb (words, start, at - start);
    if (is_mark)
      g_ptr_array_add (words, g_strndup (at, 1));
    start = at + 1;
  }
  while (*start == '\'' || *start == '`')
    start++;
  length = strlen (start);
  while (length > 0 && start[length - 1] == '\'')
    length--;
  if (length > 1 && start[length - 1] == '.' && memchr (start, '.', length - 1) == NULL)
    length--;
  add_ptb (words, start, length);
}

static char **
split_ptb (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);
  g_auto (GStrv) pieces = split_at_space (lower);
  GPtrArray *words = g_ptr_array_new ();
  for (guint i = 0; pieces[i] != NULL; i++)
    split_ptb_piece (words, pieces[i]);
  return take_words (words);
}

/* What R2Gen's character class deletes; its ":-[" is a range, so that '-' stays. */
static gboolean
is_deleted_by_r2gen (char c)
{
  return strchr (".,?;*!%^&_+()[]{}\"/\\'", c) != NULL || (c >= ':' && c <= '[');
}

static gboolean
is_numbering (const char *word)
{
  return word[0] >= '1' && word[0] <= '9' && word[1] == '.' && word[2] == '\0';
}

static char **
split_r2gen (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);
  g_auto (GStrv) pieces = split_at_space (lower);
  GPtrArray *words = g_ptr_array_new ();
  gboolean is_open = FALSE; /* the sentence has a word */
  for (guint i = 0; pieces[i] != NULL; i++) {
    gboolean ends = g_str_has_suffix (pieces[i], ".");
    char *to = pieces[i];
    if (is_numbering (pieces[i]))
      continue;
    for (const char *from = pieces[i]; *from != '\0'; from++)
      if (!is_deleted_by_r2gen (*from))
        *to++ = *from;
    *to = '\0';
    if (*pieces[i] != '\0') {
      g_ptr_array_add (words, g_strdup (pieces[i]));
      is_open = TRUE;
    }
    if (is_open && (ends || pieces[i + 1] == NULL)) {
      g_ptr_array_add (words, g_strdup ("."));
      is_open = FALSE;
    }
  }
  return take_words (words);
}

char **
iv_tokenise (const char *text, IvTokenisation tokenisation)
{
  switch (tokenisation) {
  case IV_TOKENS_SINGLE_BLANKS: {
    /* g_strsplit () of "" is empty, but one empty word lies between no blanks. */
    static const char *const one_empty[] = { "", NULL };
    return *text != '\0' ? g_strsplit (text, " ", -1) : g_strdupv ((char **) one_empty);
  }
  case IV_TOKENS_PTB:
    return split_ptb (text);
  case IV_TOKENS_R2GEN:
    return split_r2gen (text);
  case IV_TOKENS_ALPHANUMERIC:
    return split_alphanumeric (text);
  case IV_TOKENS_BLANKS:
  default:
    return split_at_space (text);
  }
}

IvWordNumbers *
iv_word_numbers_new (void)
{
  IvWordNumbers *self = g_new0 (IvWordNumbers, 1);
  self->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
iv_word_numbers_free (IvWordNumbers *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->numbers);
  g_free (self);
}

GArray *
iv_word_numbers_add (IvWordNumbers *self, const char *text, IvTokenisation tokenisation)
{
  g_autofree char **words = iv_tokenise (text, tokenisation);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; words[i] != NULL; i++) {
    guint32 number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, words[i]));
    if (number == 0) {
      number = g_hash_table_size (self->numbers) + 1;
      g_hash_table_insert (self->numbers, words[i], GUINT_TO_POINTER (number));
    } else
      g_free (words[i]);
    g_array_append_val (numbers, number);
  }
  return numbers;
}
