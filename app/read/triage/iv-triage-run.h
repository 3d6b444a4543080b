/* Triage of one film from its first question to its last, each a short job of the engine.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "app/read/triage/iv-triage-setup.h"
#include "app/read/triage/iv-triage.h"

G_BEGIN_DECLS

/* Borrowed. */
typedef struct {
  IvTriageSetup *setup;
  IvRadiograph *current;
  IvRadiograph *prior;           /* NULL: questions that need one are not asked */
  IvComparison *comparison;      /* NULL: findings have no evidence beside them */
  IvEngineProgressFunc progress; /* optional; as for IvEngineJob, once for each question and while
                                    the model is loaded */
  gpointer progress_data;
} IvTriageRunParams;

/* Jobs are IV_ENGINE_BACKGROUND, one for each question, so that what a reader waits for comes
 * between. Errors: those of the model and its files, with the finding's name; G_IO_ERROR_CANCELLED.
 * Thread-safety: main. */
void iv_triage_run_async (IvEngine *engine,
                          const IvTriageRunParams *params,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* (transfer full) */
IvTriage *iv_triage_run_finish (GAsyncResult *result, GError **error);

/* Blocking, for the command line and tests; progress comes on the engine thread. */
IvTriage *iv_triage_run (IvEngine *engine,
                         const IvTriageRunParams *params,
                         GCancellable *cancellable,
                         GError **error);
/* Loads the model; blocking. */
gboolean iv_triage_load_model (IvEngine *engine,
                               IvTriageSetup *setup,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS
