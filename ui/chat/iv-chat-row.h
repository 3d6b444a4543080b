/* One turn of the conversation as it is shown: the question, or thoughts, answer and its tools.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/iv-chat-turn.h"

G_BEGIN_DECLS

/* Uses the action "chat.regenerate" of the page it is on. */
#define IV_TYPE_CHAT_ROW (iv_chat_row_get_type ())
G_DECLARE_FINAL_TYPE (IvChatRow, iv_chat_row, IV, CHAT_ROW, GtkWidget)

GtkWidget *iv_chat_row_new (IvChatTurn *turn);
IvChatTurn *iv_chat_row_get_turn (IvChatRow *self);
/* Only the last answer can be written anew. */
void iv_chat_row_set_is_last (IvChatRow *self, gboolean is_last);
/* Whether the answer waits for a comparison that is under way. */
void iv_chat_row_set_waits (IvChatRow *self, gboolean waits);

G_END_DECLS
