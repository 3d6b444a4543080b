/* Grammars: what they match, what they refuse, and that their memory stays bounded.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/constrain/iv-grammar.h"

static IvByteAutomaton *
new_grammar (const char *text)
{
  g_autoptr (GError) error = NULL;
  IvByteAutomaton *grammar = iv_grammar_new (text, &error);
  g_assert_no_error (error);
  return grammar;
}

typedef struct {
  const char *grammar;
  const char *yes[8], *no[8];
} Case;

static const Case cases[] = {
  { "root ::= \"yes\" | \"no\"", { "yes", "no" }, { "", "y", "yesno", "Yes" } },
  { "root ::= [a-c]+ \"-\"? [^a-c]",
    { "a-x", "abcx", "b흉", "c-\n" },
    { "x", "a", "a-a", "a--x" } },
  { "# two rules\nroot ::= item (\",\" item)*\nitem ::= [0-9]{2,3} # digits\n",
    { "12", "123,45", "11,22,33" },
    { "1", "1234", "12,", ",12" } },
  { "root ::= a\n  | b\n\na ::= \"x\" (\n \"y\"\n | \"z\" )\nb ::= \"\"",
    { "xy", "xz", "" },
    { "x", "y" } },
  { "root ::= \"(\" root \")\" | \"\"", { "", "()", "((()))" }, { "(", "(()", ")(" } },
  { "root ::= .{3}", { "abc", "흉부x", "\xF0\x9F\xAB\x81\xC2\xB5z" }, { "ab", "흉", "abcd" } },
  { "root ::= [가-힣é]{1,2}", { "흉", "é가", "힣힣" }, { "\xEA\xB0", "ㄱ", "e", "" } },
  { "root ::= \"\\x41\\u00e9\\\"\\\\\\n\"", { "Aé\"\\\n" }, { "Aé" } },
  { "root ::= [\\]\\-x]*", { "]-x", "" }, { "[" } },
  { "root ::= (\"a\"+ \"b\"){2}", { "abab", "aabaaab" }, { "ab", "ababab" } },
  { "root ::= (\"a\" | \"b\"){3,}", { "aba", "abab", "bbbbbbbb" }, { "ab" } },
};

static void
test_matches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (IvByteAutomaton) grammar = new_grammar (cases[i].grammar);
    for (guint k = 0; k < 8 && cases[i].yes[k] != NULL; k++)
      if (!iv_byte_automaton_matches (grammar, cases[i].yes[k], strlen (cases[i].yes[k])))
        g_error ("“%s” refuses “%s”", cases[i].grammar, cases[i].yes[k]);
    for (guint k = 0; k < 8 && cases[i].no[k] != NULL; k++)
      if (iv_byte_automaton_matches (grammar, cases[i].no[k], strlen (cases[i].no[k])))
        g_error ("“%s” matches “%s”", cases[i].grammar, cases[i].no[k]);
  }
}

/* Every character alone, against what its class says; no byte string that is no character. */
static void
test_all_characters (void)
{
  static const struct {
    gunichar first, last;
  } ranges[] = { { 0, 0x10FFFF },  { 0x41, 0x7A },     { 0x7F, 0x80 },      { 0x3FF, 0x1042 },
                 { 0x7FF, 0x800 }, { 0xD000, 0xE010 }, { 0xFFFF, 0x10001 }, { 0x12345, 0xABCDE } };
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++) {
    g_autofree char *text =
        g_strdup_printf ("root ::= [\\U%08X-\\U%08X]", ranges[i].first, ranges[i].last);
    if (ranges[i].first == 0)
      strcpy (text, "root ::= .");
    g_autoptr (IvByteAutomaton) grammar = new_grammar (text);
    for (gunichar c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 7) {
      char bytes[6];
      int n = g_unichar_to_utf8 (c, bytes);
      gboolean is_in = c >= ranges[i].first && c <= ranges[i].last && !(c >= 0xD800 && c < 0xE000);
      if (iv_byte_automaton_matches (grammar, bytes, (gsize) n) != is_in)
        g_error ("U+%X and %s", c, text);
    }
    g_assert_false (iv_byte_automaton_matches (grammar, "\xC0\x80", 2));
    g_assert_false (iv_byte_automaton_matches (grammar, "\xF4\x90\x80\x80", 4));
  }
}

static void
test_mistakes (void)
{
  static const struct {
    const char *grammar, *message;
  } mistakes[] = {
    { "", "*“root” is not defined*" },
    { "root ::= missing", "*“missing” is not defined*" },
    { "root ::= \"a\"\nroot ::= \"b\"", "*line 2*defined twice*" },
    { "root ::= \"a", "*line 1, column 12*not closed*" },
    { "root ::= (\"a\"", "*group is not closed*" },
    { "root ::= [b-a]", "*backwards*" },
    { "root ::= []", "*without characters*" },
    { "root ::= \"\\q\"", "*escape*" },
    { "root ::= \"\\ud800\"", "*no character*" },
    { "root ::= *", "*was not expected*" },
    { "root ::= \"a\"{3,2}", "*backwards*" },
    { "root ::= \"a\"{99999}", "*repetitions*" },
    { "root ::= \"a\"{1", "*not closed*" },
    { "root \"a\"", "*“::=”*" },
    { "root ::= root \"a\" | \"b\"", "*left recursion*" },
    { "root ::= a\na ::= b \"x\"\nb ::= (\"\" | \"y\") a", "*left recursion*" },
    { "root ::= (\"a\"*)*", "*may be empty*" },
    { "root ::= \"\xFF\"", "*UTF-8*" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (iv_grammar_new (mistakes[i].grammar, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT);
    if (!g_pattern_match_simple (mistakes[i].message, error->message))
      g_error ("“%s”: %s", mistakes[i].grammar, error->message);
  }
}

static void
test_deep_groups (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("root ::= ");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, '(');
  g_assert_null (iv_grammar_new (text->str, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT);
}

/* A nesting without end makes ever new states: forgetting keeps the answers the same. */
static void
test_forgets (void)
{
  g_autoptr (IvByteAutomaton) grammar = new_grammar ("root ::= \"[\" root \"]\" | [a-z]{5000}");
  guint32 state = grammar->start (grammar);
  guint32 most = 0;
  for (guint i = 0; i < 20000; i++) {
    state = grammar->forget (grammar, grammar->step (grammar, state, '['));
    g_assert_cmpuint (state, !=, IV_BYTE_AUTOMATON_DEAD);
    most = MAX (most, state);
  }
  g_assert_cmpuint (most, <, 5000);
  for (guint i = 0; i < 5000; i++)
    state = grammar->forget (grammar, grammar->step (grammar, state, 'a' + i % 26));
  g_assert_cmpuint (grammar->step (grammar, state, 'a'), ==, IV_BYTE_AUTOMATON_DEAD);
  for (guint i = 0; i < 20000; i++) {
    g_assert_false (grammar->may_end (grammar, state));
    state = grammar->forget (grammar, grammar->step (grammar, state, ']'));
  }
  g_assert_true (grammar->may_end (grammar, state));
  g_assert_cmpuint (grammar->step (grammar, state, ']'), ==, IV_BYTE_AUTOMATON_DEAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grammar/matches", test_matches);
  g_test_add_func ("/grammar/all-characters", test_all_characters);
  g_test_add_func ("/grammar/mistakes", test_mistakes);
  g_test_add_func ("/grammar/deep-groups", test_deep_groups);
  g_test_add_func ("/grammar/forgets", test_forgets);
  return g_test_run ();
}
