/* 8-bit pictures, and resizing them to the last bit as PIL does.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-image-processor-config.h"

G_BEGIN_DECLS

/* Sides of a picture at most, and pixels of one: a film of 60 megapixels does not exist, and a
 * configuration that asks for more is mistaken. */
#define IV_PICTURE_MAX_SIDE 65535
#define IV_PICTURE_MAX_PIXELS (1u << 26)

typedef struct {
  guint width, height;
  guint channels; /* 1 grey, 3 RGB */
  guint8 *pixels; /* [height, width, channels] */
} IvPicture;

/* Black. Errors: IV_MODEL_ERROR_INPUT for a size out of range, _MEMORY. (transfer full)
 * Thread-safety of all here: any. */
IvPicture *iv_picture_new (guint width, guint height, guint channels, GError **error);
void iv_picture_free (IvPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPicture, iv_picture_free)

/* Resizes the whole picture. Each output pixel is the mean of the input under the filter, which is
 * widened when the picture shrinks (antialias). Two passes, along the rows first; weights of 22
 * fractional bits, sums rounded and clipped to 8 bits after each pass, and a pass that would change
 * nothing is left out: equal to PIL's Image.resize in every bit. Errors as above. (transfer full)
 */
IvPicture *
iv_picture_resize (const IvPicture *picture, IvImageSize size, IvResample resample, GError **error);

/* Luma of an RGB picture as PIL converts to mode L: (19595 R + 38470 G + 7471 B + 2^15) >> 16.
 * A copy of a grey one. (transfer full) */
IvPicture *iv_picture_to_gray (const IvPicture *picture, GError **error);
/* Three equal channels of a grey picture. (transfer full) */
IvPicture *iv_picture_to_rgb (const IvPicture *gray, GError **error);

/* Where a picture goes on a new one of size: its left upper corner at (x, y), which may be
 * negative; what it does not cover has the colour fill. */
typedef struct {
  IvImageSize size;
  gint x, y;
  guint8 fill[3];
} IvPicturePlace;
/* Crops and pads. (transfer full) */
IvPicture *iv_picture_place (const IvPicture *picture, const IvPicturePlace *place, GError **error);

G_END_DECLS
