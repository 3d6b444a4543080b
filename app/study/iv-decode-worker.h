/* One decode worker process, seen from the reader: start it, ask it, end it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-decode-pool.h"

G_BEGIN_DECLS

/* Thread-safety: one thread at a time. */
typedef struct _IvDecodeWorker IvDecodeWorker;

IvDecodeWorker *iv_decode_worker_start (const IvDecodeLimits *limits, GError **error);

/* Kills the process when it still runs. */
void iv_decode_worker_free (IvDecodeWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDecodeWorker, iv_decode_worker_free)

/* Whether an idle worker still listens. */
gboolean iv_decode_worker_is_alive (IvDecodeWorker *worker);

/* What to ask for. */
typedef struct {
  const char *file;
  IvDecodeKind kind;
  GCancellable *cancellable;
} IvDecodeJob;

/* *is_usable says whether the worker can take another file afterwards. */
IvDecodeResult *iv_decode_worker_run (IvDecodeWorker *worker,
                                      const IvDecodeJob *job,
                                      gboolean *is_usable,
                                      GError **error);

/* Where the worker's executable is. */
char *iv_decode_worker_find (void);

G_END_DECLS
