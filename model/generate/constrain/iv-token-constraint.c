/* From automata over bytes to a constraint on tokens.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/constrain/iv-token-constraint.h"

#include <math.h>
#include <string.h>

struct IvTokenConstraint {
  IvLogitConstraint logits;
  IvTokenizer *tokenizer;
  const IvTokenTrie *trie;
  IvByteAutomaton **automata; /* [n_automata] */
  guint n_automata;
  guint32 *states; /* [trie depth + 1, n_automata]: after each byte on the way; row 0 is now */
  guint8 *allowed; /* [n tokens of the tokenizer] */
  guint n_vocab;   /* of the tokenizer */
  GString *piece;
  gboolean has_ended;
};

/* FALSE when one automaton dies; else the states after the byte are in the row below. */
static gboolean
step (IvTokenConstraint *constraint, guint32 *row, guint8 byte)
{
  for (guint i = 0; i < constraint->n_automata; i++) {
    IvByteAutomaton *automaton = constraint->automata[i];
    guint32 next = automaton->step (automaton, row[i], byte);
    if (next == IV_BYTE_AUTOMATON_DEAD)
      return FALSE;
    row[constraint->n_automata + i] = next;
  }
  return TRUE;
}

static gboolean
may_rest (IvTokenConstraint *constraint, const guint32 *row)
{
  for (guint i = 0; i < constraint->n_automata; i++) {
    IvByteAutomaton *automaton = constraint->automata[i];
    if (automaton->may_rest != NULL && !automaton->may_rest (automaton, row[i]))
      return FALSE;
  }
  return TRUE;
}

static void
find_allowed (IvTokenConstraint *constraint)
{
  const IvTokenTrie *trie = constraint->trie;
  guint n = constraint->n_automata;
  for (guint32 i = 1; i < trie->n_nodes;) {
    const IvTrieNode *node = &trie->nodes[i];
    if (!step (constraint, constraint->states + (node->depth - 1) * n, node->byte)) {
      i = node->next;
      continue;
    }
    if (node->tokens < node[1].tokens &&
        may_rest (constraint, constraint->states + node->depth * n))
      for (guint32 t = node->tokens; t < node[1].tokens; t++)
        constraint->allowed[trie->ids[t]] = TRUE;
    i++;
  }
}

gboolean
iv_token_constraint_may_end (IvTokenConstraint *constraint)
{
  for (guint i = 0; i < constraint->n_automata; i++) {
    IvByteAutomaton *automaton = constraint->automata[i];
    if (!automaton->may_end (automaton, constraint->states[i]))
      return FALSE;
  }
  return TRUE;
}

static void
mask (float *logits, guint n_vocab, gpointer user_data)
{
  IvTokenConstraint *constraint = user_data;
  memset (constraint->allowed, 0, constraint->n_vocab);
  if (!constraint->has_ended)
    find_allowed (constraint);
  if (constraint->has_ended || iv_token_constraint_may_end (constraint))
    for (guint id = 0; id < constraint->n_vocab; id++)
      if (iv_tokenizer_is_stop (constraint->tokenizer, (gint32) id))
        constraint->allowed[id] = TRUE;
  for (guint id = 0; id < n_vocab; id++)
    if (id >= constraint->n_vocab || !constraint->allowed[id])
      logits[id] = -INFINITY;
}

static void
accept (gint32 id, gpointer user_data)
{
  IvTokenConstraint *constraint = user_data;
  guint n = constraint->n_automata;
  if (constraint->has_ended || iv_tokenizer_is_stop (constraint->tokenizer, id)) {
    constraint->has_ended = TRUE;
    return;
  }
  g_string_truncate (constraint->piece, 0);
  iv_tokenizer_append_piece (constraint->tokenizer, id, FALSE, constraint->piece);
  for (gsize i = 0; i < constraint->piece->len && !constraint->has_ended; i++) {
    constraint->has_ended =
        !step (constraint, constraint->states, (guint8) constraint->piece->str[i]);
    memcpy (constraint->states, constraint->states + n, n * sizeof constraint->states[0]);
  }
  for (guint i = 0; i < n; i++) {
    IvByteAutomaton *automaton = constraint->automata[i];
    if (automaton->forget != NULL)
      constraint->states[i] = automaton->forget (automaton, constraint->states[i]);
  }
}

static gboolean
is_done (gpointer user_data)
{
  IvTokenConstraint *constraint = user_data;
  if (constraint->has_ended)
    return TRUE;
  if (!iv_token_constraint_may_end (constraint))
    return FALSE;
  for (guint byte = 0; byte < 256; byte++)
    if (step (constraint, constraint->states, (guint8) byte))
      return FALSE;
  return TRUE;
}

IvTokenConstraint *
iv_token_constraint_new (IvTokenizer *tokenizer,
                         const IvTokenTrie *trie,
                         IvByteAutomaton *const *automata,
                         guint n_automata)
{
  IvTokenConstraint *constraint = g_new0 (IvTokenConstraint, 1);
  constraint->logits = (IvLogitConstraint){ mask, accept, is_done, constraint };
  constraint->tokenizer = tokenizer;
  constraint->trie = trie;
  constraint->automata = g_memdup2 (automata, n_automata * sizeof automata[0]);
  constraint->n_automata = n_automata;
  /* One row more than the depth: is_done() and accept() step into row 1 of an empty trie too. */
  constraint->states = g_new0 (guint32, (trie->depth + 2) * n_automata);
  for (guint i = 0; i < n_automata; i++)
    constraint->states[i] = automata[i]->start (automata[i]);
  constraint->n_vocab = iv_tokenizer_get_n_vocab (tokenizer);
  constraint->allowed = g_new0 (guint8, constraint->n_vocab);
  constraint->piece = g_string_new (NULL);
  return constraint;
}

void
iv_token_constraint_free (IvTokenConstraint *constraint)
{
  g_free (constraint->automata);
  g_free (constraint->states);
  g_free (constraint->allowed);
  g_string_free (constraint->piece, TRUE);
  g_free (constraint);
}

const IvLogitConstraint *
iv_token_constraint_get (IvTokenConstraint *constraint)
{
  return &constraint->logits;
}
