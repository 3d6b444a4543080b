/* interval-cli tokenize: text on standard input to a JSON array of token ids.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-input.h"
#include "model/files/iv-tokenizer.h"

typedef struct {
  char *model;
  gboolean parse_special, add_special;
} Options;

static void
print_ids (const GArray *ids)
{
  g_autoptr (GString) text = g_string_new ("[");
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? ", " : "", g_array_index (ids, gint32, i));
  g_print ("%s]\n", text->str);
}

static gboolean
tokenize (const Options *options, GError **error)
{
  g_autoptr (IvWeights) weights = iv_weights_open (options->model, error);
  g_autoptr (IvTokenizer) tokenizer = weights != NULL ? iv_tokenizer_new (weights, error) : NULL;
  if (tokenizer == NULL)
    return FALSE;
  g_autoptr (GBytes) input = iv_cli_read_input (error);
  if (input == NULL)
    return FALSE;
  IvTokenizeFlags flags = IV_TOKENIZE_PLAIN;
  if (options->parse_special)
    flags |= IV_TOKENIZE_PARSE_SPECIAL;
  if (options->add_special)
    flags |= IV_TOKENIZE_ADD_SPECIAL;
  gsize size;
  const char *text = g_bytes_get_data (input, &size);
  g_autoptr (GArray) ids =
      iv_tokenizer_encode (tokenizer, text != NULL ? text : "", (gssize) size, flags);
  print_ids (ids);
  return TRUE;
}

int
iv_cli_run_tokenize (int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "GGUF file or directory", "MODEL" },
    { "parse-special",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options.parse_special,
      "recognise control tokens" },
    { "add-special", 0, 0, G_OPTION_ARG_NONE, &options.add_special, "begin with the start token" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("tokenize");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  g_autofree char *model = options.model;
  if (model == NULL || argc > 1)
    return iv_cli_usage (command, model == NULL ? "which --model?" : "text is read from input");
  return tokenize (&options, &error) ? IV_CLI_DONE : iv_cli_fail (command->name, error);
}
