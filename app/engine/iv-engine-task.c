/* One accepted job on its way: what it tells its caller, and how it ends.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-task.h"

typedef struct {
  gpointer data;
  GDestroyNotify free_func;
} StreamItem;

struct IvEngineTask {
  gatomicrefcount ref_count;
  IvEngineJob job; /* owns name and data */
  GCancellable *cancellable;

  /* Caller's thread only. */
  GTask *gtask;
  GCancellable *watched;
  gulong watch_id;
  GMainContext *main_context;

  /* What waits for delivery. */
  GMutex mutex;
  GCond finished_cond;
  gboolean scheduled;
  gboolean has_progress;
  double fraction;
  char *message;
  GQueue items; /* of StreamItem */
  gboolean finished;
  gpointer result;
  GError *error;
};

IvEngineTask *
iv_engine_task_new (const IvEngineJob *job, GTask *gtask)
{
  IvEngineTask *self = g_new0 (IvEngineTask, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->job = *job;
  self->job.name = g_strdup (job->name ? job->name : "job");
  self->cancellable = g_cancellable_new ();
  self->gtask = gtask;
  if (gtask != NULL)
    self->main_context = g_main_context_ref (g_task_get_context (gtask));
  g_mutex_init (&self->mutex);
  g_cond_init (&self->finished_cond);
  g_queue_init (&self->items);
  return self;
}

IvEngineTask *
iv_engine_task_ref (IvEngineTask *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
free_item (StreamItem *item)
{
  if (item->free_func != NULL)
    item->free_func (item->data);
  g_free (item);
}

void
iv_engine_task_unref (IvEngineTask *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear_full (&self->items, (GDestroyNotify) free_item);
  g_clear_object (&self->gtask);
  g_clear_object (&self->watched);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->main_context, g_main_context_unref);
  g_clear_pointer (&self->message, g_free);
  g_clear_error (&self->error);
  if (self->result != NULL && self->job.result_free != NULL)
    self->job.result_free (self->result);
  if (self->job.data_free != NULL && self->job.data != NULL)
    self->job.data_free (self->job.data);
  g_free ((char *) self->job.name);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->finished_cond);
  g_free (self);
}

const IvEngineJob *
iv_engine_task_get_job (IvEngineTask *self)
{
  return &self->job;
}

GCancellable *
iv_engine_task_get_cancellable (IvEngineTask *self)
{
  return self->cancellable;
}

void
iv_engine_task_watch (IvEngineTask *self,
                      GCancellable *cancellable,
                      GCallback on_cancelled,
                      gpointer user_data,
                      GDestroyNotify user_data_free)
{
  self->watched = g_object_ref (cancellable);
  self->watch_id = g_cancellable_connect (cancellable, on_cancelled, user_data, user_data_free);
}

/* Not from within the cancelled signal: disconnecting waits for its handlers. */
static void
unwatch (IvEngineTask *self)
{
  if (self->watched != NULL)
    g_cancellable_disconnect (self->watched, self->watch_id);
  g_clear_object (&self->watched);
}

static void
free_data (IvEngineTask *self)
{
  gpointer data = g_steal_pointer (&self->job.data);
  if (data != NULL && self->job.data_free != NULL)
    self->job.data_free (data);
}

static void
return_to_caller (IvEngineTask *self)
{
  /* The GTask holds the engine: it must not outlive this call in the hands of the engine thread,
   * which could then be the one to finalize the engine. */
  g_autoptr (GTask) gtask = g_steal_pointer (&self->gtask);
  unwatch (self);
  free_data (self);
  if (self->error != NULL)
    g_task_return_error (gtask, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (gtask, g_steal_pointer (&self->result), self->job.result_free);
}

/* One source until nothing is left: a source does not recurse, so that a callback that iterates the
 * main loop is not overtaken by later items. */
static gboolean
on_deliver_cb (gpointer user_data)
{
  IvEngineTask *self = user_data;
  g_mutex_lock (&self->mutex);
  gboolean has_progress = self->has_progress;
  double fraction = self->fraction;
  g_autofree char *message = g_steal_pointer (&self->message);
  GQueue items = self->items;
  gboolean finished = self->finished;
  self->has_progress = FALSE;
  g_queue_init (&self->items);
  g_mutex_unlock (&self->mutex);

  if (has_progress)
    self->job.progress (fraction, message, self->job.user_data);
  for (StreamItem *item; (item = g_queue_pop_head (&items)) != NULL; free_item (item))
    self->job.stream (item->data, self->job.user_data);
  if (finished) {
    return_to_caller (self);
    return G_SOURCE_REMOVE;
  }
  g_mutex_lock (&self->mutex);
  self->scheduled = self->has_progress || self->finished || !g_queue_is_empty (&self->items);
  gboolean again = self->scheduled;
  g_mutex_unlock (&self->mutex);
  return again ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* With the mutex held. */
static void
schedule (IvEngineTask *self)
{
  if (self->scheduled)
    return;
  self->scheduled = TRUE;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (
      source, on_deliver_cb, iv_engine_task_ref (self), (GDestroyNotify) iv_engine_task_unref);
  g_source_set_static_name (source, "[interval] engine job");
  g_source_attach (source, self->main_context);
}

void
iv_engine_task_report (IvEngineTask *self, double fraction, const char *message)
{
  if (self->job.progress == NULL)
    return;
  if (self->main_context == NULL) {
    self->job.progress (fraction, message, self->job.user_data);
    return;
  }
  g_mutex_lock (&self->mutex);
  self->has_progress = TRUE;
  self->fraction = fraction;
  g_free (self->message);
  self->message = g_strdup (message);
  schedule (self);
  g_mutex_unlock (&self->mutex);
}

void
iv_engine_task_emit (IvEngineTask *self, gpointer data, GDestroyNotify free_func)
{
  StreamItem item = { data, free_func };
  if (self->main_context == NULL || self->job.stream == NULL) {
    if (self->job.stream != NULL)
      self->job.stream (data, self->job.user_data);
    if (free_func != NULL)
      free_func (data);
    return;
  }
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->items, g_memdup2 (&item, sizeof item));
  schedule (self);
  g_mutex_unlock (&self->mutex);
}

void
iv_engine_task_finish (IvEngineTask *self, gpointer result, GError *error)
{
  g_mutex_lock (&self->mutex);
  self->result = result;
  self->error = error;
  self->finished = TRUE;
  if (self->main_context != NULL)
    schedule (self);
  else
    g_cond_signal (&self->finished_cond);
  g_mutex_unlock (&self->mutex);
}

gpointer
iv_engine_task_wait (IvEngineTask *self, GError **error)
{
  g_mutex_lock (&self->mutex);
  while (!self->finished)
    g_cond_wait (&self->finished_cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  unwatch (self);
  free_data (self);
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return g_steal_pointer (&self->result);
}
