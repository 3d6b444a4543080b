/* From a JSON schema to a grammar.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/constrain/iv-json-schema.h"

#include <math.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "model/files/iv-json.h"
#include "model/files/iv-model-error.h"

#define MAX_DEPTH 64
#define MAX_INTEGERS 1000
#define MAX_COUNT 10000

typedef struct {
  JsonObject *root;
  GString *grammar;
  GHashTable *references; /* "#/$defs/X" → name of its rule */
  GQueue *pending;        /* references whose rules are still to be written; owned by the table */
  guint n_rules;
  guint depth;
} Writer;

/* Where a schema stands, for messages. */
typedef struct {
  Writer *writer;
  JsonObject *schema;
  const char *place;
} Schema;

static char *write_schema (Writer *writer, JsonNode *node, const char *place, GError **error);

static gboolean
refuse (GError **error, int code, const char *place, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
refuse (GError **error, int code, const char *place, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IV_MODEL_ERROR, code, "schema, %s: %s", place, what);
  return FALSE;
}

/* Writes a rule; its name. */
static char *
add_rule (Writer *writer, const char *body)
{
  char *name = g_strdup_printf ("r%u", writer->n_rules++);
  g_string_append_printf (writer->grammar, "%s ::= %s\n", name, body);
  return name;
}

