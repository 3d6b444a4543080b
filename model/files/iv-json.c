/* JSON of model files: json-glib behind checks of what it lets through.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-json.h"

#include <math.h>

#include "model/files/iv-model-error.h"

/* json-glib calls itself for each level. */
enum { MOST_NESTING = 64 };

static gboolean
check_text (const char *text, gsize length, GError **error)
{
  guint depth = 0;
  gboolean in_string = FALSE;
  const char *problem = NULL;
  if (length == 0)
    problem = "the JSON text is empty";
  else if (!g_utf8_validate_len (text, length, NULL))
    problem = "the JSON text is not UTF-8, or holds a zero byte";
  for (gsize i = 0; problem == NULL && i < length; i++) {
    char c = text[i];
    if (in_string && c == '\\')
      i++;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '[') && ++depth > MOST_NESTING)
      problem = "the JSON text is nested more than 64 deep";
    else if (!in_string && (c == '}' || c == ']') && depth > 0)
      depth--;
  }
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, problem);
  return FALSE;
}

/* json-glib keeps the last of two members of one name. Counting those that were read against those
 * that were kept finds them out. */
typedef struct {
  GArray *counts; /* guint, one for each open object */
  char *repeated;
} Counter;

static void
on_object_start_cb (JsonParser *parser, gpointer user_data)
{
  Counter *counter = user_data;
  guint none = 0;
  g_array_append_val (counter->counts, none);
}

static void
on_object_member_cb (JsonParser *parser, JsonObject *object, const char *name, gpointer user_data)
{
  Counter *counter = user_data;
  if (counter->counts->len == 0)
    return;
  guint *count = &g_array_index (counter->counts, guint, counter->counts->len - 1);
  if (++*count != json_object_get_size (object) && counter->repeated == NULL)
    counter->repeated = g_strdup (name);
}

static void
on_object_end_cb (JsonParser *parser, JsonObject *object, gpointer user_data)
{
  Counter *counter = user_data;
  if (counter->counts->len > 0)
    g_array_set_size (counter->counts, counter->counts->len - 1);
}

static gboolean
check_result (JsonParser *parser, const Counter *counter, GError **error)
{
  JsonNode *root = json_parser_get_root (parser);
  if (counter->repeated != NULL)
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "the JSON member “%s” occurs twice",
                 counter->repeated);
  else if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    g_set_error_literal (
        error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "the JSON text is no object");
  else
    return TRUE;
  return FALSE;
}

JsonNode *
iv_json_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GError) problem = NULL;
  Counter counter = { .counts = counts };
  if (!check_text (text, length, error))
    return NULL;
  g_signal_connect (parser, "object-start", G_CALLBACK (on_object_start_cb), &counter);
  g_signal_connect (parser, "object-member", G_CALLBACK (on_object_member_cb), &counter);
  g_signal_connect (parser, "object-end", G_CALLBACK (on_object_end_cb), &counter);
  gboolean is_read = json_parser_load_from_data (parser, text, (gssize) length, &problem);
  if (!is_read)
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "the JSON text is damaged: %s",
                 problem->message);
  is_read = is_read && check_result (parser, &counter, error);
  g_free (counter.repeated);
  return is_read ? json_parser_steal_root (parser) : NULL;
}

static JsonNode *
get_member (JsonObject *object, const char *member)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
iv_json_has (JsonObject *object, const char *member)
{
  return get_member (object, member) != NULL;
}

JsonObject *
iv_json_get_object (JsonObject *object, const char *member)
{
  JsonNode *node = get_member (object, member);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
iv_json_get_array (JsonObject *object, const char *member)
{
  JsonNode *node = get_member (object, member);
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
iv_json_get_string (JsonObject *object, const char *member)
{
  JsonNode *node = get_member (object, member);
  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

gboolean
iv_json_get_bool (JsonObject *object, const char *member, gboolean *value)
{
  JsonNode *node = get_member (object, member);
  if (!holds (node, G_TYPE_BOOLEAN))
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
iv_json_node_get_uint (JsonNode *node, guint64 *value)
{
  if (!holds (node, G_TYPE_INT64) || json_node_get_int (node) < 0)
    return FALSE;
  *value = (guint64) json_node_get_int (node);
  return TRUE;
}

gboolean
iv_json_get_uint (JsonObject *object, const char *member, guint64 *value)
{
  return iv_json_node_get_uint (get_member (object, member), value);
}

gboolean
iv_json_get_number (JsonObject *object, const char *member, double *value)
{
  JsonNode *node = get_member (object, member);
  if (!holds (node, G_TYPE_INT64) && !holds (node, G_TYPE_DOUBLE))
    return FALSE;
  *value = json_node_get_double (node);
  return isfinite (*value);
}

char *
iv_json_to_string (JsonNode *node, gboolean is_pretty)
{
  g_autofree char *text = json_to_string (node, is_pretty);
  if (strchr (text, 0x1F) == NULL)
    return g_steal_pointer (&text);
  g_auto (GStrv) parts = g_strsplit (text, "\x1F", -1);
  return g_strjoinv ("\\u001f", parts);
}
