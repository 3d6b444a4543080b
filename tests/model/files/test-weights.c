/* GGUF files into IvWeights and IvDecoderConfig: golden models, split sets, digests.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "model/files/iv-decoder-config.h"
#include "model/files/iv-model-error.h"
#include "tests/model/files/iv-golden.h"

static IvWeights *
open_golden (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = iv_golden_find (name);
  g_assert_nonnull (file);
  IvWeights *weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  return weights;
}

static void
test_text_models (void)
{
  static const char *const names[] = { "gemma3",  "llama", "llama3", "qwen2",
                                       "qwen2vl", "qwen3", "qwen3vl" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    IvDecoderConfig config;
    g_autofree char *case_name = g_strdup_printf ("text/%s/case.json", names[i]);
    g_autofree char *case_file = iv_golden_find (case_name);
    g_autoptr (JsonNode) root = iv_golden_load_json (case_file);
    JsonObject *object = json_node_get_object (root);
    JsonObject *shape = json_object_get_object_member (object, "shape");
    const char *model =
        json_object_get_string_member (json_object_get_object_member (object, "files"), "model");
    g_autofree char *model_name = g_strdup_printf ("text/%s/%s", names[i], model);
    g_autoptr (IvWeights) weights = open_golden (model_name);
    iv_decoder_config_read (weights, &config, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (
        config.architecture, ==, json_object_get_string_member (object, "architecture"));
    g_assert_cmpuint (config.n_embd, ==, json_object_get_int_member (shape, "hidden"));
    g_assert_cmpuint (config.n_layers, ==, json_object_get_int_member (shape, "layers"));
    g_assert_cmpuint (config.n_head, ==, json_object_get_int_member (shape, "heads"));
    g_assert_cmpuint (config.n_kv, ==, json_object_get_int_member (shape, "kv_heads"));
    g_assert_cmpuint (config.head_dim, ==, json_object_get_int_member (shape, "head_dim"));
    g_assert_cmpuint (config.n_ffn, ==, json_object_get_int_member (shape, "ffn"));
    g_assert_cmpuint (config.n_vocab, ==, json_object_get_int_member (shape, "vocab"));
    g_assert_cmpint (config.is_tied, ==, json_object_get_boolean_member (shape, "tied_output"));
    g_assert_cmpuint (config.n_context, ==, 4096);
    g_assert_false (iv_weights_is_half_split (weights));
  }
}

static IvDecoderConfig
read_config (IvWeights *weights)
{
  g_autoptr (GError) error = NULL;
  IvDecoderConfig config;
  iv_decoder_config_read (weights, &config, &error);
  g_assert_no_error (error);
  return config;
}

static void
test_gemma3 (void)
{
  g_autoptr (IvWeights) weights = open_golden ("text/gemma3/model-f32.gguf");
  IvDecoderConfig config = read_config (weights);
  g_assert_cmpuint (config.sliding_window, ==, 16);
  for (guint layer = 0; layer < 7; layer++)
    g_assert_cmpint (iv_decoder_config_is_sliding (&config, layer), ==, layer != 5);
  g_assert_cmpfloat (config.rope_theta, ==, 1e6);
  g_assert_cmpfloat (config.rope_theta_local, ==, 1e4);
  g_assert_cmpfloat (config.rope_scale, ==, 0.125);
  g_assert_cmpfloat (config.embedding_scale, ==, 8);
  g_assert_cmpfloat (fabsf (config.attention_scale - 1 / sqrtf (32)), <, 1e-7);
  g_assert_true (config.has_qk_norm && config.has_post_norms && !config.has_qkv_bias);
  g_assert_cmpint (config.activation, ==, IV_DECODER_GELU_TANH);
}

static void
test_rope (void)
{
  g_autoptr (IvWeights) llama = open_golden ("text/llama3/model-bf16.gguf");
  IvDecoderConfig config = read_config (llama);
  g_assert_cmpint (config.rope_kind, ==, IV_DECODER_ROPE_ADJACENT);
  g_assert_cmpfloat (config.rope_theta, ==, 5e5);
  /* rope_scaling of the case: factor 8, low 1, high 4, original length 64. */
  g_assert_nonnull (config.rope_divisors);
  g_assert_cmpfloat (config.rope_divisors[0], ==, 1);
  g_assert_cmpfloat (config.rope_divisors[15], ==, 8);
  g_autoptr (IvWeights) qwen2vl = open_golden ("text/qwen2vl/model-bf16.gguf");
  config = read_config (qwen2vl);
  g_assert_cmpint (config.rope_kind, ==, IV_DECODER_ROPE_SECTIONS);
  g_assert_cmpuint (config.rope_sections[0], ==, 4);
  g_assert_cmpuint (config.rope_sections[2], ==, 6);
  g_assert_true (config.has_qkv_bias);
  g_autoptr (IvWeights) qwen3vl = open_golden ("text/qwen3vl/model-f32.gguf");
  config = read_config (qwen3vl);
  g_assert_cmpint (config.rope_kind, ==, IV_DECODER_ROPE_INTERLEAVED);
  g_assert_cmpuint (config.n_deepstack, ==, 2);
}

