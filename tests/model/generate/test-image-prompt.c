/* Prompts with images: tokens around them, positions, both ways of seeing, reuse by content.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/iv-session.h"
#include "tests/vulkan/iv-test-vulkan.h"
#include "vision-case.h"

static IvVkDevice *device;

/* A model with its tower, and the embeddings of a case's images. */
typedef struct {
  const VisionCase *vision;
  IvLanguageModel *model;
  IvSession *session;
  GPtrArray *embeddings;
} Loaded;

static IvImageEmbedding *
encode (Loaded *loaded, const VisionImage *image)
{
  g_autoptr (GError) error = NULL;
  IvImageEncoder *encoder = iv_language_model_get_encoder (loaded->model);
  const IvVisionConfig *config = iv_image_encoder_get_config (encoder);
  g_autofree float *pixels = vision_image_normalise (image, config);
  IvVisionInput input = { pixels, 1, config->n_channels, image->height, image->width };
  IvImageEmbedding *embedding = iv_image_encoder_encode (encoder, &input, NULL, &error);
  g_assert_no_error (error);
  return embedding;
}

static void
load (Loaded *loaded, const VisionCase *vision)
{
  g_autoptr (GError) error = NULL;
  IvLanguageModelParams params = { .file = vision->model,
                                   .mmproj = vision->mmproj,
                                   .cache_type = { TRUE, IV_TYPE_F32 } };
  *loaded = (Loaded){ .vision = vision };
  loaded->model = iv_language_model_new (device, &params, NULL, &error);
  g_assert_no_error (error);
  loaded->session = iv_session_new (loaded->model, 512, &error);
  g_assert_no_error (error);
  loaded->embeddings = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_image_embedding_unref);
  for (guint i = 0; i < vision->images->len; i++)
    g_ptr_array_add (loaded->embeddings, encode (loaded, vision->images->pdata[i]));
}

static void
unload (Loaded *loaded)
{
  g_ptr_array_unref (loaded->embeddings);
  iv_session_free (loaded->session);
  iv_language_model_free (loaded->model);
}

/* --- the golden prompts --------------------------------------------------------------------- */

/* Logits before each token, as the sampler gets them. */
typedef struct {
  float *logits; /* [n, n_vocab] */
  guint n, most;
} Tape;

static void
on_mask_cb (float *logits, guint n_vocab, gpointer user_data)
{
  Tape *tape = user_data;
  if (tape->n < tape->most)
    memcpy (tape->logits + (gsize) tape->n++ * n_vocab, logits, n_vocab * sizeof (float));
}

static void
on_accept_cb (gint32 id, gpointer user_data)
{
}

static void
build (Loaded *loaded, const VisionPrompt *prompt, GArray **ids, GArray **images)
{
  const gint32 mark = IV_PROMPT_IMAGE;
  *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  *images = g_array_new (FALSE, FALSE, sizeof (IvPromptImage));
  for (guint i = 0; i < prompt->parts->len; i++) {
    const VisionPart *part = &g_array_index (prompt->parts, VisionPart, i);
    if (part->ids != NULL) {
      g_array_append_vals (*ids, part->ids, part->n_ids);
      continue;
    }
    IvPromptImage image = { (*ids)->len, loaded->embeddings->pdata[part->image] };
    g_array_append_val (*images, image);
    for (guint k = 0; k < image.embedding->n_rows; k++)
      g_array_append_val (*ids, mark);
  }
}

static IvGenerateParams
greedy (GArray *ids, GArray *images, guint n)
{
  return (IvGenerateParams){ .ids = (const gint32 *) (gpointer) ids->data,
                             .n_ids = ids->len,
                             .images = (const IvPromptImage *) (gpointer) images->data,
                             .n_images = images->len,
                             .max_tokens = n,
                             .ignore_stop = TRUE };
}

