/* interval-cli template: messages on standard input to the prompt text a model was trained with.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <stdio.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-input.h"

typedef struct {
  char *model, *file;
  gboolean no_think, no_answer;
} Options;

static IvChatTemplate *
open_template (const Options *options, GError **error)
{
  if (options->model != NULL) {
    g_autoptr (IvWeights) weights = iv_weights_open (options->model, error);
    return weights != NULL ? iv_chat_template_new_for_weights (weights, error) : NULL;
  }
  g_autofree char *jinja = NULL;
  if (!g_file_get_contents (options->file, &jinja, NULL, error))
    return NULL;
  IvChatTemplate *chat_template = iv_chat_template_new (jinja, error);
  if (chat_template == NULL)
    g_prefix_error (error, "%s: ", options->file);
  return chat_template;
}

static gboolean
print_prompt (const Options *options, GError **error)
{
  g_autoptr (IvChatTemplate) chat_template = open_template (options, error);
  g_autoptr (GBytes) input = chat_template != NULL ? iv_cli_read_input (error) : NULL;
  g_auto (IvCliMessages) messages = { 0 };
  IvChatFlags flags = IV_CHAT_PLAIN;
  gsize size;
  if (input == NULL)
    return FALSE;
  const char *json = g_bytes_get_data (input, &size);
  if (!iv_cli_messages_parse (
          &messages, json != NULL ? json : "", (gssize) size, "standard input", error))
    return FALSE;
  if (options->no_think)
    flags |= IV_CHAT_NO_THINK;
  if (options->no_answer)
    flags |= IV_CHAT_NO_ANSWER;
  g_autofree char *prompt = iv_chat_template_apply_with_flags (
      chat_template, messages.messages, messages.n, flags, error);
  if (prompt == NULL)
    return FALSE;
  fputs (prompt, stdout); /* g_print would turn it into the locale's characters */
  return TRUE;
}

int
iv_cli_run_template (int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "GGUF file or directory", "MODEL" },
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &options.file, "a Jinja template", "JINJA" },
    { "no-think", 0, 0, G_OPTION_ARG_NONE, &options.no_think, "ask for no thoughts" },
    { "no-answer", 0, 0, G_OPTION_ARG_NONE, &options.no_answer, "do not begin the answer" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("template");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  g_autofree char *model = options.model;
  g_autofree char *file = options.file;
  if ((model == NULL) == (file == NULL) || argc > 1)
    return iv_cli_usage (command, "one of --model and --file is wanted");
  return print_prompt (&options, &error) ? IV_CLI_DONE : iv_cli_fail (command->name, error);
}
