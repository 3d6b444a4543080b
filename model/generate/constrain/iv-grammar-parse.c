/* From the notation of a grammar to its rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/constrain/iv-grammar-private.h"

#define MAX_DEPTH 200
#define MAX_REPEATS 10000
#define UNDEFINED G_MAXUINT32

typedef struct {
  const char *text, *at;
  IvGrammarRules *rules;
  GHashTable *names; /* name → number of the rule */
  guint depth;       /* of open groups */
} Parser;

static gboolean parse_alternatives (Parser *parser, GArray *body, GError **error);

static gboolean
fail (const Parser *parser, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (const Parser *parser, GError **error, const char *format, ...)
{
  guint line = 1;
  const char *start = parser->text;
  for (const char *p = parser->text; p < parser->at; p++)
    if (*p == '\n') {
      line++;
      start = p + 1;
    }
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "grammar, line %u, column %ld: %s",
               line,
               g_utf8_pointer_to_offset (start, parser->at) + 1,
               what);
  return FALSE;
}

/* --- words and blanks ----------------------------------------------------------------------- */

static void
skip_blanks (Parser *parser, gboolean with_newlines)
{
  for (;; parser->at++) {
    if (*parser->at == '#')
      parser->at += strcspn (parser->at, "\n");
    if (!(*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\r' ||
          (with_newlines && *parser->at == '\n')))
      return;
  }
}

static gboolean
is_name_character (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_';
}

static char *
take_name (Parser *parser)
{
  const char *start = parser->at;
  while (is_name_character (*parser->at))
    parser->at++;
  return g_strndup (start, (gsize) (parser->at - start));
}

/* The rule's number, whether it is defined already or only named so far. */
static guint32
number_of (Parser *parser, const char *name)
{
  gpointer number;
  if (g_hash_table_lookup_extended (parser->names, name, NULL, &number))
    return GPOINTER_TO_UINT (number);
  guint32 undefined = UNDEFINED;
  g_array_append_val (parser->rules->rules, undefined);
  guint32 rule = parser->rules->rules->len - 1;
  g_hash_table_insert (parser->names, g_strdup (name), GUINT_TO_POINTER (rule));
  return rule;
}

/* --- characters ----------------------------------------------------------------------------- */

static gboolean
take_hex (Parser *parser, guint n, gunichar *character, GError **error)
{
  *character = 0;
  for (guint i = 0; i < n; i++, parser->at++) {
    int digit = g_ascii_xdigit_value (*parser->at);
    if (digit < 0)
      return fail (parser, error, "an escape needs %u hexadecimal digits", n);
    *character = *character << 4 | (guint) digit;
  }
  if (!g_unichar_validate (*character))
    return fail (parser, error, "U+%X is no character", *character);
  return TRUE;
}

static gboolean
take_escape (Parser *parser, gunichar *character, GError **error)
{
  static const char names[] = "nrt\\\"]-[^", characters[] = "\n\r\t\\\"]-[^";
  char name = *++parser->at;
  const char *found = name != '\0' ? strchr (names, name) : NULL;
  if (name == 'x' || name == 'u' || name == 'U') {
    parser->at++;
    return take_hex (parser, name == 'x' ? 2 : name == 'u' ? 4 : 8, character, error);
  }
  if (found == NULL)
    return fail (parser, error, "unknown escape");
  *character = (guchar) characters[found - names];
  parser->at++;
  return TRUE;
}

static gboolean
take_character (Parser *parser, gunichar *character, GError **error)
{
  if (*parser->at == '\0' || *parser->at == '\n')
    return fail (parser, error, "a literal or class is not closed");
  if (*parser->at == '\\')
    return take_escape (parser, character, error);
  *character = g_utf8_get_char (parser->at);
  parser->at = g_utf8_next_char (parser->at);
  return TRUE;
}

static gboolean
parse_literal (Parser *parser, GArray *body, GError **error)
{
  parser->at++;
  while (*parser->at != '"') {
    gunichar character;
    char bytes[6];
    if (!take_character (parser, &character, error))
      return FALSE;
    int n = g_unichar_to_utf8 (character, bytes);
    for (int i = 0; i < n; i++) {
      IvByteSet set = { 0 };
      iv_byte_set_add_range (&set, (guint8) bytes[i], (guint8) bytes[i]);
      IvElement element = { IV_ELEMENT_BYTES, iv_grammar_rules_add_bytes (parser->rules, &set) };
      g_array_append_val (body, element);
    }
  }
  parser->at++;
  return TRUE;
}

