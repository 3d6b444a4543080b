/* Where the pixels of a DICOM file are, and the first frame of them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/decode/iv-dicom-info.h"

G_BEGIN_DECLS

/* The value of the pixel data element, inside the data set. */
typedef struct {
  const guint8 *data; /* (borrowed) */
  gsize size;         /* as far as the file goes */
  gboolean is_encapsulated;
  gboolean is_big_endian; /* native only */
} IvDicomPixels;

/* offset: of the value in the data set. FALSE when there is no element header before it. */
gboolean iv_dicom_pixels_find (IvDicomPixels *pixels,
                               const guint8 *data_set,
                               gsize size,
                               gsize offset,
                               gboolean is_big_endian);

/* Native pixels of the first frame to stored values. */
gboolean iv_dicom_pixels_read_native (const IvDicomPixels *pixels,
                                      const IvDicomPixelFormat *format,
                                      guint16 *out,
                                      GError **error);

/* The compressed bytes of the first frame, its fragments joined. NULL when they are damaged. */
GBytes *iv_dicom_pixels_join_frame (const IvDicomPixels *pixels, guint frames, GError **error);

/* Samples of format->bits_allocated to stored values: bits beyond the stored ones cut off (retired
 * overlays live there), the sign carried up. bytes are aligned for 16 bits. */
void iv_dicom_pixels_widen (const IvDicomPixelFormat *format, const guint8 *bytes, guint16 *out);

G_END_DECLS
