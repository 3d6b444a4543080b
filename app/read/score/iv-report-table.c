/* Rows of named texts from a file: CSV, JSON Lines, or one report a line.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-report-table.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "model/files/iv-json.h"

typedef struct {
  guint line;
  GHashTable *fields; /* name → text, both owned */
} Row;

struct _IvReportTable {
  char *file;
  GPtrArray *rows;     /* Row * */
  GHashTable *columns; /* set of names */
  GHashTable *ids;     /* id (a row's) → index + 1 */
};

static void
row_free (Row *row)
{
  g_hash_table_unref (row->fields);
  g_free (row);
}

static Row *
add_row (IvReportTable *self, guint line)
{
  Row *row = g_new0 (Row, 1);
  row->line = line;
  row->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_ptr_array_add (self->rows, row);
  return row;
}

/* value: (transfer full) */
static void
set_field (IvReportTable *self, Row *row, const char *name, char *value)
{
  g_hash_table_add (self->columns, g_strdup (name));
  g_hash_table_insert (row->fields, g_strdup (name), value);
}

static gboolean
fail (const IvReportTable *self, guint line, GError **error, const char *problem)
{
  g_set_error (
      error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s, line %u: %s", self->file, line, problem);
  return FALSE;
}

static guint
count_lines (const char *start, const char *end)
{
  guint n = 1;
  for (; start < end; start++)
    n += *start == '\n';
  return n;
}

/* (transfer full) The file's text, checked. */
static char *
load_text (const IvReportTable *self, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  const char *bad = NULL;
  if (!g_file_get_contents (self->file, &text, &length, error))
    return NULL;
  if (!g_utf8_validate_len (text, length, &bad)) {
    fail (self, count_lines (text, bad), error, "not UTF-8");
    return NULL;
  }
  if (g_str_has_prefix (text, "\xef\xbb\xbf"))
    return g_strdup (text + 3);
  return g_steal_pointer (&text);
}

/* Cuts the text at line ends, in place. The empty rest after a last line end is no line. */
static gboolean
next_line (char **rest, char **line)
{
  if (**rest == '\0')
    return FALSE;
  *line = *rest;
  char *end = strchr (*rest, '\n');
  *rest = end != NULL ? end + 1 : *rest + strlen (*rest);
  if (end != NULL)
    *end = '\0';
  gsize length = strlen (*line);
  if (length > 0 && (*line)[length - 1] == '\r')
    (*line)[length - 1] = '\0';
  return TRUE;
}

static gboolean
read_lines (IvReportTable *self, char *text, GError **error)
{
  char *line;
  guint number = 1;
  for (; next_line (&text, &line); number++)
    set_field (self, add_row (self, number), "report", g_strdup (line));
  return TRUE;
}

static gboolean
read_object (IvReportTable *self, JsonObject *object, guint line, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);
  Row *row = add_row (self, line);
  for (GList *at = names; at != NULL; at = at->next) {
    JsonNode *node = json_object_get_member (object, at->data);
    g_autofree char *problem = NULL;
    if (JSON_NODE_HOLDS_NULL (node))
      continue;
    if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING) {
      set_field (self, row, at->data, json_node_dup_string (node));
      continue;
    }
    if (JSON_NODE_HOLDS_VALUE (node)) {
      set_field (self, row, at->data, iv_json_to_string (node, FALSE));
      continue;
    }
    problem = g_strdup_printf ("“%s” is neither text nor a number", (const char *) at->data);
    return fail (self, line, error, problem);
  }
  return TRUE;
}

static gboolean
read_jsonl (IvReportTable *self, char *text, GError **error)
{
  char *line;
  guint number = 1;
  for (; next_line (&text, &line); number++) {
    g_autoptr (GError) cause = NULL;
    g_autoptr (JsonNode) node = NULL;
    if (*g_strstrip (line) == '\0')
      continue;
    node = json_from_string (line, &cause);
    if (node == NULL)
      return fail (self, number, error, cause != NULL ? cause->message : "not JSON");
    if (!JSON_NODE_HOLDS_OBJECT (node))
      return fail (self, number, error, "not a JSON object");
    if (!read_object (self, json_node_get_object (node), number, error))
      return FALSE;
  }
  return TRUE;
}

/* What a CSV field ends with. */
typedef enum { END_FIELD, END_RECORD, END_FILE, END_BAD } FieldEnd;

