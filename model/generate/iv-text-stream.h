/* Bytes of tokens to text that can be shown: whole characters, ending before a stop text.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct IvTextStream IvTextStream;

/* stop_texts: NULL-terminated or NULL; copied. Thread-safety: one thread at a time. */
IvTextStream *iv_text_stream_new (const char *const *stop_texts);
void iv_text_stream_free (IvTextStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTextStream, iv_text_stream_free)

/* Takes the bytes of one more token. TRUE: a stop text was completed, and the text ends before it;
 * further bytes are ignored. */
gboolean iv_text_stream_push (IvTextStream *stream, const char *bytes, gsize n_bytes);
/* What can be shown since the last call: valid UTF-8, possibly "". Bytes that are no UTF-8 come as
 * U+FFFD; what may still become a character or a stop text is held back. (transfer none) valid
 * until the next call. */
const char *iv_text_stream_take (IvTextStream *stream);
/* As take(), with what was held back, at the end. */
const char *iv_text_stream_finish (IvTextStream *stream);

G_END_DECLS