/* A text as a literal of the grammar. */
static void
append_literal (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    if ((guchar) *p < 0x20)
      g_string_append_printf (out, "\\x%02x", (guchar) *p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

/* --- keywords ------------------------------------------------------------------------------- */

static gboolean
check_keywords (const Schema *schema, GError **error)
{
  static const char *const known[] = {
    "type",
    "properties",
    "required",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "$ref",
    "$defs",
    "definitions",
    /* These say nothing of what is valid, or the grammar is stricter. */
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "additionalProperties",
    NULL
  };
  g_autoptr (GList) members = json_object_get_members (schema->schema);
  for (GList *member = members; member != NULL; member = member->next)
    if (!g_strv_contains (known, member->data))
      return refuse (error,
                     IV_MODEL_ERROR_UNSUPPORTED,
                     schema->place,
                     "the keyword “%s” is not supported",
                     (const char *) member->data);
  return TRUE;
}

/* A whole number of 0 to MAX_COUNT; what is absent leaves the value alone. */
static gboolean
read_count (const Schema *schema, const char *keyword, guint *count, GError **error)
{
  guint64 value = 0;
  if (!iv_json_has (schema->schema, keyword))
    return TRUE;
  if (!iv_json_get_uint (schema->schema, keyword, &value) || value > MAX_COUNT)
    return refuse (error,
                   IV_MODEL_ERROR_FORMAT,
                   schema->place,
                   "“%s” is no whole number of 0 to %d",
                   keyword,
                   MAX_COUNT);
  *count = (guint) value;
  return TRUE;
}

static gboolean
read_counts (const Schema *schema,
             const char *min_keyword,
             const char *max_keyword,
             guint counts[2],
             GError **error)
{
  counts[0] = 0;
  counts[1] = G_MAXUINT;
  if (!read_count (schema, min_keyword, &counts[0], error) ||
      !read_count (schema, max_keyword, &counts[1], error))
    return FALSE;
  return counts[0] <= counts[1] || refuse (error,
                                           IV_MODEL_ERROR_FORMAT,
                                           schema->place,
                                           "%s is more than %s",
                                           min_keyword,
                                           max_keyword);
}

static void
append_repetition (GString *out, guint min, guint max)
{
  if (max == G_MAXUINT)
    g_string_append_printf (out, "{%u,}", min);
  else
    g_string_append_printf (out, "{%u,%u}", min, max);
}

/* --- values --------------------------------------------------------------------------------- */

static void
append_value (GString *out, JsonNode *value)
{
  g_autofree char *text = iv_json_to_string (value, FALSE);
  append_literal (out, text);
}

static char *
write_enum (const Schema *schema, JsonNode *values, GError **error)
{
  g_autoptr (GString) body = g_string_new (NULL);
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (values) ? json_node_get_array (values) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;
  if (n == 0) {
    refuse (error, IV_MODEL_ERROR_FORMAT, schema->place, "“enum” is no list of values");
    return NULL;
  }
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append (body, " | ");
    append_value (body, json_array_get_element (array, i));
  }
  return add_rule (schema->writer, body->str);
}

static char *
write_string (const Schema *schema, GError **error)
{
  guint counts[2];
  if (!read_counts (schema, "minLength", "maxLength", counts, error))
    return NULL;
  g_autoptr (GString) body = g_string_new ("\"\\\"\" char");
  append_repetition (body, counts[0], counts[1]);
  g_string_append (body, " \"\\\"\"");
  return add_rule (schema->writer, body->str);
}

static char *
write_integer (const Schema *schema, GError **error)
{
  double low = NAN, high = NAN;
  if (!iv_json_has (schema->schema, "minimum") && !iv_json_has (schema->schema, "maximum"))
    return g_strdup ("integer");
  iv_json_get_number (schema->schema, "minimum", &low);
  iv_json_get_number (schema->schema, "maximum", &high);
  if (!(fabs (low) < 1e9) || !(high >= low) || !(high - low <= MAX_INTEGERS)) {
    refuse (error,
            IV_MODEL_ERROR_UNSUPPORTED,
            schema->place,
            "minimum and maximum must both be there and at most %d apart",
            MAX_INTEGERS);
    return NULL;
  }
  g_autoptr (GString) body = g_string_new (NULL);
  for (gint64 value = (gint64) ceil (low); value <= (gint64) floor (high); value++)
    g_string_append_printf (body, "%s\"%" G_GINT64_FORMAT "\"", body->len > 0 ? " | " : "", value);
  if (body->len == 0) {
    refuse (error, IV_MODEL_ERROR_FORMAT, schema->place, "no integer lies in the range");
    return NULL;
  }
  return add_rule (schema->writer, body->str);
}

static char *
write_number (const Schema *schema, GError **error)
{
  if (json_object_has_member (schema->schema, "minimum") ||
      json_object_has_member (schema->schema, "maximum")) {
    refuse (error,
            IV_MODEL_ERROR_UNSUPPORTED,
            schema->place,
            "minimum and maximum are supported for integers only");
    return NULL;
  }
  return g_strdup ("number");
}

static char *
write_array (const Schema *schema, GError **error)
{
  guint counts[2];
  JsonNode *items = json_object_get_member (schema->schema, "items");
  if (items == NULL) {
    refuse (error, IV_MODEL_ERROR_UNSUPPORTED, schema->place, "an array without “items”");
    return NULL;
  }
  if (!read_counts (schema, "minItems", "maxItems", counts, error))
    return NULL;
  g_autofree char *place = g_strconcat (schema->place, "/items", NULL);
  g_autofree char *item = write_schema (schema->writer, items, place, error);
  if (item == NULL)
    return NULL;
  if (counts[1] == 0)
    return add_rule (schema->writer, "\"[\" ws \"]\"");
  g_autoptr (GString) body = g_string_new ("\"[\" ws (");
  g_string_append_printf (body, "%s (ws \",\" ws %s)", item, item);
  append_repetition (
      body, counts[0] > 0 ? counts[0] - 1 : 0, counts[1] == G_MAXUINT ? G_MAXUINT : counts[1] - 1);
  g_string_append_printf (body, ")%s ws \"]\"", counts[0] > 0 ? "" : "?");
  return add_rule (schema->writer, body->str);
}

/* --- objects -------------------------------------------------------------------------------- */

static gboolean
check_required (const Schema *schema, JsonObject *properties, GError **error)
{
  JsonNode *required = json_object_get_member (schema->schema, "required");
  JsonArray *names =
      required != NULL && JSON_NODE_HOLDS_ARRAY (required) ? json_node_get_array (required) : NULL;
  if (required != NULL && names == NULL)
    return refuse (error, IV_MODEL_ERROR_FORMAT, schema->place, "“required” is no list");
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++) {
    JsonNode *name = json_array_get_element (names, i);
    if (json_node_get_value_type (name) != G_TYPE_STRING ||
        !json_object_has_member (properties, json_node_get_string (name)))
      return refuse (error,
                     IV_MODEL_ERROR_FORMAT,
                     schema->place,
                     "a required property is not among the properties");
  }
  return TRUE;
}

