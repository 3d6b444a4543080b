/* Golden cases of vision towers: images, what becomes of them, and prompts that hold them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vision-case.h"

#include <png.h>
#include <string.h>

#include "golden-case.h"
#include "tests/model/files/iv-golden.h"

static void
free_image (gpointer data)
{
  VisionImage *image = data;
  g_free (image->name);
  g_free (image->levels);
  g_free (image->pixels);
  g_free (image->expected);
  g_free (image);
}

static void
clear_part (gpointer data)
{
  g_free (((VisionPart *) data)->ids);
}

static void
free_prompt (gpointer data)
{
  VisionPrompt *prompt = data;
  g_free (prompt->name);
  g_array_unref (prompt->parts);
  g_free (prompt->greedy_ids);
  g_free (prompt->logits);
  g_free (prompt);
}

void
vision_case_free (VisionCase *vision)
{
  g_free (vision->name);
  g_free (vision->mmproj);
  g_free (vision->model);
  g_ptr_array_unref (vision->images);
  g_ptr_array_unref (vision->prompts);
  g_free (vision);
}

/* --- images --------------------------------------------------------------------------------- */

static void
read_png (VisionImage *image, const char *file)
{
  png_image png = { .version = PNG_IMAGE_VERSION };
  g_assert_true (png_image_begin_read_from_file (&png, file));
  png.format = PNG_FORMAT_RGB;
  image->width = png.width;
  image->height = png.height;
  image->levels = g_malloc (PNG_IMAGE_SIZE (png));
  g_assert_true (png_image_finish_read (&png, NULL, image->levels, 0, NULL));
}

/* object: {file, shape: [rows, columns]} */
static float *
read_matrix (const char *folder, JsonObject *object, guint *n_rows, guint *n_columns)
{
  JsonArray *shape = json_object_get_array_member (object, "shape");
  guint last = json_array_get_length (shape) - 1;
  g_autofree char *file =
      g_build_filename (folder, json_object_get_string_member (object, "file"), NULL);
  gsize n;
  float *values = iv_golden_load_f32 (file, &n);
  *n_columns = (guint) json_array_get_int_element (shape, last);
  *n_rows = (guint) (n / *n_columns);
  return values;
}

/* shape: [channels, height, width] */
static void
read_pixels (VisionImage *image, const char *folder, JsonObject *object)
{
  guint n_rows;
  image->pixels = read_matrix (folder, object, &n_rows, &image->width);
  image->height =
      (guint) json_array_get_int_element (json_object_get_array_member (object, "shape"), 1);
}

static void
add_image (VisionCase *vision, const char *folder, const char *name, JsonObject *object)
{
  gboolean has_pixels = json_object_has_member (object, "pixel_values");
  const char *source = has_pixels
                           ? json_object_get_string_member (
                                 json_object_get_object_member (object, "pixel_values"), "file")
                           : json_object_get_string_member (object, "png");
  g_autofree char *file = g_build_filename (folder, source, NULL);
  if (!g_file_test (file, G_FILE_TEST_EXISTS)) {
    g_print ("# vision/%s: image %s is not there: left out\n", vision->name, name);
    return;
  }
  VisionImage *image = g_new0 (VisionImage, 1);
  image->name = g_strdup (name);
  if (has_pixels)
    read_pixels (image, folder, json_object_get_object_member (object, "pixel_values"));
  else
    read_png (image, file);
  image->expected = read_matrix (
      folder,
      json_object_get_object_member (object, has_pixels ? "projector_output" : "embeddings"),
      &image->n_rows,
      &image->n_columns);
  g_ptr_array_add (vision->images, image);
}

static gboolean
find_image (const VisionCase *vision, const char *name, guint *index)
{
  for (*index = 0; *index < vision->images->len; ++*index)
    if (g_str_equal (((VisionImage *) vision->images->pdata[*index])->name, name))
      return TRUE;
  return FALSE;
}

/* --- prompts -------------------------------------------------------------------------------- */

static gint32 *
read_ids (JsonArray *array, guint *n)
{
  *n = json_array_get_length (array);
  gint32 *ids = g_new (gint32, *n);
  for (guint i = 0; i < *n; i++)
    ids[i] = (gint32) json_array_get_int_element (array, i);
  return ids;
}

/* own_image: of a part that does not say which. FALSE when an image is not there. */
static gboolean
add_parts (VisionCase *vision, VisionPrompt *prompt, JsonArray *sequence, const char *own_image)
{
  for (guint i = 0; i < json_array_get_length (sequence); i++) {
    JsonObject *object = json_array_get_object_element (sequence, i);
    VisionPart part = { 0 };
    if (json_object_has_member (object, "text_ids"))
      part.ids = read_ids (json_object_get_array_member (object, "text_ids"), &part.n_ids);
    else if (!find_image (vision,
                          own_image != NULL ? own_image
                                            : json_object_get_string_member (object, "image"),
                          &part.image))
      return FALSE;
    g_array_append_val (prompt->parts, part);
  }
  return TRUE;
}

