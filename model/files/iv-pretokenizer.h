/* Splits text into the pieces inside which byte-level BPE joins bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct IvPretokenizer IvPretokenizer;

/* By GGUF's name ("qwen2", "llama-bpe", "gpt-2", …). Error: IV_MODEL_ERROR_UNSUPPORTED with the
 * list of those there are. Thread-safety: any. */
IvPretokenizer *iv_pretokenizer_new (const char *name, GError **error);
void iv_pretokenizer_free (IvPretokenizer *pretokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPretokenizer, iv_pretokenizer_free)

/* GGUF's name of a regular expression in a tokenizer.json; NULL when it is not known. */
const char *iv_pretokenizer_recognise (const char *pattern);

/* What the model family does beside splitting, where its file does not say. */
gboolean iv_pretokenizer_normalises (IvPretokenizer *pretokenizer);  /* to NFC */
gboolean iv_pretokenizer_takes_whole (IvPretokenizer *pretokenizer); /* a piece that is a token */
gboolean iv_pretokenizer_starts (IvPretokenizer *pretokenizer);      /* with the start token */

typedef void (*IvPieceFunc) (const char *piece, gsize length, gpointer user_data);
/* Every byte of text, which is valid UTF-8, ends up in exactly one piece. */
void iv_pretokenizer_split (IvPretokenizer *pretokenizer,
                            const char *text,
                            gsize length,
                            IvPieceFunc func,
                            gpointer user_data);

G_END_DECLS
