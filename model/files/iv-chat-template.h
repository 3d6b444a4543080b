/* Messages to prompt text, in the form the model was trained with.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

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

typedef struct IvChatTemplate IvChatTemplate;

/* Recognises the Jinja text by its markers. Error for an unknown one, listing the known names. */
IvChatTemplate *iv_chat_template_new (const char *jinja, GError **error);
/* From the model's files; a model without a template gets an error that says so. */
IvChatTemplate *iv_chat_template_new_for_weights (IvWeights *weights, GError **error);
/* The reader's own choice for a template that is not known. */
IvChatTemplate *iv_chat_template_new_for_kind (IvChatTemplateKind kind);
void iv_chat_template_free (IvChatTemplate *chat_template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChatTemplate, iv_chat_template_free)

IvChatTemplateKind iv_chat_template_get_kind (IvChatTemplate *chat_template);

/* (transfer full) Prompt text, ending where the assistant's answer starts; error for an order of
 * roles the template forbids. */
char *iv_chat_template_apply (IvChatTemplate *chat_template,
                              const IvChatMessage *messages,
                              guint n_messages,
                              gboolean no_think,
                              GError **error);

G_END_DECLS
