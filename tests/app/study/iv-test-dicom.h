/* Writes small DICOM and PNG files for tests, byte by byte.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  GByteArray *bytes; /* the data set */
  const char *transfer_syntax;
  gboolean is_implicit, is_big_endian;
} IvTestDicom;

IvTestDicom *iv_test_dicom_new (const char *transfer_syntax);
void iv_test_dicom_free (IvTestDicom *dicom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTestDicom, iv_test_dicom_free)

/* Elements in ascending order; tag 0xggggeeee. */
void iv_test_dicom_add (IvTestDicom *dicom,
                        guint32 tag,
                        const char *vr,
                        gconstpointer value,
                        gsize size);
void iv_test_dicom_add_text (IvTestDicom *dicom, guint32 tag, const char *vr, const char *text);
void iv_test_dicom_add_us (IvTestDicom *dicom, guint32 tag, guint16 value);
/* A sequence of one item: explicit little-endian only. */
void iv_test_dicom_add_item (IvTestDicom *dicom, guint32 tag, const IvTestDicom *item);

/* What a chest film of this shape needs between (0008,0016) and (0018,5101). */
typedef struct {
  const char *patient_name, *patient_id, *date, *view, *character_set, *uid;
} IvTestIdentity;
void iv_test_dicom_add_identity (IvTestDicom *dicom, const IvTestIdentity *identity);

typedef struct {
  guint16 rows, columns, bits_allocated, bits_stored, is_signed;
  const char *photometric;
} IvTestFormat;
void iv_test_dicom_add_format (IvTestDicom *dicom, const IvTestFormat *format);

/* Preamble, meta information, data set. */
GBytes *iv_test_dicom_to_file (IvTestDicom *dicom);
/* Writes it and returns the path. (transfer full) */
char *iv_test_dicom_save (IvTestDicom *dicom, const char *folder, const char *name);
char *iv_test_save (GBytes *bytes, const char *folder, const char *name);

/* A whole little film: 4 × 3, 16 bits, values 0, 100, 200, … */
char *
iv_test_dicom_save_film (const char *folder, const char *name, const IvTestIdentity *identity);

/* A grey PNG; pixels are rows of big-endian samples without filter bytes. */
GBytes *iv_test_png (guint columns, guint rows, guint bits, const guint8 *pixels);

char *iv_test_folder (void);
void iv_test_remove (const char *folder);

G_END_DECLS