static void
check_prompt (Loaded *loaded, const VisionPrompt *prompt, guint n_reused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GArray) images = NULL;
  gsize n = (gsize) prompt->n_greedy * prompt->n_vocab;
  g_autofree float *logits = g_new (float, n);
  Tape tape = { logits, 0, prompt->n_greedy };
  IvLogitConstraint constraint = { .mask = on_mask_cb, .accept = on_accept_cb, .user_data = &tape };
  IvGenerateStats stats;
  build (loaded, prompt, &ids, &images);
  IvGenerateParams params = greedy (ids, images, prompt->n_greedy);
  params.constraint = &constraint;
  g_autoptr (GArray) generated =
      iv_session_generate (loaded->session, &params, &stats, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stats.n_reused, ==, n_reused);
  g_assert_cmpuint (stats.n_reused + stats.n_evaluated, ==, ids->len);
  g_assert_cmpmem (
      generated->data, generated->len * 4, prompt->greedy_ids, prompt->n_greedy * sizeof (gint32));
  double error_power = 0, power = 0;
  for (gsize i = 0; i < n; i++) {
    error_power += ((double) logits[i] - prompt->logits[i]) * (logits[i] - prompt->logits[i]);
    power += (double) prompt->logits[i] * prompt->logits[i];
  }
  g_test_message ("%s %s: NMSE %.3g", loaded->vision->name, prompt->name, error_power / power);
  /* F32 through tower and decoder; the case allows 1e-5 for other precisions. */
  g_assert_cmpfloat (error_power / power, <, 1e-9);
}

static void
test_golden (gconstpointer data)
{
  Loaded loaded;
  load (&loaded, data);
  g_assert_cmpuint (loaded.vision->prompts->len, >, 0);
  for (guint i = 0; i < loaded.vision->prompts->len; i++) {
    g_autoptr (GError) error = NULL;
    const VisionPrompt *prompt = loaded.vision->prompts->pdata[i];
    iv_session_free (loaded.session);
    loaded.session = iv_session_new (loaded.model, 512, &error);
    g_assert_no_error (error);
    check_prompt (&loaded, prompt, 0);
  }
  unload (&loaded);
}

/* --- reuse ---------------------------------------------------------------------------------- */

static const VisionPrompt *
get_last_prompt (const Loaded *loaded)
{
  return loaded->vision->prompts->pdata[loaded->vision->prompts->len - 1];
}

/* The same prompt again takes everything but its last token from the cache; another image in it
 * takes what comes before. */
static void
test_reuse (gconstpointer data)
{
  Loaded loaded;
  load (&loaded, data);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GArray) images = NULL;
  const VisionPrompt *prompt = get_last_prompt (&loaded);
  build (&loaded, prompt, &ids, &images);
  IvPromptImage *image = &g_array_index (images, IvPromptImage, 0);
  check_prompt (&loaded, prompt, 0);
  check_prompt (&loaded, prompt, ids->len - 1);
  image->embedding->key[0] ^= 1;
  check_prompt (&loaded, prompt, image->first);
  image->embedding->key[0] = '\0'; /* nobody said what it is */
  check_prompt (&loaded, prompt, image->first);
  check_prompt (&loaded, prompt, image->first);
  unload (&loaded);
}

static void
test_encoder (gconstpointer data)
{
  Loaded loaded;
  load (&loaded, data);
  IvImageEncoder *encoder = iv_language_model_get_encoder (loaded.model);
  const VisionImage *image = loaded.vision->images->pdata[0];
  IvImageEmbedding *first = loaded.embeddings->pdata[0];
  g_assert_cmpuint (strlen (first->key), ==, 64);
  g_assert_cmpuint (iv_image_encoder_get_n_reused (encoder), ==, 0);
  g_autoptr (IvImageEmbedding) again = encode (&loaded, image);
  g_assert_true (again == first);
  g_assert_cmpuint (iv_image_encoder_get_n_reused (encoder), ==, 1);
  VisionImage other = *image;
  other.levels = g_memdup2 (image->levels, (gsize) 3 * image->width * image->height);
  other.levels[7] ^= 1;
  g_autoptr (IvImageEmbedding) changed = encode (&loaded, &other);
  g_assert_cmpstr (changed->key, !=, first->key);
  g_assert_cmpuint (iv_image_encoder_get_n_reused (encoder), ==, 1);
  g_free (other.levels);
  unload (&loaded);
}

