/* interval-cli logits: the logits after every token of a prompt, to a file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-model.h"

typedef struct {
  char *model, *ids, *out;
  int device;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->ids);
  g_free (options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gpointer
run_logits (IvEngineContext *context, gpointer data, GError **error)
{
  const Options *options = data;
  g_autoptr (GArray) ids = iv_cli_parse_ids (options->ids, error);
  if (ids == NULL)
    return NULL;
  IvCliModelParams params = { options->model, MAX (ids->len, 1), .cache_type = "f32" };
  g_autoptr (IvLanguageModel) model = iv_cli_load_model (context, &params, error);
  g_autoptr (IvSession) session = model != NULL ? iv_session_new (model, 0, error) : NULL;
  if (session == NULL)
    return NULL;
  g_autofree float *logits =
      iv_session_logits (session, (const gint32 *) (gpointer) ids->data, ids->len, error);
  if (logits == NULL)
    return NULL;
  gsize size = sizeof (float) * ids->len * iv_language_model_get_n_vocab (model);
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  for (gsize i = 0; i < size / sizeof (float); i++)
    ((guint32 *) logits)[i] = GUINT32_SWAP_LE_BE (((guint32 *) logits)[i]);
#endif
  gboolean written =
      g_file_set_contents (options->out, (const char *) logits, (gssize) size, error);
  return GINT_TO_POINTER (written);
}

int
iv_cli_run_logits (int argc, char **argv)
{
  g_auto (Options) o = { .device = -1 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    { "ids", 0, 0, G_OPTION_ARG_STRING, &o.ids, "token ids", "IDS" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "F32 [n_tokens, n_vocab]", "FILE" },
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("logits");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (o.model == NULL || o.ids == NULL || o.out == NULL || argc > 1)
    return iv_cli_usage (command, "--model, --ids and --out are wanted");
  if (iv_cli_run_on_device (o.device, run_logits, &o, &error) == NULL)
    return iv_cli_fail (command->name, error);
  return IV_CLI_DONE;
}
