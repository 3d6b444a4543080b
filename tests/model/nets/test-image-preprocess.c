/* Preprocessing against what PIL and transformers' formulas give, and against mistaken files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/files/iv-weights-private.h"
#include "tests/model/files/iv-golden.h"
#include "tests/model/nets/image-test.h"

/* Truth is F64 rounded to F32, and so are we; GGUF files hold means and deviations in F32, and
 * rescale_factor is not exactly 1/255: some units in the last place of values up to 3. */
#define TOLERANCE 2e-6

static IvImageProcessorConfig
read_config (const char *projector, const char *json)
{
  g_autoptr (GError) error = NULL;
  IvImageProcessorConfig config;
  image_test_read_config (projector, json, &config, &error);
  g_assert_no_error (error);
  return config;
}

static IvImageInput *
preprocess (const IvImageProcessorConfig *config, const IvPicture *picture)
{
  g_autoptr (GError) error = NULL;
  IvImageInput *input = iv_image_preprocess (config, picture, &error);
  g_assert_no_error (error);
  return input;
}

/* Golden cases. */

static char *
join (JsonObject *golden, const char *member)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, json_object_get_array_member (golden, member));
  return json_to_string (node, FALSE);
}

/* The model's files as they would be for this case. */
static IvImageProcessorConfig
make_config (JsonObject *golden)
{
  const char *kind = json_object_get_string_member (golden, "kind");
  JsonArray *resized = json_object_get_array_member (golden, "resized");
  g_autofree char *mean = join (golden, "mean"), *deviation = join (golden, "std");
  g_autoptr (GString) json = g_string_new (NULL);
  g_string_printf (json, "{\"image_mean\": %s, \"image_std\": %s, ", mean, deviation);
  if (g_str_has_prefix (kind, "qwen")) {
    g_string_append_printf (json,
                            "\"image_processor_type\": \"Qwen2VLImageProcessorFast\","
                            "\"patch_size\": %d, \"merge_size\": 2,"
                            "\"size\": {\"shortest_edge\": %d, \"longest_edge\": %d}}",
                            (int) json_object_get_int_member (golden, "factor") / 2,
                            (int) json_object_get_int_member (golden, "min_pixels"),
                            (int) json_object_get_int_member (golden, "max_pixels"));
    return g_str_equal (kind, "qwen3vl") ? read_config ("qwen3vl_merger", json->str)
                                         : read_config ("qwen2.5vl_merger", json->str);
  }
  if (g_str_equal (kind, "gemma3")) {
    g_string_append_printf (json,
                            "\"image_processor_type\": \"Gemma3ImageProcessor\","
                            "\"do_pan_and_scan\": null, \"resample\": 2,"
                            "\"size\": {\"height\": %d, \"width\": %d}}",
                            (int) json_array_get_int_element (resized, 1),
                            (int) json_array_get_int_element (resized, 0));
    return read_config ("gemma3", json->str);
  }
  g_assert_cmpstr (kind, ==, "cxr-llava");
  int edge = (int) json_object_get_int_member (golden, "shortest_edge");
  g_string_append_printf (json,
                          "\"image_processor_type\": \"CLIPImageProcessor\","
                          "\"resample\": 1, \"size\": {\"shortest_edge\": %d},"
                          "\"crop_size\": {\"height\": %d, \"width\": %d}}",
                          edge,
                          edge,
                          edge);
  return read_config ("cxr_llava", json->str);
}

/* The values behind normalisation are those of the expected pixels. */
static void
assert_pixels (const IvImageInput *input,
               const IvImageProcessorConfig *config,
               const IvPicture *expected)
{
  gsize plane = (gsize) expected->width * expected->height;
  g_assert_cmpuint (input->layout.tile.width, ==, expected->width);
  g_assert_cmpuint (input->layout.tile.height, ==, expected->height);
  g_assert_cmpuint (input->n_values, ==, plane * config->channels);
  for (guint c = 0; c < config->channels; c++)
    for (gsize i = 0; i < plane; i++) {
      guint value = expected->pixels[i * expected->channels + (expected->channels == 3 ? c : 0)];
      double normalised = (value / 255.0 - config->mean[c]) / config->deviation[c];
      g_assert_cmpfloat_with_epsilon (input->values[c * plane + i], normalised, TOLERANCE);
    }
}

