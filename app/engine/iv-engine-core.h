/* The engine thread itself: the queue it serves, the device and the objects it keeps.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine-device.h"
#include "app/engine/iv-engine-task.h"

G_BEGIN_DECLS

typedef struct IvEngineCore IvEngineCore;

/* Called on the engine thread when a device has been opened. */
typedef void (*IvEngineDeviceFunc) (const char *device_name, gpointer user_data);

typedef struct {
  IvEngineParams engine;
  const IvEngineDeviceClass *device_class;
  IvEngineDeviceFunc device_opened;
  gpointer user_data; /* (transfer full) */
  GDestroyNotify user_data_free;
} IvEngineCoreParams;

/* Starts the thread. Reference counted; the thread holds one reference until it ends. */
IvEngineCore *iv_engine_core_new (const IvEngineCoreParams *params);
IvEngineCore *iv_engine_core_ref (IvEngineCore *core);
void iv_engine_core_unref (IvEngineCore *core);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvEngineCore, iv_engine_core_unref)

/* Queues a task; it is finished with G_IO_ERROR_CLOSED after stop(). Thread-safety: any. */
void iv_engine_core_push (IvEngineCore *core, IvEngineTask *task);
/* Takes the task out of the queue and finishes it as cancelled when it waits; cancels it when it
 * runs. Thread-safety: any. */
void iv_engine_core_cancel (IvEngineCore *core, IvEngineTask *task);
/* Cancels all tasks and waits for the thread's end; a second call does nothing. */
void iv_engine_core_stop (IvEngineCore *core);
gboolean iv_engine_core_is_engine_thread (IvEngineCore *core);

G_END_DECLS
