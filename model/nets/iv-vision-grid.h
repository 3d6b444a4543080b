/* The patches of one image: their order, their places, what each takes of the table of positions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-vision-config.h"
#include "model/ops/iv-blend.h"

G_BEGIN_DECLS

/* Patches that are merged into one row follow one another, (dy, dx) row by row. Those rows, the
 * units, lie row by row over the image, or window by window where the tower has windows. A class
 * row, where there is one, comes before all. Thread-safety: any. */
typedef struct {
  guint n_rows, n_columns; /* of patches */
  guint n_patches;
  guint n_units;
  guint n_first;   /* rows before the patches: 1 with a class row, else 0 */
  guint n_tokens;  /* n_first + n_patches */
  gint32 *places;  /* [2, n_patches]: row and column of each patch, in the tower's order */
  guint *units;    /* [n_units]: which unit of the image, counted row by row, is the tower's i-th */
  GArray *windows; /* guint: the first token of each window, and n_tokens; [0, n_tokens] without */
} IvVisionGrid;

/* height and width: pixels, as iv_vision_config_count_rows() takes them. */
IvVisionGrid *iv_vision_grid_new (const IvVisionConfig *config, guint height, guint width);
void iv_vision_grid_free (IvVisionGrid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVisionGrid, iv_vision_grid_free)

/* pixels [channels, height, width] to rows [n_patches, channels * patch * patch], each in the order
 * channel, y, x. */
void iv_vision_grid_cut (const IvVisionGrid *grid,
                         const IvVisionConfig *config,
                         const float *pixels,
                         float *rows);

/* Terms of each token: 1 where the grid is the table's, else 4 or 16; 0 without a table. */
guint iv_vision_grid_count_terms (const IvVisionGrid *grid, const IvVisionConfig *config);
/* terms [n_tokens, that many]: rows of the table whose first row, with a class row, is the class's.
 * Bicubic as PyTorch's interpolate with align_corners false, without antialiasing; bilinear with
 * the corners of both grids on one another. */
void
iv_vision_grid_place (const IvVisionGrid *grid, const IvVisionConfig *config, IvBlendTerm *terms);

G_END_DECLS
