/* The outline of a mask as short line segments, smoothed below the size of its pixels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* Where mask (value > 0) meets its surroundings: pairs of points, in pixels of a film of
 * columns x rows that the mask covers. mask: [height, width]. (transfer full) IvPoint, even number.
 * Marching squares on the mask averaged over 3 x 3. Thread-safety: any. */
typedef struct {
  const guint8 *mask;
  guint width, height;
  guint columns, rows;
} IvFilmOutlineParams;
GArray *iv_film_outline_trace (const IvFilmOutlineParams *params);

G_END_DECLS
