/* Messages to prompt text, in the form the model was trained with.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-tokenizer.h"

G_BEGIN_DECLS

typedef struct {
  const char *role; /* "system", "user", "assistant" */
  const char *content;
} IvChatMessage;

typedef enum {
  IV_CHAT_TEMPLATE_CHATML, /* also Qwen2.5 with its default system message */
  IV_CHAT_TEMPLATE_QWEN3,  /* ChatML with thinking */
  IV_CHAT_TEMPLATE_LLAMA2,
  IV_CHAT_TEMPLATE_LLAMA3,
  IV_CHAT_TEMPLATE_VICUNA,
  IV_CHAT_TEMPLATE_GEMMA,
} IvChatTemplateKind;

/* Immutable. Thread-safety of all in this header: any. */
typedef struct IvChatTemplate IvChatTemplate;

/* Recognises the Jinja text by its markers, and reads from it what differs between models of one
 * family: the default system message, whether there may be one at all, whether roles must
 * alternate. Error: IV_MODEL_ERROR_UNSUPPORTED for an unknown one, listing the known names. */
IvChatTemplate *iv_chat_template_new (const char *jinja, GError **error);
/* From the model's files; a model without a template gets an error that says so. */
IvChatTemplate *iv_chat_template_new_for_weights (IvWeights *weights, GError **error);
/* The reader's own choice for a template that is not known; no default system message but
 * Vicuna's. */
IvChatTemplate *iv_chat_template_new_for_kind (IvChatTemplateKind kind);
void iv_chat_template_free (IvChatTemplate *chat_template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChatTemplate, iv_chat_template_free)

IvChatTemplateKind iv_chat_template_get_kind (IvChatTemplate *chat_template);
/* "ChatML", "Llama-2", …; for messages and settings. */
const char *iv_chat_template_kind_to_string (IvChatTemplateKind kind);
/* How the prompt is to be tokenised: control tokens parsed, and the start token added unless the
 * prompt itself begins with it. */
IvTokenizeFlags iv_chat_template_get_tokenize_flags (IvChatTemplate *chat_template);
/* TRUE when the model answers with a <think> block that no_think can switch off. */
gboolean iv_chat_template_can_think (IvChatTemplate *chat_template);

typedef enum {
  IV_CHAT_PLAIN = 0,
  IV_CHAT_NO_THINK = 1 << 0,  /* where the template knows it; else without effect */
  IV_CHAT_NO_ANSWER = 1 << 1, /* ends after the last message, not where the answer starts */
} IvChatFlags;

/* (transfer full) Prompt text, ending where the assistant's answer starts. Content is put in as it
 * is. Errors: IV_MODEL_ERROR_INPUT for no message, an unknown role, or an order of roles that the
 * template forbids. */
char *iv_chat_template_apply (IvChatTemplate *chat_template,
                              const IvChatMessage *messages,
                              guint n_messages,
                              gboolean no_think,
                              GError **error);
char *iv_chat_template_apply_with_flags (IvChatTemplate *chat_template,
                                         const IvChatMessage *messages,
                                         guint n_messages,
                                         IvChatFlags flags,
                                         GError **error);

G_END_DECLS
