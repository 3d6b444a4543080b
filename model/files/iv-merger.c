/* Joins neighbouring symbols of a text, best pair first, as BPE and SPM do.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-merger.h"

/* A possible join. It is stale when one of the two has been joined otherwise since: then the
 * lengths no longer add up. */
typedef struct {
  double rank;
  gint32 left, right;
  guint32 length;
  gint32 id;
} Pair;

struct IvMerger {
  IvJoinFunc join;
  gpointer user_data;
  GArray *symbols; /* of IvSymbol; length 0: joined into its left neighbour */
  GArray *heap;    /* of Pair, the best at 0 */
};

IvMerger *
iv_merger_new (IvJoinFunc join, gpointer user_data)
{
  IvMerger *merger = g_new0 (IvMerger, 1);
  merger->join = join;
  merger->user_data = user_data;
  merger->symbols = g_array_new (FALSE, FALSE, sizeof (IvSymbol));
  merger->heap = g_array_new (FALSE, FALSE, sizeof (Pair));
  return merger;
}

void
iv_merger_free (IvMerger *merger)
{
  g_array_unref (merger->heap);
  g_array_unref (merger->symbols);
  g_free (merger);
}

void
iv_merger_reset (IvMerger *merger)
{
  g_array_set_size (merger->symbols, 0);
  g_array_set_size (merger->heap, 0);
}

void
iv_merger_add (IvMerger *merger, guint32 start, guint32 length, gint32 id)
{
  gint32 index = (gint32) merger->symbols->len;
  IvSymbol symbol = { start, length, id, index - 1, -1 };
  if (index > 0)
    g_array_index (merger->symbols, IvSymbol, index - 1).next = index;
  g_array_append_val (merger->symbols, symbol);
}

static gboolean
is_better (const Pair *a, const Pair *b)
{
  return a->rank < b->rank || (a->rank == b->rank && a->left < b->left);
}

static void
push (GArray *heap, Pair pair)
{
  guint i = heap->len;
  g_array_append_val (heap, pair);
  Pair *pairs = (Pair *) (gpointer) heap->data;
  for (; i > 0 && is_better (&pair, &pairs[(i - 1) / 2]); i = (i - 1) / 2)
    pairs[i] = pairs[(i - 1) / 2];
  pairs[i] = pair;
}

static Pair
pop (GArray *heap)
{
  Pair *pairs = (Pair *) (gpointer) heap->data;
  Pair best = pairs[0], last = pairs[heap->len - 1];
  guint n = heap->len - 1, i = 0;
  for (guint child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && is_better (&pairs[child + 1], &pairs[child]))
      child++;
    if (!is_better (&pairs[child], &last))
      break;
    pairs[i] = pairs[child];
    i = child;
  }
  pairs[i] = last;
  g_array_set_size (heap, n);
  return best;
}

static void
consider (IvMerger *merger, const char *text, gint32 left, gint32 right)
{
  if (left < 0 || right < 0)
    return;
  const IvSymbol *symbols = (const IvSymbol *) (gpointer) merger->symbols->data;
  Pair pair = { .left = left, .right = right };
  pair.length = symbols[left].length + symbols[right].length;
  if (merger->join (text, &symbols[left], &symbols[right], &pair.rank, &pair.id, merger->user_data))
    push (merger->heap, pair);
}

const IvSymbol *
iv_merger_run (IvMerger *merger, const char *text)
{
  IvSymbol *symbols = (IvSymbol *) (gpointer) merger->symbols->data;
  if (merger->symbols->len == 0)
    return NULL;
  for (gint32 i = 1; i < (gint32) merger->symbols->len; i++)
    consider (merger, text, i - 1, i);
  while (merger->heap->len > 0) {
    Pair pair = pop (merger->heap);
    IvSymbol *left = &symbols[pair.left], *right = &symbols[pair.right];
    if (left->length == 0 || right->length == 0 || left->length + right->length != pair.length)
      continue;
    left->length = pair.length;
    left->id = pair.id;
    left->next = right->next;
    right->length = 0;
    if (left->next >= 0)
      symbols[left->next].previous = pair.left;
    consider (merger, text, left->previous, pair.left);
    consider (merger, text, pair.left, left->next);
  }
  return symbols;
}
