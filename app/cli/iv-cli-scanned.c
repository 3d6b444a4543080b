/* What the commands that take files and folders share: waiting for their scan.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-scanned.h"

#include "app/study/iv-study-error.h"

/* The answer of an asynchronous call that is waited for. */
typedef struct {
  GMainLoop *loop;
  GAsyncResult *result;
} Answer;

static void
on_added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  answer->result = g_object_ref (result);
  g_main_loop_quit (answer->loop);
}

IvCollectionReport *
iv_cli_scan_paths (IvCollection *collection, const char *const *paths, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Answer answer = { loop, NULL };
  iv_collection_add_async (collection, paths, NULL, NULL, NULL, on_added_cb, &answer);
  g_main_loop_run (loop);
  g_autoptr (GAsyncResult) result = answer.result;
  g_autoptr (IvCollectionReport) report = iv_collection_add_finish (collection, result, error);
  if (report == NULL || report->n_found > 0 || report->refusals->len != 1)
    return g_steal_pointer (&report);
  g_set_error_literal (
      error, IV_STUDY_ERROR, IV_STUDY_ERROR_FAILED, g_ptr_array_index (report->refusals, 0));
  return NULL;
}
