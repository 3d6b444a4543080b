/* interval-cli convert: a model as a GGUF file, in another element type where asked.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include "app/cli/iv-cli-commands.h"
#include "model/files/iv-decoder-config.h"
#include "model/files/iv-gguf-write.h"

/* "DIR/OUT.gguf" to "DIR/mmproj-OUT.gguf". */
static char *
name_tower (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *name = g_strconcat ("mmproj-", base, NULL);
  return g_build_filename (folder, name, NULL);
}

static gboolean
convert (const char *model, IvGgufWriteParams *params, GError **error)
{
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = iv_weights_open (model, error);
  if (weights == NULL)
    return FALSE;
  const char *file = params->file;
  if (iv_gguf_has_part (weights, IV_GGUF_DECODER)) {
    params->part = IV_GGUF_DECODER;
    /* A file that could not be loaded again is not written. */
    if (!iv_decoder_config_read (weights, &config, error) ||
        !iv_gguf_write (weights, params, error))
      return FALSE;
    g_print ("%s\n", params->file);
  }
  if (!iv_gguf_has_part (weights, IV_GGUF_TOWER))
    return TRUE;
  g_autofree char *tower = name_tower (file);
  params->part = IV_GGUF_TOWER;
  /* A file that holds a tower alone keeps the name that was asked for. */
  params->file = iv_gguf_has_part (weights, IV_GGUF_DECODER) ? tower : file;
  if (!iv_gguf_write (weights, params, error))
    return FALSE;
  g_print ("%s\n", params->file);
  return TRUE;
}

int
iv_cli_run_convert (int argc, char **argv)
{
  g_autofree char *type = NULL;
  const GOptionEntry entries[] = {
    { "type", 0, 0, G_OPTION_ARG_STRING, &type, "f32, f16, bf16, q8_0 or q4_0", "TYPE" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("convert");
  IvGgufWriteParams params = { 0 };
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 3)
    return iv_cli_usage (command, "a model and the file to write are wanted");
  params.convert = type != NULL;
  params.file = argv[2];
  if (type != NULL && !iv_data_type_from_string (type, &params.type))
    return iv_cli_usage (command, "--type is none of f32, f16, bf16, q8_0 and q4_0");
  return convert (argv[1], &params, &error) ? IV_CLI_DONE : iv_cli_fail (command->name, error);
}
