/* Drafts a report for every row of a table and keeps the drafts as they come.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One case. Borrowed; all but id, current and reference may be NULL. */
typedef struct {
  const char *id;
  const char *current, *prior; /* films: absolute, or from the folder of the table */
  const char *prior_report, *indication;
  const char *reference; /* never shown to the model */
} IvEvaluationRow;

/* (transfer full) The draft for a case; NULL with error. IV_READ_ERROR_NO_MODEL and
 * G_IO_ERROR_CANCELLED end the run, any other error is noted for this row. */
typedef char *(*IvDraftFunc) (const IvEvaluationRow *row,
                              gpointer user_data,
                              GCancellable *cancellable,
                              GError **error);
typedef void (*IvEvaluationProgress) (guint done, guint total, gpointer user_data);

typedef struct {
  const char *table;  /* CSV or JSONL: id, current, prior, prior_report, indication, reference */
  const char *drafts; /* JSONL, created or gone on with: {"id", "model", "draft"} a line */
  const char *model;  /* what makes the drafts; drafts of another are refused */
  IvDraftFunc draft;
  gpointer draft_data;
  IvEvaluationProgress progress; /* or NULL */
  gpointer progress_data;
  GCancellable *cancellable; /* or NULL */
} IvEvaluationParams;

/* The drafts beside their references, in the order of the table. */
typedef struct {
  GPtrArray *drafts;     /* char * (owned) */
  GPtrArray *references; /* char * (owned) */
  GPtrArray *failures;   /* char * (owned), "id: why" of the rows without a draft */
  guint n_made;          /* in this run; the others were there before */
} IvEvaluation;

void iv_evaluation_free (IvEvaluation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvEvaluation, iv_evaluation_free)

/* NULL with error when the table or the drafts cannot be used, or drafting ended the run; what was
 * drafted until then is kept in the file. A last line that was not written to its end is drafted
 * again. Thread-safety: any; blocking. */
IvEvaluation *iv_evaluation_run (const IvEvaluationParams *params, GError **error);

G_END_DECLS
