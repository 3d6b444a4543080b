/* Drafts a report for every row of a table and keeps the drafts as they come.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-evaluation.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/score/iv-report-table.h"
#include "model/files/iv-json.h"

/* One run. */
typedef struct {
  const IvEvaluationParams *params;
  IvReportTable *table;
  GHashTable *drafts; /* id (owned) → draft (owned) */
  GOutputStream *output;
  char *folder; /* of the table */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->table, iv_report_table_free);
  g_clear_pointer (&run->drafts, g_hash_table_unref);
  g_clear_object (&run->output);
  g_clear_pointer (&run->folder, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

void
iv_evaluation_free (IvEvaluation *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->drafts);
  g_ptr_array_unref (self->references);
  g_ptr_array_unref (self->failures);
  g_free (self);
}

/* (transfer full) The row's id, or its number from 1 on. */
static char *
copy_id (const Run *run, guint row)
{
  const char *id = iv_report_table_get (run->table, row, "id");
  return id != NULL && *id != '\0' ? g_strdup (id) : g_strdup_printf ("%u", row + 1);
}

static gboolean
check_rows (const Run *run, GError **error)
{
  static const char *const needed[] = { "current", "reference" };
  for (guint i = 0; i < iv_report_table_get_n_rows (run->table); i++)
    for (guint k = 0; k < G_N_ELEMENTS (needed); k++) {
      const char *value = iv_report_table_get (run->table, i, needed[k]);
      if (value != NULL && value[strspn (value, " \t\r\n")] != '\0')
        continue;
      g_set_error (error,
                   IV_READ_ERROR,
                   IV_READ_ERROR_INVALID,
                   "%s, line %u: there is no “%s”",
                   run->params->table,
                   iv_report_table_get_line (run->table, i),
                   needed[k]);
      return FALSE;
    }
  if (iv_report_table_get_n_rows (run->table) > 0)
    return TRUE;
  g_set_error (
      error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: there is no row in it", run->params->table);
  return FALSE;
}

/* Cuts off a last line that was not written to its end. */
static gboolean
mend_drafts (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize length, whole;
  if (!g_file_get_contents (file, &text, &length, error))
    return FALSE;
  for (whole = length; whole > 0 && text[whole - 1] != '\n';)
    whole--;
  return whole == length || g_file_set_contents (file, text, (gssize) whole, error);
}

static gboolean
read_drafts (Run *run, GError **error)
{
  const char *file = run->params->drafts;
  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!mend_drafts (file, error))
    return FALSE;
  g_autoptr (IvReportTable) old = iv_report_table_load (file, error);
  if (old == NULL)
    return FALSE;
  for (guint i = 0; i < iv_report_table_get_n_rows (old); i++) {
    const char *id = iv_report_table_get (old, i, "id");
    const char *draft = iv_report_table_get (old, i, "draft");
    const char *model = iv_report_table_get (old, i, "model");
    g_autofree char *problem = NULL;
    if (id == NULL || draft == NULL)
      problem = g_strdup ("not a draft of a row");
    else if (g_strcmp0 (model, run->params->model) != 0)
      problem = g_strdup_printf ("the draft is of “%s”, not of “%s”", model, run->params->model);
    if (problem != NULL) {
      g_set_error (error,
                   IV_READ_ERROR,
                   IV_READ_ERROR_INVALID,
                   "%s, line %u: %s",
                   file,
                   iv_report_table_get_line (old, i),
                   problem);
      return FALSE;
    }
    g_hash_table_replace (run->drafts, g_strdup (id), g_strdup (draft));
  }
  return TRUE;
}

static gboolean
open_output (Run *run, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (run->params->drafts);
  run->output = G_OUTPUT_STREAM (g_file_append_to (file, G_FILE_CREATE_NONE, NULL, error));
  return run->output != NULL;
}

/* One line, at once. */
static gboolean
write_draft (Run *run, const char *id, const char *draft, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, id);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, run->params->model);
  json_builder_set_member_name (builder, "draft");
  json_builder_add_string_value (builder, draft);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  return g_output_stream_write_all (run->output, line, strlen (line), NULL, NULL, error) &&
         g_output_stream_flush (run->output, NULL, error);
}

/* (transfer full) The film's path; NULL for none. */
static char *
resolve (const Run *run, const char *film)
{
  if (film == NULL || *film == '\0')
    return NULL;
  return g_path_is_absolute (film) ? g_strdup (film) : g_build_filename (run->folder, film, NULL);
}

static char *
draft_row (const Run *run, guint i, const char *id, GError **error)
{
  const IvReportTable *table = run->table;
  g_autofree char *current = resolve (run, iv_report_table_get (table, i, "current"));
  g_autofree char *prior = resolve (run, iv_report_table_get (table, i, "prior"));
  IvEvaluationRow row = {
    .id = id,
    .current = current,
    .prior = prior,
    .prior_report = iv_report_table_get (table, i, "prior_report"),
    .indication = iv_report_table_get (table, i, "indication"),
    .reference = iv_report_table_get (table, i, "reference"),
  };
  return run->params->draft (&row, run->params->draft_data, run->params->cancellable, error);
}

static gboolean
ends_run (const GError *error)
{
  return g_error_matches (error, IV_READ_ERROR, IV_READ_ERROR_NO_MODEL) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Drafts one row unless it is there. FALSE with error ends the run. */
static gboolean
add_row (Run *run, IvEvaluation *result, guint i, GError **error)
{
  g_autofree char *id = copy_id (run, i);
  g_autoptr (GError) cause = NULL;
  const char *known = g_hash_table_lookup (run->drafts, id);
  g_autofree char *draft = NULL;
  if (known == NULL) {
    if (g_cancellable_set_error_if_cancelled (run->params->cancellable, error))
      return FALSE;
    draft = draft_row (run, i, id, &cause);
    if (draft == NULL && ends_run (cause)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
    if (draft == NULL) {
      g_ptr_array_add (result->failures, g_strdup_printf ("%s: %s", id, cause->message));
      return TRUE;
    }
    if (!write_draft (run, id, draft, error))
      return FALSE;
    result->n_made++;
  }
  g_ptr_array_add (result->drafts, g_strdup (known != NULL ? known : draft));
  g_ptr_array_add (result->references, g_strdup (iv_report_table_get (run->table, i, "reference")));
  return TRUE;
}

IvEvaluation *
iv_evaluation_run (const IvEvaluationParams *params, GError **error)
{
  g_auto (Run) run = { .params = params };
  g_autoptr (IvEvaluation) result = g_new0 (IvEvaluation, 1);
  result->drafts = g_ptr_array_new_with_free_func (g_free);
  result->references = g_ptr_array_new_with_free_func (g_free);
  result->failures = g_ptr_array_new_with_free_func (g_free);
  run.drafts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  run.folder = g_path_get_dirname (params->table);
  run.table = iv_report_table_load (params->table, error);
  if (run.table == NULL || !check_rows (&run, error) || !read_drafts (&run, error) ||
      !open_output (&run, error))
    return NULL;
  guint n = iv_report_table_get_n_rows (run.table);
  for (guint i = 0; i < n; i++) {
    if (!add_row (&run, result, i, error))
      return NULL;
    if (params->progress != NULL)
      params->progress (i + 1, n, params->progress_data);
  }
  return g_steal_pointer (&result);
}
