/* interval-cli embed: what a model's vision tower and projector make of an image.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <stdio.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-image.h"
#include "app/cli/iv-cli-model.h"
#include "model/files/iv-json.h"

typedef struct {
  char *model, *mmproj, *image, *out;
  int device;
  gint64 max_pixels;
  gboolean json;
} Options;

typedef struct {
  const Options *options;
  IvImageEmbedding *embedding;
} Run;

static gpointer
run_embed (IvEngineContext *context, gpointer data, GError **error)
{
  Run *run = data;
  const Options *o = run->options;
  char *files[] = { o->image, NULL };
  GCancellable *cancellable = iv_engine_context_get_cancellable (context);
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  g_autoptr (IvOps) ops = device != NULL ? iv_ops_new (device, error) : NULL;
  g_autoptr (IvWeights) weights =
      ops != NULL ? iv_weights_open (iv_cli_choose_tower (o->model, o->mmproj), error) : NULL;
  if (weights == NULL)
    return NULL;
  IvImageEncoderParams params = { .weights = weights };
  g_autoptr (IvImageEncoder) encoder = iv_image_encoder_new (ops, &params, cancellable, error);
  if (encoder == NULL)
    return NULL;
  g_autoptr (GPtrArray) embeddings =
      iv_cli_encode_images (encoder, files, (guint64) o->max_pixels, cancellable, error);
  if (embeddings == NULL)
    return NULL;
  run->embedding = iv_image_embedding_ref (embeddings->pdata[0]);
  return run;
}

/* Each row, and behind it its deepstack rows. */
static gboolean
write_rows (const IvImageEmbedding *embedding, const char *file, GError **error)
{
  gsize n = embedding->n_embd, n_deep = n * embedding->n_deepstack, n_all = n + n_deep;
  g_autofree float *values = g_new (float, embedding->n_rows *n_all);
  for (gsize i = 0; i < embedding->n_rows; i++) {
    memcpy (values + i * n_all, embedding->rows + i * n, n * sizeof (float));
    if (n_deep > 0)
      memcpy (values + i * n_all + n, embedding->deepstack + i * n_deep, n_deep * sizeof (float));
  }
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  for (gsize i = 0; i < embedding->n_rows * n_all; i++)
    ((guint32 *) values)[i] = GUINT32_SWAP_LE_BE (((guint32 *) values)[i]);
#endif
  gsize size = embedding->n_rows * n_all * sizeof (float);
  return g_file_set_contents (file, (const char *) values, (gssize) size, error);
}

static void
print_json (const IvImageEmbedding *embedding)
{
  const struct {
    const char *name;
    guint value;
  } members[] = {
    { "n_tokens", embedding->n_rows },           { "n_embd", embedding->n_embd },
    { "n_deepstack", embedding->n_deepstack },   { "grid_rows", embedding->grid_rows },
    { "grid_columns", embedding->grid_columns },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    json_builder_set_member_name (builder, members[i].name);
    json_builder_add_int_value (builder, members[i].value);
  }
  json_builder_set_member_name (builder, "key");
  json_builder_add_string_value (builder, embedding->key);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  puts (text);
}

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->mmproj);
  g_free (options->image);
  g_free (options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static int
run_with (const IvCliCommand *command, const Options *options)
{
  g_autoptr (GError) error = NULL;
  Run run = { options, NULL };
  if (iv_cli_run_on_device (options->device, run_embed, &run, &error) == NULL)
    return iv_cli_fail (command->name, error);
  g_autoptr (IvImageEmbedding) embedding = run.embedding;
  if (!write_rows (embedding, options->out, &error))
    return iv_cli_fail (command->name, error);
  if (options->json)
    print_json (embedding);
  return IV_CLI_DONE;
}

int
iv_cli_run_embed (int argc, char **argv)
{
  g_auto (Options) o = { .device = -1 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    IV_CLI_MMPROJ (&o.mmproj),
    { "image", 'i', 0, G_OPTION_ARG_FILENAME, &o.image, "DICOM, PNG, JPEG or TIFF", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "F32 [n_tokens, n_embd]", "FILE" },
    IV_CLI_MAX_PIXELS (&o.max_pixels),
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "print the shape as JSON" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("embed");
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if ((o.model == NULL && o.mmproj == NULL) || o.image == NULL || o.out == NULL || argc > 1)
    return iv_cli_usage (command, "--model, --image and --out are wanted");
  if (o.max_pixels < 0)
    return iv_cli_usage (command, "--max-pixels is 0 or more");
  return run_with (command, &o);
}
