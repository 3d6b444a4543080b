/* Malformed model files: a clear error that names what is wrong, no crash, no large allocation.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

#include "model/files/iv-chat-template.h"
#include "model/files/iv-decoder-config.h"
#include "model/files/iv-model-error.h"
#include "model/files/iv-tokenizer.h"
#include "tests/model/files/iv-golden.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER 1
#endif
#endif

/* Everything that a text model goes through before its weights are uploaded. */
static gboolean
load (const char *file, GError **error)
{
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = iv_weights_open (file, error);
  if (weights == NULL || !iv_decoder_config_read (weights, &config, error))
    return FALSE;
  g_autoptr (IvTokenizer) tokenizer = iv_tokenizer_new (weights, error);
  if (tokenizer == NULL)
    return FALSE;
  g_autoptr (GArray) ids = iv_tokenizer_encode (
      tokenizer, "a abc <s> x", -1, IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL);
  g_autofree char *text =
      iv_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, TRUE);
  g_assert_nonnull (text);
  /* Every weight is read once: a tensor outside its file would end here. */
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++) {
    const IvTensor *tensor = iv_weights_get_tensor (weights, i);
    gsize n = tensor->size / iv_data_type_get_block_bytes (tensor->type) *
              iv_data_type_get_block_elements (tensor->type);
    g_autofree float *values = g_new (float, n);
    iv_data_type_to_f32 (tensor->type, tensor->data, values, n);
  }
  g_assert_cmpuint (strlen (iv_weights_get_digest (weights)), ==, 64);
  return TRUE;
}

/* Words of the case's own description that the message must hold, for those where a message could
 * as well be a wrong guess. */
static const struct {
  const char *file, *words;
} messages[] = {
  { "trunc_empty.gguf", "empty" },
  { "magic.gguf", "not a GGUF" },
  { "magic_be.gguf", "big-endian" },
  { "version1.gguf", "version 1" },
  { "version_be.gguf", "big-endian" },
  { "kv_count_huge.gguf", "number of metadata" },
  { "tensor_count_huge.gguf", "number of tensors" },
  { "key_len_huge.gguf", "key of metadata 0" },
  { "value_type_13.gguf", "value type 13" },
  { "array_recursive.gguf", "nests" },
  { "dup_key.gguf", "occurs twice" },
  { "no_arch.gguf", "general.architecture is missing" },
  { "arch_wrong_type.gguf", "general.architecture is not a string" },
  { "arch_mismatch.gguf", "gemma3.block_count is missing" },
  { "alignment_12.gguf", "general.alignment is 12" },
  { "cfg_block_count_55.gguf", "llama.block_count is 4294967295" },
  { "cfg_block_count_57.gguf", "blk.1.attn_norm.weight is missing" },
  { "cfg_block_count_58.gguf", "llama.block_count is not a whole number" },
  { "cfg_embedding_length_60.gguf", "token_embd.weight" },
  { "cfg_attention_head_count_62.gguf", "head_count is 0" },
  { "cfg_attention_head_count_kv_65.gguf", "head_count_kv" },
  { "cfg_attention_layer_norm_rms_epsilon_67.gguf", "layer_norm_rms_epsilon is nan" },
  { "cfg_missing_heads.gguf", "attention.head_count is missing" },
  { "tok_missing.gguf", "tokenizer.ggml.tokens" },
  { "tok_short.gguf", "10 tokens" },
  { "tok_types_short.gguf", "tokenizer.ggml.token_type" },
  { "tok_eos_out.gguf", "tokenizer.ggml.eos_token_id" },
  { "t_offset_past_end.gguf", "blk.0.attn_q.weight ends behind the end" },
  { "t_offset_unaligned.gguf", "alignment" },
  { "t_overlap.gguf", "overlap" },
  { "t_dims_wrap.gguf", "impossible shape" },
  { "t_ndims_9.gguf", "9 dimensions" },
  { "t_type_removed.gguf", "type 4" },
  { "t_type_block.gguf", "Q4_K" },
  { "t_dup_name.gguf", "occurs twice" },
  { "t_name_long.gguf", "5000 bytes" },
  { "missing_token_embd_weight.gguf", "token_embd.weight is missing" },
  { "shape_q_swapped.gguf", "blk.0.ffn_up.weight has the shape" },
  { "split_claims.gguf", "split.count is 3" },
  { "safetensors/len_max.safetensors", "header's length" },
  { "safetensors/json_deep.safetensors", "nested" },
  { "safetensors/json_dup.safetensors", "occurs twice" },
  { "safetensors/json_nul.safetensors", "UTF-8" },
  { "safetensors/dtype.safetensors", "F13" },
  { "safetensors/dtype_size.safetensors", "span" },
  { "safetensors/shape_float.safetensors", "shape[" },
  { "safetensors/off_rev.safetensors", "data_offsets" },
  { "safetensors/overlap.safetensors", "overlap" },
  { "safetensors/missing.safetensors", "blk.0.attn_q.weight is missing" },
  { "config/neg_layers.json", "num_hidden_layers" },
  { "config/huge_vocab.json", "vocab_size" },
  { "config/heads_zero.json", "head_count is 0" },
  { "config/heads_str.json", "num_attention_heads" },
  { "config/no_type.json", "model_type" },
  { "config/deep.json", "nested" },
  { "config/index_path.json", "../../../../etc/passwd" },
  { "config/index_missing_shard.json", "model-00009-of-00009.safetensors" },
  { "config/index_no_map.json", "weight_map" },
};

