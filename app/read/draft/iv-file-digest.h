/* SHA-256 of a model's file, computed once for each version of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* 64 hex digits: of a GGUF file; of a directory's model.safetensors.index.json, or its
 * model.safetensors where it has no index. Kept in the user's cache folder with the file's size and
 * time, so that the same file is read once. Errors: G_IO_ERROR of reading, G_IO_ERROR_CANCELLED.
 * (transfer full) Thread-safety: any; blocks for as long as reading the file takes. */
char *iv_file_digest_get (const char *model, GCancellable *cancellable, GError **error);

G_END_DECLS