/* Least recently used first. */
static void
test_bounded (gconstpointer data)
{
  const VisionCase *vision = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvOps) ops = iv_ops_new (device, &error);
  g_autoptr (IvWeights) weights = iv_weights_open (vision->mmproj, &error);
  g_assert_no_error (error);
  gsize one = 16 * 256 * sizeof (float);
  IvImageEncoderParams params = { .weights = weights, .cache_size = 2 * one };
  g_autoptr (IvImageEncoder) encoder = iv_image_encoder_new (ops, &params, NULL, &error);
  g_assert_no_error (error);
  const guint order[] = { 0, 1, 0, 2, 0, 1 }, reused[] = { 0, 0, 1, 1, 2, 2 };
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    g_autofree float *pixels = g_new (float, 3 * 56 * 56);
    for (guint k = 0; k < 3 * 56 * 56; k++)
      pixels[k] = (float) order[i] + (float) (k % 7);
    IvVisionInput input = { pixels, 1, 3, 56, 56 };
    g_autoptr (IvImageEmbedding) embedding =
        iv_image_encoder_encode (encoder, &input, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (iv_image_embedding_get_size (embedding), ==, one);
    g_assert_cmpuint (iv_image_encoder_get_n_reused (encoder), ==, reused[i]);
  }
}

/* --- text ----------------------------------------------------------------------------------- */