static void
check_message (const char *name, const GError *error)
{
  g_assert_cmpint (error->domain, ==, IV_MODEL_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    if (g_str_equal (messages[i].file, name) && strstr (error->message, messages[i].words) == NULL)
      g_error ("%s: “%s” does not say “%s”", name, error->message, messages[i].words);
  g_test_message ("%s: %s", name, error->message);
}

static void
check_file (const char *name, const char *expected, const char *file)
{
  g_autoptr (GError) error = NULL;
  gboolean is_loaded = load (file, &error);
  g_assert_true (is_loaded == (error == NULL));
  if (error != NULL)
    check_message (name, error);
  if (g_str_equal (expected, "error"))
    g_assert_false (is_loaded);
}

static void
copy_as (const char *from_folder, const char *name, const char *folder, const char *as)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *from = g_build_filename (from_folder, name, NULL);
  g_autofree char *to = g_build_filename (folder, as, NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  g_file_get_contents (from, &bytes, &size, &error);
  g_assert_no_error (error);
  g_file_set_contents (to, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir)) {
    g_autofree char *file = g_build_filename (folder, name, NULL);
    g_unlink (file);
  }
  g_rmdir (folder);
}

/* A directory like st_base, with the hostile file in the place that its folder says. */
static void
check_in_directory (const char *hostile, const char *name, const char *expected)
{
  static const char *const base[] = {
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
  };
  gboolean is_index = g_str_has_prefix (name, "config/index_");
  const char *place = g_str_has_prefix (name, "safetensors/") ? "model.safetensors"
                      : is_index                              ? "model.safetensors.index.json"
                                                              : "config.json";
  g_autofree char *folder = g_dir_make_tmp ("interval-hostile-XXXXXX", NULL);
  g_autofree char *source = g_build_filename (hostile, "st_base", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (base); i++)
    if (!is_index || !g_str_equal (base[i], "model.safetensors"))
      copy_as (source, base[i], folder, base[i]);
  copy_as (hostile, name, folder, place);
  check_file (name, expected, folder);
  remove_folder (folder);
}

static void
test_cases (void)
{
  g_autofree char *hostile = iv_golden_find ("hostile");
  g_autofree char *case_file = g_build_filename (hostile, "case.json", NULL);
  g_autoptr (JsonNode) root = iv_golden_load_json (case_file);
  JsonArray *cases = json_object_get_array_member (json_node_get_object (root), "cases");
  g_assert_cmpuint (json_array_get_length (cases), >=, 160);
  for (guint i = 0; i < json_array_get_length (cases); i++) {
    JsonObject *entry = json_array_get_object_element (cases, i);
    const char *name = json_object_get_string_member (entry, "file");
    const char *expected = json_object_get_string_member (entry, "expected");
    g_autofree char *file = g_build_filename (hostile, name, NULL);
    if (strchr (name, '/') != NULL)
      check_in_directory (hostile, name, expected);
    else
      check_file (name, expected, file);
  }
}

/* What is not malformed must load, or the cases above would prove nothing. */
static void
test_valid (void)
{
  static const char *const names[] = { "hostile/valid.gguf", "hostile/st_base" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *file = iv_golden_find (names[i]);
    g_assert_true (load (file, &error));
    g_assert_no_error (error);
  }
}

/* Every prefix of a valid file and every changed byte of its header. */
static void
test_mutations (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *valid = iv_golden_find ("hostile/valid.gguf");
  g_autofree char *folder = g_dir_make_tmp ("interval-mutated-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "mutated.gguf", NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  g_file_get_contents (valid, &bytes, &size, &error);
  g_assert_no_error (error);
  guint n_loaded = 0;
  for (gsize i = 0; i < 3008; i += 7) {
    g_autoptr (GError) problem = NULL;
    char before = bytes[i];
    bytes[i] = (char) (before ^ (1 << i % 8));
    FILE *stream = g_fopen (file, "wb");
    g_assert_cmpuint (fwrite (bytes, 1, size, stream), ==, size);
    fclose (stream);
    gboolean is_loaded = load (file, &problem);
    g_assert_true (is_loaded == (problem == NULL));
    n_loaded += is_loaded ? 1 : 0;
    bytes[i] = before;
  }
  g_test_message ("%u of 430 changed files load", n_loaded);
  remove_folder (folder);
}

static void
test_not_a_file (void)
{
  static const char *const files[] = { "/dev/zero", "/no/such/file", "/dev/null", "" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (iv_weights_open (files[i], &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#ifndef HAS_ADDRESS_SANITIZER
  /* The files are a few kilobytes: whoever believes a count in one of them runs into this. */
  const struct rlimit limit = { 256 << 20, 256 << 20 };
  setrlimit (RLIMIT_AS, &limit);
#endif
  g_test_add_func ("/files/hostile/cases", test_cases);
  g_test_add_func ("/files/hostile/valid", test_valid);
  g_test_add_func ("/files/hostile/mutations", test_mutations);
  g_test_add_func ("/files/hostile/not-a-file", test_not_a_file);
  return g_test_run ();
}
