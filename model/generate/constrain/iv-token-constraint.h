/* From automata over bytes to a constraint on tokens.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/constrain/iv-byte-automaton.h"
#include "model/generate/constrain/iv-token-trie.h"
#include "model/generate/iv-sampler.h"

G_BEGIN_DECLS

/* Lets only those tokens pass that every automaton lets go on, and end tokens only where all may
 * end. One for each answer. Thread-safety: one thread at a time. */
typedef struct IvTokenConstraint IvTokenConstraint;

/* trie: of the tokenizer; both must outlive the constraint. automata: (transfer none), [n_automata]
 * of at least 1, alive as long as the constraint and used by no other meanwhile. */
IvTokenConstraint *iv_token_constraint_new (IvTokenizer *tokenizer,
                                            const IvTokenTrie *trie,
                                            IvByteAutomaton *const *automata,
                                            guint n_automata);
void iv_token_constraint_free (IvTokenConstraint *constraint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTokenConstraint, iv_token_constraint_free)

/* (transfer none) For the sampler. */
const IvLogitConstraint *iv_token_constraint_get (IvTokenConstraint *constraint);
/* Whether the text so far is whole. */
gboolean iv_token_constraint_may_end (IvTokenConstraint *constraint);

G_END_DECLS
