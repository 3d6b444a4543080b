/* Tiles of one image laid together again behind the projector, as LLaVA-OneVision does.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-embedding.h"

G_BEGIN_DECLS

typedef struct {
  guint side;                          /* rows of the tower a tile has on each side */
  guint columns, rows;                 /* tiles of the grid */
  guint picture_width, picture_height; /* pixels of the picture, which is centred on the grid */
  const float *newline;                /* [n_embd], ends each row */
  guint max_tiles; /* a map larger than about so many tiles is reduced to that; 0: never */
} IvImageTiles;

/* tiles: the whole picture first, then those of the grid row by row, side * side rows each. The
 * result: the rows of the whole picture, then the grid's map without its padded margins, reduced
 * where it is too large (bilinear, pixel centres, no antialiasing), a newline behind each of its
 * rows. Source: transformers' pack_image_features of llava_onevision. (transfer full) NULL with
 * IV_MODEL_ERROR_INPUT when the tiles are not that many. Thread-safety: any. */
IvImageEmbedding *
iv_image_tiles_join (const IvImageEmbedding *tiles, const IvImageTiles *layout, GError **error);

G_END_DECLS
