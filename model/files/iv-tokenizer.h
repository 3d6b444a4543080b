/* Text to token ids and back, as the model's file says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

typedef struct IvTokenizer IvTokenizer;

/* Byte-level BPE ("gpt2") and SPM ("llama") of a GGUF, or tokenizer.json of a directory.
 * Errors: IV_MODEL_ERROR naming an unknown model or pre-tokenizer. Thread-safety: any. */
IvTokenizer *iv_tokenizer_new (IvWeights *weights, GError **error);
void iv_tokenizer_free (IvTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTokenizer, iv_tokenizer_free)

typedef enum {
  IV_TOKENIZE_PLAIN = 0,
  IV_TOKENIZE_PARSE_SPECIAL = 1 << 0, /* control tokens in the text become their ids */
  IV_TOKENIZE_ADD_SPECIAL = 1 << 1,   /* start token when the file asks for one */
} IvTokenizeFlags;

/* (transfer full) gint32 ids. text: UTF-8, length -1 when NUL-terminated; invalid UTF-8 is encoded
 * bytewise or as U+FFFD, never refused. */
GArray *iv_tokenizer_encode (IvTokenizer *tokenizer,
                             const char *text,
                             gssize length,
                             IvTokenizeFlags flags);
/* Bytes of one token appended to out; control tokens are left out unless with_special. Pieces may
 * end inside a UTF-8 character: collect before showing. */
void
iv_tokenizer_append_piece (IvTokenizer *tokenizer, gint32 id, gboolean with_special, GString *out);
/* (transfer full) The text of ids, valid UTF-8. The space that encoding puts before a text is taken
 * away again. */
char *
iv_tokenizer_decode (IvTokenizer *tokenizer, const gint32 *ids, guint n_ids, gboolean with_special);
gint32 iv_tokenizer_find (IvTokenizer *tokenizer, const char *token); /* -1 when absent */
guint iv_tokenizer_get_n_vocab (IvTokenizer *tokenizer);
gint32 iv_tokenizer_get_bos (IvTokenizer *tokenizer); /* -1 when none */
gint32 iv_tokenizer_get_eos (IvTokenizer *tokenizer);
gboolean
iv_tokenizer_is_stop (IvTokenizer *tokenizer, gint32 id); /* any end-of-turn or end-of-text token */

G_END_DECLS
