/* Written GGUF files read back: the same weights, quantised ones within their bound.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "model/files/iv-decoder-config.h"
#include "model/files/iv-gguf-write.h"
#include "model/files/iv-model-error.h"
#include "model/files/iv-tokenizer.h"
#include "tests/model/files/iv-golden.h"

static IvWeights *
open_file (const char *file)
{
  g_autoptr (GError) error = NULL;
  IvWeights *weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  return weights;
}

static IvWeights *
open_golden (const char *name)
{
  g_autofree char *file = iv_golden_find (name);
  g_assert_nonnull (file);
  return open_file (file);
}

/* Writes and opens again. */
static IvWeights *
write_and_open (IvWeights *weights, IvGgufWriteParams params)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-write-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "out.gguf", NULL);
  params.file = file;
  iv_gguf_write (weights, &params, &error);
  g_assert_no_error (error);
  IvWeights *written = open_file (file); /* its mapping outlives the name */
  g_unlink (file);
  g_rmdir (folder);
  return written;
}

static void
assert_same_bytes (IvWeights *expected, IvWeights *written)
{
  for (guint i = 0; i < iv_weights_get_n_tensors (expected); i++) {
    const IvTensor *theirs = iv_weights_get_tensor (expected, i);
    const IvTensor *ours = iv_weights_find (written, theirs->name);
    g_assert_nonnull (ours);
    g_assert_cmpuint (ours->n_dims, ==, theirs->n_dims);
    for (guint k = 0; k < ours->n_dims; k++)
      g_assert_cmpint (ours->shape[k], ==, theirs->shape[k]);
    g_assert_cmpint (ours->type, ==, theirs->type);
    g_assert_cmpmem (ours->data, ours->size, theirs->data, theirs->size);
  }
  g_assert_cmpuint (iv_weights_get_n_tensors (written), ==, iv_weights_get_n_tensors (expected));
}

static void
assert_same_ids (IvWeights *expected, IvWeights *written)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTokenizer) theirs = iv_tokenizer_new (expected, &error);
  g_autoptr (IvTokenizer) ours = iv_tokenizer_new (written, &error);
  g_assert_no_error (error);
  const char *text = "<|im_start|>The heart 12 mm. 흉수";
  IvTokenizeFlags flags = IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL;
  g_autoptr (GArray) a = iv_tokenizer_encode (theirs, text, -1, flags);
  g_autoptr (GArray) b = iv_tokenizer_encode (ours, text, -1, flags);
  g_assert_cmpmem (b->data, b->len * 4, a->data, a->len * 4);
}

static void
test_copy (void)
{
  static const char *const names[] = { "text/gemma3/model-f32.gguf",
                                       "quant/llama/model-q4_k_m.gguf",
                                       "text/qwen3vl/model-f32.gguf" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (IvWeights) weights = open_golden (names[i]);
    g_autoptr (IvWeights) written =
        write_and_open (weights, (IvGgufWriteParams){ .part = IV_GGUF_DECODER });
    assert_same_bytes (weights, written);
    assert_same_ids (weights, written);
    g_assert_cmpstr (iv_weights_get_string (written, "tokenizer.chat_template"),
                     ==,
                     iv_weights_get_string (weights, "tokenizer.chat_template"));
  }
}

/* A directory becomes what the golden GGUF of the same weights is, permuted rows and all. */
static void
test_directory (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) hf = open_golden ("hf/llama3");
  g_autoptr (IvWeights) gguf = open_golden ("text/llama3/model-bf16.gguf");
  g_autoptr (IvWeights) written =
      write_and_open (hf, (IvGgufWriteParams){ .part = IV_GGUF_DECODER });
  IvDecoderConfig config;
  iv_decoder_config_read (written, &config, &error);
  g_assert_no_error (error);
  g_assert_cmpint (config.rope_kind, ==, IV_DECODER_ROPE_ADJACENT);
  for (guint i = 0; i < iv_weights_get_n_tensors (gguf); i++) {
    const IvTensor *theirs = iv_weights_get_tensor (gguf, i);
    const IvTensor *ours = iv_weights_find (written, theirs->name);
    gsize n = (gsize) theirs->shape[0] * (gsize) (theirs->n_dims > 1 ? theirs->shape[1] : 1);
    g_autofree float *expected = g_new (float, n);
    g_autofree float *values = g_new (float, n);
    iv_data_type_to_f32 (theirs->type, theirs->data, expected, n);
    iv_data_type_to_f32 (ours->type, ours->data, values, n);
    for (gsize k = 0; k < n; k++) /* rope_freqs are computed: one rounding apart */
      g_assert_cmpfloat (fabsf (values[k] - expected[k]), <=, 1e-6f * fabsf (expected[k]));
  }
  assert_same_ids (gguf, written);
}

static void
test_tower (void)
{
  g_autoptr (IvWeights) hf = open_golden ("hf/qwen2.5-vl");
  g_assert_true (iv_gguf_has_part (hf, IV_GGUF_TOWER));
  g_autoptr (IvWeights) tower = write_and_open (hf, (IvGgufWriteParams){ .part = IV_GGUF_TOWER });
  guint64 patch;
  g_assert_cmpstr (iv_weights_get_architecture (tower), ==, "clip");
  g_assert_true (iv_weights_get_uint (tower, "clip.vision.patch_size", &patch));
  g_assert_cmpuint (patch, ==, 14);
  g_assert_nonnull (iv_weights_find (tower, "v.patch_embd.weight.1"));
  g_assert_nonnull (iv_weights_find (tower, "mm.2.bias"));
  g_assert_null (iv_weights_find (tower, "token_embd.weight"));
  g_assert_false (iv_gguf_has_part (tower, IV_GGUF_DECODER));
}