static void
test_tensor (void)
{
  g_autoptr (IvWeights) weights = open_golden ("text/qwen3/model-f32.gguf");
  const IvTensor *tensor = iv_weights_find (weights, "blk.1.attn_q.weight");
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->type, ==, IV_TYPE_F32);
  g_assert_cmpuint (tensor->n_dims, ==, 2);
  g_assert_cmpint (tensor->shape[0], ==, 128); /* rows first: 4 heads of 32 */
  g_assert_cmpint (tensor->shape[1], ==, 64);
  g_assert_cmpuint (tensor->size, ==, 128 * 64 * 4);
  g_assert_null (iv_weights_find (weights, "blk.9.attn_q.weight"));
  gsize n_bytes = 0;
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++)
    n_bytes += iv_weights_get_tensor (weights, i)->size;
  g_assert_cmpuint (n_bytes, ==, 725504);
}

static void
test_metadata (void)
{
  g_autoptr (IvWeights) weights = open_golden ("text/llama/model-bf16.gguf");
  guint64 number;
  double value;
  gboolean flag;
  gsize length;
  g_assert_cmpstr (iv_weights_get_architecture (weights), ==, "llama");
  g_assert_true (iv_weights_get_uint (weights, "llama.attention.head_count", &number));
  g_assert_cmpuint (number, ==, 8);
  g_assert_true (iv_weights_get_float (weights, "llama.rope.freq_base", &value));
  g_assert_cmpfloat (value, ==, 10000);
  g_assert_true (iv_weights_get_bool (weights, "tokenizer.ggml.add_bos_token", &flag));
  g_assert_true (flag);
  g_assert_cmpuint (iv_weights_get_array_length (weights, "tokenizer.ggml.tokens"), ==, 523);
  const char *token = iv_weights_get_array_string (weights, "tokenizer.ggml.tokens", 1, &length);
  g_assert_cmpmem (token, length, "<s>", 3);
  g_assert_true (iv_weights_get_array_number (weights, "tokenizer.ggml.token_type", 1, &value));
  g_assert_cmpfloat (value, ==, 3);
  /* Another type, no such key, behind the end. */
  g_assert_false (iv_weights_get_uint (weights, "general.architecture", &number));
  g_assert_false (iv_weights_get_float (weights, "llama.rope.none", &value));
  g_assert_null (iv_weights_get_array_string (weights, "tokenizer.ggml.tokens", 523, &length));
  g_assert_false (iv_weights_get_array_number (weights, "tokenizer.ggml.token_type", 523, &value));
  g_assert_false (iv_weights_get_array_number (weights, "tokenizer.ggml.tokens", 0, &value));
}

static void
test_digest (void)
{
  g_autoptr (IvWeights) first = open_golden ("text/qwen2/model-f32.gguf");
  g_autoptr (IvWeights) again = open_golden ("text/qwen2/model-f32.gguf");
  g_autoptr (IvWeights) other = open_golden ("quant/qwen2/model-q8_0.gguf");
  g_assert_cmpuint (strlen (iv_weights_get_digest (first)), ==, 64);
  g_assert_cmpstr (iv_weights_get_digest (first), ==, iv_weights_get_digest (again));
  g_assert_cmpstr (iv_weights_get_digest (first), !=, iv_weights_get_digest (other));
}

