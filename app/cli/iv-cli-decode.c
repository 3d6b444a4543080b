/* interval-cli decode: what one image file holds.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli.h"
#include "app/study/iv-grayscale.h"
#include "app/study/iv-radiograph.h"
#include "model/files/iv-json.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_pair (JsonBuilder *builder, const char *name, double first, double second)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  json_builder_add_double_value (builder, first);
  json_builder_add_double_value (builder, second);
  json_builder_end_array (builder);
}

/* Over all pixels, padding too: what other decoders report. */
static void
add_range (JsonBuilder *builder, IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const guint16 *pixels = iv_radiograph_get_pixels (radiograph);
  gint32 min = G_MAXINT32, max = G_MININT32;
  for (gsize i = 0; i < (gsize) info->rows * info->columns; i++) {
    gint32 value = info->is_signed ? (gint16) pixels[i] : (gint32) pixels[i];
    min = MIN (min, value);
    max = MAX (max, value);
  }
  add_int (builder, "min", min);
  add_int (builder, "max", max);
}

static void
add_grayscale (JsonBuilder *builder, IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  IvGrayscale grayscale;
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FILE);
  add_pair (builder, "window", grayscale.window.center, grayscale.window.width);
  add_string (builder, "voi_lut_function", iv_voi_function_to_string (grayscale.window.function));
  add_string (builder,
              "window_source",
              info->voi_luts->len > 0  ? "voi-lut"
              : info->windows->len > 0 ? "file"
                                       : "auto");
  add_boolean (builder, "inverted", info->is_inverted);
  add_pair (builder, "rescale", info->rescale_slope, info->rescale_intercept);
  add_boolean (builder, "modality_lut", info->modality_lut != NULL);
  json_builder_set_member_name (builder, "padding");
  if (info->has_padding) {
    json_builder_begin_array (builder);
    json_builder_add_int_value (builder, info->padding_low);
    json_builder_add_int_value (builder, info->padding_high);
    json_builder_end_array (builder);
  } else {
    json_builder_add_null_value (builder);
  }
}

static void
add_identity (JsonBuilder *builder, const IvRadiographInfo *info)
{
  static const char *const names[] = { "patient_name",
                                       "patient_name_alphabetic",
                                       "patient_name_phonetic",
                                       "patient_id",
                                       "patient_birth_date",
                                       "patient_sex",
                                       "study_date",
                                       "study_time",
                                       "acquisition_date",
                                       "acquisition_time",
                                       "study_description",
                                       "series_description",
                                       "modality",
                                       "body_part",
                                       "image_laterality",
                                       "patient_orientation",
                                       "study_instance_uid",
                                       "sop_instance_uid" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < iv_n_info_strings; j++)
      if (g_str_equal (names[i], iv_info_strings[j].name))
        add_string (
            builder, names[i], G_STRUCT_MEMBER (const char *, info, iv_info_strings[j].offset));
}

static void
print_json (const char *file, IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "file", file);
  add_string (builder, "transfer_syntax", info->transfer_syntax_uid);
  add_int (builder, "rows", info->rows);
  add_int (builder, "columns", info->columns);
  add_int (builder, "frames", info->frames);
  add_int (builder, "bits_allocated", info->bits_allocated);
  add_int (builder, "bits_stored", info->bits_stored);
  add_boolean (builder, "signed", info->is_signed);
  add_string (builder, "photometric", info->photometric);
  add_range (builder, radiograph);
  add_string (builder, "sha256_16", iv_radiograph_get_digest (radiograph));
  add_grayscale (builder, radiograph);
  add_string (builder, "view", iv_view_to_string (info->view));
  if (info->spacing_source != IV_SPACING_NONE)
    add_pair (builder, "pixel_spacing", info->row_spacing, info->column_spacing);
  else
    add_string (builder, "pixel_spacing", NULL);
  add_string (builder, "spacing_source", iv_spacing_source_to_string (info->spacing_source));
  add_boolean (builder, "lossy", info->is_lossy);
  add_boolean (builder, "simulated", info->is_simulated);
  add_identity (builder, info);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (const char *file, IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  gint32 min, max;
  iv_radiograph_get_range (radiograph, &min, &max);
  g_print ("%s: %u × %u, %u of %u bits, %d … %d, %s\n",
           file,
           info->columns,
           info->rows,
           info->bits_stored,
           info->bits_allocated,
           min,
           max,
           info->photometric);
  if (info->patient_name != NULL || info->patient_id != NULL)
    g_print ("  %s (%s), %s %s\n",
             info->patient_name != NULL ? info->patient_name : "",
             info->patient_id != NULL ? info->patient_id : "",
             info->study_date != NULL ? info->study_date : "",
             iv_view_to_string (info->view));
  if (info->spacing_source != IV_SPACING_NONE)
    g_print ("  %g × %g mm, %s\n",
             info->row_spacing,
             info->column_spacing,
             iv_spacing_source_to_string (info->spacing_source));
}

/* Stored values, little-endian, at the file's own width. */
static gboolean
write_raw (IvRadiograph *radiograph, const char *file, GError **error)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const guint16 *pixels = iv_radiograph_get_pixels (radiograph);
  gsize n = (gsize) info->rows * info->columns, width = info->bits_allocated > 8 ? 2 : 1;
  g_autofree guint8 *bytes = g_malloc (n * width);
  for (gsize i = 0; i < n; i++) {
    bytes[i * width] = pixels[i] & 0xff;
    if (width == 2)
      bytes[i * 2 + 1] = pixels[i] >> 8;
  }
  return g_file_set_contents (file, (const char *) bytes, n * width, error);
}

int
iv_cli_run_decode (int argc, char **argv)
{
  gboolean json = FALSE;
  g_autofree char *raw = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object", NULL },
    { "raw", 0, 0, G_OPTION_ARG_FILENAME, &raw, "write the stored values to OUT", "OUT" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("decode");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 2)
    return iv_cli_usage (command, "one FILE is needed");
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (argv[1], NULL, &error);
  if (radiograph == NULL || (raw != NULL && !write_raw (radiograph, raw, &error)))
    return iv_cli_fail ("decode", error);
  if (json)
    print_json (argv[1], radiograph);
  else
    print_text (argv[1], radiograph);
  return IV_CLI_DONE;
}
