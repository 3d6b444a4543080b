/* A conversation about a case with a language model on this machine.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "app/read/iv-chat-job.h"
#include "app/read/iv-chat-turn.h"

G_BEGIN_DECLS

typedef enum {
  IV_CHAT_NO_MODEL,
  IV_CHAT_LOADING,   /* the model is being read */
  IV_CHAT_READY,     /* a question can be asked */
  IV_CHAT_READING,   /* the model reads the conversation */
  IV_CHAT_ANSWERING, /* tokens are coming */
} IvChatState;

/* How fast and how full, of the answer that is or was last written. */
typedef struct {
  double tokens_per_second; /* 0 before the second token */
  guint n_used, n_context;  /* tokens in the context; n_used is 0 before they are counted */
  guint n_evaluated; /* tokens of the conversation that had to be computed, 0 while writing */
} IvChatMeter;

/* Signals: "state-changed", "meter-changed", "progressed" (of the loading), "case-changed".
 *
 * Thread-safety: main; the model works on the engine thread. */
#define IV_TYPE_CHAT (iv_chat_get_type ())
G_DECLARE_FINAL_TYPE (IvChat, iv_chat, IV, CHAT, GObject)

IvChat *iv_chat_new (IvEngine *engine);

/* Loads a GGUF file or a Hugging Face directory and keeps it for all that follows; the conversation
 * stays. Another call, or iv_chat_cancel_load (), ends one under way with G_IO_ERROR_CANCELLED. */
void iv_chat_load_async (IvChat *self,
                         const char *file,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean iv_chat_load_finish (IvChat *self, GAsyncResult *result, GError **error);
void iv_chat_cancel_load (IvChat *self);
void iv_chat_unload (IvChat *self);

/* What the model is told before the first question (see iv_case_describe ()), and the language it
 * answers in ("English"). A change holds from the next question on. */
void iv_chat_set_case (IvChat *self, const char *text);
const char *iv_chat_get_case (IvChat *self);
void iv_chat_set_language (IvChat *self, const char *language);
void iv_chat_set_sampling (IvChat *self, const IvSampling *sampling);
/* FALSE asks models that can to answer without thinking first. */
void iv_chat_set_thinks (IvChat *self, gboolean thinks);
/* (transfer full) The whole first message as the model gets it. */
char *iv_chat_get_instructions (IvChat *self);

/* FALSE when there is no model or an answer is under way. */
gboolean iv_chat_ask (IvChat *self, const char *question);
/* Stops at once; what has been written stays. */
void iv_chat_stop (IvChat *self);
gboolean iv_chat_can_regenerate (IvChat *self);
/* Drops the last answer and asks for another. */
gboolean iv_chat_regenerate (IvChat *self);
/* Stops, and forgets the conversation. */
void iv_chat_clear (IvChat *self);
/* Stops, and goes on from another conversation: IvChatTurn *, none being written; NULL: none. */
void iv_chat_restore (IvChat *self, GPtrArray *turns);

IvChatState iv_chat_get_state (IvChat *self);
/* Whether the engine still does something else and the loading or the answer waits for it. */
gboolean iv_chat_is_queued (IvChat *self);
/* (transfer none) GListModel of IvChatTurn. */
GListModel *iv_chat_get_turns (IvChat *self);
/* (transfer none) NULL without a model. */
const IvChatModelInfo *iv_chat_get_model (IvChat *self);
const IvChatMeter *iv_chat_get_meter (IvChat *self);
/* Of the loading: 0 … 1, -1 when unknown; "" when there is nothing to say. */
double iv_chat_get_fraction (IvChat *self);
const char *iv_chat_get_message (IvChat *self);

G_END_DECLS
