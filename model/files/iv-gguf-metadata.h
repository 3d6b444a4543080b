/* The metadata section of a GGUF file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-byte-reader.h"
#include "model/files/iv-weights-private.h"

G_BEGIN_DECLS

/* Reads n_pairs keys with their values into metadata (char * to IvMeta *). Arrays stay in place:
 * the reader's bytes must outlive the table. A key that occurs twice is an error. */
gboolean
iv_gguf_read_metadata (IvByteReader *reader, guint64 n_pairs, GHashTable *metadata, GError **error);

G_END_DECLS
