/* One turn of a conversation: what was asked, or what the model thought and answered.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum { IV_CHAT_ROLE_READER, IV_CHAT_ROLE_MODEL } IvChatRole;

typedef enum {
  IV_CHAT_TURN_WRITING,      /* tokens are still coming */
  IV_CHAT_TURN_DONE,         /* the model ended its turn */
  IV_CHAT_TURN_STOPPED,      /* by the reader */
  IV_CHAT_TURN_CONTEXT_FULL, /* no room for more */
  IV_CHAT_TURN_FAILED,       /* see the error */
} IvChatTurnState;

/* Properties, notified: "text", "thinking" (strings), "state" (int, IvChatTurnState).
 * Thread-safety: main. */
#define IV_TYPE_CHAT_TURN (iv_chat_turn_get_type ())
G_DECLARE_FINAL_TYPE (IvChatTurn, iv_chat_turn, IV, CHAT_TURN, GObject)

/* text: NULL for an answer that is about to be written. */
IvChatTurn *iv_chat_turn_new (IvChatRole role, const char *text);

IvChatRole iv_chat_turn_get_role (IvChatTurn *self);
IvChatTurnState iv_chat_turn_get_state (IvChatTurn *self);
/* (transfer none) never NULL; Markdown when the model wrote it. Thoughts are left out. */
const char *iv_chat_turn_get_text (IvChatTurn *self);
/* (transfer none) never NULL: what stood between <think> and </think>. */
const char *iv_chat_turn_get_thinking (IvChatTurn *self);
/* TRUE while the thoughts have begun and not ended. */
gboolean iv_chat_turn_is_thinking (IvChatTurn *self);
/* (transfer none) exactly what the model wrote. */
const char *iv_chat_turn_get_raw (IvChatTurn *self);
/* (transfer none) NULL unless failed. */
const char *iv_chat_turn_get_error (IvChatTurn *self);

/* Adds what the model wrote next. */
void iv_chat_turn_append (IvChatTurn *self, const char *piece);
void iv_chat_turn_finish (IvChatTurn *self, IvChatTurnState state, const char *error);

G_END_DECLS