static void
test_quantise (void)
{
  g_autoptr (GError) error = NULL;
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = open_golden ("text/qwen2/model-f32.gguf");
  g_autoptr (IvWeights) written = write_and_open (
      weights,
      (IvGgufWriteParams){ .part = IV_GGUF_DECODER, .recipe = iv_quant_recipe_find ("q8_0") });
  iv_decoder_config_read (written, &config, &error);
  g_assert_no_error (error);
  const IvTensor *before = iv_weights_find (weights, "blk.1.ffn_down.weight");
  const IvTensor *after = iv_weights_find (written, "blk.1.ffn_down.weight");
  g_assert_cmpint (after->type, ==, IV_TYPE_Q8_0);
  g_assert_cmpint (iv_weights_find (written, "output_norm.weight")->type, ==, IV_TYPE_F32);
  gsize n = (gsize) (after->shape[0] * after->shape[1]);
  g_autofree float *expected = g_new (float, n);
  g_autofree float *values = g_new (float, n);
  iv_data_type_to_f32 (before->type, before->data, expected, n);
  iv_data_type_to_f32 (after->type, after->data, values, n);
  /* Eight bits over a block of normal values: half a step of max/127 gives about 2e-5. */
  double nmse = iv_golden_nmse (values, expected, n);
  g_assert_cmpfloat (nmse, <, 5e-5);
  g_assert_cmpfloat (nmse, >, 0);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) weights = open_golden ("text/qwen2/model-f32.gguf");
  IvGgufWriteParams params = { .file = "/no/such/folder/out.gguf" };
  g_assert_false (iv_gguf_write (weights, &params, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, params.file));
}

/* The published mixture: rows of 256 and 512, and nothing but a note where rows do not fit. */
static void
test_mixture (void)
{
  const IvQuantRecipe *recipe = iv_quant_recipe_find ("Q4_K_M");
  guint n_substitutes = 0;
  IvGgufWriteParams params = { .part = IV_GGUF_DECODER,
                               .recipe = recipe,
                               .n_substitutes = &n_substitutes };
  g_autoptr (IvWeights) llama = open_golden ("quant/llama/model-q4_k_m.gguf");
  g_autoptr (IvWeights) written = write_and_open (llama, params);
  guint64 file_type;
  g_assert_true (iv_weights_get_uint (written, "general.file_type", &file_type));
  g_assert_cmpuint (file_type, ==, 15);
  g_assert_cmpuint (n_substitutes, ==, 0);
  /* The published file of the same mixture has the same type for each tensor. */
  for (guint i = 0; i < iv_weights_get_n_tensors (llama); i++) {
    const IvTensor *theirs = iv_weights_get_tensor (llama, i);
    const IvTensor *ours = iv_weights_find (written, theirs->name);
    g_test_message ("%s: %s, published %s",
                    theirs->name,
                    iv_data_type_to_string (ours->type),
                    iv_data_type_to_string (theirs->type));
    g_assert_cmpint (ours->type, ==, theirs->type);
  }
  g_autoptr (IvWeights) qwen2 = open_golden ("text/qwen2/model-f32.gguf");
  g_autoptr (IvWeights) narrow = write_and_open (qwen2, params);
  guint n_matrices = 0;
  for (guint i = 0; i < iv_weights_get_n_tensors (narrow); i++)
    n_matrices += iv_weights_get_tensor (narrow, i)->n_dims == 2;
  g_assert_cmpuint (n_matrices, >, 0);
  g_assert_cmpuint (n_substitutes, ==, n_matrices);
}

static void
test_recipes (void)
{
  IvTensor positions = { "v.position_embd.weight", IV_TYPE_F16, 2, { 16, 256 } };
  IvTensor odd = { "blk.0.ffn_up.weight", IV_TYPE_F16, 2, { 16, 48 } };
  IvTensor norm = { "blk.0.ffn_norm.weight", IV_TYPE_F32, 1, { 256 } };
  const IvQuantRecipe *recipe = iv_quant_recipe_find ("q4_k");
  g_assert_null (iv_quant_recipe_find ("q3_k"));
  g_assert_nonnull (strstr (iv_quant_recipe_list (), "q4_k_m"));
  g_assert_cmpint (iv_quant_recipe_choose (recipe, &positions, 1, FALSE), ==, IV_TYPE_F16);
  g_assert_cmpint (iv_quant_recipe_choose (recipe, &odd, 1, FALSE), ==, IV_TYPE_F16);
  g_assert_cmpint (iv_quant_recipe_choose (recipe, &norm, 1, FALSE), ==, IV_TYPE_F32);
  odd.shape[1] = 96;
  g_assert_cmpint (iv_quant_recipe_choose (recipe, &odd, 1, FALSE), ==, IV_TYPE_Q5_0);
  odd.shape[1] = 512;
  g_assert_cmpint (iv_quant_recipe_choose (recipe, &odd, 1, FALSE), ==, IV_TYPE_Q4_K);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/gguf-write/copy", test_copy);
  g_test_add_func ("/files/gguf-write/directory", test_directory);
  g_test_add_func ("/files/gguf-write/tower", test_tower);
  g_test_add_func ("/files/gguf-write/quantise", test_quantise);
  g_test_add_func ("/files/gguf-write/mixture", test_mixture);
  g_test_add_func ("/files/gguf-write/recipes", test_recipes);
  g_test_add_func ("/files/gguf-write/errors", test_errors);
  return g_test_run ();
}