static void
assert_tensor (const IvImageInput *input, const char *file)
{
  gsize n;
  g_autofree float *expected = iv_golden_load_f32 (file, &n);
  g_assert_cmpuint (input->n_values, ==, n);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (input->values[i], expected[i], TOLERANCE);
}

static void
check_numbers (const IvImageInput *input, JsonObject *golden)
{
  JsonArray *first = json_object_get_array_member (golden, "tensor_first_values");
  double sum = 0;
  for (gsize i = 0; i < input->n_values; i++)
    sum += input->values[i];
  g_assert_cmpfloat_with_epsilon (
      sum, json_object_get_double_member (golden, "tensor_sum"), 1e-7 * input->n_values);
  /* Written with 7 digits. */
  for (guint i = 0; i < json_array_get_length (first); i++)
    g_assert_cmpfloat_with_epsilon (
        input->values[i], json_array_get_double_element (first, i), 1e-6);
}

/* FALSE when the case's files are not in a plain clone. */
static gboolean
check_case (JsonObject *golden)
{
  g_autofree char *picture_name =
      g_build_filename ("preprocess", json_object_get_string_member (golden, "input"), NULL);
  g_autofree char *expected_name = g_build_filename (
      "preprocess", json_object_get_string_member (golden, "expected_pixels"), NULL);
  g_autofree char *picture_file = iv_golden_find (picture_name);
  g_autofree char *expected_file = iv_golden_find (expected_name);
  g_test_message ("%s", json_object_get_string_member (golden, "name"));
  if (picture_file == NULL || expected_file == NULL)
    return FALSE;
  IvImageProcessorConfig config = make_config (golden);
  g_autoptr (IvPicture) picture = image_test_load_png (picture_file);
  g_autoptr (IvPicture) expected = image_test_load_png (expected_file);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  assert_pixels (input, &config, expected);
  check_numbers (input, golden);
  if (json_object_has_member (golden, "expected_tensor")) {
    g_autofree char *name = g_build_filename (
        "preprocess", json_object_get_string_member (golden, "expected_tensor"), NULL);
    g_autofree char *file = iv_golden_find (name);
    g_assert_nonnull (file);
    assert_tensor (input, file);
  }
  return TRUE;
}

static void
test_golden (void)
{
  g_autofree char *file = iv_golden_find ("preprocess/case.json");
  g_autoptr (JsonNode) root = iv_golden_load_json (file);
  JsonArray *cases = json_object_get_array_member (json_node_get_object (root), "cases");
  guint n_checked = 0;
  for (guint i = 0; i < json_array_get_length (cases); i++)
    n_checked += check_case (json_array_get_object_element (cases, i));
  g_assert_cmpuint (n_checked, >=, 3);
  if (n_checked < json_array_get_length (cases))
    g_test_message ("%u cases left out: ../shared is not there",
                    json_array_get_length (cases) - n_checked);
}

static void
test_smart_table (void)
{
  g_autofree char *file = iv_golden_find ("preprocess/smart_resize.json");
  g_autoptr (JsonNode) root = iv_golden_load_json (file);
  JsonArray *rows = json_node_get_array (root);
  g_assert_cmpuint (json_array_get_length (rows), >, 50);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    JsonArray *out = json_object_get_array_member (row, "out");
    IvImageProcessorConfig config = {
      .channels = 3,
      .fit = IV_IMAGE_FIT_SMART,
      .factor = (guint) json_object_get_int_member (row, "factor"),
      .min_pixels = (guint64) json_object_get_int_member (row, "min_pixels"),
      .max_pixels = (guint64) json_object_get_int_member (row, "max_pixels"),
    };
    const IvImageSize size = { (guint) json_object_get_int_member (row, "w"),
                               (guint) json_object_get_int_member (row, "h") };
    g_autoptr (GError) error = NULL;
    IvImageLayout layout;
    iv_image_layout_init (&layout, &config, size, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (layout.resized.height, ==, json_array_get_int_element (out, 0));
    g_assert_cmpuint (layout.resized.width, ==, json_array_get_int_element (out, 1));
  }
}

