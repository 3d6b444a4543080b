/* The bounded pool of decode workers: one file goes in, an info and pixels or an error come out.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "app/study/iv-decode-protocol.h"
#include "app/study/iv-radiograph-info.h"
#include "app/study/iv-study-error.h"

G_BEGIN_DECLS

/* What one file may cost. */
typedef struct {
  guint wall_seconds; /* then the worker is killed */
  guint cpu_seconds;  /* of processor time, kept by the kernel */
  guint memory_mib;   /* address space of a worker */
} IvDecodeLimits;

typedef struct {
  IvRadiographInfo *info; /* NULL for a DICOMDIR */
  GBytes *pixels;         /* [rows, columns] 16 bits; NULL when metadata was asked for */
  gboolean in_colour;     /* pixels are [rows, columns, 3], 8 bits: only of IV_DECODE_PICTURE */
  char **directory;       /* file IDs of a DICOMDIR as stored ("A\B\C"), else NULL */
} IvDecodeResult;
void iv_decode_result_free (IvDecodeResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDecodeResult, iv_decode_result_free)

/* Blocks until a worker is free and has answered. However the worker ends, crash, hang, too much
 * memory, a false answer, the error says so with the file's name, and the pool goes on.
 * Thread-safety: any. */
IvDecodeResult *
iv_decode_pool_run (const char *file, IvDecodeKind kind, GCancellable *cancellable, GError **error);

/* Runs function (task, its task data, its cancellable) on one of the pool's threads, those of
 * higher priority first. */
typedef void (*IvDecodeTaskFunc) (GTask *task, gpointer task_data, GCancellable *cancellable);
void iv_decode_pool_push (GTask *task, IvDecodeTaskFunc function);

/* Workers that decode at the same time, at most. */
guint iv_decode_pool_get_size (void);

/* Limits for files from now on; ends the idle workers. */
void iv_decode_pool_set_limits (const IvDecodeLimits *limits);
void iv_decode_pool_get_limits (IvDecodeLimits *limits);

/* Ends the idle workers; later requests start new ones. */
void iv_decode_pool_shut_down (void);

G_END_DECLS
