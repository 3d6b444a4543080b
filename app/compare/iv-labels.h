/* Connected parts of small masks on the host: what is border, what is lung.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A mask of [height, width] bytes, not zero inside. Thread-safety: any. */
typedef struct {
  guint width, height;
  guint8 *pixels;
} IvMask;

/* Keeps only the largest 4-connected part; returns its number of pixels. */
guint iv_mask_keep_largest (IvMask *mask);
/* Keeps only the 4-connected parts that touch the edge of the image and have at least this many
 * pixels. */
void iv_mask_keep_border (IvMask *mask, guint min_pixels);
/* Sets the pixels that cannot be reached from the edge of the image. */
void iv_mask_fill_holes (IvMask *mask);
/* Sets every pixel within radius (in either direction) of one that is set. */
void iv_mask_grow (IvMask *mask, guint radius);

G_END_DECLS