/* The pictures of CXR-LLaVA's golden case, by the checkpoint's own files. */
static void
test_cxr_llava (void)
{
  static const char *const names[] = { "image", "image2" };
  g_autofree char *folder = iv_golden_find ("vision/cxr-llava");
  g_autoptr (GError) error = NULL;
  IvImageProcessorConfig config;
  if (folder == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autofree char *checkpoint = g_build_filename (folder, "checkpoint", NULL);
  g_autoptr (IvWeights) weights = iv_weights_open (checkpoint, &error);
  g_assert_no_error (error);
  iv_image_processor_config_read (weights, &config, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (config.channels, ==, 1);
  g_assert_cmpuint (config.resample, ==, IV_RESAMPLE_LANCZOS);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *file = g_strdup_printf ("%s/%s.png", folder, names[i]);
    g_autofree char *pixels = g_strdup_printf ("%s/%s.pixels.f32", folder, names[i]);
    g_autoptr (IvPicture) picture = image_test_load_png (file);
    g_autoptr (IvImageInput) input = preprocess (&config, picture);
    assert_tensor (input, pixels);
  }
}

/* mmproj files, whose pictures have the right size already. */
static void
test_mmproj (void)
{
  static const char *const files[] = { "gemma3/mmproj-f32.gguf",
                                       "llava/mmproj-bf16.gguf",
                                       "qwen2.5vl/mmproj-f32.gguf",
                                       "qwen3vl/mmproj-f32.gguf" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *name = g_build_filename ("vision", files[i], NULL);
    g_autofree char *file = iv_golden_find (name);
    g_autoptr (GError) error = NULL;
    IvImageProcessorConfig config;
    if (file == NULL) {
      g_test_skip ("left out: ../shared is not there");
      return;
    }
    g_autofree char *folder = g_path_get_dirname (file);
    g_autofree char *image = g_build_filename (folder, "colour.png", NULL);
    g_autoptr (IvWeights) weights = iv_weights_open (file, &error);
    g_assert_no_error (error);
    iv_image_processor_config_read (weights, &config, &error);
    g_assert_no_error (error);
    g_autoptr (IvPicture) picture = image_test_load_png (image);
    g_autoptr (IvImageInput) input = preprocess (&config, picture);
    assert_pixels (input, &config, picture);
  }
}

/* What the files leave open. */

static void
test_class_defaults (void)
{
  IvImageProcessorConfig clip =
      read_config ("mlp", "{\"image_processor_type\": \"CLIPFeatureExtractor\"}");
  g_assert_cmpuint (clip.fit, ==, IV_IMAGE_FIT_SHORTEST_EDGE);
  g_assert_cmpuint (clip.resample, ==, IV_RESAMPLE_BICUBIC);
  g_assert_cmpuint (clip.edge, ==, 224);
  g_assert_cmpuint (clip.crop.height, ==, 224);
  g_assert_cmpfloat (clip.mean[1], ==, 0.4578275);
  g_assert_cmpfloat (clip.scale, ==, 1 / 255.0);
  IvImageProcessorConfig siglip =
      read_config ("mlp", "{\"image_processor_type\": \"SiglipImageProcessor\", \"size\": 384}");
  g_assert_cmpuint (siglip.fit, ==, IV_IMAGE_FIT_SQUASH);
  g_assert_cmpuint (siglip.size.height, ==, 384);
  g_assert_cmpuint (siglip.crop.width, ==, 0);
  g_assert_cmpfloat (siglip.deviation[2], ==, 0.5);
  IvImageProcessorConfig qwen =
      read_config ("qwen2vl_merger", "{\"image_processor_type\": \"Qwen2VLImageProcessor\"}");
  g_assert_cmpuint (qwen.factor, ==, 28);
  g_assert_cmpuint (qwen.min_pixels, ==, 3136);
  g_assert_cmpuint (qwen.max_pixels, ==, 1003520);
  iv_image_processor_config_limit (&qwen, 1024 * 784);
  g_assert_cmpuint (qwen.max_pixels, ==, 1024 * 784);
  iv_image_processor_config_limit (&qwen, 1);
  g_assert_cmpuint (qwen.max_pixels, ==, 784);
  g_assert_cmpuint (qwen.min_pixels, ==, 784);
}

static void
check_layout (const IvImageProcessorConfig *config, IvImageSize picture, IvImageLayout *layout)
{
  g_autoptr (GError) error = NULL;
  iv_image_layout_init (layout, config, picture, &error);
  g_assert_no_error (error);
}

/* 300 × 200 to an edge of 100 is 150 × 100, of which the middle 100 × 100 stays: the middle 200 ×
 * 200 of the picture. */
static void
test_crop (void)
{
  IvImageProcessorConfig config =
      read_config ("mlp",
                   "{\"image_processor_type\": \"CLIPImageProcessor\", \"crop_size\": 100,"
                   " \"size\": {\"shortest_edge\": 100}}");
  IvImageLayout layout;
  check_layout (&config, (IvImageSize){ 300, 200 }, &layout);
  g_assert_cmpuint (layout.resized.width, ==, 150);
  g_assert_cmpuint (layout.canvas.width, ==, 100);
  g_assert_cmpint (layout.x, ==, -25);
  g_assert_cmpfloat (layout.shown.x, ==, 50);
  g_assert_cmpfloat (layout.shown.width, ==, 200);
  g_assert_cmpfloat (layout.shown.y, ==, 0);
  /* A crop larger than the picture is padded with black. */
  config.crop.height = 105;
  check_layout (&config, (IvImageSize){ 300, 200 }, &layout);
  g_assert_cmpint (layout.y, ==, 3);
  g_autoptr (IvPicture) picture = image_test_random (300, 200, 3);
  memset (picture->pixels, 255, 300 * 200 * 3);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  g_assert_cmpfloat (input->values[2 * 100], ==, (float) (-config.mean[0] / config.deviation[0]));
  g_assert_cmpfloat (
      input->values[3 * 100], ==, (float) ((1 - config.mean[0]) / config.deviation[0]));
}

static void
test_pad (void)
{
  IvImageProcessorConfig config =
      read_config ("mlp",
                   "{\"image_processor_type\": \"LlavaImageProcessor\", \"do_pad\": true,"
                   " \"crop_size\": 56, \"size\": {\"shortest_edge\": 56}}");
  g_autoptr (IvPicture) picture = image_test_random (56, 28, 1);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  g_assert_cmpuint (config.pad_colour[0], ==, 122);
  g_assert_cmpuint (config.pad_colour[1], ==, 116);
  g_assert_cmpuint (config.pad_colour[2], ==, 104);
  g_assert_cmpuint (input->n_values, ==, 3 * 56 * 56);
  g_assert_cmpfloat (input->layout.shown.y, ==, -14);
  g_assert_cmpfloat (input->layout.shown.height, ==, 56);
  for (guint c = 0; c < 3; c++) {
    const float *plane = input->values + c * 56 * 56;
    float pad = (float) ((config.pad_colour[c] / 255.0 - config.mean[c]) / config.deviation[c]);
    float inside = (float) ((picture->pixels[0] / 255.0 - config.mean[c]) / config.deviation[c]);
    g_assert_cmpfloat (plane[13 * 56], ==, pad);
    g_assert_cmpfloat (plane[14 * 56], ==, inside);
    g_assert_cmpfloat (plane[42 * 56], ==, pad);
  }
}

/* 1000 × 400 is 2.5, as near to 5:2 as can be; that is 10 tiles, and 12 are allowed. */
static void
test_tiles (void)
{
  static const char json[] = "{\"image_processor_type\": \"GotOcr2ImageProcessorFast\","
                             " \"processor_class\": \"InternVLProcessor\","
                             " \"size\": {\"height\": 28, \"width\": 28}, \"max_patches\": 12}";
  IvImageProcessorConfig config = read_config ("internvl", json);
  IvImageLayout layout;
  check_layout (&config, (IvImageSize){ 1000, 400 }, &layout);
  g_assert_cmpuint (layout.columns, ==, 5);
  g_assert_cmpuint (layout.rows, ==, 2);
  g_assert_cmpuint (layout.n_tiles, ==, 11);
  g_assert_cmpuint (layout.overview, ==, IV_IMAGE_OVERVIEW_LAST);
  /* A square fits 1 × 1, 2 × 2 and 3 × 3 alike: its area decides. */
  check_layout (&config, (IvImageSize){ 30, 30 }, &layout);
  g_assert_cmpuint (layout.n_tiles, ==, 1);
  check_layout (&config, (IvImageSize){ 45, 45 }, &layout);
  g_assert_cmpuint (layout.columns, ==, 2);
  check_layout (&config, (IvImageSize){ 900, 900 }, &layout);
  g_assert_cmpuint (layout.columns, ==, 3);
  iv_image_processor_config_limit (&config, 5 * 28 * 28);
  check_layout (&config, (IvImageSize){ 900, 900 }, &layout);
  g_assert_cmpuint (layout.columns, ==, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPicture) picture = image_test_random (56, 56, 3);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  g_autoptr (IvPicture) small =
      iv_picture_resize (picture, (IvImageSize){ 28, 28 }, IV_RESAMPLE_BICUBIC, &error);
  gsize tile = 3 * 28 * 28;
  g_assert_cmpuint (input->n_values, ==, 5 * tile);
  for (guint i = 0; i < 28; i++) {
    double mean = config.mean[1], deviation = config.deviation[1];
    /* Tile 2 is the left one of the lower row; green, its row i, column 27. */
    guint lower = picture->pixels[((28 + i) * 56 + 27) * 3 + 1];
    guint whole = small->pixels[(i * 28 + 27) * 3 + 1];
    gsize place = 28 * 28 + i * 28 + 27;
    g_assert_cmpfloat (
        input->values[2 * tile + place], ==, (float) ((lower / 255.0 - mean) / deviation));
    g_assert_cmpfloat (
        input->values[4 * tile + place], ==, (float) ((whole / 255.0 - mean) / deviation));
  }
}

/* 100 × 60 onto 2 × 1 tiles of 28: 56 × 34 is too high, so 47 × 28 (ceil of 46.7) in the middle. */
static void
test_anyres (void)
{
  IvImageProcessorConfig config =
      read_config ("mlp",
                   "{\"image_processor_type\": \"LlavaOnevisionImageProcessor\","
                   " \"size\": {\"height\": 28, \"width\": 28},"
                   " \"image_grid_pinpoints\": [[28, 28], [28, 56], [56, 28]]}");
  g_autoptr (IvPicture) picture = image_test_random (100, 60, 3);
  memset (picture->pixels, 255, 100 * 60 * 3);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  const IvImageLayout *layout = &input->layout;
  g_assert_cmpuint (layout->overview, ==, IV_IMAGE_OVERVIEW_FIRST);
  g_assert_cmpuint (layout->columns, ==, 2);
  g_assert_cmpuint (layout->rows, ==, 1);
  g_assert_cmpuint (layout->n_tiles, ==, 3);
  g_assert_cmpuint (layout->resized.width, ==, 47);
  g_assert_cmpint (layout->x, ==, 4);
  float black = (float) (-config.mean[0] / config.deviation[0]);
  float white = (float) ((1 - config.mean[0]) / config.deviation[0]);
  const float *left = input->values + 3 * 28 * 28;
  g_assert_cmpfloat (input->values[0], ==, white);
  g_assert_cmpfloat (left[3], ==, black);
  g_assert_cmpfloat (left[4], ==, white);
}

/* 20 … 120 becomes 0 … 255: 70 is in the middle, 127.5 cut off. */
static void
test_stretch (void)
{
  IvImageProcessorConfig config =
      read_config ("maira2",
                   "{\"image_processor_type\": \"BitImageProcessor\", \"crop_size\": 4,"
                   " \"size\": {\"shortest_edge\": 4}, \"do_normalize\": false}");
  g_autoptr (IvPicture) picture = image_test_random (4, 4, 3);
  memset (picture->pixels, 70, 48);
  memset (picture->pixels, 20, 3);
  memset (picture->pixels + 3, 120, 3);
  g_autoptr (IvImageInput) input = preprocess (&config, picture);
  g_assert_cmpuint (input->channels, ==, 3);
  for (guint c = 0; c < 3; c++) {
    g_assert_cmpfloat (input->values[c * 16], ==, 0);
    g_assert_cmpfloat (input->values[c * 16 + 1], ==, 1);
    g_assert_cmpfloat (input->values[c * 16 + 2], ==, (float) (127 / 255.0));
  }
  memset (picture->pixels, 70, 48);
  g_autoptr (IvImageInput) flat = preprocess (&config, picture);
  g_assert_cmpfloat (flat->values[5], ==, 0);
}

/* Mistaken files: each an error that names the member. */

typedef struct {
  const char *projector, *json, *named;
} Hostile;

static const Hostile hostile[] = {
  { "mlp", "{\"image_processor_type\": \"VideoMAEImageProcessor\"}", "VideoMAEImageProcessor" },
  { "mlp", "{\"image_processor_type\": 7}", "image_processor_type" },
  { "no_such", NULL, "no_such" },
  { "mlp", "{\"size\": 0}", "size" },
  { "mlp", "{\"size\": -5}", "size" },
  { "mlp", "{\"size\": 1e9}", "size" },
  { "mlp", "{\"size\": 1000000000}", "size" },
  { "mlp", "{\"size\": \"large\"}", "size" },
  { "mlp", "{\"size\": [224, 224]}", "size" },
  { "mlp", "{\"size\": {\"shortest_edge\": 0}}", "size.shortest_edge" },
  { "mlp", "{\"size\": {\"shortest_edge\": [1]}}", "size.shortest_edge" },
  { "mlp", "{\"size\": {\"height\": 8}}", "size" },
  { "mlp", "{\"size\": {\"height\": 8, \"width\": 99999999999}}", "size.width" },
  { "mlp", "{\"crop_size\": {\"height\": -1, \"width\": 8}}", "crop_size.height" },
  { "mlp", "{\"crop_size\": 1e300}", "crop_size" },
  { "mlp", "{\"do_center_crop\": \"yes\"}", "do_center_crop" },
  { "mlp", "{\"do_resize\": 1}", "do_resize" },
  { "mlp", "{\"resample\": 6}", "resample" },
  { "mlp", "{\"resample\": -1}", "resample" },
  { "mlp", "{\"resample\": \"bicubic\"}", "resample" },
  { "mlp", "{\"rescale_factor\": 0}", "rescale_factor" },
  { "mlp", "{\"rescale_factor\": 1e9}", "rescale_factor" },
  { "mlp", "{\"rescale_factor\": []}", "rescale_factor" },
  { "mlp", "{\"image_mean\": 0.5}", "image_mean" },
  { "mlp", "{\"image_mean\": [0.5]}", "image_mean" },
  { "mlp", "{\"image_mean\": [0.5, 0.5, \"a\"]}", "image_mean" },
  { "mlp", "{\"image_mean\": [0.5, 0.5, 1e9]}", "image_mean" },
  { "mlp", "{\"image_mean\": [0.5, 0.5, NaN]}", "JSON" },
  { "mlp", "{\"image_std\": [0.5, 0.5, 0]}", "image_std" },
  { "mlp", "{\"image_std\": [0.5, 0.5, -1]}", "image_std" },
  { "mlp", "{\"image_std\": [0.5, 0.5, 1e-300]}", "image_std" },
  { "mlp", "{\"image_std\": [0.5, 0.5, null]}", "image_std" },
  { "gemma3", "{\"do_pan_and_scan\": true}", "do_pan_and_scan" },
  { "qwen2vl_merger", "{\"min_pixels\": 0}", "min_pixels" },
  { "qwen2vl_merger", "{\"max_pixels\": 1000000000}", "max_pixels" },
  { "qwen2vl_merger", "{\"max_pixels\": -4}", "max_pixels" },
  { "qwen2vl_merger", "{\"min_pixels\": 9000, \"max_pixels\": 8000}", "9000" },
  { "qwen2vl_merger", "{\"max_pixels\": 4, \"min_pixels\": 4}", "4 to 4" },
  { "qwen2vl_merger", "{\"size\": 5}", "size" },
  { "qwen2vl_merger", "{\"size\": {\"longest_edge\": \"x\"}}", "size.longest_edge" },
  { "qwen2vl_merger", "{\"patch_size\": 0}", "patch_size" },
  { "qwen2vl_merger", "{\"merge_size\": 1e9}", "merge_size" },
  { "internvl", "{\"max_patches\": 65}", "max_patches" },
  { "internvl", "{\"min_patches\": 13}", "13" },
  { "internvl", "{\"crop_to_patches\": {}}", "crop_to_patches" },
  { "mlp", "{\"image_processor_type\": \"LlavaNextImageProcessor\"}", "image_grid_pinpoints" },
  { "mlp",
    "{\"image_processor_type\": \"LlavaNextImageProcessor\", \"image_grid_pinpoints\": [1]}",
    "image_grid_pinpoints" },
  { "mlp",
    "{\"image_processor_type\": \"LlavaNextImageProcessor\","
    " \"image_grid_pinpoints\": [[224, 225]]}",
    "image_grid_pinpoints" },
  { "mlp",
    "{\"image_processor_type\": \"LlavaNextImageProcessor\", \"crop_size\": 1,"
    " \"image_grid_pinpoints\": [[8000, 8000]]}",
    "image_grid_pinpoints" },
  { "mlp", "[]", "object" },
  { "mlp", "{\"size\": 224, \"size\": 336}", "twice" },
};

static void
test_hostile (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autoptr (GError) error = NULL;
    IvImageProcessorConfig config;
    g_test_message ("%s %s", hostile[i].projector, hostile[i].json);
    g_assert_false (
        image_test_read_config (hostile[i].projector, hostile[i].json, &config, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == IV_MODEL_ERROR);
    if (strstr (error->message, hostile[i].named) == NULL)
      g_error ("“%s” does not name %s", error->message, hostile[i].named);
  }
}

/* The same from the keys of a GGUF file; where both speak, they must agree. */
static void
test_hostile_keys (void)
{
  static const struct {
    const char *projector, *key;
    guint64 value;
    const char *json;
  } cases[] = {
    { "gemma3", "clip.vision.image_size", 0, NULL },
    { "gemma3", "clip.vision.image_size", 1 << 30, NULL },
    { "qwen2vl_merger", "clip.vision.image_max_pixels", G_MAXUINT64, NULL },
    { "qwen2vl_merger", "clip.vision.image_min_pixels", 0, NULL },
    { "qwen2vl_merger", "clip.vision.patch_size", 0, NULL },
    { "qwen2vl_merger", "clip.vision.spatial_merge_size", 5000, NULL },
    { "qwen2vl_merger", "clip.vision.patch_size", 14, "{\"patch_size\": 16}" },
    { "internvl", "clip.vision.preproc_max_tiles", 1000000, NULL },
    { "mlp", "clip.vision.image_mean", 1, NULL },
    { "mlp", "clip.vision.image_grid_pinpoints", 1, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (IvWeights) weights = iv_weights_new_empty ("test");
    g_autoptr (GError) error = NULL;
    IvImageProcessorConfig config;
    iv_weights_set_string (weights, "clip.projector_type", cases[i].projector);
    iv_weights_set_uint (weights, cases[i].key, cases[i].value);
    if (cases[i].json != NULL)
      iv_weights_set_string (weights, IV_KEY_PREPROCESSOR, cases[i].json);
    g_test_message ("%s", cases[i].key);
    g_assert_false (iv_image_processor_config_read (weights, &config, &error));
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, strrchr (cases[i].key, '.') + 1));
  }
}

