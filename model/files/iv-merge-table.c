/* The merges of a BPE vocabulary: which pairs of tokens join, into what, in which order.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-merge-table.h"

#include <string.h>

#include "model/files/iv-model-error.h"

#define KEY_MERGES "tokenizer.ggml.merges"

typedef struct {
  gint32 left, right; /* left -1: empty */
  guint32 rank;
  gint32 joined;
} Merge;

/* Open addressing: one look-up per pair of neighbours is most of the tokenizer's work. */
struct IvMergeTable {
  Merge *merges;
  gsize mask; /* a power of two minus 1 */
};

static gsize
hash_pair (gint32 left, gint32 right)
{
  guint64 key = (guint64) (guint32) left << 32 | (guint32) right;
  return (gsize) (key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

static Merge *
find_place (const IvMergeTable *table, gint32 left, gint32 right)
{
  gsize i = hash_pair (left, right) & table->mask;
  while (table->merges[i].left >= 0 &&
         (table->merges[i].left != left || table->merges[i].right != right))
    i = (i + 1) & table->mask;
  return &table->merges[i];
}

static gboolean
add_merge (IvMergeTable *table,
           const IvVocabulary *vocabulary,
           const char *text,
           gsize length,
           guint32 rank)
{
  /* The first half has at least one letter, which may itself be a space. */
  const char *space = length > 2 ? memchr (text + 1, ' ', length - 2) : NULL;
  if (space == NULL)
    return FALSE;
  gsize n_left = (gsize) (space - text), n_right = length - n_left - 1;
  g_autofree char *bytes = g_malloc (length);
  gsize n = iv_vocabulary_unescape (vocabulary->model, text, n_left, bytes);
  gsize m = iv_vocabulary_unescape (vocabulary->model, space + 1, n_right, bytes + n);
  gint32 left = iv_vocabulary_find_text (vocabulary, bytes, n);
  gint32 right = iv_vocabulary_find_text (vocabulary, bytes + n, m);
  gint32 joined = iv_vocabulary_find_text (vocabulary, bytes, n + m);
  if (left < 0 || right < 0 || joined < 0)
    return TRUE;
  Merge *place = find_place (table, left, right);
  if (place->left < 0)
    *place = (Merge){ left, right, rank, joined };
  return TRUE;
}

IvMergeTable *
iv_merge_table_new (const IvVocabulary *vocabulary, IvWeights *weights, GError **error)
{
  guint64 n = iv_weights_get_array_length (weights, KEY_MERGES);
  g_autoptr (IvMergeTable) table = g_new0 (IvMergeTable, 1);
  gsize size = 64;
  while (size < 2 * n)
    size *= 2;
  table->mask = size - 1;
  table->merges = g_new (Merge, size);
  memset (table->merges, -1, size * sizeof (Merge));
  for (guint64 i = 0; i < n; i++) {
    gsize length;
    const char *text = iv_weights_get_array_string (weights, KEY_MERGES, i, &length);
    if (text == NULL || !add_merge (table, vocabulary, text, length, (guint32) i)) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_FORMAT,
                   KEY_MERGES "[%" G_GUINT64_FORMAT "] is not of the form “left right”",
                   i);
      return NULL;
    }
  }
  return g_steal_pointer (&table);
}

void
iv_merge_table_free (IvMergeTable *table)
{
  g_free (table->merges);
  g_free (table);
}

gboolean
iv_merge_table_find (const IvMergeTable *table,
                     gint32 left,
                     gint32 right,
                     guint32 *rank,
                     gint32 *joined)
{
  if (left < 0 || right < 0)
    return FALSE;
  const Merge *merge = find_place (table, left, right);
  if (merge->left < 0)
    return FALSE;
  *rank = merge->rank;
  *joined = merge->joined;
  return TRUE;
}
