/* The DICOM library seen from C: a parsed data set and single-frame codecs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A parsed file and an item of it (the root is one too). Items live as long as the file. */
typedef struct _IvDicom IvDicom;
typedef struct _IvDicomItem IvDicomItem;

#define IV_DICOM_MESSAGE_SIZE 256

/* A tag as one number: 0xggggeeee. */
typedef guint32 IvDicomTag;
#define IV_DICOM_PIXEL_DATA 0x7fe00010u

/* The file as the parser shall see it: header (preamble and meta information, made by the caller)
 * and then the data set. Both must outlive the IvDicom. */
typedef struct {
  const guint8 *header;
  gsize header_size;
  const guint8 *data;
  gsize size;
} IvDicomSource;

/* Parses up to the pixel data. NULL, with the reason in message, when it cannot be parsed. */
IvDicom *iv_dicom_read (const IvDicomSource *source, char message[IV_DICOM_MESSAGE_SIZE]);
void iv_dicom_free (IvDicom *dicom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDicom, iv_dicom_free)

const IvDicomItem *iv_dicom_get_root (IvDicom *dicom);

/* Offset of the pixel data's value in source->data; G_MAXSIZE when there is none. */
gsize iv_dicom_get_pixel_offset (IvDicom *dicom);

/* (transfer none) Value bytes in the machine's order; NULL when absent, empty or a sequence. */
const guint8 *iv_dicom_get_value (const IvDicomItem *item, IvDicomTag tag, gsize *size);

/* Item number index of a sequence; NULL beyond the last or when there is no such sequence. */
const IvDicomItem *
iv_dicom_get_item (IvDicom *dicom, const IvDicomItem *item, IvDicomTag tag, guint index);

/* One compressed frame of one sample per pixel. */
typedef struct {
  const char *transfer_syntax; /* RLE, JPEG or JPEG-LS */
  const guint8 *data;
  gsize size;
  guint columns, rows;
  guint bits_allocated, bits_stored, high_bit;
  gboolean is_signed;
  gboolean is_monochrome1;
} IvDicomFrame;

/* Fills out, rows × columns samples of *out_bits (8 or 16) each; out holds 2 bytes a sample. */
gboolean iv_dicom_decode_frame (const IvDicomFrame *frame,
                                guint8 *out,
                                guint *out_bits,
                                char message[IV_DICOM_MESSAGE_SIZE]);

G_END_DECLS
