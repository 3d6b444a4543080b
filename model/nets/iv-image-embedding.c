/* What a vision tower makes of one image: rows that a decoder takes in place of tokens.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-image-embedding.h"

IvImageEmbedding *
iv_image_embedding_new (guint n_rows, guint n_embd, guint n_deepstack)
{
  IvImageEmbedding *embedding = g_new0 (IvImageEmbedding, 1);
  g_atomic_ref_count_init (&embedding->ref_count);
  embedding->n_rows = n_rows;
  embedding->n_embd = n_embd;
  embedding->n_deepstack = n_deepstack;
  embedding->rows = g_new (float, (gsize) n_rows *n_embd);
  if (n_deepstack > 0)
    embedding->deepstack = g_new (float, (gsize) n_rows *n_deepstack *n_embd);
  return embedding;
}

IvImageEmbedding *
iv_image_embedding_ref (IvImageEmbedding *embedding)
{
  g_atomic_ref_count_inc (&embedding->ref_count);
  return embedding;
}

void
iv_image_embedding_unref (IvImageEmbedding *embedding)
{
  if (!g_atomic_ref_count_dec (&embedding->ref_count))
    return;
  g_free (embedding->rows);
  g_free (embedding->deepstack);
  g_free (embedding);
}

gsize
iv_image_embedding_get_size (const IvImageEmbedding *embedding)
{
  return (gsize) embedding->n_rows * embedding->n_embd * (1 + embedding->n_deepstack) *
         sizeof (float);
}
