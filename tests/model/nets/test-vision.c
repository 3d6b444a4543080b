/* Vision towers and projectors on the device against other engines, for every class of kernels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "golden-case.h"
#include "model/files/iv-model-error.h"
#include "tests/vulkan/iv-test-vulkan.h"
#include "vision-case.h"

/* A device with the tower of a case. */
typedef struct {
  IvVkDevice *device;
  IvOps *ops;
  IvWeights *weights;
  IvVisionConfig config;
  IvVision *vision;
} Tower;

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

static void
tower_open (Tower *tower, const char *file, guint device_class, guint n_batch)
{
  g_autoptr (GError) error = NULL;
  IvVkDeviceParams device = { .index = -1,
                              .validation = iv_vk_validation_is_available (),
                              .class_override = device_class + 1 };
  tower->device = iv_vk_device_new (&device, &error);
  g_assert_no_error (error);
  tower->ops = iv_ops_new (tower->device, &error);
  g_assert_no_error (error);
  tower->weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  iv_vision_config_read (tower->weights, &tower->config, &error);
  g_assert_no_error (error);
  IvVisionParams params = {
    .weights = { .config = &tower->config, .find = find_tensor, .find_data = tower->weights },
    .n_batch = n_batch
  };
  tower->vision = iv_vision_new (tower->ops, &params, NULL, &error);
  g_assert_no_error (error);
}

static void
tower_close (Tower *tower)
{
  iv_vision_free (tower->vision);
  iv_ops_free (tower->ops);
  iv_weights_unref (tower->weights);
  iv_test_assert_silent (tower->device);
  iv_vk_device_unref (tower->device);
}

/* --- the golden cases ----------------------------------------------------------------------- */

/* Rows of the decoder's width, and behind each the deepstack rows, as the cases have them. */
static double
compare (const IvImageEmbedding *embedding, const VisionImage *image)
{
  gsize n = embedding->n_embd, n_deep = n * embedding->n_deepstack;
  g_assert_cmpuint (embedding->n_rows, ==, image->n_rows);
  g_assert_cmpuint (n + n_deep, ==, image->n_columns);
  g_autofree float *values = g_new (float, embedding->n_rows *(n + n_deep));
  for (guint i = 0; i < embedding->n_rows; i++) {
    memcpy (values + i * (n + n_deep), embedding->rows + i * n, n * sizeof (float));
    if (n_deep > 0)
      memcpy (values + i * (n + n_deep) + n, embedding->deepstack + i * n_deep, n_deep * 4);
  }
  return golden_nmse (values, image->expected, embedding->n_rows * (n + n_deep));
}

static void
check_image (Tower *tower, const VisionCase *vision, const VisionImage *image)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *pixels = vision_image_normalise (image, &tower->config);
  IvVisionInput input = { pixels, 1, tower->config.n_channels, image->height, image->width };
  g_autoptr (IvImageEmbedding) embedding = iv_vision_encode (tower->vision, &input, NULL, &error);
  g_assert_no_error (error);
  double nmse = compare (embedding, image);
  g_test_message ("%s %s: NMSE %.3g", vision->name, image->name, nmse);
  /* The case allows 1e-6 for engines of other precision; F32 is to come much closer. */
  g_assert_cmpfloat (vision->embeddings_nmse, >=, 1e-9);
  g_assert_cmpfloat (nmse, <, 1e-9);
  g_assert_cmpuint (embedding->grid_rows * embedding->grid_columns, ==, embedding->n_rows);
}

static void
check_case (const VisionCase *vision, const char *file, guint device_class, guint n_batch)
{
  Tower tower;
  tower_open (&tower, file, device_class, n_batch);
  for (guint i = 0; i < vision->images->len; i++)
    check_image (&tower, vision, vision->images->pdata[i]);
  tower_close (&tower);
}

static void
test_golden (gconstpointer data)
{
  const VisionCase *vision = data;
  check_case (vision, vision->mmproj, IV_VK_CLASS_CPU, 0);
  check_case (vision, vision->mmproj, IV_VK_CLASS_GPU_SUBGROUP, 0);
  check_case (vision, vision->mmproj, IV_VK_CLASS_GPU_PLAIN, 0);
}

