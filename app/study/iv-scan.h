/* Finds image files among paths and reads their metadata, off the main thread.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph-info.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One file that was looked at. */
typedef struct {
  char *file;
  char *group; /* pictures with the same one were opened together; the folder, or "" for files */
  gboolean is_named;      /* given by its own name, not found in a folder */
  IvRadiographInfo *info; /* NULL when it was refused or is no image */
  GError *error;          /* why */
} IvScanFile;

/* Called on the scanning threads. */
typedef void (*IvScanProgressFunc) (guint n_done, guint n_total, gpointer user_data);

/* (transfer full) IvScanFile * in the order of paths, folders sorted by name. Blocks. NULL only
 * when cancelled: what cannot be read is in the files' errors. Thread-safety: any but main. */
GPtrArray *iv_scan_run (const char *const *paths,
                        IvScanProgressFunc progress,
                        gpointer progress_data,
                        GCancellable *cancellable,
                        GError **error);

/* A date in a file name, YYYYMMDD, or NULL: "ap_2020-03-09_2.png". */
char *iv_scan_date_of_name (const char *file);

G_END_DECLS
