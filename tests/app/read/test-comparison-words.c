/* Words of comparison: the list, and that the look afterwards sees what decoding keeps out.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/read/draft/iv-comparison-words.h"
#include "app/read/iv-read-error.h"
#include "model/generate/constrain/iv-word-ban.h"

static IvComparisonWords *words;

static char *
find (const char *text)
{
  gsize start, end;
  if (!iv_comparison_words_find (words, text, 0, &start, &end))
    return NULL;
  g_assert_cmpuint (start, <, end);
  g_assert_cmpuint (end, <=, strlen (text));
  return g_strndup (text + start, end - start);
}

static void
test_found (void)
{
  static const struct {
    const char *text, *found; /* NULL: nothing */
  } rows[] = {
    { "The effusion has increased.", "increased" },
    { "NEW left basal opacity", "NEW" },
    { "renewed interest", NULL },
    { "newspaper", NULL },
    { "In comparison\nwith the film before", "comparison" },
    { "There is no   longer a tube.", "no   longer" },
    { "no-longer", "no-longer" },
    { "Heart size is normal. Lungs are clear.", NULL },
    { "Degenerative changes of the spine.", NULL },
    { "No change.", "No change" },
    { "좌측 흉수가 이전보다 늘었다.", "이전보다" },
    { "우하엽 경화가 호전됨", "호전됨" },
    { "퇴행성 변화", NULL },
    { "심비대는 없음.", NULL },
    { "", NULL },
    { "priority", NULL },
    { "as before", "as before" },
    { "as beforehand", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *found = find (rows[i].text);
    g_assert_cmpstr (found, ==, rows[i].found);
  }
}

/* From a byte on, one after another. */
static void
test_next (void)
{
  const char *text = "Unchanged heart, new effusion.";
  gsize start, end;
  g_assert_true (iv_comparison_words_find (words, text, 0, &start, &end));
  g_assert_cmpuint (start, ==, 0);
  g_assert_cmpuint (end, ==, 9);
  g_assert_true (iv_comparison_words_find (words, text, end, &start, &end));
  g_assert_cmpuint (start, ==, 17);
  g_assert_false (iv_comparison_words_find (words, text, end, &start, &end));
}

/* Both ways of reading the list agree on every text. */
static void
test_agrees_with_decoding (void)
{
  static const char *const pieces[] = { "new",  "no",   "longer", " ",    "change",   "-", "compar",
                                        "ison", "이전", "보다",   "\n",   "heart",    ".", "prior",
                                        "ity",  "is",   "NO ",    "more", "prominent" };
  g_autoptr (IvByteAutomaton) automaton = iv_word_ban_new (iv_comparison_words_get_entries (words));
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_found = 0;
  for (guint i = 0; i < 4000; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    for (gint k = g_rand_int_range (rand, 1, 9); k > 0; k--)
      g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
    g_autofree char *found = find (text->str);
    gboolean is_allowed = iv_byte_automaton_matches (automaton, text->str, text->len);
    if (is_allowed != (found == NULL))
      g_error ("“%s”: decoding %s it, the look afterwards found “%s”",
               text->str,
               is_allowed ? "allows" : "refuses",
               found);
    n_found += found != NULL;
  }
  g_assert_cmpuint (n_found, >, 500);
  g_assert_cmpuint (n_found, <, 3900);
}

static void
test_bad_list (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (iv_comparison_words_parse ("# a note\nnew\n ** \n", "my.txt", &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "my.txt, line 3: “**” holds no word");
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  words = iv_comparison_words_load (&error);
  g_assert_no_error (error);
  g_test_add_func ("/comparison-words/found", test_found);
  g_test_add_func ("/comparison-words/next", test_next);
  g_test_add_func ("/comparison-words/agrees-with-decoding", test_agrees_with_decoding);
  g_test_add_func ("/comparison-words/bad-list", test_bad_list);
  int status = g_test_run ();
  iv_comparison_words_free (words);
  return status;
}
