/* Reports of a system beside their references: which column, which row belongs to which.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/score/iv-report-table.h"

G_BEGIN_DECLS

/* What a table is read for, which decides among the usual names of columns. */
typedef enum { IV_REPORTS_OF_SYSTEM, IV_REPORTS_REFERENCE } IvReportsRole;

/* The column that holds the reports: the asked one, or the first of the usual names ("hypothesis",
 * "prediction", "reference", "report", "findings" …). NULL with error when there is none. */
const char *iv_reports_choose_column (const IvReportTable *table,
                                      const char *asked,
                                      IvReportsRole role,
                                      GError **error);

/* (transfer full) The texts of table's column (borrowed, const char *) in the order of another
 * table's rows: by id when both have ids, else by position. A row without its counterpart, unequal
 * numbers, and an empty reference are errors that name the row. */
GPtrArray *iv_reports_match (const IvReportTable *table,
                             const char *column,
                             const IvReportTable *order,
                             IvReportsRole role,
                             GError **error);

G_END_DECLS
