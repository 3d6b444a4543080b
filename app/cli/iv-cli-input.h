/* Standard input of the commands that read it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/files/iv-chat-template.h"

G_BEGIN_DECLS

/* (transfer full) All of standard input. */
GBytes *iv_cli_read_input (GError **error);

/* A JSON array of {"role","content"}: n messages with strings in memory that root owns. */
typedef struct {
  IvChatMessage *messages;
  guint n;
  gpointer root;
} IvCliMessages;

/* source names the text in errors. */
gboolean iv_cli_messages_parse (IvCliMessages *messages,
                                const char *json,
                                gssize length,
                                const char *source,
                                GError **error);
void iv_cli_messages_clear (IvCliMessages *messages);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvCliMessages, iv_cli_messages_clear)

G_END_DECLS
