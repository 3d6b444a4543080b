/* Values of data elements as C types; wrong or missing ones are NULL or the default.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/decode/iv-dicom.h"

G_BEGIN_DECLS

/* (transfer full) Code strings, UIDs and dates: printable ASCII, trimmed; NULL when empty. */
char *iv_dicom_get_code (const IvDicomItem *item, IvDicomTag tag);

/* (transfer full) Free text in the item's own or the given character set; NULL when empty. */
char *iv_dicom_get_text (const IvDicomItem *item, IvDicomTag tag, const char *character_set);

/* YYYYMMDD or HHMMSS; NULL when it is no date or time. */
char *iv_dicom_get_date (const IvDicomItem *item, IvDicomTag tag);
char *iv_dicom_get_time (const IvDicomItem *item, IvDicomTag tag);

/* Value number index of US, SS, UL, SL by its size; is_signed decides how 16 bits are read. */
gboolean iv_dicom_get_int (const IvDicomItem *item,
                           IvDicomTag tag,
                           guint index,
                           gboolean is_signed,
                           gint64 *value);
guint iv_dicom_get_uint (const IvDicomItem *item, IvDicomTag tag, guint fallback);

/* Value number index of a decimal string; FALSE when it is no finite number. */
gboolean iv_dicom_get_double (const IvDicomItem *item, IvDicomTag tag, guint index, double *value);

G_END_DECLS
