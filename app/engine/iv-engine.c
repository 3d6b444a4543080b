/* The one thread that owns the GPU and the loaded networks: jobs, progress, cancellation.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine.h"

#include "app/engine/iv-engine-core.h"

/* The way back from the engine thread to the object. It holds no strong reference, so that neither
 * the thread nor a main context that is never iterated keeps the engine alive. */
typedef struct {
  GWeakRef engine;
  GMainContext *main_context;
  const char *device_name; /* interned, atomic */
} Notifier;

struct _IvEngine {
  GObject parent_instance;
  IvEngineCore *core;
  Notifier *notifier; /* g_atomic_rc_box */
};

G_DEFINE_FINAL_TYPE (IvEngine, iv_engine, G_TYPE_OBJECT)

enum { PROP_0, PROP_DEVICE_NAME, N_PROPS };

static GParamSpec *properties[N_PROPS];

static Notifier *
notifier_new (IvEngine *self)
{
  Notifier *notifier = g_atomic_rc_box_new0 (Notifier);
  g_weak_ref_init (&notifier->engine, self);
  notifier->main_context = g_main_context_ref_thread_default ();
  notifier->device_name = "";
  return notifier;
}

static void
clear_notifier (Notifier *notifier)
{
  g_weak_ref_clear (&notifier->engine);
  g_main_context_unref (notifier->main_context);
}

static void
notifier_unref (Notifier *notifier)
{
  g_atomic_rc_box_release_full (notifier, (GDestroyNotify) clear_notifier);
}

static gboolean
on_notify_cb (gpointer user_data)
{
  Notifier *notifier = user_data;
  g_autoptr (IvEngine) self = g_weak_ref_get (&notifier->engine);
  if (self != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEVICE_NAME]);
  return G_SOURCE_REMOVE;
}

/* Engine thread. */
static void
on_device_opened_cb (const char *device_name, gpointer user_data)
{
  Notifier *notifier = user_data;
  const char *name = g_intern_string (device_name);
  if (g_atomic_pointer_get (&notifier->device_name) == name)
    return;
  g_atomic_pointer_set (&notifier->device_name, name);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (
      source, on_notify_cb, g_atomic_rc_box_acquire (notifier), (GDestroyNotify) notifier_unref);
  g_source_attach (source, notifier->main_context);
}

static void
iv_engine_finalize (GObject *object)
{
  IvEngine *self = IV_ENGINE (object);
  if (self->core != NULL) {
    g_warn_if_fail (!iv_engine_core_is_engine_thread (self->core));
    iv_engine_core_stop (self->core);
    g_clear_pointer (&self->core, iv_engine_core_unref);
  }
  g_clear_pointer (&self->notifier, notifier_unref);
  G_OBJECT_CLASS (iv_engine_parent_class)->finalize (object);
}

static void
iv_engine_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_DEVICE_NAME)
    g_value_set_string (value, iv_engine_get_device_name (IV_ENGINE (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
iv_engine_class_init (IvEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->finalize = iv_engine_finalize;
  object_class->get_property = iv_engine_get_property;
  properties[PROP_DEVICE_NAME] = g_param_spec_string (
      "device-name", NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
iv_engine_init (IvEngine *self)
{
  self->notifier = notifier_new (self);
}

IvEngine *
iv_engine_new_with_device_class (const IvEngineParams *params,
                                 const IvEngineDeviceClass *device_class)
{
  IvEngine *self = g_object_new (IV_TYPE_ENGINE, NULL);
  self->core = iv_engine_core_new (&(IvEngineCoreParams){
      .engine = params != NULL ? *params : (IvEngineParams){ .device = -1 },
      .device_class = device_class,
      .device_opened = on_device_opened_cb,
      .user_data = g_atomic_rc_box_acquire (self->notifier),
      .user_data_free = (GDestroyNotify) notifier_unref,
  });
  return self;
}

IvEngine *
iv_engine_new (const IvEngineParams *params)
{
  return iv_engine_new_with_device_class (params, iv_engine_device_class_get_vulkan ());
}

typedef struct {
  IvEngineCore *core;
  IvEngineTask *task;
} Watch;

static void
watch_free (Watch *watch)
{
  iv_engine_core_unref (watch->core);
  iv_engine_task_unref (watch->task);
  g_free (watch);
}

static void
on_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Watch *watch = user_data;
  iv_engine_core_cancel (watch->core, watch->task);
}

static void
submit (IvEngine *self, IvEngineTask *task, GCancellable *cancellable)
{
  if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
    g_cancellable_cancel (iv_engine_task_get_cancellable (task));
  /* Into the queue first: a cancelled cancellable calls back at once and takes it out again. */
  iv_engine_core_push (self->core, task);
  if (cancellable == NULL)
    return;
  Watch *watch = g_new0 (Watch, 1);
  watch->core = iv_engine_core_ref (self->core);
  watch->task = iv_engine_task_ref (task);
  iv_engine_task_watch (
      task, cancellable, G_CALLBACK (on_cancelled_cb), watch, (GDestroyNotify) watch_free);
}

void
iv_engine_run_async (IvEngine *self,
                     const IvEngineJob *job,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_return_if_fail (IV_IS_ENGINE (self));
  g_return_if_fail (job != NULL && job->run != NULL);
  GTask *gtask = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (gtask, iv_engine_run_async);
  /* A cancelled job may have something to give, such as the words so far. */
  g_task_set_check_cancellable (gtask, FALSE);
  g_autoptr (IvEngineTask) task = iv_engine_task_new (job, gtask);
  submit (self, task, cancellable);
}

gpointer
iv_engine_run_finish (IvEngine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gpointer
iv_engine_run (IvEngine *self, const IvEngineJob *job, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (IV_IS_ENGINE (self), NULL);
  g_return_val_if_fail (job != NULL && job->run != NULL, NULL);
  g_return_val_if_fail (!iv_engine_core_is_engine_thread (self->core), NULL);
  g_autoptr (IvEngineTask) task = iv_engine_task_new (job, NULL);
  submit (self, task, cancellable);
  return iv_engine_task_wait (task, error);
}

void
iv_engine_shutdown (IvEngine *self)
{
  g_return_if_fail (IV_IS_ENGINE (self));
  g_return_if_fail (!iv_engine_core_is_engine_thread (self->core));
  iv_engine_core_stop (self->core);
}

const char *
iv_engine_get_device_name (IvEngine *self)
{
  g_return_val_if_fail (IV_IS_ENGINE (self), "");
  return g_atomic_pointer_get (&self->notifier->device_name);
}
