/* The prompt forms of the model families, given what a template says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-chat-template.h"

G_BEGIN_DECLS

struct IvChatTemplate {
  IvChatTemplateKind kind;
  char *default_system; /* NULL: none */
  char *date;           /* Llama 3.1: the date in its system message; NULL: no such message */
  char *start, *end;    /* start and end token, where the form writes them */
  gboolean has_system;  /* FALSE: a system message is an error */
  gboolean alternates;  /* user and assistant must take turns, the user first */
  gboolean can_think;   /* an empty think block switches thinking off */
  gboolean opens_think; /* the answer is begun with <think> */
};

typedef struct {
  const IvChatTemplate *chat_template;
  const IvChatMessage *messages;
  guint n;
  IvChatFlags flags;
} IvChat;

/* One for each kind; the messages have been checked. */
void iv_chat_form_chatml (const IvChat *chat, GString *prompt);
void iv_chat_form_qwen3 (const IvChat *chat, GString *prompt);
void iv_chat_form_llama2 (const IvChat *chat, GString *prompt);
void iv_chat_form_llama3 (const IvChat *chat, GString *prompt);
void iv_chat_form_vicuna (const IvChat *chat, GString *prompt);
void iv_chat_form_gemma (const IvChat *chat, GString *prompt);

G_END_DECLS