static gboolean
is_required (const Schema *schema, const char *name)
{
  JsonNode *required = json_object_get_member (schema->schema, "required");
  JsonArray *names = required != NULL ? json_node_get_array (required) : NULL;
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    if (g_str_equal (json_array_get_string_element (names, i), name))
      return TRUE;
  return FALSE;
}

/* Members from the last to the first: `plain` is what may follow when none came before, `comma`
 * what may follow one. Each is the name of a rule, or NULL for nothing. */
typedef struct {
  char *plain, *comma;
} Members;

static void
prepend_member (const Schema *schema, Members *rest, const char *member, gboolean must_be)
{
  g_autofree char *after =
      rest->comma != NULL ? g_strdup_printf ("%s %s", member, rest->comma) : g_strdup (member);
  g_autofree char *skip_plain =
      must_be ? g_strdup ("")
              : g_strdup_printf (" | %s", rest->plain != NULL ? rest->plain : "\"\"");
  g_autofree char *skip_comma =
      must_be ? g_strdup ("")
              : g_strdup_printf (" | %s", rest->comma != NULL ? rest->comma : "\"\"");
  g_autofree char *plain = g_strdup_printf ("%s%s", after, skip_plain);
  g_autofree char *comma = g_strdup_printf ("ws \",\" ws %s%s", after, skip_comma);
  g_free (rest->plain);
  g_free (rest->comma);
  rest->plain = add_rule (schema->writer, plain);
  rest->comma = add_rule (schema->writer, comma);
}

static char *
write_member (const Schema *schema, JsonObject *properties, const char *name, GError **error)
{
  g_autofree char *place = g_strconcat (schema->place, "/properties/", name, NULL);
  g_autofree char *value =
      write_schema (schema->writer, json_object_get_member (properties, name), place, error);
  if (value == NULL)
    return NULL;
  g_autoptr (JsonNode) key = json_node_new (JSON_NODE_VALUE);
  g_autoptr (GString) body = g_string_new (NULL);
  json_node_set_string (key, name);
  append_value (body, key);
  g_string_append_printf (body, " ws \":\" ws %s", value);
  return add_rule (schema->writer, body->str);
}

static char *
write_object (const Schema *schema, GError **error)
{
  JsonNode *node = json_object_get_member (schema->schema, "properties");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)) {
    refuse (error, IV_MODEL_ERROR_UNSUPPORTED, schema->place, "an object without “properties”");
    return NULL;
  }
  JsonObject *properties = json_node_get_object (node);
  if (!check_required (schema, properties, error))
    return NULL;
  g_autoptr (GList) names = json_object_get_members (properties);
  Members members = { 0 };
  gboolean done = TRUE;
  for (GList *name = g_list_last (names); done && name != NULL; name = name->prev) {
    g_autofree char *member = write_member (schema, properties, name->data, error);
    done = member != NULL;
    if (done)
      prepend_member (schema, &members, member, is_required (schema, name->data));
  }
  g_autofree char *body =
      g_strdup_printf ("\"{\" ws %s ws \"}\"", members.plain != NULL ? members.plain : "\"\"");
  g_free (members.plain);
  g_free (members.comma);
  return done ? add_rule (schema->writer, body) : NULL;
}

