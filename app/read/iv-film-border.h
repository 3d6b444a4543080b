/* Where the film is on its picture: what collimation and empty background leave.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-resample.h"

G_BEGIN_DECLS

/* A rectangle of a picture, in its pixels. */
typedef struct {
  guint x, y, width, height;
} IvFilmArea;

/* The picture without the dark, flat lines at its edges: lines that, on a grid of at most 160
 * pixels a side, are border for nineteen parts in twenty (markers may lie on it). Border is what is
 * within 2 % of the darkest tone, changes by less than 0.5 % a pixel and is connected to the edge.
 * FALSE, and the whole picture, when that takes less than 2 % of a side away, or would leave less
 * than a quarter of the picture: then it is no border. gray has one channel. Errors of memory count
 * as none found. Thread-safety: any. */
gboolean iv_film_border_find (const IvPicture *gray, IvFilmArea *area);

G_END_DECLS
