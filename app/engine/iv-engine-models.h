/* Language models that stay on the engine thread between jobs and share one memory.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "model/generate/iv-language-model.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread, in a job. */

/* The model of that file, type of weights and of cache: the resident one when its files are the
 * same still, else loaded anew. When the memory left would make it narrower, shorter or slower than
 * asked for, resident models go first, the least recently used before the others. memory_limit is
 * that of all resident models together. (transfer none)
 * alive until the job ends, or until another is asked for. Errors: as iv_language_model_new(). */
IvLanguageModel *
iv_engine_models_get (IvEngineContext *context, const IvLanguageModelParams *asked, GError **error);

/* What belongs to a resident model under a name (a session), freed before it. attach() replaces. */
gpointer
iv_engine_models_get_attached (IvEngineContext *context, IvLanguageModel *model, const char *name);
void iv_engine_models_attach (IvEngineContext *context,
                              IvLanguageModel *model,
                              const char *name,
                              gpointer value,
                              GDestroyNotify free_func);

guint iv_engine_models_count (IvEngineContext *context);
/* Frees them all. */
void iv_engine_models_drop (IvEngineContext *context);

G_END_DECLS
