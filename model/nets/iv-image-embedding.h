/* What a vision tower makes of one image: rows that a decoder takes in place of tokens.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Immutable once made, reference counted. */
typedef struct {
  gatomicrefcount ref_count;
  guint n_rows;
  guint n_embd;      /* the decoder's width */
  guint n_deepstack; /* rows more of each, for its first layers */
  /* n_rows = grid_rows * grid_columns of an image without tiles, for M-RoPE; else 0. */
  guint grid_rows, grid_columns;
  char key[65];     /* names content and tower that made it; "" where nobody said */
  float *rows;      /* [n_rows, n_embd] */
  float *deepstack; /* [n_rows, n_deepstack, n_embd], or NULL */
} IvImageEmbedding;

/* With rows and deepstack allocated. (transfer full) Thread-safety of all: any. */
IvImageEmbedding *iv_image_embedding_new (guint n_rows, guint n_embd, guint n_deepstack);
IvImageEmbedding *iv_image_embedding_ref (IvImageEmbedding *embedding);
void iv_image_embedding_unref (IvImageEmbedding *embedding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvImageEmbedding, iv_image_embedding_unref)
/* Bytes of its rows. */
gsize iv_image_embedding_get_size (const IvImageEmbedding *embedding);

G_END_DECLS
