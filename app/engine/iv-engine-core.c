/* The engine thread itself: the queue it serves, the device and the objects it keeps.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-core.h"

#include "app/engine/iv-engine-context.h"

#define N_PRIORITIES (IV_ENGINE_BACKGROUND + 1)

struct IvEngineCore {
  gatomicrefcount ref_count;
  IvEngineCoreParams params;
  GThread *thread; /* NULL after stop() */

  GMutex mutex;
  GCond cond;
  GQueue queues[N_PRIORITIES]; /* of IvEngineTask, one reference each */
  IvEngineTask *running;       /* borrowed from the thread's stack */
  gboolean stopping;
};

/* With the mutex held. */
static IvEngineTask *
pop_task (IvEngineCore *core)
{
  for (guint i = 0; i < N_PRIORITIES; i++)
    if (!g_queue_is_empty (&core->queues[i]))
      return g_queue_pop_head (&core->queues[i]);
  return NULL;
}

/* (transfer full) NULL when the thread shall end. */
static IvEngineTask *
wait_for_task (IvEngineCore *core)
{
  g_mutex_lock (&core->mutex);
  while (!core->stopping && (core->running = pop_task (core)) == NULL)
    g_cond_wait (&core->cond, &core->mutex);
  IvEngineTask *task = core->running;
  g_mutex_unlock (&core->mutex);
  return task;
}

static gpointer
run_thread (gpointer user_data)
{
  g_autoptr (IvEngineCore) core = user_data;
  g_autoptr (IvEngineContext) context = iv_engine_context_new (&core->params);
  IvEngineTask *task;
  while ((task = wait_for_task (core)) != NULL) {
    iv_engine_context_run (context, task);
    g_mutex_lock (&core->mutex);
    core->running = NULL;
    g_mutex_unlock (&core->mutex);
    iv_engine_task_unref (task);
  }
  return NULL;
}

IvEngineCore *
iv_engine_core_new (const IvEngineCoreParams *params)
{
  IvEngineCore *core = g_new0 (IvEngineCore, 1);
  g_atomic_ref_count_init (&core->ref_count);
  core->params = *params;
  g_mutex_init (&core->mutex);
  g_cond_init (&core->cond);
  for (guint i = 0; i < N_PRIORITIES; i++)
    g_queue_init (&core->queues[i]);
  core->thread = g_thread_new ("engine", run_thread, iv_engine_core_ref (core));
  return core;
}

IvEngineCore *
iv_engine_core_ref (IvEngineCore *core)
{
  g_atomic_ref_count_inc (&core->ref_count);
  return core;
}

void
iv_engine_core_unref (IvEngineCore *core)
{
  if (!g_atomic_ref_count_dec (&core->ref_count))
    return;
  if (core->params.user_data_free != NULL)
    core->params.user_data_free (core->params.user_data);
  g_mutex_clear (&core->mutex);
  g_cond_clear (&core->cond);
  g_free (core);
}

static void
finish_with_error (IvEngineTask *task, GIOErrorEnum code, const char *reason)
{
  const char *name = iv_engine_task_get_job (task)->name;
  g_cancellable_cancel (iv_engine_task_get_cancellable (task));
  iv_engine_task_finish (task, NULL, g_error_new (G_IO_ERROR, code, "%s %s", name, reason));
}

void
iv_engine_core_push (IvEngineCore *core, IvEngineTask *task)
{
  guint priority = MIN ((guint) iv_engine_task_get_job (task)->priority, IV_ENGINE_BACKGROUND);
  g_mutex_lock (&core->mutex);
  gboolean accepted = !core->stopping;
  if (accepted)
    g_queue_push_tail (&core->queues[priority], iv_engine_task_ref (task));
  g_cond_signal (&core->cond);
  g_mutex_unlock (&core->mutex);
  if (!accepted)
    finish_with_error (task, G_IO_ERROR_CLOSED, "came after the engine was shut down");
}

void
iv_engine_core_cancel (IvEngineCore *core, IvEngineTask *task)
{
  gboolean waiting = FALSE;
  g_mutex_lock (&core->mutex);
  for (guint i = 0; i < N_PRIORITIES && !waiting; i++)
    waiting = g_queue_remove (&core->queues[i], task);
  g_mutex_unlock (&core->mutex);
  g_cancellable_cancel (iv_engine_task_get_cancellable (task));
  if (!waiting)
    return;
  finish_with_error (task, G_IO_ERROR_CANCELLED, "was cancelled while it waited");
  iv_engine_task_unref (task);
}

void
iv_engine_core_stop (IvEngineCore *core)
{
  g_autoptr (GPtrArray) waiting =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_engine_task_unref);
  g_autoptr (GCancellable) running = NULL;
  g_mutex_lock (&core->mutex);
  core->stopping = TRUE;
  GThread *thread = g_steal_pointer (&core->thread);
  for (IvEngineTask *task; (task = pop_task (core)) != NULL;)
    g_ptr_array_add (waiting, task);
  if (core->running != NULL)
    running = g_object_ref (iv_engine_task_get_cancellable (core->running));
  g_cond_signal (&core->cond);
  g_mutex_unlock (&core->mutex);
  for (guint i = 0; i < waiting->len; i++)
    finish_with_error (waiting->pdata[i], G_IO_ERROR_CANCELLED, "was cancelled by the shutdown");
  if (running != NULL)
    g_cancellable_cancel (running);
  if (thread != NULL)
    g_thread_join (thread);
}

gboolean
iv_engine_core_is_engine_thread (IvEngineCore *core)
{
  return core->thread == g_thread_self ();
}
