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

/* What the recipe could not give to all matrices is said, not hidden in the file. */
static void
report_substitutes (const IvQuantRecipe *recipe, guint n)
{
  if (n > 0)
    g_printerr ("interval-cli convert: %u matrices whose rows are no multiple of 256 were written "
                "as %s, not as %s\n",
                n,
                recipe->type == IV_TYPE_Q4_K ? "Q5_0 or Q8_0" : "Q8_0",
                recipe->name);
}

int
iv_cli_run_convert (int argc, char **argv)
{
  g_autofree char *type = NULL;
  const GOptionEntry entries[] = {
    { "type", 0, 0, G_OPTION_ARG_STRING, &type, "q4_k_m, q8_0, f16 …", "TYPE" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("convert");
  guint n_substitutes = 0;
  IvGgufWriteParams params = { .n_substitutes = &n_substitutes };
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 3)
    return iv_cli_usage (command, "a model and the file to write are wanted");
  params.file = argv[2];
  params.recipe = type != NULL ? iv_quant_recipe_find (type) : NULL;
  if (type != NULL && params.recipe == NULL) {
    g_autofree char *problem = g_strdup_printf ("--type is none of %s", iv_quant_recipe_list ());
    return iv_cli_usage (command, problem);
  }
  if (!convert (argv[1], &params, &error))
    return iv_cli_fail (command->name, error);
  report_substitutes (params.recipe, n_substitutes);
  return IV_CLI_DONE;
}