/* Batches that end within windows and images. */
static void
test_batches (gconstpointer data)
{
  const VisionCase *vision = data;
  check_case (vision, vision->mmproj, IV_VK_CLASS_CPU, 13);
}

/* The same weights as a Hugging Face directory. */
static void
test_directory (gconstpointer data)
{
  g_autofree char *folder = golden_find ("golden/hf/qwen2.5-vl");
  g_assert_nonnull (folder);
  check_case (data, folder, IV_VK_CLASS_CPU, 0);
}

/* --- what is refused ------------------------------------------------------------------------ */

static void
expect_input_error (Tower *tower, IvVisionInput input, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *pixels = g_new0 (float, 3 * 512 * 512);
  input.pixels = pixels;
  g_assert_null (iv_vision_encode (tower->vision, &input, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_sizes (gconstpointer data)
{
  const VisionCase *vision = data;
  Tower tower;
  tower_open (&tower, vision->mmproj, IV_VK_CLASS_CPU, 0);
  expect_input_error (&tower, (IvVisionInput){ NULL, 1, 3, 57, 56 }, "56 × 57");
  expect_input_error (&tower, (IvVisionInput){ NULL, 1, 3, 56, 0 }, "0 × 56");
  expect_input_error (&tower, (IvVisionInput){ NULL, 1, 3, 112, 112 }, "the tower takes 56 × 56");
  expect_input_error (&tower, (IvVisionInput){ NULL, 1, 1, 56, 56 }, "1 channels");
  tower_close (&tower);
}

/* A directory with one text of its config.json replaced. (transfer full) */
static char *
make_directory (const char *name, const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sub = g_strdup_printf ("golden/vision/%s/checkpoint", name);
  g_autofree char *source = golden_find (sub);
  char *folder = g_dir_make_tmp ("interval-vision-XXXXXX", &error);
  g_assert_no_error (error);
  static const char *const files[] = { "config.json", "model.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *in = g_build_filename (source, files[i], NULL);
    g_autofree char *out = g_build_filename (folder, files[i], NULL);
    g_autofree char *text = NULL;
    gsize length;
    g_file_get_contents (in, &text, &length, &error);
    g_assert_no_error (error);
    g_autoptr (GString) changed = g_string_new_len (text, (gssize) length);
    if (i == 0)
      g_assert_cmpuint (g_string_replace (changed, from, to, 0), ==, 1);
    g_file_set_contents (out, changed->str, (gssize) changed->len, &error);
    g_assert_no_error (error);
  }
  return folder;
}

static void
remove_directory (char *folder)
{
  static const char *const files[] = { "config.json", "model.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *file = g_build_filename (folder, files[i], NULL);
    g_remove (file);
  }
  g_rmdir (folder);
  g_free (folder);
}

/* What a config.json may not say, with what the error names. */
static const struct {
  const char *name, *from, *to, *text;
  gint code;
} mistakes[] = {
  { "internvl", "\"v2\"", "\"v1\"", "ps_version", IV_MODEL_ERROR_UNSUPPORTED },
  { "internvl", ": 0.5", ": 0.3", "downsample_ratio", IV_MODEL_ERROR_UNSUPPORTED },
  { "internvl",
    "\"num_hidden_layers\": 3",
    "\"num_hidden_layers\": 4",
    "v.blk.3.ln1.weight is missing",
    IV_MODEL_ERROR_MISMATCH },
  { "internvl", "\"patch_size\": 4", "\"patch_size\": 2", "v.patch_embd", IV_MODEL_ERROR_MISMATCH },
  { "internvl", "InternVLChatModel", "InternVLX", "InternVLX", IV_MODEL_ERROR_UNSUPPORTED },
  { "internvl-native", "   32,", "   36,", "both sides", IV_MODEL_ERROR_UNSUPPORTED },
  { "maira2", "\"default\"", "\"full\"", "“full”", IV_MODEL_ERROR_UNSUPPORTED },
  { "maira2", "\"mlp_ratio\": 2", "\"use_swiglu_ffn\": true", "gate", IV_MODEL_ERROR_UNSUPPORTED },
  { "maira2",
    "\"vision_feature_layer\": -1",
    "\"vision_feature_layer\": -4",
    "names no layer",
    IV_MODEL_ERROR_MISMATCH },
  { "maira2", "\"image_size\": 24", "\"image_size\": 0", "image_size", IV_MODEL_ERROR_FORMAT },
  { "onevision",
    "siglip_vision_model\",\n  \"num_hidden_layers\": 2",
    "siglip_vision_model\",\n  \"num_hidden_layers\": 100000",
    "block_count",
    IV_MODEL_ERROR_UNSUPPORTED },
  { "onevision",
    "\"image_size\": 32",
    "\"image_size\": 48",
    "patches a side",
    IV_MODEL_ERROR_MISMATCH },
  { "qwen2vl", "\"num_heads\": 2", "\"num_heads\": 3", "3 heads", IV_MODEL_ERROR_UNSUPPORTED },
  { "qwen2vl", "\"embed_dim\": 32", "\"embed_dim\": 64", "v.patch_embd", IV_MODEL_ERROR_MISMATCH },
  { "qwen2vl",
    "\"spatial_merge_size\": 2",
    "\"spatial_merge_size\": 3",
    "mm.0.weight",
    IV_MODEL_ERROR_MISMATCH },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;
    IvVisionConfig config;
    char *folder = make_directory (mistakes[i].name, mistakes[i].from, mistakes[i].to);
    g_autoptr (IvWeights) weights = iv_weights_open (folder, &error);
    g_assert_false (weights != NULL && iv_vision_config_read (weights, &config, &error));
    g_test_message ("%s: %s", mistakes[i].name, error->message);
    g_assert_error (error, IV_MODEL_ERROR, mistakes[i].code);
    g_assert_nonnull (strstr (error->message, mistakes[i].text));
    remove_directory (folder);
  }
}

static void
test_cancel (gconstpointer data)
{
  const VisionCase *vision = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const VisionImage *image = vision->images->pdata[0];
  Tower tower;
  tower_open (&tower, vision->mmproj, IV_VK_CLASS_CPU, 0);
  g_autofree float *pixels = vision_image_normalise (image, &tower.config);
  IvVisionInput input = { pixels, 1, 3, image->height, image->width };
  g_cancellable_cancel (cancellable);
  g_assert_null (iv_vision_encode (tower.vision, &input, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_image (&tower, vision, image);
  tower_close (&tower);
}

static VisionCase *
add_case (GPtrArray *all, const char *name)
{
  VisionCase *vision = vision_case_load (name);
  if (vision == NULL)
    return NULL;
  g_autofree char *path = g_strdup_printf ("/vision/golden/%s", name);
  g_test_add_data_func (path, vision, test_golden);
  g_ptr_array_add (all, vision);
  return vision;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) vision_case_free);
  add_case (all, "cxr-llava");
  add_case (all, "internvl");
  add_case (all, "internvl-native");
  add_case (all, "maira2");
  add_case (all, "onevision");
  add_case (all, "qwen2vl");
  add_case (all, "gemma3");
  const VisionCase *llava = add_case (all, "llava");
  const VisionCase *qwen25vl = add_case (all, "qwen2.5vl");
  const VisionCase *qwen3vl = add_case (all, "qwen3vl");
  g_test_add_data_func ("/vision/directory/qwen2.5-vl", qwen25vl, test_directory);
  g_test_add_data_func ("/vision/batches/llava", llava, test_batches);
  g_test_add_data_func ("/vision/batches/qwen2.5vl", qwen25vl, test_batches);
  g_test_add_data_func ("/vision/batches/qwen3vl", qwen3vl, test_batches);
  g_test_add_data_func ("/vision/sizes", llava, test_sizes);
  g_test_add_func ("/vision/mistakes", test_mistakes);
  g_test_add_data_func ("/vision/cancel", llava, test_cancel);
  return g_test_run ();
}
