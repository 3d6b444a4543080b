/* What goes to and comes from the engine thread for a chat: plain data.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat-job.h"

IvChatModelInfo *
iv_chat_model_info_copy (const IvChatModelInfo *info)
{
  IvChatModelInfo *copy = g_new0 (IvChatModelInfo, 1);

  copy->file = g_strdup (info->file);
  copy->name = g_strdup (info->name);
  copy->architecture = g_strdup (info->architecture);
  copy->quantisation = g_strdup (info->quantisation);
  copy->digest = g_strdup (info->digest);
  copy->n_context = info->n_context;
  copy->has_template = info->has_template;
  return copy;
}

void
iv_chat_model_info_free (IvChatModelInfo *info)
{
  g_free (info->file);
  g_free (info->name);
  g_free (info->architecture);
  g_free (info->quantisation);
  g_free (info->digest);
  g_free (info);
}

static void
clear_message (gpointer data)
{
  IvChatMessage *message = data;

  g_free ((char *) message->role);
  g_free ((char *) message->content);
}

IvChatRequest *
iv_chat_request_new (const char *file)
{
  IvChatRequest *request = g_new0 (IvChatRequest, 1);

  request->file = g_strdup (file);
  request->messages = g_array_new (FALSE, TRUE, sizeof (IvChatMessage));
  g_array_set_clear_func (request->messages, clear_message);
  return request;
}

void
iv_chat_request_add (IvChatRequest *request, const char *role, const char *content)
{
  IvChatMessage message = { .role = g_strdup (role), .content = g_strdup (content) };

  g_array_append_val (request->messages, message);
}

void
iv_chat_request_free (IvChatRequest *request)
{
  g_free (request->file);
  g_array_unref (request->messages);
  g_free (request);
}

void
iv_chat_piece_free (IvChatPiece *piece)
{
  g_free (piece->text);
  g_free (piece);
}

char *
iv_chat_neutralise (const char *text, IvControlTokenFunc is_control, gpointer user_data)
{
  static const char pattern[] = "<[^<>\\s]{1,48}>|\\[/?[A-Z_]{2,24}\\]|<<\\/?SYS>>";
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GString *safe = g_string_new (NULL);
  const char *rest = text;

  g_regex_match (regex, text, 0, &match);
  while (g_match_info_matches (match)) {
    g_autofree char *token = g_match_info_fetch (match, 0);
    int start, end;

    g_match_info_fetch_pos (match, 0, &start, &end);
    g_string_append_len (safe, rest, text + start - rest);
    if (is_control (token, user_data)) {
      g_string_append_c (safe, token[0]);
      g_string_append (safe, "\u2060");
      g_string_append (safe, token + 1);
    } else {
      g_string_append (safe, token);
    }
    rest = text + end;
    g_match_info_next (match, NULL);
  }
  g_string_append (safe, rest);
  return g_string_free (safe, FALSE);
}
