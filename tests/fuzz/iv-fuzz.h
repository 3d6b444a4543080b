/* What the fuzzers share: bytes as a file, and a model file taken through all its readers.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

/* The entry point that libFuzzer calls. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* A path that holds these bytes until the next call. */
const char *iv_fuzz_as_file (const guint8 *data, gsize size);
/* A fresh directory in memory, removed at exit. */
const char *iv_fuzz_get_folder (void);
void iv_fuzz_write (const char *name, const guint8 *data, gsize size);
/* Opens a model, and if it opens reads its configuration, tokenizer, template and weights. */
void iv_fuzz_load (const char *file);

G_END_DECLS
