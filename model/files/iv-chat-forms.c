/* The prompt forms of the model families, given what a template says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-chat-forms.h"

#include <string.h>

#define THINK_END "</think>"

static gboolean
is_role (const IvChatMessage *message, const char *role)
{
  return g_str_equal (message->role, role);
}

static gboolean
wants_answer (const IvChat *chat)
{
  return (chat->flags & IV_CHAT_NO_ANSWER) == 0;
}

/* White space as Jinja's trim takes it: Unicode's, and the four separators of ASCII. */
static gboolean
is_space (gunichar c)
{
  return g_unichar_isspace (c) || (c >= 0x1c && c <= 0x1f) || c == 0x0b || c == 0x85;
}

static void
append_trimmed (GString *prompt, const char *text)
{
  const char *end = text + strlen (text);
  while (*text != '\0' && is_space (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  while (end > text && is_space (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  g_string_append_len (prompt, text, end - text);
}

static void
append_chatml (GString *prompt, const char *role, const char *content)
{
  g_string_append_printf (prompt, "<|im_start|>%s\n%s<|im_end|>\n", role, content);
}

void
iv_chat_form_chatml (const IvChat *chat, GString *prompt)
{
  const char *system = chat->chat_template->default_system;
  if (system != NULL && !is_role (&chat->messages[0], "system"))
    append_chatml (prompt, "system", system);
  for (guint i = 0; i < chat->n; i++)
    append_chatml (prompt, chat->messages[i].role, chat->messages[i].content);
  if (wants_answer (chat))
    g_string_append (prompt, "<|im_start|>assistant\n");
}

/* The last message that the user wrote: thoughts before it are not shown to the model again. */
static guint
find_last_query (const IvChat *chat)
{
  for (guint i = chat->n; i > 0; i--) {
    const IvChatMessage *message = &chat->messages[i - 1];
    gboolean is_tool = g_str_has_prefix (message->content, "<tool_response>") &&
                       g_str_has_suffix (message->content, "</tool_response>");
    if (is_role (message, "user") && !is_tool)
      return i - 1;
  }
  return chat->n - 1;
}

static const char *
skip_newlines (const char *text)
{
  return text + strspn (text, "\n");
}

/* What stands before the first </think> and behind the last <think> of it, without newlines at its
 * ends. (transfer full) */
static char *
take_thoughts (const char *content)
{
  const char *end = strstr (content, THINK_END);
  if (end == NULL)
    return g_strdup ("");
  g_autofree char *before = g_strndup (content, (gsize) (end - content));
  const char *opening = g_strrstr (before, "<think>");
  char *thoughts =
      g_strdup (skip_newlines (opening != NULL ? opening + strlen ("<think>") : before));
  for (gsize n = strlen (thoughts); n > 0 && thoughts[n - 1] == '\n'; n--)
    thoughts[n - 1] = '\0';
  return thoughts;
}

static void
append_qwen3_answer (const IvChat *chat, guint i, guint last_query, GString *prompt)
{
  const char *content = chat->messages[i].content;
  const char *behind = g_strrstr (content, THINK_END);
  const char *answer = behind != NULL ? skip_newlines (behind + strlen (THINK_END)) : content;
  g_autofree char *thoughts = take_thoughts (content);
  gboolean with_thoughts = i > last_query && (i + 1 == chat->n || *thoughts != '\0');
  g_string_append (prompt, "<|im_start|>assistant\n");
  if (with_thoughts)
    g_string_append_printf (
        prompt, "<think>\n%s\n" THINK_END "\n\n%s", thoughts, skip_newlines (answer));
  else
    g_string_append (prompt, answer);
  g_string_append (prompt, "<|im_end|>\n");
}

void
iv_chat_form_qwen3 (const IvChat *chat, GString *prompt)
{
  guint last_query = find_last_query (chat);
  for (guint i = 0; i < chat->n; i++) {
    if (is_role (&chat->messages[i], "assistant"))
      append_qwen3_answer (chat, i, last_query, prompt);
    else
      append_chatml (prompt, chat->messages[i].role, chat->messages[i].content);
  }
  if (!wants_answer (chat))
    return;
  g_string_append (prompt, "<|im_start|>assistant\n");
  if (chat->chat_template->opens_think)
    g_string_append (prompt, "<think>\n");
  else if (chat->chat_template->can_think && (chat->flags & IV_CHAT_NO_THINK) != 0)
    g_string_append (prompt, "<think>\n\n" THINK_END "\n\n");
}

void
iv_chat_form_llama2 (const IvChat *chat, GString *prompt)
{
  const IvChatTemplate *form = chat->chat_template;
  gboolean has_system = is_role (&chat->messages[0], "system");
  for (guint i = has_system ? 1 : 0; i < chat->n; i++) {
    const IvChatMessage *message = &chat->messages[i];
    g_autoptr (GString) content = g_string_new (NULL);
    if (has_system && i == 1)
      g_string_append_printf (content, "<<SYS>>\n%s\n<</SYS>>\n\n", chat->messages[0].content);
    g_string_append (content, message->content);
    gboolean is_user = is_role (message, "user");
    if (is_user)
      g_string_append_printf (prompt, "%s[INST] ", form->start);
    else
      g_string_append_c (prompt, ' ');
    append_trimmed (prompt, content->str);
    if (is_user)
      g_string_append (prompt, " [/INST]");
    else
      g_string_append_printf (prompt, " %s", form->end);
  }
}

static void
open_llama3 (GString *prompt, const char *role)
{
  g_string_append_printf (prompt, "<|start_header_id|>%s<|end_header_id|>\n\n", role);
}

void
iv_chat_form_llama3 (const IvChat *chat, GString *prompt)
{
  const IvChatTemplate *form = chat->chat_template;
  guint i = 0;
  g_string_append (prompt, form->start);
  if (form->date != NULL) {
    open_llama3 (prompt, "system");
    g_string_append_printf (
        prompt, "Cutting Knowledge Date: December 2023\nToday Date: %s\n\n", form->date);
    if (is_role (&chat->messages[0], "system"))
      append_trimmed (prompt, chat->messages[i++].content);
    g_string_append (prompt, "<|eot_id|>");
  }
  for (; i < chat->n; i++) {
    open_llama3 (prompt, chat->messages[i].role);
    append_trimmed (prompt, chat->messages[i].content);
    g_string_append (prompt, "<|eot_id|>");
  }
  if (wants_answer (chat))
    open_llama3 (prompt, "assistant");
}

void
iv_chat_form_vicuna (const IvChat *chat, GString *prompt)
{
  const IvChatTemplate *form = chat->chat_template;
  gboolean has_system = is_role (&chat->messages[0], "system");
  const char *system = has_system ? chat->messages[0].content : form->default_system;
  if (system != NULL)
    g_string_append_printf (prompt, "%s ", system);
  for (guint i = has_system ? 1 : 0; i < chat->n; i++) {
    const char *content = chat->messages[i].content;
    if (is_role (&chat->messages[i], "user"))
      g_string_append_printf (prompt, "USER: %s ", content);
    else
      g_string_append_printf (prompt, "ASSISTANT: %s%s", content, form->end);
  }
  if (wants_answer (chat))
    g_string_append (prompt, "ASSISTANT:");
}

void
iv_chat_form_gemma (const IvChat *chat, GString *prompt)
{
  gboolean has_system = is_role (&chat->messages[0], "system");
  guint first = has_system ? 1 : 0;
  g_string_append (prompt, chat->chat_template->start);
  for (guint i = first; i < chat->n; i++) {
    const IvChatMessage *message = &chat->messages[i];
    const char *role = is_role (message, "assistant") ? "model" : message->role;
    g_string_append_printf (prompt, "<start_of_turn>%s\n", role);
    if (has_system && i == first)
      g_string_append_printf (prompt, "%s\n\n", chat->messages[0].content);
    append_trimmed (prompt, message->content);
    g_string_append (prompt, "<end_of_turn>\n");
  }
  if (wants_answer (chat))
    g_string_append (prompt, "<start_of_turn>model\n");
}
