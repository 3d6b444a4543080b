/* The part of the chat that runs on the engine thread: a kept model, and one answer of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "model/files/iv-chat-template.h"
#include "model/generate/iv-session.h"

G_BEGIN_DECLS

/* What a loaded model says of itself; belongs next to whatever it writes. */
typedef struct {
  char *file;
  char *name;         /* general.name, or the file's */
  char *architecture; /* "qwen2" */
  char *quantisation; /* iv_language_model_describe_weights (): "BF16 → Q8_0" */
  char *digest;
  guint n_context;       /* tokens a conversation may have */
  gboolean has_template; /* FALSE: the form of the prompt was guessed from its control tokens */
} IvChatModelInfo;
IvChatModelInfo *iv_chat_model_info_copy (const IvChatModelInfo *info);
void iv_chat_model_info_free (IvChatModelInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChatModelInfo, iv_chat_model_info_free)

/* One answer that is asked for. */
typedef struct {
  char *file;
  GArray *messages; /* IvChatMessage, strings owned */
  IvSampling sampling;
  guint max_tokens; /* 0: until the context is full */
  gboolean no_think;
} IvChatRequest;
IvChatRequest *iv_chat_request_new (const char *file);
void iv_chat_request_add (IvChatRequest *request, const char *role, const char *content);
void iv_chat_request_free (IvChatRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChatRequest, iv_chat_request_free)

/* Streamed to the main thread while an answer is written. */
typedef struct {
  char *text;        /* whole UTF-8 characters, may be "" */
  guint n_used;      /* tokens in the context now */
  guint n_generated; /* of this answer */
  double decode_seconds;
} IvChatPiece;
void iv_chat_piece_free (IvChatPiece *piece);

/* Result of an answer. */
typedef struct {
  IvGenerateStats stats;
  guint n_used;
} IvChatAnswer;

/* IvEngineFunc. data: file name. Result: IvChatModelInfo. The model stays on the engine thread,
 * with the conversation read so far, while the memory allows (iv-engine-models.h). */
gpointer iv_chat_job_load (IvEngineContext *context, gpointer data, GError **error);
/* IvEngineFunc. data: IvChatRequest. Streams IvChatPiece. Result: IvChatAnswer (g_free). Loads the
 * model again when the device was lost. Cancelling is no error here. */
gpointer iv_chat_job_answer (IvEngineContext *context, gpointer data, GError **error);
/* IvEngineFunc. Frees the models that the engine keeps. */
gpointer iv_chat_job_unload (IvEngineContext *context, gpointer data, GError **error);

/* (transfer full) The template of a model whose files have none: its control tokens give the family
 * away. Thread-safety: any. */
IvChatTemplate *iv_chat_template_guess (IvTokenizer *tokenizer);

/* (transfer full) text with its control tokens made harmless, so that what a reader pastes cannot
 * end a turn or open another: a word joiner is put behind the first character of each. is_control
 * says which candidates ("<|im_end|>", "[INST]") the model knows. Thread-safety: any. */
typedef gboolean (*IvControlTokenFunc) (const char *token, gpointer user_data);
char *iv_chat_neutralise (const char *text, IvControlTokenFunc is_control, gpointer user_data);

G_END_DECLS
