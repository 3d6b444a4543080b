/* Writes weights as a GGUF file, in other element types where asked.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-quant-recipe.h"

G_BEGIN_DECLS

/* A directory holds both; GGUF has a file for each. */
typedef enum {
  IV_GGUF_DECODER, /* token_embd, blk.*, …, tokenizer.* */
  IV_GGUF_TOWER,   /* v.*, mm.*, clip.*: an mmproj file */
} IvGgufPart;

typedef struct {
  const char *file;
  IvGgufPart part;
  const IvQuantRecipe *recipe; /* what matrices become; NULL: they stay as they are */
  guint *n_substitutes;        /* optional: counts matrices that got a substitute of the type */
} IvGgufWriteParams;

gboolean iv_gguf_has_part (IvWeights *weights, IvGgufPart part);

/* Replaces file at the end only. The rows of q and k of architecture llama are brought into GGUF's
 * order. Conversion is shared out among all processors. Errors: IV_MODEL_ERROR_FILE.
 * Thread-safety: any. */
gboolean iv_gguf_write (IvWeights *weights, const IvGgufWriteParams *params, GError **error);

G_END_DECLS
