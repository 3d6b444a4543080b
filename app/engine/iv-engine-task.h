/* One accepted job on its way: what it tells its caller, and how it ends.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"

G_BEGIN_DECLS

/* Reference counted. The engine thread tells it progress, stream items and the end; the caller's
 * thread delivers them, in that order, from one source of its main context. A task without a GTask
 * belongs to a blocking caller, who hears progress and stream on the engine thread. */
typedef struct IvEngineTask IvEngineTask;

/* gtask: (transfer full) NULL for a blocking caller. Thread-safety: any. */
IvEngineTask *iv_engine_task_new (const IvEngineJob *job, GTask *gtask);
IvEngineTask *iv_engine_task_ref (IvEngineTask *self);
void iv_engine_task_unref (IvEngineTask *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvEngineTask, iv_engine_task_unref)

const IvEngineJob *iv_engine_task_get_job (IvEngineTask *self);
/* The job's own, never NULL. (transfer none) */
GCancellable *iv_engine_task_get_cancellable (IvEngineTask *self);

/* Calls on_cancelled when the caller's cancellable is or gets cancelled, on any thread, until the
 * task has been delivered. Caller's thread. */
void iv_engine_task_watch (IvEngineTask *self,
                           GCancellable *cancellable,
                           GCallback on_cancelled,
                           gpointer user_data,
                           GDestroyNotify user_data_free);

/* Engine thread. */
void iv_engine_task_report (IvEngineTask *self, double fraction, const char *message);
void iv_engine_task_emit (IvEngineTask *self, gpointer data, GDestroyNotify free_func);
/* Exactly once. result, error: (transfer full). Thread-safety: any. */
void iv_engine_task_finish (IvEngineTask *self, gpointer result, GError *error);

/* Blocking caller: waits for the end. (transfer full) */
gpointer iv_engine_task_wait (IvEngineTask *self, GError **error);

G_END_DECLS