/* Pictures that a model's rules cannot take. */
static void
test_hostile_pictures (void)
{
  IvImageProcessorConfig qwen = read_config ("qwen2vl_merger", NULL);
  IvImageProcessorConfig clip = read_config ("mlp", "{\"size\": 8000}");
  g_autoptr (GError) error = NULL;
  IvImageLayout layout;
  g_assert_false (iv_image_layout_init (&layout, &qwen, (IvImageSize){ 2010, 10 }, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (iv_image_layout_init (&layout, &qwen, (IvImageSize){ 2000, 10 }, &error));
  g_assert_no_error (error);
  g_assert_false (iv_image_layout_init (&layout, &qwen, (IvImageSize){ 0, 10 }, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (iv_image_layout_init (&layout, &clip, (IvImageSize){ 65535, 1 }, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-preprocess/golden", test_golden);
  g_test_add_func ("/image-preprocess/smart-table", test_smart_table);
  g_test_add_func ("/image-preprocess/cxr-llava", test_cxr_llava);
  g_test_add_func ("/image-preprocess/mmproj", test_mmproj);
  g_test_add_func ("/image-preprocess/class-defaults", test_class_defaults);
  g_test_add_func ("/image-preprocess/crop", test_crop);
  g_test_add_func ("/image-preprocess/pad", test_pad);
  g_test_add_func ("/image-preprocess/tiles", test_tiles);
  g_test_add_func ("/image-preprocess/anyres", test_anyres);
  g_test_add_func ("/image-preprocess/stretch", test_stretch);
  g_test_add_func ("/image-preprocess/hostile", test_hostile);
  g_test_add_func ("/image-preprocess/hostile-keys", test_hostile_keys);
  g_test_add_func ("/image-preprocess/hostile-pictures", test_hostile_pictures);
  return g_test_run ();
}
