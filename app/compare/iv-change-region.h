/* Small binary regions of an image: flooding, opening, holes, rings, outlines.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* A set of pixels, cut to its bounding box. Immutable once made. Thread-safety: any. */
typedef struct {
  gint x, y; /* of the box in the image */
  gint width, height;
  guint8 *mask; /* [height, width], 0 or 1 */
  guint area;   /* pixels, > 0 */
} IvChangeRegion;

/* [height, width] of guint8, borrowed. */
typedef struct {
  gint width, height;
  const guint8 *data;
} IvMaskView;

/* The pixels that are not 0. NULL when there are none. */
IvChangeRegion *iv_change_region_new (IvMaskView image);
IvChangeRegion *iv_change_region_copy (const IvChangeRegion *self);
void iv_change_region_free (IvChangeRegion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChangeRegion, iv_change_region_free)

typedef struct {
  const float *values; /* [height, width] */
  float sign;          /* +1, or -1 to look at the negated values */
  float threshold;     /* of sign * value */
  IvMaskView allowed;
  gint x, y;
} IvFloodParams;

/* The 4-connected pixels around (x, y) that are above the threshold and allowed. NULL when (x, y)
 * itself is not. */
IvChangeRegion *iv_change_region_flood (const IvFloodParams *params);
/* Erosion and dilation with a cross of 3 × 3 pixels: thin bridges and hairs go. NULL when nothing
 * is left. */
IvChangeRegion *iv_change_region_open (const IvChangeRegion *self);
/* With its holes filled. */
IvChangeRegion *iv_change_region_fill (const IvChangeRegion *self);
/* The largest 4-connected part. */
IvChangeRegion *iv_change_region_largest (const IvChangeRegion *self);
/* Pixels outside of the region at a distance of inner < d <= outer, and allowed. NULL when none. */
IvChangeRegion *
iv_change_region_ring (const IvChangeRegion *self, float inner, float outer, IvMaskView allowed);
/* Pixels of the region at most this far from the outside. */
IvChangeRegion *iv_change_region_rim (const IvChangeRegion *self, float width);
/* Mirrored at a vertical line. NULL when it falls out of the image. */
IvChangeRegion *iv_change_region_mirror (const IvChangeRegion *self, float x, gint width);

guint iv_change_region_overlap (const IvChangeRegion *a, const IvChangeRegion *b);
IvPoint iv_change_region_centroid (const IvChangeRegion *self);
/* Mean over the region of an image of that many pixels a row. */
double iv_change_region_mean (const IvChangeRegion *self, const float *values, gint stride);
double iv_change_region_deviation (const IvChangeRegion *self, const float *values, gint stride);

/* The outer outline of the largest part, half-way between inner and outer pixels, closed, without
 * repeating the first point; lightly smoothed. IvPoint in pixels of the image. */
GArray *iv_change_region_outline (const IvChangeRegion *self);

/* Squared distance of each pixel to the nearest one that is set (Felzenszwalb and Huttenlocher
 * 2012); G_MAXFLOAT where none is. (transfer full) [height, width] */
float *iv_distance_squared (IvMaskView image);

G_END_DECLS
