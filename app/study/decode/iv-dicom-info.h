/* From data elements to IvRadiographInfo.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/decode/iv-dicom.h"
#include "app/study/iv-radiograph-info.h"

G_BEGIN_DECLS

/* What the pixels look like in the file. */
typedef struct {
  guint columns, rows, frames;
  guint samples, bits_allocated, bits_stored, high_bit;
  gboolean is_signed;
  char *photometric;
} IvDicomPixelFormat;
void iv_dicom_pixel_format_clear (IvDicomPixelFormat *format);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvDicomPixelFormat, iv_dicom_pixel_format_clear)

/* FALSE with the reason when this is no image, or one that Interval does not show. */
gboolean iv_dicom_read_pixel_format (IvDicom *dicom, IvDicomPixelFormat *format, GError **error);

/* Everything but pixels and transfer syntax. Odd values are left out, never an error. */
IvRadiographInfo *iv_dicom_read_info (IvDicom *dicom, const IvDicomPixelFormat *format);

/* Referenced file IDs of a DICOMDIR; NULL when it is none. */
char **iv_dicom_read_directory (IvDicom *dicom);

G_END_DECLS