/* Reads the field at *at into the string, and moves past the separator behind it. */
static FieldEnd
read_csv_field (const char **at, GString *field)
{
  const char *c = *at;
  g_string_truncate (field, 0);
  if (*c == '"') {
    for (c++; *c != '\0' && !(c[0] == '"' && c[1] != '"'); c++) {
      c += c[0] == '"'; /* the first of a doubled quotation mark */
      g_string_append_c (field, *c);
    }
    if (*c != '"')
      return END_BAD;
    c++;
    if (*c != ',' && *c != '\r' && *c != '\n' && *c != '\0')
      return END_BAD;
  } else {
    gsize length = strcspn (c, ",\r\n");
    g_string_append_len (field, c, length);
    c += length;
  }
  FieldEnd end = *c == ',' ? END_FIELD : *c == '\0' ? END_FILE : END_RECORD;
  c += end == END_FIELD;
  if (end == END_RECORD) {
    c += *c == '\r';
    c += *c == '\n';
  }
  *at = c;
  return end;
}

/* (transfer full) One record; NULL with error. */
static GPtrArray *
read_csv_record (const IvReportTable *self, const char **at, guint line, GError **error)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) field = g_string_new (NULL);
  FieldEnd end;
  do {
    end = read_csv_field (at, field);
    if (end == END_BAD) {
      fail (self, line, error, "a quotation mark is not closed, or text follows it");
      return NULL;
    }
    g_ptr_array_add (fields, g_strdup (field->str));
  } while (end == END_FIELD);
  return g_steal_pointer (&fields);
}

static gboolean
read_csv (IvReportTable *self, const char *text, GError **error)
{
  const char *at = text, *counted = text;
  guint line = 1;
  g_autoptr (GPtrArray) names = read_csv_record (self, &at, 1, error);
  if (names == NULL)
    return FALSE;
  while (*at != '\0') {
    line += count_lines (counted, at) - 1;
    counted = at;
    g_autoptr (GPtrArray) fields = read_csv_record (self, &at, line, error);
    if (fields == NULL)
      return FALSE;
    if (fields->len == 1 && names->len > 1 && *(char *) fields->pdata[0] == '\0')
      continue; /* an empty line */
    if (fields->len != names->len) {
      g_autofree char *problem =
          g_strdup_printf ("%u fields, the first row has %u", fields->len, names->len);
      return fail (self, line, error, problem);
    }
    Row *row = add_row (self, line);
    for (guint i = 0; i < names->len; i++)
      set_field (self, row, names->pdata[i], g_strdup (fields->pdata[i]));
  }
  return TRUE;
}

static gboolean
number_rows (IvReportTable *self, GError **error)
{
  for (guint i = 0; i < self->rows->len; i++) {
    const Row *row = g_ptr_array_index (self->rows, i);
    const char *id = g_hash_table_lookup (row->fields, "id");
    if (id == NULL)
      continue;
    if (!g_hash_table_insert (self->ids, (gpointer) id, GUINT_TO_POINTER (i + 1))) {
      g_autofree char *problem = g_strdup_printf ("the id “%s” is there twice", id);
      return fail (self, row->line, error, problem);
    }
  }
  return TRUE;
}

IvReportTable *
iv_report_table_load (const char *file, GError **error)
{
  g_autoptr (IvReportTable) self = g_new0 (IvReportTable, 1);
  gboolean done;
  self->file = g_strdup (file);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  self->columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *text = load_text (self, error);
  if (text == NULL)
    return NULL;
  if (g_str_has_suffix (file, ".csv"))
    done = read_csv (self, text, error);
  else if (g_str_has_suffix (file, ".jsonl"))
    done = read_jsonl (self, text, error);
  else
    done = read_lines (self, text, error);
  return done && number_rows (self, error) ? g_steal_pointer (&self) : NULL;
}

void
iv_report_table_free (IvReportTable *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->ids);
  g_hash_table_unref (self->columns);
  g_ptr_array_unref (self->rows);
  g_free (self->file);
  g_free (self);
}

const char *
iv_report_table_get_file (const IvReportTable *self)
{
  return self->file;
}

guint
iv_report_table_get_n_rows (const IvReportTable *self)
{
  return self->rows->len;
}

gboolean
iv_report_table_has_column (const IvReportTable *self, const char *column)
{
  return g_hash_table_contains (self->columns, column);
}

const char *
iv_report_table_get (const IvReportTable *self, guint row, const char *column)
{
  const Row *one = g_ptr_array_index (self->rows, row);
  return g_hash_table_lookup (one->fields, column);
}

guint
iv_report_table_get_line (const IvReportTable *self, guint row)
{
  const Row *one = g_ptr_array_index (self->rows, row);
  return one->line;
}

char *
iv_report_table_describe_columns (const IvReportTable *self)
{
  g_autoptr (GList) names = g_hash_table_get_keys (self->columns);
  GString *text = g_string_new (NULL);
  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (GList *at = names; at != NULL; at = at->next)
    g_string_append_printf (text, "%s%s", at == names ? "" : ", ", (const char *) at->data);
  return g_string_free (text, FALSE);
}

int
iv_report_table_find (const IvReportTable *self, const char *id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, id)) - 1;
}
