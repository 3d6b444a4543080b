/* The merges of a BPE vocabulary: which pairs of tokens join, into what, in which order.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-vocabulary.h"

G_BEGIN_DECLS

typedef struct IvMergeTable IvMergeTable;

/* From tokenizer.ggml.merges, "left right" each. Merges whose halves or result are no tokens are
 * left out. Error: a merge without its two halves. */
IvMergeTable *
iv_merge_table_new (const IvVocabulary *vocabulary, IvWeights *weights, GError **error);
void iv_merge_table_free (IvMergeTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvMergeTable, iv_merge_table_free)

gboolean iv_merge_table_find (const IvMergeTable *table,
                              gint32 left,
                              gint32 right,
                              guint32 *rank,
                              gint32 *joined);

G_END_DECLS
