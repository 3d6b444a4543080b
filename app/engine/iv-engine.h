/* The one thread that owns the GPU and the loaded networks: jobs, progress, cancellation.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

#define IV_TYPE_ENGINE (iv_engine_get_type ())
/* Owns the engine thread. Thread-safety: main, except where said. */
G_DECLARE_FINAL_TYPE (IvEngine, iv_engine, IV, ENGINE, GObject)

typedef enum {
  IV_ENGINE_INTERACTIVE, /* an answer somebody waits for */
  IV_ENGINE_NORMAL,
  IV_ENGINE_BACKGROUND, /* triage of studies nobody has opened */
} IvEnginePriority;

/* What a job may use, on the engine thread only. */
typedef struct IvEngineContext IvEngineContext;

/* The device, created on first use; re-created after DEVICE_LOST. (transfer none) NULL with error.
 */
IvVkDevice *iv_engine_context_get_device (IvEngineContext *context, GError **error);
/* Fraction 0 … 1 (or -1 for unknown) and a short text, coalesced and delivered on the main thread.
 */
void iv_engine_context_report (IvEngineContext *context, double fraction, const char *message);
/* Sends data to the job's stream callback on the main thread, in order; data is freed there. */
void iv_engine_context_emit (IvEngineContext *context, gpointer data, GDestroyNotify free_func);
GCancellable *iv_engine_context_get_cancellable (IvEngineContext *context);
/* Something kept by the engine thread between jobs under a name (a pipeline set, a loaded model);
 * freed on that thread. set() replaces. Dropped when the device is re-created. */
gpointer iv_engine_context_get_kept (IvEngineContext *context, const char *name);
void iv_engine_context_keep (IvEngineContext *context,
                             const char *name,
                             gpointer value,
                             GDestroyNotify free_func);

/* Runs on the engine thread. (transfer full) result, or NULL with error. */
typedef gpointer (*IvEngineFunc) (IvEngineContext *context, gpointer data, GError **error);
typedef void (*IvEngineProgressFunc) (double fraction, const char *message, gpointer user_data);
typedef void (*IvEngineStreamFunc) (gpointer data, gpointer user_data);

typedef struct {
  const char *name; /* for the activity list and profiles */
  IvEnginePriority priority;
  IvEngineFunc run;
  gpointer data; /* (transfer full) freed with data_free on the main thread after the job */
  GDestroyNotify data_free;
  GDestroyNotify result_free;    /* of a result nobody fetched */
  IvEngineProgressFunc progress; /* main thread, optional */
  IvEngineStreamFunc stream;     /* main thread, optional */
  gpointer user_data;            /* of progress and stream */
} IvEngineJob;

typedef struct {
  int device;          /* number in the list of devices, -1 for the best */
  gboolean validation; /* Vulkan validation layers, for tests */
} IvEngineParams;

IvEngine *iv_engine_new (const IvEngineParams *params);
void iv_engine_run_async (IvEngine *self,
                          const IvEngineJob *job,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gpointer iv_engine_run_finish (IvEngine *self, GAsyncResult *result, GError **error);
/* Blocking twin for the command line: iterates no main loop; progress and stream are called on the
 * engine thread. */
gpointer
iv_engine_run (IvEngine *self, const IvEngineJob *job, GCancellable *cancellable, GError **error);

/* Name of the device in use or that would be used; "" before it is known. Property "device-name",
 * notified. */
const char *iv_engine_get_device_name (IvEngine *self);

G_END_DECLS
