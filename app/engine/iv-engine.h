/* The one thread that owns the GPU and the loaded networks: jobs, progress, cancellation.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

#define IV_TYPE_ENGINE (iv_engine_get_type ())
/* Owns the engine thread. Every pending job holds a reference, as a GTask does; the last one
 * dropped ends the thread. Thread-safety: main, except where said. */
G_DECLARE_FINAL_TYPE (IvEngine, iv_engine, IV, ENGINE, GObject)

/* The queue is served by priority, within one priority in order of arrival. A job that runs is not
 * interrupted by a more urgent one: keep background jobs short. */
typedef enum {
  IV_ENGINE_INTERACTIVE, /* an answer somebody waits for */
  IV_ENGINE_NORMAL,
  IV_ENGINE_BACKGROUND, /* triage of studies nobody has opened */
} IvEnginePriority;

typedef struct {
  int device;          /* number in the list of devices, -1 for the best */
  gboolean validation; /* Vulkan validation layers, for tests */
  /* Of language models whose jobs ask for no type of their own; static strings as for
   * iv_decoder_weights_type_parse () and iv_decoder_cache_type_parse (); NULL: "auto". */
  const char *weights_type, *cache_type;
} IvEngineParams;

/* What a job may use, on the engine thread only, while the job runs. */
typedef struct IvEngineContext IvEngineContext;

/* The device, created on first use; re-created for the next job after DEVICE_LOST.
 * (transfer none) NULL with error. */
IvVkDevice *iv_engine_context_get_device (IvEngineContext *context, GError **error);
/* How the engine was made. (transfer none) */
const IvEngineParams *iv_engine_context_get_params (IvEngineContext *context);
/* Fraction 0 … 1 (or -1 for unknown) and a short text, coalesced (only the newest is told) and
 * delivered on the main thread. */
void iv_engine_context_report (IvEngineContext *context, double fraction, const char *message);
/* Sends data to the job's stream callback on the main thread, in order and before the job's end;
 * data is freed there. */
void iv_engine_context_emit (IvEngineContext *context, gpointer data, GDestroyNotify free_func);
/* Never NULL: cancelled with the caller's and when the engine shuts down. (transfer none) */
GCancellable *iv_engine_context_get_cancellable (IvEngineContext *context);
/* Something kept by the engine thread between jobs under a name (a pipeline set, a loaded model);
 * freed on that thread. keep() replaces, a NULL value drops. When the device is re-created and at
 * the end all are freed, the newest first, so that a value may use those kept before it. */
gpointer iv_engine_context_get_kept (IvEngineContext *context, const char *name);
void iv_engine_context_keep (IvEngineContext *context,
                             const char *name,
                             gpointer value,
                             GDestroyNotify free_func);

/* Runs on the engine thread. (transfer full) result, or NULL with error. A job that is cancelled
 * may still return what it has: the engine passes it on. */
typedef gpointer (*IvEngineFunc) (IvEngineContext *context, gpointer data, GError **error);
typedef void (*IvEngineProgressFunc) (double fraction, const char *message, gpointer user_data);
typedef void (*IvEngineStreamFunc) (gpointer data, gpointer user_data);

typedef struct {
  const char *name; /* for the log and profiles */
  IvEnginePriority priority;
  IvEngineFunc run;
  gpointer data; /* (transfer full) freed with data_free on the caller's thread when the job ended,
                    before the callback */
  GDestroyNotify data_free;
  GDestroyNotify result_free;    /* of a result nobody fetched */
  IvEngineProgressFunc progress; /* main thread, optional */
  IvEngineStreamFunc stream;     /* main thread, optional */
  gpointer user_data;            /* of progress and stream; alive until the callback */
} IvEngineJob;

/* params: NULL for the best device without validation. Opens no device yet. (transfer full) */
IvEngine *iv_engine_new (const IvEngineParams *params);
/* “Main thread” in this header is the thread whose default main context calls this. A job that is
 * cancelled while it waits ends at once with G_IO_ERROR_CANCELLED; one that runs must look at its
 * cancellable itself. */
void iv_engine_run_async (IvEngine *self,
                          const IvEngineJob *job,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* (transfer full) what the job returned. */
gpointer iv_engine_run_finish (IvEngine *self, GAsyncResult *result, GError **error);
/* Blocking twin for the command line: iterates no main loop; progress and stream are called on the
 * engine thread. Thread-safety: any but the engine thread. */
gpointer
iv_engine_run (IvEngine *self, const IvEngineJob *job, GCancellable *cancellable, GError **error);
/* For the end of the program: cancels the running job and all that wait, and returns when the
 * thread has freed what it kept. Later jobs fail with G_IO_ERROR_CLOSED. */
void iv_engine_shutdown (IvEngine *self);

/* A device there is, by the number that IvEngineParams takes. */
typedef struct {
  guint device;
  char *name;
} IvEngineDeviceName;
void iv_engine_device_name_free (IvEngineDeviceName *name);

/* The usable devices, IvEngineDeviceName; takes as long as loading the drivers does.
 * Errors: no loader or driver. Thread-safety: any. (transfer full) */
GPtrArray *iv_engine_list_devices (GError **error);

/* Name of the device in use; "" before it is known. Property "device-name", notified on the thread
 * that made the engine. */
const char *iv_engine_get_device_name (IvEngine *self);

G_END_DECLS
