/* The values of a film at full size and halved again and again, for drawing it at any zoom.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* Stored values are re-coded so that a mean of pixels keeps its fraction and padding cannot bleed
 * into its neighbours: code = base + ((value - min) << shift), and code 0 is "no film here"
 * wherever has_void. An 8-bit film so has 8 bits of fraction.
 *
 * Immutable, reference counted. Thread-safety: any. */
typedef struct _IvFilmPyramid IvFilmPyramid;

typedef struct {
  const guint16 *pixels; /* [rows, columns], gint16 when is_signed; read during the call only */
  guint columns, rows;
  gboolean is_signed;
  gint32 min, max; /* of the values that are not padding */
  gboolean has_padding;
  gint32 padding_low, padding_high; /* inclusive */
} IvFilmPyramidParams;

typedef struct {
  guint columns, rows;
  const guint16 *codes; /* [rows, columns] */
} IvFilmLevel;

IvFilmPyramid *iv_film_pyramid_new (const IvFilmPyramidParams *params);
IvFilmPyramid *iv_film_pyramid_new_for_radiograph (IvRadiograph *radiograph);

/* A field of floats, low … high to codes 1 … 65535, NAN to void. */
IvFilmPyramid *iv_film_pyramid_new_for_field (const float *values,
                                              guint columns,
                                              guint rows,
                                              const float range[2]);

/* source as seen from a frame of columns x rows, where map () gives the source point of a point of
 * the frame; bilinear; void outside of the source. map () is called on every 8th pixel and
 * interpolated between. NULL when cancelled. */
typedef struct {
  IvFilmPyramid *source;
  guint columns, rows;
  IvPoint (*map) (gpointer user_data, IvPoint point);
  gpointer user_data;
} IvFilmWarpParams;
IvFilmPyramid *
iv_film_pyramid_new_warped (const IvFilmWarpParams *params, GCancellable *cancellable);

IvFilmPyramid *iv_film_pyramid_ref (IvFilmPyramid *self);
void iv_film_pyramid_unref (IvFilmPyramid *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmPyramid, iv_film_pyramid_unref)

guint iv_film_pyramid_get_n_levels (IvFilmPyramid *self);
/* Level 0 is the full size; each next one has half the columns and rows, rounded up. */
IvFilmLevel iv_film_pyramid_get_level (IvFilmPyramid *self, guint level);
gboolean iv_film_pyramid_has_void (IvFilmPyramid *self);

/* From a table over 16-bit patterns of stored values to one over codes; fractions are
 * interpolated, void is 0. */
void
iv_film_pyramid_build_table (IvFilmPyramid *self, const guint8 stored[65536], guint8 codes[65536]);
/* The value a code stands for, to the nearest stored one. */
gint32 iv_film_pyramid_decode (IvFilmPyramid *self, guint16 code);

G_END_DECLS
