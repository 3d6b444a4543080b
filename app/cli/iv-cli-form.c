/* The options that give an answer its form.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-form.h"

void
iv_cli_form_options_clear (IvCliFormOptions *options)
{
  g_free (options->grammar);
  g_free (options->json_schema);
  g_free (options->ban);
  g_free (options->after);
}

static gboolean
read_file (const char *file, char **text, GError **error)
{
  return file == NULL || g_file_get_contents (file, text, NULL, error);
}

IvAnswerForm *
iv_cli_form_new (IvLanguageModel *model, const IvCliFormOptions *options, GError **error)
{
  g_autofree char *grammar = NULL, *json_schema = NULL, *ban = NULL;
  if (options->grammar == NULL && options->json_schema == NULL && options->ban == NULL)
    return NULL;
  if (!read_file (options->grammar, &grammar, error) ||
      !read_file (options->json_schema, &json_schema, error) ||
      !read_file (options->ban, &ban, error))
    return NULL;
  g_auto (GStrv) banned = ban != NULL ? g_strsplit (ban, "\n", -1) : NULL;
  IvAnswerFormParams params = { .grammar = grammar,
                                .json_schema = json_schema,
                                .banned = (const char *const *) banned,
                                .after = options->after };
  return iv_answer_form_new (model, &params, error);
}
