/* Prompts: text templates that ship with Interval and that the reader may replace.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-prompt.h"

#include <gio/gio.h>
#include <stdarg.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/iv-read-resources.h"

char *
iv_prompt_get_user_file (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".txt", NULL);

  return g_build_filename (g_get_user_config_dir (), "interval", "prompts", file, NULL);
}

static char *
get_shipped_path (const char *name)
{
  return g_strdup_printf ("/io/github/intervalcxr/Interval/prompts/%s.txt", name);
}

static char *
read_template (const char *name)
{
  g_autofree char *user_file = iv_prompt_get_user_file (name);
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text = NULL;

  if (g_file_get_contents (user_file, &text, NULL, NULL)) {
    if (g_utf8_validate (text, -1, NULL))
      return text;
    g_free (text);
  }
  path = get_shipped_path (name);
  bytes = g_resource_lookup_data (iv_read_get_resource (), path, 0, NULL);
  if (bytes == NULL)
    return NULL;
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static char *
load_shipped (const char *name, char **source, GError **error)
{
  g_autofree char *path = get_shipped_path (name);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (iv_read_get_resource (), path, 0, NULL);

  if (bytes == NULL) {
    g_autofree char *user_file = iv_prompt_get_user_file (name);

    g_set_error (error,
                 IV_READ_ERROR,
                 IV_READ_ERROR_NO_PROMPT,
                 "there is no prompt “%s”, nor a file %s",
                 name,
                 user_file);
    return NULL;
  }
  *source = g_strconcat (name, ".txt", NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

char *
iv_prompt_load (const char *name, char **source, GError **error)
{
  g_autofree char *user_file = iv_prompt_get_user_file (name);
  g_autofree char *text = NULL;
  g_autoptr (GError) problem = NULL;
  gsize length;

  if (!g_file_get_contents (user_file, &text, &length, &problem)) {
    if (g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      return load_shipped (name, source, error);
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }
  if (!g_utf8_validate (text, (gssize) length, NULL)) {
    g_set_error (
        error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: is not text in UTF-8", user_file);
    return NULL;
  }
  *source = g_steal_pointer (&user_file);
  return g_steal_pointer (&text);
}

char *
iv_prompt_fill (const char *name, ...)
{
  g_autofree char *template = read_template (name);
  g_autoptr (GHashTable) values = NULL;
  GString *text;
  const char *key, *rest;
  va_list arguments;

  if (template == NULL)
    return NULL;
  values = g_hash_table_new (g_str_hash, g_str_equal);
  va_start (arguments, name);
  while ((key = va_arg (arguments, const char *)) != NULL)
    g_hash_table_insert (values, (gpointer) key, va_arg (arguments, char *));
  va_end (arguments);

  text = g_string_new (NULL);
  rest = template;
  for (const char *open = strstr (rest, "{{"); open != NULL; open = strstr (rest, "{{")) {
    const char *close = strstr (open, "}}");
    g_autofree char *word = close != NULL ? g_strndup (open + 2, close - open - 2) : NULL;
    const char *value = word != NULL ? g_hash_table_lookup (values, word) : NULL;

    if (value == NULL) { /* no key of ours: stays as written */
      g_string_append_len (text, rest, open + 2 - rest);
      rest = open + 2;
      continue;
    }
    g_string_append_len (text, rest, open - rest);
    g_string_append (text, value);
    rest = close + 2;
  }
  g_string_append (text, rest);
  g_strchomp (text->str);
  text->len = strlen (text->str);
  return g_string_free (text, FALSE);
}
