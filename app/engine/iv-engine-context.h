/* What a running job sees: the device, the kept objects, and the way to its caller.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine-core.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

IvEngineContext *iv_engine_context_new (const IvEngineCoreParams *params);
/* Frees what is kept, then the device. */
void iv_engine_context_free (IvEngineContext *context);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvEngineContext, iv_engine_context_free)

/* Runs the task's job and finishes the task. A lost device is given up before, with all that was
 * kept. */
void iv_engine_context_run (IvEngineContext *context, IvEngineTask *task);

G_END_DECLS
