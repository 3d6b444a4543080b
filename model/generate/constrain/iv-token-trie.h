/* The tokens of a vocabulary as a trie of their bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-tokenizer.h"

G_BEGIN_DECLS

/* Nodes in preorder: the first child of node i is i + 1 if next > i + 1, its next sibling is
 * nodes[i].next. Node 0 is the root, of depth 0. */
typedef struct {
  guint32 next;   /* the first node that is not below this one */
  guint32 tokens; /* of the tokens that end here, the first in ids; they end where those of node
                     i + 1 begin */
  guint16 depth;  /* bytes from the root */
  guint8 byte;    /* that leads here */
} IvTrieNode;

typedef struct {
  IvTrieNode *nodes; /* [n_nodes + 1]; the last one closes the list of tokens */
  guint32 n_nodes;
  gint32 *ids; /* [n_tokens]: tokens with text, ordered by their bytes */
  guint32 n_tokens;
  guint depth; /* bytes of the longest token */
} IvTokenTrie;

/* Control tokens and tokens without bytes are left out, and so are those of more than 1,024
 * bytes. Immutable; thread-safety: any. About 12 bytes a node; 152,000 tokens take 60 ms. */
IvTokenTrie *iv_token_trie_new (IvTokenizer *tokenizer);
void iv_token_trie_free (IvTokenTrie *trie);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTokenTrie, iv_token_trie_free)

G_END_DECLS