/* --- schemas -------------------------------------------------------------------------------- */

static char *
write_alternatives (const Schema *schema, const char *keyword, GError **error)
{
  JsonNode *node = json_object_get_member (schema->schema, keyword);
  JsonArray *list = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GString) body = g_string_new (NULL);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    g_autofree char *place = g_strdup_printf ("%s/%s/%u", schema->place, keyword, i);
    g_autofree char *rule =
        write_schema (schema->writer, json_array_get_element (list, i), place, error);
    if (rule == NULL)
      return NULL;
    g_string_append_printf (body, "%s%s", i > 0 ? " | " : "", rule);
  }
  if (body->len == 0) {
    refuse (error, IV_MODEL_ERROR_FORMAT, schema->place, "“%s” is no list of schemas", keyword);
    return NULL;
  }
  return add_rule (schema->writer, body->str);
}

/* Resolved later, so that a schema may contain itself. */
static char *
write_reference (const Schema *schema, GError **error)
{
  Writer *writer = schema->writer;
  JsonNode *node = json_object_get_member (schema->schema, "$ref");
  const char *reference =
      json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";
  const char *rule = g_hash_table_lookup (writer->references, reference);
  if (rule != NULL)
    return g_strdup (rule);
  g_auto (GStrv) parts = g_strsplit (reference, "/", -1);
  JsonObject *definitions = NULL;
  if (g_strv_length (parts) == 3 && g_str_equal (parts[0], "#") &&
      (g_str_equal (parts[1], "$defs") || g_str_equal (parts[1], "definitions"))) {
    JsonNode *all = json_object_get_member (writer->root, parts[1]);
    definitions = all != NULL && JSON_NODE_HOLDS_OBJECT (all) ? json_node_get_object (all) : NULL;
  }
  if (definitions == NULL || !json_object_has_member (definitions, parts[2])) {
    refuse (error,
            IV_MODEL_ERROR_UNSUPPORTED,
            schema->place,
            "“$ref” to “%.100s”, which is not among the schema's definitions",
            reference);
    return NULL;
  }
  char *key = g_strdup (reference);
  char *name = g_strdup_printf ("d%u", g_hash_table_size (writer->references));
  g_hash_table_insert (writer->references, key, name);
  g_queue_push_tail (writer->pending, key);
  return g_strdup (name);
}

static char *
write_type (const Schema *schema, const char *type, GError **error)
{
  if (g_strcmp0 (type, "object") == 0)
    return write_object (schema, error);
  if (g_strcmp0 (type, "array") == 0)
    return write_array (schema, error);
  if (g_strcmp0 (type, "string") == 0)
    return write_string (schema, error);
  if (g_strcmp0 (type, "integer") == 0)
    return write_integer (schema, error);
  if (g_strcmp0 (type, "number") == 0)
    return write_number (schema, error);
  if (g_strcmp0 (type, "boolean") == 0)
    return add_rule (schema->writer, "\"true\" | \"false\"");
  if (g_strcmp0 (type, "null") == 0)
    return add_rule (schema->writer, "\"null\"");
  refuse (error,
          IV_MODEL_ERROR_UNSUPPORTED,
          schema->place,
          "the type “%s” is not known",
          type != NULL ? type : "(none)");
  return NULL;
}

static char *
write_types (const Schema *schema, JsonArray *types, GError **error)
{
  g_autoptr (GString) body = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (types); i++) {
    JsonNode *type = json_array_get_element (types, i);
    g_autofree char *rule = write_type (
        schema,
        json_node_get_value_type (type) == G_TYPE_STRING ? json_node_get_string (type) : NULL,
        error);
    if (rule == NULL)
      return NULL;
    g_string_append_printf (body, "%s%s", i > 0 ? " | " : "", rule);
  }
  if (body->len == 0) {
    refuse (error, IV_MODEL_ERROR_FORMAT, schema->place, "“type” is an empty list");
    return NULL;
  }
  return add_rule (schema->writer, body->str);
}

