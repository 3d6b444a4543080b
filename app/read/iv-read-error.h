/* What can go wrong in app/read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_READ_ERROR (iv_read_error_quark ())
GQuark iv_read_error_quark (void);

typedef enum {
  IV_READ_ERROR_CONTEXT_FULL, /* the conversation is longer than the model holds */
  IV_READ_ERROR_NO_MODEL,
  IV_READ_ERROR_NO_PROMPT,
  IV_READ_ERROR_INVALID, /* a text, table or lexicon that cannot be used */
} IvReadError;

G_END_DECLS
