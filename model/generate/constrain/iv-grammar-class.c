/* Rules and sets of bytes of a grammar; classes of characters as sequences of UTF-8's bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/generate/constrain/iv-grammar-private.h"

#define LAST_CHARACTER 0x10FFFF

IvGrammarRules *
iv_grammar_rules_new (void)
{
  IvGrammarRules *rules = g_new0 (IvGrammarRules, 1);
  rules->elements = g_array_new (FALSE, FALSE, sizeof (IvElement));
  rules->rules = g_array_new (FALSE, FALSE, sizeof (guint32));
  rules->byte_sets = g_array_new (FALSE, FALSE, sizeof (IvByteSet));
  return rules;
}

void
iv_grammar_rules_free (IvGrammarRules *rules)
{
  g_array_unref (rules->elements);
  g_array_unref (rules->rules);
  g_array_unref (rules->byte_sets);
  g_free (rules);
}

guint32
iv_grammar_rules_add_bytes (IvGrammarRules *rules, const IvByteSet *set)
{
  for (guint i = 0; i < rules->byte_sets->len; i++)
    if (memcmp (&g_array_index (rules->byte_sets, IvByteSet, i), set, sizeof *set) == 0)
      return i;
  g_array_append_val (rules->byte_sets, *set);
  return rules->byte_sets->len - 1;
}

guint32
iv_grammar_rules_add (IvGrammarRules *rules, const GArray *body)
{
  guint32 start = rules->elements->len;
  IvElement end = { IV_ELEMENT_END, 0 };
  g_array_append_vals (rules->elements, body->data, body->len);
  g_array_append_val (rules->elements, end);
  g_array_append_val (rules->rules, start);
  return rules->rules->len - 1;
}

/* --- ranges of characters to sequences of ranges of bytes ----------------------------------- */

typedef struct {
  IvGrammarRules *rules;
  GArray *body;    /* IvElement, alternatives so far */
  guint8 first[4]; /* the ranges of the leading bytes of the sequence */
  guint8 last[4];
} Sequences;

static void
append_bytes (IvGrammarRules *rules, GArray *body, guint first, guint last)
{
  IvByteSet set = { 0 };
  iv_byte_set_add_range (&set, first, last);
  IvElement element = { IV_ELEMENT_BYTES, iv_grammar_rules_add_bytes (rules, &set) };
  g_array_append_val (body, element);
}

static void
finish_sequence (Sequences *sequences, guint n)
{
  IvElement or = { IV_ELEMENT_OR, 0 };
  if (sequences->body->len > 0)
    g_array_append_val (sequences->body, or);
  for (guint i = 0; i < n; i++)
    append_bytes (sequences->rules, sequences->body, sequences->first[i], sequences->last[i]);
}

/* All sequences whose bytes from `at` to n encode the values first to last, 6 bits a byte but for
 * the first, in which MARK says how many follow. */
static void
split (Sequences *sequences, guint at, guint n, guint32 first, guint32 last)
{
  static const guint8 marks[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
  guint8 mark = at == 0 ? marks[n] : 0x80;
  guint shift = 6 * (n - 1 - at);
  guint32 rest = ((guint32) 1 << shift) - 1;
  guint32 low = first >> shift, high = last >> shift;
  if (low != high && (first & rest) != 0) {
    split (sequences, at, n, first, first | rest);
    first = ++low << shift;
  }
  if (low != high && (last & rest) != rest) {
    split (sequences, at, n, first, (high << shift) - 1);
    first = high << shift;
    low = high;
  }
  sequences->first[at] = (guint8) (mark | low);
  sequences->last[at] = (guint8) (mark | high);
  if (at + 1 == n)
    finish_sequence (sequences, n);
  else
    split (sequences, at + 1, n, first & rest, last & rest);
}

static void
split_by_length (Sequences *sequences, gunichar first, gunichar last)
{
  /* The last character of each length; surrogates are no characters. */
  static const struct {
    gunichar first, last;
    guint n;
  } parts[] = {
    { 0x80, 0x7FF, 2 }, { 0x800, 0xD7FF, 3 }, { 0xE000, 0xFFFF, 3 }, { 0x10000, LAST_CHARACTER, 4 }
  };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    gunichar low = MAX (first, parts[i].first), high = MIN (last, parts[i].last);
    if (low <= high)
      split (sequences, 0, parts[i].n, low, high);
  }
}

/* --- classes -------------------------------------------------------------------------------- */

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const IvCharRange *x = a, *y = b;
  return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorted and apart from each other; of all others when negated. */
static GArray *
normalise (GArray *ranges, gboolean is_negated)
{
  GArray *whole = g_array_new (FALSE, FALSE, sizeof (IvCharRange));
  GArray *others = g_array_new (FALSE, FALSE, sizeof (IvCharRange));
  gunichar next = 0; /* the first character behind all ranges so far */
  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++) {
    IvCharRange range = g_array_index (ranges, IvCharRange, i);
    IvCharRange between = { next, range.first - 1 };
    if (range.first > next)
      g_array_append_val (others, between);
    range.first = MAX (range.first, next);
    if (range.first <= range.last)
      g_array_append_val (whole, range);
    next = MAX (next, range.last + 1);
  }
  IvCharRange between = { next, LAST_CHARACTER };
  if (next <= LAST_CHARACTER)
    g_array_append_val (others, between);
  g_array_unref (is_negated ? whole : others);
  return is_negated ? others : whole;
}

gboolean
iv_grammar_append_class (IvGrammarRules *rules, GArray *ranges, gboolean is_negated, GArray *body)
{
  g_autoptr (GArray) whole = normalise (ranges, is_negated);
  g_autoptr (GArray) class_body = g_array_new (FALSE, FALSE, sizeof (IvElement));
  Sequences sequences = { .rules = rules, .body = class_body };
  IvByteSet ascii = { 0 };
  gboolean has_ascii = FALSE, has_more = FALSE;
  for (guint i = 0; i < whole->len; i++) {
    IvCharRange range = g_array_index (whole, IvCharRange, i);
    has_ascii |= range.first < 0x80;
    has_more |= range.last >= 0x80;
    if (range.first < 0x80)
      iv_byte_set_add_range (&ascii, range.first, MIN (range.last, 0x7F));
  }
  if (has_ascii) {
    IvElement element = { IV_ELEMENT_BYTES, iv_grammar_rules_add_bytes (rules, &ascii) };
    g_array_append_val (has_more ? class_body : body, element);
  }
  for (guint i = 0; i < whole->len; i++)
    split_by_length (&sequences,
                     g_array_index (whole, IvCharRange, i).first,
                     g_array_index (whole, IvCharRange, i).last);
  if (class_body->len > 0) {
    IvElement element = { IV_ELEMENT_RULE, iv_grammar_rules_add (rules, class_body) };
    g_array_append_val (body, element);
  }
  return has_ascii || class_body->len > 0;
}
