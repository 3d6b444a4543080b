/* Where a DICOM file's data set begins and how it is written, found without trusting the file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *transfer_syntax; /* as the file says, or as its bytes show when it does not */
  gboolean is_deflated, is_big_endian;
  gsize data_offset;   /* of the data set in the file */
  GBytes *header;      /* preamble and meta information to parse the data set with, inflated */
  gboolean is_guessed; /* the file does not say that it is DICOM */
} IvDicomHeader;
void iv_dicom_header_clear (IvDicomHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvDicomHeader, iv_dicom_header_clear)

/* FALSE with IV_STUDY_ERROR_FORMAT when this is no DICOM at all. */
gboolean
iv_dicom_header_find (IvDicomHeader *header, const guint8 *data, gsize size, GError **error);

G_END_DECLS