static void
add_prompt (VisionCase *vision, const char *folder, JsonObject *object, JsonArray *sequence)
{
  guint n_rows;
  VisionPrompt *prompt = g_new0 (VisionPrompt, 1);
  const char *own_image = json_object_has_member (object, "image")
                              ? json_object_get_string_member (object, "name")
                              : NULL;
  prompt->name = g_strdup (json_object_get_string_member (object, "name"));
  prompt->parts = g_array_new (FALSE, TRUE, sizeof (VisionPart));
  g_array_set_clear_func (prompt->parts, clear_part);
  if (!add_parts (vision, prompt, sequence, own_image)) {
    free_prompt (prompt);
    return;
  }
  prompt->greedy_ids =
      read_ids (json_object_get_array_member (object, "greedy_ids"), &prompt->n_greedy);
  prompt->logits = read_matrix (
      folder, json_object_get_object_member (object, "greedy_logits"), &n_rows, &prompt->n_vocab);
  g_assert_cmpuint (n_rows, ==, prompt->n_greedy);
  g_ptr_array_add (vision->prompts, prompt);
}

/* --- the case ------------------------------------------------------------------------------- */

static void
set_files (VisionCase *vision, const char *folder, JsonObject *files)
{
  if (json_object_has_member (files, "checkpoint")) {
    vision->mmproj =
        g_build_filename (folder, json_object_get_string_member (files, "checkpoint"), NULL);
    vision->model = g_strdup (vision->mmproj);
    return;
  }
  vision->mmproj = g_build_filename (folder, json_object_get_string_member (files, "mmproj"), NULL);
  vision->model =
      g_build_filename (folder, json_object_get_string_member (files, "text_model"), NULL);
}

static void
add_images (VisionCase *vision, const char *folder, JsonObject *root, JsonArray *cases)
{
  for (guint i = 0; !json_object_has_member (root, "images") && i < json_array_get_length (cases);
       i++) {
    JsonObject *object = json_array_get_object_element (cases, i);
    add_image (vision, folder, json_object_get_string_member (object, "name"), object);
  }
  if (!json_object_has_member (root, "images"))
    return;
  JsonObject *images = json_object_get_object_member (root, "images");
  g_autoptr (GList) names = json_object_get_members (images);
  for (GList *item = names; item != NULL; item = item->next)
    add_image (vision, folder, item->data, json_object_get_object_member (images, item->data));
}

VisionCase *
vision_case_load (const char *name)
{
  g_autofree char *sub = g_build_filename ("golden/vision", name, NULL);
  g_autofree char *folder = golden_find (sub);
  if (folder == NULL) {
    g_print ("# %s is not there: left out\n", sub);
    return NULL;
  }
  g_autofree char *file = g_build_filename (folder, "case.json", NULL);
  g_autoptr (JsonNode) node = iv_golden_load_json (file);
  JsonObject *root = json_node_get_object (node);
  JsonObject *tolerance = json_object_get_object_member (root, "tolerance");
  JsonArray *cases = json_object_get_array_member (root, "cases");
  VisionCase *vision = g_new0 (VisionCase, 1);
  vision->name = g_strdup (name);
  vision->images = g_ptr_array_new_with_free_func (free_image);
  vision->prompts = g_ptr_array_new_with_free_func (free_prompt);
  vision->embeddings_nmse = json_object_get_double_member (tolerance, "embeddings_nmse");
  vision->logits_nmse = json_object_get_double_member (tolerance, "logits_nmse");
  set_files (vision, folder, json_object_get_object_member (root, "files"));
  add_images (vision, folder, root, cases);
  for (guint i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *object = json_array_get_object_element (cases, i);
    gboolean has_own = json_object_has_member (object, "sequence");
    if (has_own || json_object_has_member (root, "sequence"))
      add_prompt (vision,
                  folder,
                  object,
                  json_object_get_array_member (has_own ? object : root, "sequence"));
  }
  return vision;
}

float *
vision_image_normalise (const VisionImage *image, const IvVisionConfig *config)
{
  gsize plane = (gsize) image->height * image->width;
  float *pixels = g_new (float, plane * config->n_channels);
  if (image->pixels != NULL)
    return memcpy (pixels, image->pixels, plane * config->n_channels * sizeof (float));
  for (guint channel = 0; channel < config->n_channels; channel++)
    for (gsize i = 0; i < plane; i++)
      pixels[channel * plane + i] =
          ((float) image->levels[3 * i + channel] / 255 - config->mean[channel]) /
          config->std[channel];
  return pixels;
}
