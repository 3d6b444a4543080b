/* Which variants of the kernels are in use, as text and JSON.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-tuning.h"

/* The format that begins at row i as a line; i moves behind it. NULL when nothing was measured. */
static char *
make_line (GArray *rows, guint *i)
{
  const char *format = g_array_index (rows, IvTuningRow, *i).format;
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean any = FALSE;
  for (; *i < rows->len; (*i)++) {
    const IvTuningRow *row = &g_array_index (rows, IvTuningRow, *i);
    if (!g_str_equal (row->format, format))
      break;
    any |= row->source != IV_TUNING_DEFAULT;
    g_string_append_printf (line,
                            "%s%s %u (%s)",
                            line->len > 0 ? ", " : "",
                            row->knob,
                            row->value,
                            iv_tuning_source_to_string (row->source));
  }
  return any ? g_strdup_printf ("tuning %-4s %s", format, line->str) : NULL;
}

void
iv_cli_tuning_print (GArray *rows)
{
  gboolean any = FALSE;
  for (guint i = 0; i < rows->len;) {
    g_autofree char *line = make_line (rows, &i);
    any |= line != NULL;
    if (line != NULL)
      g_print ("%s\n", line);
  }
  if (!any)
    g_print ("tuning      all kernels at their defaults\n");
}

void
iv_cli_tuning_add (JsonBuilder *builder, GArray *rows)
{
  json_builder_set_member_name (builder, "tuning");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++) {
    const IvTuningRow *row = &g_array_index (rows, IvTuningRow, i);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "format");
    json_builder_add_string_value (builder, row->format);
    json_builder_set_member_name (builder, "knob");
    json_builder_add_string_value (builder, row->knob);
    json_builder_set_member_name (builder, "value");
    json_builder_add_int_value (builder, row->value);
    json_builder_set_member_name (builder, "source");
    json_builder_add_string_value (builder, iv_tuning_source_to_string (row->source));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}
