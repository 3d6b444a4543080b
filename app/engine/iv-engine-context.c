/* What a running job sees: the device, the kept objects, and the way to its caller.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-context.h"

typedef struct {
  char *name;
  gpointer value;
  GDestroyNotify free_func;
} Kept;

struct IvEngineContext {
  const IvEngineCoreParams *params;
  IvVkDevice *device; /* NULL until the first job that asks */
  GPtrArray *kept;    /* of Kept, oldest first */
  IvEngineTask *task; /* the running one (not owned) */
};

static void
free_kept (Kept *kept)
{
  if (kept->value != NULL && kept->free_func != NULL)
    kept->free_func (kept->value);
  g_free (kept->name);
  g_free (kept);
}

IvEngineContext *
iv_engine_context_new (const IvEngineCoreParams *params)
{
  IvEngineContext *context = g_new0 (IvEngineContext, 1);
  context->params = params;
  context->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) free_kept);
  return context;
}

static void
close_device (IvEngineContext *context)
{
  while (context->kept->len > 0)
    g_ptr_array_remove_index (context->kept, context->kept->len - 1);
  if (context->device != NULL)
    context->params->device_class->close (g_steal_pointer (&context->device));
}

void
iv_engine_context_free (IvEngineContext *context)
{
  close_device (context);
  g_ptr_array_unref (context->kept);
  g_free (context);
}

IvVkDevice *
iv_engine_context_get_device (IvEngineContext *context, GError **error)
{
  const IvEngineCoreParams *params = context->params;
  if (context->device != NULL)
    return context->device;
  context->device = params->device_class->open (&params->engine, error);
  if (context->device != NULL && params->device_opened != NULL)
    params->device_opened (params->device_class->get_name (context->device), params->user_data);
  return context->device;
}

const IvEngineParams *
iv_engine_context_get_params (IvEngineContext *context)
{
  return &context->params->engine;
}

void
iv_engine_context_report (IvEngineContext *context, double fraction, const char *message)
{
  iv_engine_task_report (context->task, fraction, message);
}

void
iv_engine_context_emit (IvEngineContext *context, gpointer data, GDestroyNotify free_func)
{
  iv_engine_task_emit (context->task, data, free_func);
}

GCancellable *
iv_engine_context_get_cancellable (IvEngineContext *context)
{
  return iv_engine_task_get_cancellable (context->task);
}

static gboolean
find_kept (IvEngineContext *context, const char *name, guint *index)
{
  for (guint i = 0; i < context->kept->len; i++) {
    const Kept *kept = context->kept->pdata[i];
    if (g_str_equal (kept->name, name)) {
      *index = i;
      return TRUE;
    }
  }
  return FALSE;
}

gpointer
iv_engine_context_get_kept (IvEngineContext *context, const char *name)
{
  guint i;
  if (!find_kept (context, name, &i))
    return NULL;
  const Kept *kept = context->kept->pdata[i];
  return kept->value;
}

void
iv_engine_context_keep (IvEngineContext *context,
                        const char *name,
                        gpointer value,
                        GDestroyNotify free_func)
{
  guint i;
  if (find_kept (context, name, &i))
    g_ptr_array_remove_index (context->kept, i);
  if (value == NULL)
    return;
  Kept *kept = g_new0 (Kept, 1);
  kept->name = g_strdup (name);
  kept->value = value;
  kept->free_func = free_func;
  g_ptr_array_add (context->kept, kept);
}

static gpointer
call_job (IvEngineContext *context, IvEngineTask *task, GError **error)
{
  const IvEngineJob *job = iv_engine_task_get_job (task);
  /* Cancelled in the moment between the queue and here: nobody wants the work any more. */
  if (g_cancellable_set_error_if_cancelled (iv_engine_task_get_cancellable (task), error))
    return NULL;
  gpointer result = job->run (context, job->data, error);
  if (result == NULL && error != NULL && *error == NULL) {
    g_critical ("job “%s” ended with neither a result nor an error", job->name);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s ended without a result", job->name);
  }
  return result;
}

void
iv_engine_context_run (IvEngineContext *context, IvEngineTask *task)
{
  GError *error = NULL;
  /* DEVICE_LOST is sticky, and everything kept may hold buffers of the lost device. */
  if (context->device != NULL && context->params->device_class->is_lost (context->device))
    close_device (context);
  gint64 start = g_get_monotonic_time ();
  context->task = task;
  gpointer result = call_job (context, task, &error);
  context->task = NULL;
  g_debug ("job “%s” took %.1f ms%s%s",
           iv_engine_task_get_job (task)->name,
           (g_get_monotonic_time () - start) / 1000.0,
           error ? ": " : "",
           error ? error->message : "");
  iv_engine_task_finish (task, result, error);
}
