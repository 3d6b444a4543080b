/* Rows of named texts from a file: CSV, JSON Lines, or one report a line.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Immutable once read. Thread-safety: any. */
typedef struct _IvReportTable IvReportTable;

/* By the name's ending: .csv (RFC 4180, the first row names the columns), .jsonl (an object of
 * strings and numbers a line), anything else one report a line, in the column "report". UTF-8; a
 * byte order mark and carriage returns at line ends are taken off. NULL with error
 * (IV_READ_ERROR_INVALID) that names the file and the line. */
IvReportTable *iv_report_table_load (const char *file, GError **error);
void iv_report_table_free (IvReportTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvReportTable, iv_report_table_free)

const char *iv_report_table_get_file (const IvReportTable *self);
guint iv_report_table_get_n_rows (const IvReportTable *self);
gboolean iv_report_table_has_column (const IvReportTable *self, const char *column);
/* NULL when the row has no such column; "" when it is empty there. */
const char *iv_report_table_get (const IvReportTable *self, guint row, const char *column);
guint iv_report_table_get_line (const IvReportTable *self, guint row); /* in the file, from 1 */
/* The names of all columns, sorted, parted by ", ". (transfer full) */
char *iv_report_table_describe_columns (const IvReportTable *self);

/* The row whose "id" is this; -1 when there is none. */
int iv_report_table_find (const IvReportTable *self, const char *id);

G_END_DECLS
