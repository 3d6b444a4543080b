/* Hugging Face directories give the same weights, metadata and ids as the GGUF files made of them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "model/files/iv-chat-template.h"
#include "model/files/iv-decoder-config.h"
#include "model/files/iv-hf.h"
#include "model/files/iv-json.h"
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

static float *
load_tensor (const IvTensor *tensor, gsize *n)
{
  *n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    *n *= (gsize) tensor->shape[i];
  float *values = g_new (float, *n);
  iv_data_type_to_f32 (tensor->type, tensor->data, values, *n);
  return values;
}

/* Rows that GGUF permutes so that the two values of a pair stand side by side: row 2i + k of a head
 * there is row k * d/2 + i here. */
static gsize
find_row (gsize row, guint head_dim)
{
  gsize head = row / head_dim, place = row % head_dim;
  return head * head_dim + place % 2 * (head_dim / 2) + place / 2;
}

static void
assert_same_tensor (const IvTensor *theirs, const IvTensor *ours, guint permuted_head)
{
  gsize n, m;
  g_autofree float *expected = load_tensor (theirs, &n);
  g_autofree float *values = load_tensor (ours, &m);
  g_assert_cmpuint (theirs->n_dims, ==, ours->n_dims);
  g_assert_cmpuint (n, ==, m);
  gsize width = (gsize) theirs->shape[theirs->n_dims - 1];
  for (gsize i = 0; i < n; i++) {
    gsize k = permuted_head > 0 ? find_row (i / width, permuted_head) * width + i % width : i;
    /* rope_freqs are computed here and stored there: one rounding apart. */
    float allowed = g_str_equal (theirs->name, "rope_freqs.weight") ? 1e-6f : 0;
    if (!(fabsf (expected[i] - values[k]) <= allowed * fabsf (expected[i])))
      g_error ("%s[%" G_GSIZE_FORMAT "] is %g, not %g", theirs->name, i, values[k], expected[i]);
  }
}

static void
assert_same_config (IvWeights *gguf, IvWeights *hf)
{
  g_autoptr (GError) error = NULL;
  IvDecoderConfig theirs, ours;
  iv_decoder_config_read (gguf, &theirs, &error);
  g_assert_no_error (error);
  iv_decoder_config_read (hf, &ours, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ours.architecture, ==, theirs.architecture);
  g_assert_cmpuint (ours.n_layers, ==, theirs.n_layers);
  g_assert_cmpuint (ours.n_embd, ==, theirs.n_embd);
  g_assert_cmpuint (ours.n_head, ==, theirs.n_head);
  g_assert_cmpuint (ours.n_kv, ==, theirs.n_kv);
  g_assert_cmpuint (ours.head_dim, ==, theirs.head_dim);
  g_assert_cmpuint (ours.n_ffn, ==, theirs.n_ffn);
  g_assert_cmpuint (ours.n_vocab, ==, theirs.n_vocab);
  g_assert_cmpuint (ours.n_context, ==, theirs.n_context);
  g_assert_cmpfloat (ours.norm_eps, ==, theirs.norm_eps);
  g_assert_cmpfloat (ours.rope_theta, ==, theirs.rope_theta);
  g_assert_cmpfloat (ours.rope_scale, ==, theirs.rope_scale);
  g_assert_cmpint (ours.is_tied, ==, theirs.is_tied);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (ours.rope_sections[i], ==, theirs.rope_sections[i]);
  g_assert_cmpint (ours.rope_kind,
                   ==,
                   theirs.rope_kind == IV_DECODER_ROPE_ADJACENT ? IV_DECODER_ROPE_HALF_SPLIT
                                                                : theirs.rope_kind);
}

