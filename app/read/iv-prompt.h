/* Prompts: text templates that ship with Interval and that the reader may replace.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) The text of a prompt, the reader's own version where there is one, and where it
 * came from for messages. Errors: IV_READ_ERROR_INVALID for a version that is not UTF-8 or holds a
 * NUL, G_FILE_ERROR for one that cannot be read, IV_READ_ERROR_NO_PROMPT when there is none at
 * all. Thread-safety: any. */
char *iv_prompt_load (const char *name, char **source, GError **error);

/* (transfer full) The prompt NAME ("chat") of app/read/prompts, or the reader's own version in
 * CONFIG/interval/prompts/NAME.txt, with each {{KEY}} replaced by its value: keys and values in
 * turn, ended by NULL. Values are not searched for keys again. NULL when there is no such prompt.
 * Thread-safety: any. */
char *iv_prompt_fill (const char *name, ...) G_GNUC_NULL_TERMINATED;

/* (transfer full) Where the reader's own version of a prompt is looked for. */
char *iv_prompt_get_user_file (const char *name);

G_END_DECLS
