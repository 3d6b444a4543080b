/* A grammar as rules of elements, between its notation and its automaton.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_GRAMMAR_MAX_ELEMENTS (1u << 20)

/* A rule is its alternatives one after another, parted by OR and closed by END. */
typedef enum {
  IV_ELEMENT_END,
  IV_ELEMENT_OR,
  IV_ELEMENT_BYTES, /* one byte of the set `value` */
  IV_ELEMENT_RULE,  /* what the rule `value` matches */
} IvElementKind;

typedef struct {
  guint32 kind;
  guint32 value;
} IvElement;

typedef struct {
  guint64 bits[4];
} IvByteSet;

static inline gboolean
iv_byte_set_has (const IvByteSet *set, guint8 byte)
{
  return (set->bits[byte >> 6] >> (byte & 63)) & 1;
}

static inline void
iv_byte_set_add_range (IvByteSet *set, guint first, guint last)
{
  for (guint byte = first; byte <= last; byte++)
    set->bits[byte >> 6] |= (guint64) 1 << (byte & 63);
}

/* Rule 0 is the root. */
typedef struct {
  GArray *elements;  /* IvElement */
  GArray *rules;     /* guint32, where each rule begins in elements; G_MAXUINT32: not yet defined */
  GArray *byte_sets; /* IvByteSet */
} IvGrammarRules;

IvGrammarRules *iv_grammar_rules_new (void);
void iv_grammar_rules_free (IvGrammarRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvGrammarRules, iv_grammar_rules_free)

/* The number of an equal set, made when there is none. */
guint32 iv_grammar_rules_add_bytes (IvGrammarRules *rules, const IvByteSet *set);
/* Defines a new rule; its number. body: IvElement, without the END. */
guint32 iv_grammar_rules_add (IvGrammarRules *rules, const GArray *body);

typedef struct {
  gunichar first, last;
} IvCharRange;

/* Appends to body what matches one character of the ranges (IvCharRange, in any order), or when
 * negated, one of all other characters. FALSE: no character matches. */
gboolean
iv_grammar_append_class (IvGrammarRules *rules, GArray *ranges, gboolean is_negated, GArray *body);

/* NULL with IV_MODEL_ERROR_FORMAT. */
IvGrammarRules *iv_grammar_parse (const char *text, GError **error);

G_END_DECLS
