/* The right and the left border of the heart on a frontal film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-film-measure.h"

G_BEGIN_DECLS

/* First and last lung pixel of a row, [0] the patient's right; -1 where there is none. */
typedef struct {
  int first[2], last[2];
} IvLungRow;

typedef struct {
  IvLungRow *rows; /* [height] */
  int *floor[2];   /* [width] lowest lung pixel of a column, or -1 */
  int top, bottom; /* highest pixel of both lungs; mean of their lowest ones */
  int lowest[2];   /* of each lung */
  double middle;   /* x between the lungs above the heart */
  int width;       /* of the widest row */
} IvLungRows;

/* (transfer full) NULL unless both lungs are there, side by side, at least 20 rows high. */
IvLungRows *iv_lung_rows_new (const IvFilmMeasureInput *input);
void iv_lung_rows_free (IvLungRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLungRows, iv_lung_rows_free)

/* Working pixels; step: mean over the border of the step across it, of the contrast (10th to 90th
 * percentile) inside of the lungs. */
typedef struct {
  double x[2], y[2];
  double step[2];
} IvHeartBorders;

/* FALSE when a border cannot be looked for. Thread-safety: any. */
gboolean iv_heart_borders_find (const IvFilmMeasureInput *input,
                                const IvLungRows *rows,
                                IvHeartBorders *borders);

G_END_DECLS