static char *
write_any (const Schema *schema, GError **error)
{
  JsonObject *object = schema->schema;
  JsonNode *type = json_object_get_member (object, "type");
  if (json_object_has_member (object, "$ref"))
    return write_reference (schema, error);
  if (json_object_has_member (object, "const")) {
    g_autoptr (GString) body = g_string_new (NULL);
    append_value (body, json_object_get_member (object, "const"));
    return add_rule (schema->writer, body->str);
  }
  if (json_object_has_member (object, "enum"))
    return write_enum (schema, json_object_get_member (object, "enum"), error);
  if (json_object_has_member (object, "anyOf"))
    return write_alternatives (schema, "anyOf", error);
  if (json_object_has_member (object, "oneOf"))
    return write_alternatives (schema, "oneOf", error);
  if (type != NULL && JSON_NODE_HOLDS_ARRAY (type))
    return write_types (schema, json_node_get_array (type), error);
  return write_type (schema,
                     type != NULL && json_node_get_value_type (type) == G_TYPE_STRING
                         ? json_node_get_string (type)
                         : NULL,
                     error);
}

static char *
write_schema (Writer *writer, JsonNode *node, const char *place, GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    refuse (error, IV_MODEL_ERROR_UNSUPPORTED, place, "this schema is no object");
    return NULL;
  }
  if (++writer->depth > MAX_DEPTH) {
    refuse (error, IV_MODEL_ERROR_UNSUPPORTED, place, "more than %d deep", MAX_DEPTH);
    return NULL;
  }
  Schema schema = { writer, json_node_get_object (node), place };
  char *rule = check_keywords (&schema, error) ? write_any (&schema, error) : NULL;
  writer->depth--;
  return rule;
}

static gboolean
write_definitions (Writer *writer, GError **error)
{
  const char *reference;
  while ((reference = g_queue_pop_head (writer->pending)) != NULL) {
    g_auto (GStrv) parts = g_strsplit (reference, "/", -1);
    JsonNode *node =
        json_object_get_member (json_object_get_object_member (writer->root, parts[1]), parts[2]);
    g_autofree char *rule = write_schema (writer, node, reference, error);
    if (rule == NULL)
      return FALSE;
    g_string_append_printf (writer->grammar,
                            "%s ::= %s\n",
                            (const char *) g_hash_table_lookup (writer->references, reference),
                            rule);
  }
  return TRUE;
}

/* Controls are never written raw, nor is a half of a surrogate pair as \u. */
static const char common_rules[] =
    "ws ::= \"\" | \" \" | \"\\n\" \" \"{0,16}\n"
    "char ::= [^\"\\\\\\x00-\\x1f\\x7f] | \"\\\\\" [\"\\\\/bfnrt]\n"
    "integer ::= \"-\"? (\"0\" | [1-9] [0-9]{0,14})\n"
    "number ::= integer (\".\" [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?\n";

char *
iv_json_schema_to_grammar (const char *schema, gssize length, GError **error)
{
  g_autoptr (JsonNode) node =
      iv_json_parse (schema, length < 0 ? strlen (schema) : (gsize) length, error);
  if (node == NULL) {
    g_prefix_error (error, "schema: ");
    return NULL;
  }
  g_autoptr (GString) grammar = g_string_new (common_rules);
  g_autoptr (GHashTable) references =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GQueue) pending = g_queue_new ();
  Writer writer = { .root = json_node_get_object (node),
                    .grammar = grammar,
                    .references = references,
                    .pending = pending };
  g_autofree char *root = write_schema (&writer, node, "#", error);
  if (root == NULL || !write_definitions (&writer, error))
    return NULL;
  g_string_append_printf (grammar, "root ::= ws %s\n", root);
  return g_strdup (grammar->str);
}