static gboolean
parse_class (Parser *parser, GArray *body, GError **error)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (IvCharRange));
  gboolean is_negated = *++parser->at == '^';
  if (is_negated)
    parser->at++;
  while (*parser->at != ']') {
    IvCharRange range;
    if (!take_character (parser, &range.first, error))
      return FALSE;
    range.last = range.first;
    if (parser->at[0] == '-' && parser->at[1] != ']') {
      parser->at++;
      if (!take_character (parser, &range.last, error))
        return FALSE;
    }
    if (range.last < range.first)
      return fail (parser, error, "a range of characters runs backwards");
    g_array_append_val (ranges, range);
  }
  if (!iv_grammar_append_class (parser->rules, ranges, is_negated, body))
    return fail (parser, error, "a class without characters");
  parser->at++;
  return TRUE;
}

/* --- repetitions ---------------------------------------------------------------------------- */

static gboolean
take_number (Parser *parser, guint *number, GError **error)
{
  if (!g_ascii_isdigit (*parser->at))
    return fail (parser, error, "a repetition needs a number");
  guint64 value = g_ascii_strtoull (parser->at, (char **) &parser->at, 10);
  if (value > MAX_REPEATS)
    return fail (parser, error, "more than %u repetitions", MAX_REPEATS);
  *number = (guint) value;
  return TRUE;
}

/* *max is G_MAXUINT for no limit. */
static gboolean
take_repetition (Parser *parser, guint *min, guint *max, GError **error)
{
  char sign = *parser->at;
  *min = sign == '+';
  *max = sign == '?' ? 1 : G_MAXUINT;
  parser->at++;
  if (sign != '{')
    return TRUE;
  skip_blanks (parser, FALSE);
  if (!take_number (parser, min, error))
    return FALSE;
  *max = *min;
  skip_blanks (parser, FALSE);
  if (*parser->at == ',') {
    parser->at++;
    skip_blanks (parser, FALSE);
    *max = G_MAXUINT;
    if (*parser->at != '}' && !take_number (parser, max, error))
      return FALSE;
    skip_blanks (parser, FALSE);
  }
  if (*parser->at != '}')
    return fail (parser, error, "a repetition is not closed");
  parser->at++;
  return *min <= *max || fail (parser, error, "a repetition runs backwards");
}

/* R ::= item R | (nothing); with a limit, R_n ::= item R_(n - 1) | (nothing). */
static guint32
add_tail (Parser *parser, IvElement item, guint limit)
{
  g_autoptr (GArray) body = g_array_new (FALSE, FALSE, sizeof (IvElement));
  IvElement or = { IV_ELEMENT_OR, 0 };
  guint32 rule = 0;
  if (limit == G_MAXUINT) {
    IvElement again = { IV_ELEMENT_RULE, parser->rules->rules->len };
    g_array_append_val (body, item);
    g_array_append_val (body, again);
    g_array_append_val (body, or);
    return iv_grammar_rules_add (parser->rules, body);
  }
  for (guint i = 0; i < limit; i++) {
    IvElement rest = { IV_ELEMENT_RULE, rule };
    g_array_set_size (body, 0);
    g_array_append_val (body, item);
    if (i > 0)
      g_array_append_val (body, rest);
    g_array_append_val (body, or);
    rule = iv_grammar_rules_add (parser->rules, body);
  }
  return rule;
}

/* Repeats the elements of the body from START on, which become one. */
static gboolean
repeat (Parser *parser, GArray *body, guint start, GError **error)
{
  guint min, max;
  if (body->len == start)
    return fail (parser, error, "nothing to repeat");
  if (!take_repetition (parser, &min, &max, error))
    return FALSE;
  IvElement item = g_array_index (body, IvElement, start);
  if (body->len > start + 1) {
    g_autoptr (GArray) part = g_array_new (FALSE, FALSE, sizeof (IvElement));
    g_array_append_vals (part, &g_array_index (body, IvElement, start), body->len - start);
    item = (IvElement){ IV_ELEMENT_RULE, iv_grammar_rules_add (parser->rules, part) };
  }
  g_array_set_size (body, start);
  for (guint i = 0; i < min; i++)
    g_array_append_val (body, item);
  if (max > min) {
    IvElement tail = { IV_ELEMENT_RULE,
                       add_tail (parser, item, max == G_MAXUINT ? max : max - min) };
    g_array_append_val (body, tail);
  }
  return parser->rules->elements->len + body->len <= IV_GRAMMAR_MAX_ELEMENTS ||
         fail (parser, error, "the grammar is too large");
}

/* --- sequences and rules -------------------------------------------------------------------- */