static void
test_unsupported (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) weights = open_golden ("hostile/arch_unknown.gguf");
  IvDecoderConfig config;
  g_assert_false (iv_decoder_config_read (weights, &config, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, iv_weights_get_architecture (weights)));
  g_assert_nonnull (strstr (error->message, "gemma3, llama, qwen2, qwen2vl, qwen3, qwen3vl"));
}

/* Writing small GGUF files. */

static void
put_u32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_u64 (GByteArray *bytes, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
put_string (GByteArray *bytes, const char *text)
{
  put_u64 (bytes, strlen (text));
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
}

static void
put_pair_u32 (GByteArray *bytes, const char *key, guint32 value)
{
  put_string (bytes, key);
  put_u32 (bytes, 4);
  put_u32 (bytes, value);
}

/* One part of a split set, holding the tensor "t.NUMBER" of four floats all equal to number. */
static void
write_part (const char *file, guint number, guint n_parts)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *name = g_strdup_printf ("t.%u", number);
  float values[4] = { (float) number, (float) number, (float) number, (float) number };
  g_byte_array_append (bytes, (const guint8 *) "GGUF", 4);
  put_u32 (bytes, 3);
  put_u64 (bytes, 1);
  put_u64 (bytes, 4);
  put_string (bytes, "general.architecture");
  put_u32 (bytes, 8);
  put_string (bytes, "llama");
  put_pair_u32 (bytes, "split.no", number);
  put_pair_u32 (bytes, "split.count", n_parts);
  put_pair_u32 (bytes, "split.tensors.count", n_parts);
  put_string (bytes, name);
  put_u32 (bytes, 1);
  put_u64 (bytes, 4);
  put_u32 (bytes, 0);
  put_u64 (bytes, 0);
  while (bytes->len % 32 != 0)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_byte_array_append (bytes, (const guint8 *) values, sizeof values);
  g_assert_true (g_file_set_contents (file, (const char *) bytes->data, bytes->len, NULL));
}

static void
test_split (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-split-XXXXXX", NULL);
  char *files[3];
  for (guint i = 0; i < 3; i++) {
    g_autofree char *name = g_strdup_printf ("model-%05u-of-00003.gguf", i + 1);
    files[i] = g_build_filename (folder, name, NULL);
    write_part (files[i], i, 3);
  }
  {
    g_autoptr (IvWeights) weights = iv_weights_open (files[0], &error);
    g_assert_no_error (error);
    g_assert_cmpuint (iv_weights_get_n_tensors (weights), ==, 3);
    for (guint i = 0; i < 3; i++) {
      g_autofree char *name = g_strdup_printf ("t.%u", i);
      float value;
      memcpy (&value, iv_weights_find (weights, name)->data, sizeof value);
      g_assert_cmpfloat (value, ==, i);
    }
  }
  /* Not the first part; a part of another place; a part that is not there. */
  g_assert_null (iv_weights_open (files[1], &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MISMATCH);
  g_clear_error (&error);
  write_part (files[2], 1, 3);
  g_assert_null (iv_weights_open (files[0], &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MISMATCH);
  g_clear_error (&error);
  g_unlink (files[2]);
  g_assert_null (iv_weights_open (files[0], &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "model-00003-of-00003.gguf"));
  for (guint i = 0; i < 3; i++) {
    g_unlink (files[i]);
    g_free (files[i]);
  }
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/weights/text-models", test_text_models);
  g_test_add_func ("/files/weights/gemma3", test_gemma3);
  g_test_add_func ("/files/weights/rope", test_rope);
  g_test_add_func ("/files/weights/tensor", test_tensor);
  g_test_add_func ("/files/weights/metadata", test_metadata);
  g_test_add_func ("/files/weights/digest", test_digest);
  g_test_add_func ("/files/weights/unsupported", test_unsupported);
  g_test_add_func ("/files/weights/split", test_split);
  return g_test_run ();
}