/* Every tensor of the GGUF file is in the directory. */
static void
assert_same_weights (IvWeights *gguf, IvWeights *hf)
{
  gboolean is_llama = g_str_equal (iv_weights_get_architecture (gguf), "llama");
  for (guint i = 0; i < iv_weights_get_n_tensors (gguf); i++) {
    const IvTensor *theirs = iv_weights_get_tensor (gguf, i);
    const IvTensor *ours = iv_weights_find (hf, theirs->name);
    gboolean is_permuted = is_llama && (strstr (theirs->name, "attn_q.weight") != NULL ||
                                        strstr (theirs->name, "attn_k.weight") != NULL);
    if (ours == NULL)
      g_error ("%s is missing", theirs->name);
    assert_same_tensor (theirs, ours, is_permuted ? 32 : 0);
  }
}

static void
assert_same_ids (IvWeights *gguf, IvWeights *hf)
{
  static const char *const texts[] = {
    "Findings: The heart size is normal. No pleural effusion (12 mm)…\n\n",
    "이전 검사와 비교하여 우하엽의 경화가 증가하였습니다.",
    " x  y\r\n\t1234 don't",
    "<|im_start|>user\nHi<|im_end|><s></s> <think>ok</think>",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTokenizer) theirs = iv_tokenizer_new (gguf, &error);
  g_assert_no_error (error);
  g_autoptr (IvTokenizer) ours = iv_tokenizer_new (hf, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint flags = 0; flags < 4; flags++) {
      g_autoptr (GArray) expected =
          iv_tokenizer_encode (theirs, texts[i], -1, (IvTokenizeFlags) flags);
      g_autoptr (GArray) ids = iv_tokenizer_encode (ours, texts[i], -1, (IvTokenizeFlags) flags);
      g_assert_cmpmem (ids->data, ids->len * 4, expected->data, expected->len * 4);
    }
  g_assert_cmpint (iv_tokenizer_get_bos (ours), ==, iv_tokenizer_get_bos (theirs));
  g_assert_cmpint (iv_tokenizer_get_eos (ours), ==, iv_tokenizer_get_eos (theirs));
  for (guint id = 0; id < iv_tokenizer_get_n_vocab (theirs); id++)
    g_assert_cmpint (
        iv_tokenizer_is_stop (ours, (gint32) id), ==, iv_tokenizer_is_stop (theirs, (gint32) id));
}

static void
assert_same_prompt (IvWeights *gguf, IvWeights *hf)
{
  g_autoptr (GError) error = NULL;
  const IvChatMessage message = { "user", "Hi" };
  g_autoptr (IvChatTemplate) theirs = iv_chat_template_new_for_weights (gguf, &error);
  g_assert_no_error (error);
  g_autoptr (IvChatTemplate) ours = iv_chat_template_new_for_weights (hf, &error);
  g_assert_no_error (error);
  g_autofree char *expected = iv_chat_template_apply (theirs, &message, 1, FALSE, &error);
  g_autofree char *prompt = iv_chat_template_apply (ours, &message, 1, FALSE, &error);
  g_assert_cmpstr (prompt, ==, expected);
}

