/* Weights, keys and values of other types than the files', on the device against plain C.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>

#include "golden-case.h"
#include "model/files/iv-gguf-write.h"
#include "model/nets/iv-decoder-plan.h"
#include "oracle-decoder.h"

/* Tokens of the golden prompt: enough for matrix × matrix, and a second batch of one token. */
enum { N_IDS = 17, N_BATCH = 16 };

static IvVkDevice *device;
static IvOps *ops;

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

static IvWeights *
open_weights (const char *file, IvDecoderConfig *config)
{
  g_autoptr (GError) error = NULL;
  IvWeights *weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  iv_decoder_config_read (weights, config, &error);
  g_assert_no_error (error);
  return weights;
}

/* Written to a file, and opened again as any other. */
static IvWeights *
convert (IvWeights *weights, const IvQuantRecipe *recipe, IvDecoderConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-convert-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "out.gguf", NULL);
  IvGgufWriteParams params = { .file = file, .part = IV_GGUF_DECODER, .recipe = recipe };
  iv_gguf_write (weights, &params, &error);
  g_assert_no_error (error);
  IvWeights *written = open_weights (file, config);
  g_unlink (file);
  g_rmdir (folder);
  return written;
}

/* (transfer full) [N_IDS, n_vocab], with keys and values of that type. */
static float *
evaluate_with (const IvDecoderConfig *config,
               IvDecoderWeightsParams weights,
               IvDataType cache_type,
               const gint32 *ids)
{
  g_autoptr (GError) error = NULL;
  weights.config = config;
  weights.find = find_tensor;
  IvDecoderParams params = { .weights = weights, .n_batch = N_BATCH };
  g_autoptr (IvDecoder) decoder = iv_decoder_new (ops, &params, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (IvKvCache) cache = iv_decoder_new_cache (decoder, N_IDS, cache_type, &error);
  g_assert_no_error (error);
  float *logits = g_new (float, (gsize) N_IDS * config->n_vocab);
  for (guint done = 0; done < N_IDS; done += N_BATCH) {
    IvDecoderBatch batch = { .cache = cache,
                             .slot = done,
                             .n_tokens = MIN (N_BATCH, N_IDS - done),
                             .ids = ids + done,
                             .logits = IV_DECODER_LOGITS_ALL };
    iv_decoder_evaluate (decoder, &batch, logits + (gsize) done * config->n_vocab, NULL, &error);
    g_assert_no_error (error);
  }
  return logits;
}

static float *
evaluate (const IvDecoderConfig *config, IvDecoderWeightsParams weights, const gint32 *ids)
{
  return evaluate_with (config, weights, IV_TYPE_F32, ids);
}

typedef struct {
  const char *folder;
  const char *recipe;
  IvDataType attn_q, ffn_down; /* what these matrices become */
  double drift;                /* most NMSE of the logits to those of the weights before */
} Case;

/* Rows of 256 and of 512 in the first, of 64 and of 160 in the second. The first has been Q4_K and
 * Q6_K before. Measured drifts are half of those allowed; the networks' weights are random, which
 * makes an error in them grow. */
static const Case cases[] = {
  { "golden/quant/llama", "q4_k_m", IV_TYPE_Q4_K, IV_TYPE_Q6_K, 1e-3 },
  { "golden/quant/llama", "q5_k", IV_TYPE_Q5_K, IV_TYPE_Q5_K, 0.017 },
  { "golden/quant/llama", "q6_k", IV_TYPE_Q6_K, IV_TYPE_Q6_K, 0.013 },
  { "golden/text/qwen2", "q4_k_m", IV_TYPE_Q5_0, IV_TYPE_Q5_0, 0.13 },
  { "golden/text/qwen2", "q4_k", IV_TYPE_Q5_0, IV_TYPE_Q5_0, 0.17 },
  { "golden/text/qwen2", "q5_k_m", IV_TYPE_Q8_0, IV_TYPE_Q8_0, 3e-3 },
};

static void
test_converted (gconstpointer data)
{
  const Case *row = data;
  g_autoptr (GPtrArray) golden = golden_load (row->folder);
  g_assert_cmpuint (golden->len, >, 0);
  const GoldenCase *source = golden->pdata[0];
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = open_weights (source->model, &config);
  g_autoptr (IvWeights) written = convert (weights, iv_quant_recipe_find (row->recipe), &config);
  g_assert_cmpint (iv_weights_find (written, "blk.1.attn_q.weight")->type, ==, row->attn_q);
  g_assert_cmpint (iv_weights_find (written, "blk.1.ffn_down.weight")->type, ==, row->ffn_down);
  g_autofree float *hidden = NULL, *expected = NULL, *hidden_before = NULL, *before = NULL;
  OracleInput input = { .ids = source->ids, .n_ids = N_IDS };
  oracle_decoder_run (written, &config, &input, &hidden, &expected);
  oracle_decoder_run (weights, &config, &input, &hidden_before, &before);
  g_autofree float *logits =
      evaluate (&config, (IvDecoderWeightsParams){ .find_data = written }, source->ids);
  gsize n = (gsize) N_IDS * config.n_vocab;
  double nmse = golden_nmse (logits, expected, n), drift = golden_nmse (logits, before, n);
  g_test_message ("%s %s: NMSE %.3g, drift %.3g", row->folder, row->recipe, nmse, drift);
  /* The same numbers as plain F32 on the weights as they were rounded: sums differ in order. */
  g_assert_cmpfloat (nmse, <=, 1e-9);
  g_assert_cmpfloat (drift, <=, row->drift);
  g_assert_cmpfloat (drift, >, 0);
}

/* Converted while it is loaded, a model computes what it does converted before. */
static void
test_on_load (gconstpointer data)
{
  const char *name = data;
  g_autoptr (GPtrArray) golden = golden_load ("golden/text/qwen2");
  const GoldenCase *source = golden->pdata[0];
  const IvQuantRecipe *recipe = iv_quant_recipe_find_for_loading (name);
  IvDecoderConfig config, written_config;
  g_autoptr (IvWeights) weights = open_weights (source->model, &config);
  g_autoptr (IvWeights) written = convert (weights, recipe, &written_config);
  g_autofree float *expected =
      evaluate (&written_config, (IvDecoderWeightsParams){ .find_data = written }, source->ids);
  IvDecoderWeightsParams params = { .find_data = weights, .recipe = recipe };
  g_autofree float *logits = evaluate (&config, params, source->ids);
  g_autofree float *as_filed =
      evaluate (&config, (IvDecoderWeightsParams){ .find_data = weights }, source->ids);
  gsize n = (gsize) N_IDS * config.n_vocab;
  g_assert_cmpmem (logits, n * sizeof (float), expected, n * sizeof (float));
  g_assert_cmpfloat (golden_nmse (logits, as_filed, n), >, 0);
}

/* A device of which so little is free that layers have to stay with the host: nothing changes in
 * what is computed. */
static void
test_larger_than_device (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) golden = golden_load ("golden/quant/llama");
  const GoldenCase *source = golden->pdata[0];
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = open_weights (source->model, &config);
  IvDecoderMemory memory = { "a small card", iv_vk_device_get_class (device), G_MAXUINT32 };
  IvDecoderPlanParams params = {
    .config = &config,
    .find = find_tensor,
    .find_data = weights,
    .n_context = N_IDS,
    .cache_type = { TRUE, IV_TYPE_F32 },
    .weights_type = { .is_fixed = TRUE },
  };
  IvDecoderPlan whole, plan;
  iv_decoder_plan_make (&whole, &memory, &params, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (whole.host_weights, ==, 0);
  memory.available -= whole.available - (whole.device_weights - whole.device_weights / 3);
  memory.available += whole.activations + N_IDS * whole.cache_per_token + (64 << 20);
  iv_decoder_plan_make (&plan, &memory, &params, &error);
  g_assert_no_error (error);
  g_test_message ("%u of %u layers with the host", plan.n_host_layers, config.n_layers);
  g_assert_cmpuint (plan.n_host_layers, >, 0);
  g_assert_cmpuint (plan.n_host_layers, <, config.n_layers);
  g_autofree float *expected =
      evaluate (&config, (IvDecoderWeightsParams){ .find_data = weights }, source->ids);
  g_autofree float *logits = evaluate (&config,
                                       (IvDecoderWeightsParams){
                                           .find_data = weights,
                                           .host_table = plan.host_table,
                                           .n_host_layers = plan.n_host_layers,
                                       },
                                       source->ids);
  gsize n = (gsize) N_IDS * config.n_vocab;
  g_assert_cmpmem (logits, n * sizeof (float), expected, n * sizeof (float));
}

/* Keys and values of 11 and of 8 bits against those of 24, in all layers of the golden networks. */
static void
test_cache_type (gconstpointer data)
{
  g_autoptr (GPtrArray) golden = golden_load (data);
  const GoldenCase *source = golden->pdata[0];
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = open_weights (source->model, &config);
  IvDecoderWeightsParams params = { .find_data = weights };
  gsize n = (gsize) N_IDS * config.n_vocab;
  g_autofree float *expected = evaluate (&config, params, source->ids);
  g_autofree float *half = evaluate_with (&config, params, IV_TYPE_F16, source->ids);
  double nmse = golden_nmse (half, expected, n);
  g_test_message ("%s F16: NMSE %.3g", source->name, nmse);
  /* F16 rounds by 2^-12 at most: 1e-8 of a square on average, which random weights make grow. */
  g_assert_cmpfloat (nmse, <=, 5e-6);
  g_assert_cmpfloat (nmse, >, 0);
  if (config.head_dim % 32 != 0) {
    g_autoptr (GError) error = NULL;
    g_autoptr (IvDecoder) decoder = NULL;
    params.config = &config;
    params.find = find_tensor;
    decoder = iv_decoder_new (ops, &(IvDecoderParams){ .weights = params }, NULL, &error);
    g_assert_no_error (error);
    g_assert_null (iv_decoder_new_cache (decoder, N_IDS, IV_TYPE_Q8_0, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_UNSUPPORTED);
    return;
  }
  g_autofree float *eight = evaluate_with (&config, params, IV_TYPE_Q8_0, source->ids);
  nmse = golden_nmse (eight, expected, n);
  g_test_message ("%s Q8_0: NMSE %.3g", source->name, nmse);
  /* A step of max / 127 gives 3e-5 of a square. */
  g_assert_cmpfloat (nmse, <=, 1e-3);
  g_assert_cmpfloat (nmse, >, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  IvVkDeviceParams params = { .index = -1, .validation = iv_vk_validation_is_available () };
  device = iv_vk_device_new (&params, &error);
  g_assert_no_error (error);
  ops = iv_ops_new (device, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/converted/%s/%s", cases[i].folder, cases[i].recipe);
    g_test_add_data_func (path, &cases[i], test_converted);
  }
  g_test_add_data_func ("/converted/on-load/q8_0", "q8_0", test_on_load);
  g_test_add_data_func ("/converted/on-load/q4_k", "q4_k", test_on_load);
  g_test_add_data_func ("/converted/on-load/q4_0", "q4_0", test_on_load);
  static const char *const texts[] = { "golden/text/llama3",
                                       "golden/text/qwen2",
                                       "golden/text/qwen3",
                                       "golden/text/gemma3",
                                       "golden/quant/llama" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *path = g_strdup_printf ("/converted/cache/%s", texts[i]);
    g_test_add_data_func (path, texts[i], test_cache_type);
  }
  g_test_add_func ("/converted/larger-than-device", test_larger_than_device);
  int status = g_test_run ();
  g_assert_cmpuint (iv_vk_device_get_n_messages (device), ==, 0);
  iv_ops_free (ops);
  iv_vk_device_unref (device);
  return status;
}