static gboolean
parse_group (Parser *parser, GArray *body, GError **error)
{
  g_autoptr (GArray) group = g_array_new (FALSE, FALSE, sizeof (IvElement));
  parser->at++;
  if (++parser->depth > MAX_DEPTH)
    return fail (parser, error, "groups more than %u deep", MAX_DEPTH);
  if (!parse_alternatives (parser, group, error))
    return FALSE;
  if (*parser->at != ')')
    return fail (parser, error, "a group is not closed");
  parser->at++;
  parser->depth--;
  IvElement element = { IV_ELEMENT_RULE, iv_grammar_rules_add (parser->rules, group) };
  g_array_append_val (body, element);
  return TRUE;
}

static gboolean
parse_item (Parser *parser, GArray *body, GError **error)
{
  if (*parser->at == '"')
    return parse_literal (parser, body, error);
  if (*parser->at == '[')
    return parse_class (parser, body, error);
  if (*parser->at == '(')
    return parse_group (parser, body, error);
  if (*parser->at == '.') {
    g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (IvCharRange));
    parser->at++;
    return iv_grammar_append_class (parser->rules, none, TRUE, body);
  }
  g_autofree char *name = take_name (parser);
  IvElement element = { IV_ELEMENT_RULE, number_of (parser, name) };
  g_array_append_val (body, element);
  return TRUE;
}

static gboolean
starts_item (char c)
{
  return c != '\0' && (strchr ("\"[(.", c) != NULL || is_name_character (c));
}

/* At the end of a line: whether the next one that is not empty goes on with |. */
static gboolean
goes_on (Parser *parser)
{
  const char *here = parser->at;
  skip_blanks (parser, TRUE);
  if (*parser->at == '|')
    return TRUE;
  parser->at = here;
  return FALSE;
}

static gboolean
parse_alternatives (Parser *parser, GArray *body, GError **error)
{
  IvElement or = { IV_ELEMENT_OR, 0 };
  for (;;) {
    skip_blanks (parser, parser->depth > 0);
    while (starts_item (*parser->at)) {
      guint start = body->len;
      if (!parse_item (parser, body, error))
        return FALSE;
      skip_blanks (parser, parser->depth > 0);
      while (*parser->at != '\0' && strchr ("*+?{", *parser->at) != NULL) {
        if (!repeat (parser, body, start, error))
          return FALSE;
        skip_blanks (parser, parser->depth > 0);
      }
    }
    if (*parser->at != '|' && !goes_on (parser))
      return TRUE;
    parser->at++;
    g_array_append_val (body, or);
  }
}

static gboolean
parse_rule (Parser *parser, GError **error)
{
  g_autoptr (GArray) body = g_array_new (FALSE, FALSE, sizeof (IvElement));
  g_autofree char *name = take_name (parser);
  if (*name == '\0')
    return fail (parser, error, "the name of a rule was expected");
  guint32 rule = number_of (parser, name);
  if (g_array_index (parser->rules->rules, guint32, rule) != UNDEFINED)
    return fail (parser, error, "the rule “%s” is defined twice", name);
  skip_blanks (parser, FALSE);
  if (!g_str_has_prefix (parser->at, "::="))
    return fail (parser, error, "“::=” was expected after “%s”", name);
  parser->at += 3;
  skip_blanks (parser, TRUE);
  if (!parse_alternatives (parser, body, error))
    return FALSE;
  if (*parser->at != '\n' && *parser->at != '\0')
    return fail (parser, error, "“%.1s” was not expected here", parser->at);
  /* The rule has its number already: the body alone is new. */
  guint32 added = iv_grammar_rules_add (parser->rules, body);
  g_array_index (parser->rules->rules, guint32, rule) =
      g_array_index (parser->rules->rules, guint32, added);
  g_array_set_size (parser->rules->rules, added);
  return TRUE;
}

static gboolean
check_names (Parser *parser, GError **error)
{
  GHashTableIter iter;
  gpointer name, number;
  g_hash_table_iter_init (&iter, parser->names);
  while (g_hash_table_iter_next (&iter, &name, &number))
    if (g_array_index (parser->rules->rules, guint32, GPOINTER_TO_UINT (number)) == UNDEFINED)
      return fail (parser, error, "the rule “%s” is not defined", (const char *) name);
  return TRUE;
}

IvGrammarRules *
iv_grammar_parse (const char *text, GError **error)
{
  g_autoptr (IvGrammarRules) rules = iv_grammar_rules_new ();
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Parser parser = { .text = text, .at = text, .rules = rules, .names = names };
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (
        error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "the grammar is not valid UTF-8");
    return NULL;
  }
  number_of (&parser, "root");
  for (skip_blanks (&parser, TRUE); *parser.at != '\0'; skip_blanks (&parser, TRUE))
    if (!parse_rule (&parser, error))
      return NULL;
  if (!check_names (&parser, error))
    return NULL;
  return g_steal_pointer (&rules);
}