static void
check_directory (const char *folder, const char *model)
{
  g_autofree char *folder_path = iv_golden_find (folder);
  g_autofree char *model_path = iv_golden_find (model);
  if (folder_path == NULL || model_path == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autoptr (IvWeights) hf = open_file (folder_path);
  g_autoptr (IvWeights) gguf = open_file (model_path);
  g_assert_true (iv_weights_is_half_split (hf));
  assert_same_config (gguf, hf);
  assert_same_weights (gguf, hf);
  assert_same_ids (gguf, hf);
  assert_same_prompt (gguf, hf);
  g_assert_cmpuint (strlen (iv_weights_get_digest (hf)), ==, 64);
}

static void
test_llama3 (void)
{
  check_directory ("hf/llama3", "text/llama3/model-bf16.gguf");
}

static void
test_qwen25vl (void)
{
  check_directory ("hf/qwen2.5-vl", "text/qwen2vl/model-bf16.gguf");
}

static void
test_qwen2 (void)
{
  check_directory ("hf/qwen2", "text/qwen2/model-f32.gguf");
}

static void
test_qwen3 (void)
{
  check_directory ("hf/qwen3", "text/qwen3/model-f32.gguf");
}

/* The tower in the directory is that of the mmproj file. */
static void
test_qwen25vl_tower (void)
{
  g_autofree char *folder = iv_golden_find ("hf/qwen2.5-vl");
  g_autofree char *mmproj = iv_golden_find ("vision/qwen2.5vl/mmproj-f32.gguf");
  if (mmproj == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autoptr (IvWeights) hf = open_file (folder);
  g_autoptr (IvWeights) gguf = open_file (mmproj);
  assert_same_weights (gguf, hf);
  static const char *const keys[] = {
    "clip.vision.patch_size",        "clip.vision.embedding_length",
    "clip.vision.block_count",       "clip.vision.feed_forward_length",
    "clip.vision.projection_dim",    "clip.vision.attention.head_count",
    "clip.vision.n_wa_pattern",      "clip.vision.window_size",
    "clip.vision.spatial_merge_size"
  };
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    guint64 expected, value;
    g_assert_true (iv_weights_get_uint (gguf, keys[i], &expected));
    g_assert_true (iv_weights_get_uint (hf, keys[i], &value));
    g_assert_cmpuint (value, ==, expected);
  }
  for (guint i = 0; i < 3; i++) {
    double expected, value;
    iv_weights_get_array_number (gguf, "clip.vision.image_std", i, &expected);
    g_assert_true (iv_weights_get_array_number (hf, "clip.vision.image_std", i, &value));
    g_assert_cmpfloat (value, ==, expected);
  }
  g_assert_cmpstr (iv_weights_get_string (hf, "clip.projector_type"),
                   ==,
                   iv_weights_get_string (gguf, "clip.projector_type"));
}

/* Llama-2's tokenizer as merges in place of scores, and a tower of open_clip. */
static void
test_cxr_llava (void)
{
  g_autofree char *folder = iv_golden_find ("vision/cxr-llava/checkpoint");
  g_autofree char *llama = iv_golden_find ("text/llama/model-bf16.gguf");
  g_autoptr (GError) error = NULL;
  IvDecoderConfig config;
  if (folder == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autoptr (IvWeights) hf = open_file (folder);
  g_autoptr (IvWeights) gguf = open_file (llama);
  iv_decoder_config_read (hf, &config, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (config.n_vocab, ==, 523);
  assert_same_ids (gguf, hf);
  assert_same_prompt (gguf, hf);
  const IvTensor *patch = iv_weights_find (hf, "v.patch_embd.weight");
  const IvTensor *query = iv_weights_find (hf, "v.blk.2.attn_q.weight");
  g_assert_nonnull (patch);
  g_assert_cmpint (patch->shape[1], ==, 1);
  g_assert_nonnull (query);
  g_assert_cmpint (query->shape[0], ==, 64);
  g_assert_nonnull (iv_weights_find (hf, "mm.0.bias"));
  g_assert_nonnull (iv_weights_find (hf, "v.position_embd.weight"));
}

/* Names that no golden directory has. */
static void
test_names (void)
{
  static const struct {
    const char *architecture;
    IvHfTower tower;
    const char *theirs, *ours;
    IvHfChange change;
  } rows[] = {
    { "gemma3",
      IV_HF_TOWER_GEMMA3,
      "language_model.model.layers.3.post_attention_layernorm.weight",
      "blk.3.post_attention_norm.weight",
      IV_HF_ADD_ONE },
    { "gemma3",
      IV_HF_TOWER_GEMMA3,
      "model.language_model.layers.12.pre_feedforward_layernorm.weight",
      "blk.12.ffn_norm.weight",
      IV_HF_ADD_ONE },
    { "gemma3",
      IV_HF_TOWER_GEMMA3,
      "model.vision_tower.vision_model.post_layernorm.bias",
      "v.post_ln.bias",
      IV_HF_KEEP },
    { "gemma3",
      IV_HF_TOWER_GEMMA3,
      "multi_modal_projector.mm_input_projection_weight",
      "mm.input_projection.weight",
      IV_HF_KEEP },
    { "llama",
      IV_HF_TOWER_LLAVA,
      "vision_tower.vision_model.post_layernorm.bias",
      NULL,
      IV_HF_DROP },
    { "llama", IV_HF_TOWER_LLAVA, "language_model.lm_head.weight", "output.weight", IV_HF_KEEP },
    { "llama",
      IV_HF_TOWER_NONE,
      "model.layers.0.post_attention_layernorm.weight",
      "blk.0.ffn_norm.weight",
      IV_HF_KEEP },
    { "llama", IV_HF_TOWER_NONE, "model.layers.0.mlp.experts.0.w1.weight", NULL, IV_HF_KEEP },
    { "llama", IV_HF_TOWER_NONE, "model.layers.0.self_attn.rotary_emb.inv_freq", NULL, IV_HF_DROP },
    { "qwen3vl",
      IV_HF_TOWER_QWEN3VL,
      "model.visual.deepstack_merger_list.1.linear_fc2.bias",
      "v.deepstack.16.fc2.bias",
      IV_HF_KEEP },
    { "qwen2vl",
      IV_HF_TOWER_QWEN2VL,
      "visual.blocks.7.attn.qkv.bias",
      "v.blk.7.attn_qkv.bias",
      IV_HF_SPLIT_QKV },
  };
  static const char config[] = "{\"deepstack_visual_indexes\":[8,16,24]}";
  g_autoptr (JsonNode) root = iv_json_parse (config, strlen (config), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    IvHf hf = { .architecture = rows[i].architecture, .tower = rows[i].tower };
    IvHfChange change;
    hf.vision = json_node_get_object (root);
    g_autofree char *name = iv_hf_translate_name (&hf, rows[i].theirs, &change);
    g_assert_cmpstr (name, ==, rows[i].ours);
    g_assert_cmpint (change, ==, rows[i].change);
  }
}

/* A file into a fresh folder. */
static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static void
test_refusals (void)
{
  static const struct {
    const char *config, *wanted;
  } rows[] = {
    { "{\"model_type\":\"qwen3_5\",\"architectures\":[\"Qwen3_5ForConditionalGeneration\"]}",
      "Qwen3_5ForConditionalGeneration" },
    { "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],\"hidden_act\":\"gelu\"}",
      "hidden_act" },
    { "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"]}", "model.safetensors" },
    { "{\"model_type\":\"llama\"}", "architectures" },
  };
  g_autofree char *folder = g_dir_make_tmp ("interval-hf-XXXXXX", NULL);
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    write_file (folder, "config.json", rows[i].config);
    g_assert_null (iv_weights_open (folder, &error));
    g_assert_nonnull (error);
    if (strstr (error->message, rows[i].wanted) == NULL)
      g_error ("“%s” does not name %s", error->message, rows[i].wanted);
  }
  g_autoptr (GError) error = NULL;
  g_unlink (config);
  g_assert_null (iv_weights_open (folder, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE);
  g_rmdir (folder);
}

/* What is written can be read by others: no control character stands as it is. */
static void
test_written_json (void)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  char all[0x21] = { 0 };
  for (int i = 1; i < 0x20; i++)
    all[i - 1] = (char) i;
  json_node_init_string (node, all);
  g_autofree char *text = iv_json_to_string (node, FALSE);
  for (const char *p = text; *p != '\0'; p++)
    g_assert_cmpint ((guchar) *p, >=, 0x20);
  g_autoptr (JsonNode) back = json_from_string (text, NULL);
  g_assert_cmpstr (json_node_get_string (back), ==, all);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/hf/llama3", test_llama3);
  g_test_add_func ("/files/hf/qwen2.5-vl", test_qwen25vl);
  g_test_add_func ("/files/hf/qwen2", test_qwen2);
  g_test_add_func ("/files/hf/qwen3", test_qwen3);
  g_test_add_func ("/files/hf/qwen2.5-vl-tower", test_qwen25vl_tower);
  g_test_add_func ("/files/hf/cxr-llava", test_cxr_llava);
  g_test_add_func ("/files/hf/names", test_names);
  g_test_add_func ("/files/hf/refusals", test_refusals);
  g_test_add_func ("/hf/written-json", test_written_json);
  return g_test_run ();
}
