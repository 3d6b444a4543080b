/* interval-cli preprocess: an image as a model's vision tower takes it, to a file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli.h"
#include "app/read/iv-film-input.h"
#include "model/files/iv-json.h"
#include "model/nets/iv-image-preprocess.h"

typedef struct {
  char *model, *mmproj, *image, *out;
  gboolean json, crop;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->mmproj);
  g_free (options->image);
  g_free (options->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
add_numbers (JsonBuilder *builder, const char *name, const double *values, guint n)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_double_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_counts (JsonBuilder *builder, const char *name, const guint *values, guint n)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_int_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
print_json (const IvImageInput *input, const IvFilmInput *film)
{
  const IvImageLayout *layout = &input->layout;
  const guint shape[] = {
    layout->n_tiles, input->channels, layout->tile.height, layout->tile.width
  };
  const guint grid[] = { layout->rows, layout->columns };
  const double shown[] = {
    layout->shown.x, layout->shown.y, layout->shown.width, layout->shown.height
  };
  const guint area[] = { film->area.x, film->area.y, film->area.width, film->area.height };
  const double window[] = { film->window_center, film->window_width };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  /* One tile is [channels, height, width]. */
  add_counts (
      builder, "shape", layout->n_tiles > 1 ? shape : shape + 1, layout->n_tiles > 1 ? 4 : 3);
  add_counts (builder, "grid", grid, 2);
  add_numbers (builder, "shown", shown, 4);
  add_counts (builder, "area", area, 4);
  json_builder_set_member_name (builder, "tones");
  json_builder_add_string_value (builder, iv_film_tones_to_string (film->tones));
  if (film->tones != IV_FILM_TONES_STORED)
    add_numbers (builder, "window", window, 2);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

static gboolean
write_values (const IvImageInput *input, const char *file, GError **error)
{
#if G_BYTE_ORDER != G_LITTLE_ENDIAN
  for (gsize i = 0; i < input->n_values; i++)
    ((guint32 *) input->values)[i] = GUINT32_SWAP_LE_BE (((guint32 *) input->values)[i]);
#endif
  gsize size = input->n_values * sizeof (float);
  return g_file_set_contents (file, (const char *) input->values, (gssize) size, error);
}

static gboolean
preprocess (const Options *options, GError **error)
{
  const char *file = options->mmproj != NULL ? options->mmproj : options->model;
  IvImageProcessorConfig config;
  g_autoptr (IvWeights) weights = iv_weights_open (file, error);
  if (weights == NULL || !iv_image_processor_config_read (weights, &config, error))
    return FALSE;
  g_autoptr (IvFilmInput) film = iv_film_input_load (options->image, NULL, error);
  if (film == NULL)
    return FALSE;
  if (options->crop) {
    g_autoptr (IvFilmInput) whole = g_steal_pointer (&film);
    film = iv_film_input_crop (whole, error);
    if (film == NULL)
      return FALSE;
  }
  g_autoptr (IvImageInput) input = iv_image_preprocess (&config, film->picture, error);
  if (input == NULL) {
    g_prefix_error (error, "%s: ", options->image);
    return FALSE;
  }
  if (!write_values (input, options->out, error))
    return FALSE;
  if (options->json)
    print_json (input, film);
  return TRUE;
}

int
iv_cli_run_preprocess (int argc, char **argv)
{
  g_auto (Options) o = { 0 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    { "mmproj", 0, 0, G_OPTION_ARG_FILENAME, &o.mmproj, "GGUF file of the vision tower", "FILE" },
    { "image", 'i', 0, G_OPTION_ARG_FILENAME, &o.image, "DICOM, PNG, JPEG or TIFF", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "F32 [channels, height, width]", "FILE" },
    { "crop", 0, 0, G_OPTION_ARG_NONE, &o.crop, "without the film's border", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "print the shape as JSON", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("preprocess");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if ((o.model == NULL && o.mmproj == NULL) || o.image == NULL || o.out == NULL || argc > 1)
    return iv_cli_usage (command, "--model, --image and --out are wanted");
  return preprocess (&o, &error) ? IV_CLI_DONE : iv_cli_fail (command->name, error);
}
