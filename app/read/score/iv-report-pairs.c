/* Reports of a system beside their references: which column, which row belongs to which.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-report-pairs.h"

#include <string.h>

#include "app/read/iv-read-error.h"

static const char *const usual_columns[][12] = {
  [IV_REPORTS_OF_SYSTEM] = { "hypothesis",
                             "hyp",
                             "prediction",
                             "generated",
                             "draft",
                             "report",
                             "text",
                             "findings",
                             "impression",
                             NULL },
  [IV_REPORTS_REFERENCE] = { "reference",
                             "ref",
                             "ground_truth",
                             "target",
                             "report",
                             "text",
                             "findings",
                             "impression",
                             NULL },
};

static void
set_invalid (GError **error, char *message)
{
  g_set_error_literal (error, IV_READ_ERROR, IV_READ_ERROR_INVALID, message);
  g_free (message);
}

const char *
iv_reports_choose_column (const IvReportTable *table,
                          const char *asked,
                          IvReportsRole role,
                          GError **error)
{
  g_autofree char *columns = NULL;
  const char *file = iv_report_table_get_file (table);
  if (asked != NULL && iv_report_table_has_column (table, asked))
    return asked;
  for (guint i = 0; asked == NULL && usual_columns[role][i] != NULL; i++)
    if (iv_report_table_has_column (table, usual_columns[role][i]))
      return usual_columns[role][i];
  columns = iv_report_table_describe_columns (table);
  if (iv_report_table_get_n_rows (table) == 0)
    set_invalid (error, g_strdup_printf ("%s: there is no report in it", file));
  else if (asked != NULL)
    set_invalid (error,
                 g_strdup_printf ("%s: no column “%s”; there are: %s", file, asked, columns));
  else
    set_invalid (error, g_strdup_printf ("%s: no column of reports; there are: %s", file, columns));
  return NULL;
}

static gboolean
check_numbers (const IvReportTable *table, const IvReportTable *order, GError **error)
{
  guint n = iv_report_table_get_n_rows (table), n_order = iv_report_table_get_n_rows (order);
  if (n == n_order && n > 0)
    return TRUE;
  if (n == n_order)
    set_invalid (
        error, g_strdup_printf ("%s: there is no report in it", iv_report_table_get_file (table)));
  else
    set_invalid (error,
                 g_strdup_printf ("%s has %u reports, %s has %u",
                                  iv_report_table_get_file (table),
                                  n,
                                  iv_report_table_get_file (order),
                                  n_order));
  return FALSE;
}

/* The table's row for a row of the other table; -1 with error. */
static int
find_row (const IvReportTable *table, const IvReportTable *order, guint row, GError **error)
{
  const char *id = iv_report_table_get (order, row, "id");
  if (!iv_report_table_has_column (table, "id") || !iv_report_table_has_column (order, "id"))
    return (int) row;
  int found = id != NULL ? iv_report_table_find (table, id) : -1;
  if (found < 0)
    set_invalid (error,
                 g_strdup_printf ("%s: no row with the id “%s” of %s, line %u",
                                  iv_report_table_get_file (table),
                                  id != NULL ? id : "",
                                  iv_report_table_get_file (order),
                                  iv_report_table_get_line (order, row)));
  return found;
}

GPtrArray *
iv_reports_match (const IvReportTable *table,
                  const char *column,
                  const IvReportTable *order,
                  IvReportsRole role,
                  GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  if (!check_numbers (table, order, error))
    return NULL;
  for (guint i = 0; i < iv_report_table_get_n_rows (order); i++) {
    int row = find_row (table, order, i, error);
    if (row < 0)
      return NULL;
    const char *text = iv_report_table_get (table, (guint) row, column);
    gboolean is_blank = text == NULL || text[strspn (text, " \t\r\n")] == '\0';
    if (text == NULL || (is_blank && role == IV_REPORTS_REFERENCE)) {
      set_invalid (error,
                   g_strdup_printf ("%s, line %u: the %s is %s",
                                    iv_report_table_get_file (table),
                                    iv_report_table_get_line (table, (guint) row),
                                    role == IV_REPORTS_REFERENCE ? "reference" : "report",
                                    text == NULL ? "missing" : "empty"));
      return NULL;
    }
    g_ptr_array_add (texts, (gpointer) text);
  }
  return g_steal_pointer (&texts);
}
