/* The tokens of a vocabulary as a trie of their bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/constrain/iv-token-trie.h"

#include <string.h>

#define LONGEST_TOKEN 1024

typedef struct {
  const char *bytes; /* into the one text of all tokens */
  guint n_bytes;
  gint32 id;
} Piece;

static int
compare_pieces (gconstpointer a, gconstpointer b)
{
  const Piece *x = a, *y = b;
  int order = memcmp (x->bytes, y->bytes, MIN (x->n_bytes, y->n_bytes));
  if (order != 0)
    return order;
  return x->n_bytes != y->n_bytes ? (x->n_bytes < y->n_bytes ? -1 : 1) : x->id - y->id;
}

/* Sorted by bytes; TEXT keeps them. */
static GArray *
collect_pieces (IvTokenizer *tokenizer, GString *text)
{
  guint n_vocab = iv_tokenizer_get_n_vocab (tokenizer);
  GArray *pieces = g_array_sized_new (FALSE, FALSE, sizeof (Piece), n_vocab);
  g_autofree gsize *starts = g_new (gsize, n_vocab + 1);
  for (guint id = 0; id < n_vocab; id++) {
    starts[id] = text->len;
    iv_tokenizer_append_piece (tokenizer, (gint32) id, FALSE, text);
  }
  starts[n_vocab] = text->len;
  for (guint id = 0; id < n_vocab; id++) {
    Piece piece = { text->str + starts[id], (guint) (starts[id + 1] - starts[id]), (gint32) id };
    if (piece.n_bytes > 0 && piece.n_bytes <= LONGEST_TOKEN &&
        !iv_tokenizer_is_stop (tokenizer, (gint32) id))
      g_array_append_val (pieces, piece);
  }
  g_array_sort (pieces, compare_pieces);
  return pieces;
}

static guint
common_prefix (const Piece *a, const Piece *b)
{
  guint n = 0;
  while (n < a->n_bytes && n < b->n_bytes && a->bytes[n] == b->bytes[n])
    n++;
  return n;
}

/* Closes the open nodes below DEPTH bytes: what comes next is not below them. */
static void
close_nodes (GArray *nodes, guint32 *open, guint *n_open, guint depth)
{
  while (*n_open > depth)
    g_array_index (nodes, IvTrieNode, open[(*n_open)--]).next = nodes->len;
}

static GArray *
build_nodes (const GArray *pieces, guint depth)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (IvTrieNode));
  g_autofree guint32 *open = g_new0 (guint32, depth + 1); /* [0] is the root */
  guint n_open = 0;
  IvTrieNode root = { 0 };
  g_array_append_val (nodes, root);
  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);
    close_nodes (nodes, open, &n_open, i > 0 ? common_prefix (piece, piece - 1) : 0);
    while (n_open < piece->n_bytes) {
      IvTrieNode node = { .tokens = i,
                          .depth = (guint16) (n_open + 1),
                          .byte = (guint8) piece->bytes[n_open] };
      open[++n_open] = nodes->len;
      g_array_append_val (nodes, node);
    }
  }
  close_nodes (nodes, open, &n_open, 0);
  g_array_index (nodes, IvTrieNode, 0).next = nodes->len;
  IvTrieNode last = { .next = nodes->len, .tokens = pieces->len };
  g_array_append_val (nodes, last);
  return nodes;
}

IvTokenTrie *
iv_token_trie_new (IvTokenizer *tokenizer)
{
  IvTokenTrie *trie = g_new0 (IvTokenTrie, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) pieces = collect_pieces (tokenizer, text);
  trie->n_tokens = pieces->len;
  trie->ids = g_new (gint32, pieces->len);
  for (guint i = 0; i < pieces->len; i++) {
    trie->ids[i] = g_array_index (pieces, Piece, i).id;
    trie->depth = MAX (trie->depth, g_array_index (pieces, Piece, i).n_bytes);
  }
  GArray *nodes = build_nodes (pieces, trie->depth);
  trie->n_nodes = nodes->len - 1;
  trie->nodes = (IvTrieNode *) (gpointer) g_array_free (nodes, FALSE);
  return trie;
}

void
iv_token_trie_free (IvTokenTrie *trie)
{
  g_free (trie->nodes);
  g_free (trie->ids);
  g_free (trie);
}
