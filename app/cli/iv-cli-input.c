/* Standard input of the commands that read it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-input.h"

#include <gio/gunixinputstream.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

GBytes *
iv_cli_read_input (GError **error)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  if (g_output_stream_splice (memory, input, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) < 0)
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static const char *
get_string (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
fail (const char *source, const char *problem, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", source, problem);
  return FALSE;
}

gboolean
iv_cli_messages_parse (IvCliMessages *messages,
                       const char *json,
                       gssize length,
                       const char *source,
                       GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, json, length, error)) {
    g_prefix_error (error, "%s: ", source);
    return FALSE;
  }
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    return fail (source, "not a JSON array of messages", error);
  JsonArray *array = json_node_get_array (root);
  messages->n = json_array_get_length (array);
  messages->messages = g_new0 (IvChatMessage, messages->n + 1);
  messages->root = json_parser_steal_root (parser);
  for (guint i = 0; i < messages->n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    IvChatMessage *message = &messages->messages[i];
    if (object != NULL) {
      message->role = get_string (object, "role");
      message->content = get_string (object, "content");
    }
    if (message->role == NULL || message->content == NULL)
      return fail (source, "a message is not of the form {\"role\", \"content\"}", error);
  }
  return TRUE;
}

void
iv_cli_messages_clear (IvCliMessages *messages)
{
  g_clear_pointer (&messages->messages, g_free);
  g_clear_pointer ((JsonNode **) &messages->root, json_node_unref);
}
