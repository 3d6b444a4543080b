/* Words that must not come.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/generate/constrain/iv-word-ban.h"

static const char *const entries[] = { "new",       "compar*",   "since the last",
                                       "follow-up", "unchanged", "이전*",
                                       "  ",        NULL };

static gboolean
is_allowed (IvByteAutomaton *ban, const char *text)
{
  return iv_byte_automaton_matches (ban, text, strlen (text));
}

static void
test_words (void)
{
  static const char *const good[] = { "",
                                      "The heart is normal.",
                                      "newborn",
                                      "renew",
                                      "a news item",
                                      "since the lasting",
                                      "sinceXthe last",
                                      "incompar",
                                      "follow",
                                      "unchangedx",
                                      "그이전",
                                      "Newé" };
  static const char *const bad[] = { "new",
                                     "New nodule",
                                     "a NEW.",
                                     "is\nnew\n",
                                     "Compared with",
                                     "in comparison",
                                     "since  the\tlast film",
                                     "follow up",
                                     "Follow-Up,",
                                     "unchanged",
                                     "(unchanged)",
                                     "이전과 비교",
                                     "new new",
                                     "since since the last one" };
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (entries);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    if (!is_allowed (ban, good[i]))
      g_error ("“%s” is refused", good[i]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (is_allowed (ban, bad[i]))
      g_error ("“%s” is allowed", bad[i]);
}

/* A word may be written on, but a token does not end where only that would help. */
static void
test_rest (void)
{
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (entries);
  guint32 state = ban->start (ban);
  for (const char *p = "ne"; *p != '\0'; p++)
    state = ban->step (ban, state, (guint8) *p);
  g_assert_true (ban->may_rest (ban, state));
  state = ban->step (ban, state, 'w');
  g_assert_cmpuint (state, !=, IV_BYTE_AUTOMATON_DEAD);
  g_assert_false (ban->may_rest (ban, state));
  g_assert_false (ban->may_end (ban, state));
  state = ban->step (ban, state, 'b');
  g_assert_true (ban->may_rest (ban, state));
}

static void
test_nothing_banned (void)
{
  static const char *const none[] = { NULL };
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (none);
  g_assert_true (is_allowed (ban, "anything new \xFF 흉부"));
}

/* Against a plain search for " entry" in the folded text. */
static void
test_random_texts (void)
{
  static const char *const some[] = { "ab", "ba*", "a b", "bb a*", NULL };
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (some);
  guint n_bad = 0;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  for (guint i = 0; i < 20000; i++) {
    char text[12], folded[16] = " ";
    guint n = (guint) g_rand_int_range (random, 0, 10), m = 1;
    for (guint k = 0; k < n; k++) {
      text[k] = "abc "[g_rand_int_range (random, 0, 4)];
      if (text[k] != ' ' || folded[m - 1] != ' ')
        folded[m++] = text[k];
    }
    text[n] = '\0';
    if (folded[m - 1] != ' ')
      folded[m++] = ' ';
    folded[m] = '\0';
    gboolean is_bad = strstr (folded, " ab ") != NULL || strstr (folded, " ba") != NULL ||
                      strstr (folded, " a b ") != NULL || strstr (folded, " bb a") != NULL;
    g_assert_cmpint (is_allowed (ban, text), ==, !is_bad);
    n_bad += is_bad;
  }
  g_assert_cmpuint (n_bad, >, 1000);
  g_assert_cmpuint (n_bad, <, 19000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/word-ban/words", test_words);
  g_test_add_func ("/word-ban/rest", test_rest);
  g_test_add_func ("/word-ban/nothing", test_nothing_banned);
  g_test_add_func ("/word-ban/random-texts", test_random_texts);
  return g_test_run ();
}