/* The ids of the golden prompts, from their text. */
static void
check_text (Loaded *loaded, const VisionPrompt *prompt, const char *text, IvTokenizeFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) expected = NULL;
  g_autoptr (GArray) expected_images = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GArray) images = NULL;
  build (loaded, prompt, &expected, &expected_images);
  IvImageEmbedding *embedding = g_array_index (expected_images, IvPromptImage, 0).embedding;
  IvImageEncoder *encoder = iv_language_model_get_encoder (loaded->model);
  IvImagePromptParams params = {
    .tokenizer = iv_language_model_get_tokenizer (loaded->model),
    .projector = iv_image_encoder_get_config (encoder)->projector,
    .text = text,
    .flags = flags,
    .embeddings = &embedding,
    .n_embeddings = 1,
  };
  g_assert_true (iv_image_prompt_build (&params, &ids, &images, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (ids->data, ids->len * 4, expected->data, expected->len * 4);
  g_assert_cmpuint (images->len, ==, 1);
  g_assert_cmpuint (g_array_index (images, IvPromptImage, 0).first,
                    ==,
                    g_array_index (expected_images, IvPromptImage, 0).first);
  g_clear_pointer (&ids, g_array_unref);
  g_clear_pointer (&images, g_array_unref);
  params.n_embeddings = 0;
  g_assert_false (iv_image_prompt_build (&params, &ids, &images, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

static void
test_text (gconstpointer data)
{
  static const struct {
    const char *name, *text;
  } texts[] = {
    { "gemma3",
      "<start_of_turn>user\n\n\n<image>\n\nDescribe the image.<end_of_turn>\n"
      "<start_of_turn>model\n" },
    { "llava", "USER: <image>\nDescribe the image. ASSISTANT:" },
    { "qwen2.5vl",
      "<|im_start|>user\n<image>Describe the image.<|im_end|>\n<|im_start|>assistant\n" },
    { "qwen3vl",
      "<|im_start|>user\n<image>Describe the image.<|im_end|>\n<|im_start|>assistant\n" },
  };
  Loaded loaded;
  load (&loaded, data);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].name, loaded.vision->name))
      check_text (&loaded, get_last_prompt (&loaded), texts[i].text, IV_TOKENIZE_ADD_SPECIAL);
  unload (&loaded);
}

static void
test_message (void)
{
  g_autofree char *gemma = iv_image_prompt_mark_message ("gemma3", "Look: <image>What is it?");
  g_autofree char *qwen = iv_image_prompt_mark_message ("qwen3vl_merger", "<image>What is it?");
  g_assert_cmpstr (gemma, ==, "Look: \n\n<image>\n\nWhat is it?");
  g_assert_cmpstr (qwen, ==, "<image>What is it?");
}

/* --- what is refused ------------------------------------------------------------------------ */

static void
expect (Loaded *loaded, const IvGenerateParams *params, gint code)
{
  g_autoptr (GError) error = NULL;
  IvGenerateStats stats;
  g_assert_null (iv_session_generate (loaded->session, params, &stats, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, code);
}

static void
test_refusals (gconstpointer data)
{
  Loaded loaded;
  load (&loaded, data);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GArray) images = NULL;
  build (&loaded, get_last_prompt (&loaded), &ids, &images);
  IvPromptImage *image = &g_array_index (images, IvPromptImage, 0);
  IvGenerateParams params = greedy (ids, images, 1);
  guint first = image->first;
  params.n_images = 0; /* marks are no tokens */
  expect (&loaded, &params, IV_MODEL_ERROR_INPUT);
  params.n_images = 1;
  image->first = ids->len - 2;
  expect (&loaded, &params, IV_MODEL_ERROR_INPUT);
  image->first = G_MAXUINT;
  expect (&loaded, &params, IV_MODEL_ERROR_INPUT);
  image->first = first;
  g_autoptr (IvImageEmbedding) wide = iv_image_embedding_new (1, 12, 0);
  image->embedding = wide;
  expect (&loaded, &params, IV_MODEL_ERROR_MISMATCH);
  unload (&loaded);
}

/* The tower of one model does not suit the decoder of another. */
static void
test_mismatch (gconstpointer data)
{
  const VisionCase *const *pair = data;
  g_autoptr (GError) error = NULL;
  IvLanguageModelParams params = { .file = pair[0]->model, .mmproj = pair[1]->mmproj };
  g_assert_null (iv_language_model_new (device, &params, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MISMATCH);
  params.mmproj = pair[0]->model;
  g_clear_error (&error);
  g_assert_null (iv_language_model_new (device, &params, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT);
}

static VisionCase *
add_case (GPtrArray *all, const char *name)
{
  VisionCase *vision = vision_case_load (name);
  if (vision == NULL)
    return NULL;
  g_autofree char *path = g_strdup_printf ("/image-prompt/golden/%s", name);
  g_autofree char *text = g_strdup_printf ("/image-prompt/text/%s", name);
  g_test_add_data_func (path, vision, test_golden);
  g_test_add_data_func (text, vision, test_text);
  g_ptr_array_add (all, vision);
  return vision;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) vision_case_free);
  device = iv_test_device_new ();
  add_case (all, "cxr-llava");
  const VisionCase *gemma3 = add_case (all, "gemma3");
  const VisionCase *llava = add_case (all, "llava");
  const VisionCase *qwen25vl = add_case (all, "qwen2.5vl");
  const VisionCase *qwen3vl = add_case (all, "qwen3vl");
  const VisionCase *pair[] = { llava, qwen3vl };
  g_test_add_data_func ("/image-prompt/reuse/gemma3", gemma3, test_reuse);
  g_test_add_data_func ("/image-prompt/reuse/qwen2.5vl", qwen25vl, test_reuse);
  g_test_add_data_func ("/image-prompt/encoder", llava, test_encoder);
  g_test_add_data_func ("/image-prompt/bounded", llava, test_bounded);
  g_test_add_func ("/image-prompt/message", test_message);
  g_test_add_data_func ("/image-prompt/refusals", qwen25vl, test_refusals);
  g_test_add_data_func ("/image-prompt/mismatch", pair, test_mismatch);
  int status = g_test_run ();
  iv_test_assert_silent (device);
  iv_vk_device_unref (device);
  return status;
}
