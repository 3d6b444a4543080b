/* The plan of a decoder's memory: what fits stays, what does not goes to the host or is refused.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/nets/iv-decoder-plan.h"

enum { N_LAYERS = 10, WIDTH = 1024, N_VOCAB = 32768 };

/* Untied F16 network: a table and an output of 64 MiB, layers of 4 (q, k, v, o) + 3 (ffn) matrices
 * of 2 MiB. */
static const IvDecoderConfig config = {
  .family = IV_DECODER_LLAMA,
  .architecture = "llama",
  .n_layers = N_LAYERS,
  .n_embd = WIDTH,
  .n_head = 16,
  .n_kv = 16,
  .head_dim = 64,
  .n_ffn = WIDTH,
  .n_vocab = N_VOCAB,
  .n_context = 4096,
};

#define MIB (G_GUINT64_CONSTANT (1) << 20)

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  static const IvTensor table = { "table", IV_TYPE_F16,
                                  2,       { N_VOCAB, WIDTH },
                                  NULL,    (gsize) N_VOCAB * WIDTH * 2 };
  static const IvTensor matrix = { "matrix",         IV_TYPE_F16, 2,
                                   { WIDTH, WIDTH }, NULL,        (gsize) WIDTH * WIDTH * 2 };
  if (g_str_equal (name, "token_embd.weight") || g_str_equal (name, "output.weight"))
    return &table;
  return strstr (name, "attn_qkv") == NULL ? &matrix : NULL;
}

static gboolean
make (IvDecoderPlan *plan, IvDecoderMemory memory, guint n_context, GError **error)
{
  memory.device = "test device";
  IvDecoderPlanParams params = { &config, find_tensor, NULL, n_context, { TRUE, IV_TYPE_F16 } };
  params.weights_type.is_fixed = TRUE;
  return iv_decoder_plan_make (plan, &memory, &params, error);
}

/* Weights of the type of that name. */
static gboolean
make_typed (IvDecoderPlan *plan, guint64 available, const char *name, GError **error)
{
  IvDecoderMemory memory = { "test device", IV_VK_CLASS_GPU_PLAIN, available };
  IvDecoderPlanParams params = { .config = &config,
                                 .find = find_tensor,
                                 .cache_type = { TRUE, IV_TYPE_F16 } };
  return iv_decoder_weights_type_parse (&params.weights_type, name, error) &&
         iv_decoder_plan_make (plan, &memory, &params, error);
}

static IvDecoderPlan
plan_typed (guint64 available, const char *name)
{
  IvDecoderPlan plan;
  g_autoptr (GError) error = NULL;
  make_typed (&plan, available, name, &error);
  g_assert_no_error (error);
  return plan;
}

static IvDecoderPlan
plan_with (guint64 available, guint n_context)
{
  IvDecoderPlan plan;
  g_autoptr (GError) error = NULL;
  IvDecoderMemory memory = { .device_class = IV_VK_CLASS_GPU_PLAIN, .available = available };
  make (&plan, memory, n_context, &error);
  g_assert_no_error (error);
  return plan;
}

static void
test_roomy (void)
{
  IvDecoderPlan plan = plan_with (4096 * MIB, 0);
  guint64 weights = (2 * 64 + N_LAYERS * 14) * MIB;
  g_assert_cmpuint (plan.device_weights, >=, weights);
  g_assert_cmpuint (plan.device_weights, <, weights + weights / 10);
  g_assert_cmpuint (plan.host_weights, ==, 0);
  g_assert_false (plan.host_table);
  g_assert_cmpuint (plan.n_context, ==, config.n_context);
  g_assert_cmpuint (plan.n_context_fits, ==, config.n_context);
  /* 10 layers, keys and values of 1024 in F16. */
  g_assert_cmpuint (plan.cache_per_token, ==, N_LAYERS * 2 * WIDTH * 2);
}

static void
test_context_shrinks (void)
{
  /* 268 MiB of weights, 40 KiB a token: half of the context fits. */
  IvDecoderPlan whole = plan_with (4096 * MIB, 0);
  IvDecoderPlan plan = plan_with (whole.device_weights + whole.activations + (64 + 80) * MIB, 0);
  g_assert_cmpuint (plan.host_weights, ==, 0);
  g_assert_cmpuint (plan.n_context, ==, plan.n_context_fits);
  g_assert_cmpuint (plan.n_context, >, 1900);
  g_assert_cmpuint (plan.n_context, <=, 2048);
}

static void
test_host (void)
{
  IvDecoderPlan whole = plan_with (4096 * MIB, 0);
  guint64 needed = whole.device_weights + whole.activations + 64 * MIB + 10 * MIB;
  /* One byte too little for the least context: the table goes. */
  IvDecoderPlan plan = plan_with (needed - 1, 0);
  g_assert_true (plan.host_table);
  g_assert_cmpuint (plan.n_host_layers, ==, 0);
  g_assert_cmpuint (plan.device_weights + plan.host_weights, ==, whole.device_weights);
  g_assert_cmpuint (plan.n_context, >=, 256);
  /* And three layers of 14 MiB when another 40 are missing. */
  plan = plan_with (needed - plan.host_weights - 40 * MIB, 0);
  g_assert_true (plan.host_table);
  g_assert_cmpuint (plan.n_host_layers, ==, 3);
  g_assert_cmpuint (plan.device_weights + plan.host_weights, ==, whole.device_weights);
}

/* 268 MiB in F16, about half in Q8_0, less in Q4_K, and 80 MiB for 2048 tokens. */
static void
test_narrower (void)
{
  IvDecoderPlan whole = plan_typed (4096 * MIB, NULL);
  g_assert_null (whole.recipe);
  g_assert_cmpuint (whole.converted, ==, 0);
  guint64 beside = whole.activations + (64 + 80) * MIB;
  /* To the byte: as in the file, then Q8_0. */
  IvDecoderPlan plan = plan_typed (whole.device_weights + beside, "auto");
  g_assert_null (plan.recipe);
  plan = plan_typed (whole.device_weights + beside - 1, "auto");
  g_assert_cmpint (plan.recipe->type, ==, IV_TYPE_Q8_0);
  g_assert_cmpuint (plan.converted, >=, 268 * MIB);
  g_assert_cmpfloat (
      (double) plan.device_weights / (double) whole.device_weights, <, 8.5 / 16 + 0.01);
  g_assert_cmpuint (plan.host_weights, ==, 0);
  /* Q8_0 is one byte too large: Q4_K. */
  guint64 eight = plan.device_weights;
  plan = plan_typed (eight + beside, "auto");
  g_assert_cmpint (plan.recipe->type, ==, IV_TYPE_Q8_0);
  plan = plan_typed (eight + beside - 1, "auto");
  g_assert_cmpint (plan.recipe->type, ==, IV_TYPE_Q4_K);
  g_assert_cmpuint (plan.device_weights, <, eight);
  g_assert_cmpuint (plan.host_weights, ==, 0);
  /* Only what is still too much goes to the host. */
  plan = plan_typed (plan.device_weights + whole.activations + 64 * MIB, "auto");
  g_assert_cmpint (plan.recipe->type, ==, IV_TYPE_Q4_K);
  g_assert_true (plan.host_table);
}

/* Who asks for a type gets it, whatever the memory. */
static void
test_asked (void)
{
  IvDecoderPlan plan;
  g_autoptr (GError) error = NULL;
  plan = plan_typed (4096 * MIB, "Q4_K");
  g_assert_cmpint (plan.recipe->type, ==, IV_TYPE_Q4_K);
  plan = plan_typed (300 * MIB, "file");
  g_assert_null (plan.recipe);
  g_assert_true (plan.host_table);
  g_assert_false (make_typed (&plan, 300 * MIB, "q3_k", &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "q3_k"));
}

static IvDecoderPlan
plan_cache (IvVkDeviceClass device_class, guint64 available, const char *name)
{
  IvDecoderPlan plan;
  g_autoptr (GError) error = NULL;
  IvDecoderMemory memory = { "test device", device_class, available };
  IvDecoderPlanParams params = {
    .config = &config, .find = find_tensor, .n_context = 4096, .weights_type = { .is_fixed = TRUE }
  };
  iv_decoder_cache_type_parse (&params.cache_type, name, &error);
  g_assert_no_error (error);
  iv_decoder_plan_make (&plan, &memory, &params, &error);
  g_assert_no_error (error);
  return plan;
}

/* 4096 tokens take 320 MiB in F32, 160 in F16 and 90 in Q8_0, beside 268 MiB of weights. */
static void
test_cache_type (void)
{
  g_autoptr (GError) error = NULL;
  IvDecoderCacheType type;
  IvVkDeviceClass cpu = IV_VK_CLASS_CPU, gpu = IV_VK_CLASS_GPU_SUBGROUP;
  g_assert_cmpint (plan_cache (gpu, 4096 * MIB, NULL).cache_type, ==, IV_TYPE_F16);
  g_assert_cmpint (plan_cache (cpu, 4096 * MIB, "auto").cache_type, ==, IV_TYPE_F32);
  g_assert_cmpint (plan_cache (cpu, 2048 * MIB, "auto").cache_type, ==, IV_TYPE_F16);
  g_assert_cmpint (plan_cache (gpu, 2048 * MIB, "f32").cache_type, ==, IV_TYPE_F32);
  IvDecoderPlan half = plan_cache (gpu, 4096 * MIB, "f16");
  guint64 needed = half.device_weights + half.activations + 64 * MIB + 160 * MIB;
  g_assert_cmpint (plan_cache (gpu, needed, NULL).cache_type, ==, IV_TYPE_F16);
  IvDecoderPlan plan = plan_cache (gpu, needed - 1, NULL);
  g_assert_cmpint (plan.cache_type, ==, IV_TYPE_Q8_0);
  g_assert_cmpuint (plan.host_weights, ==, 0);
  g_assert_cmpuint (plan.cache_per_token, ==, half.cache_per_token * 9 / 16);
  g_assert_false (iv_decoder_cache_type_parse (&type, "q4_0", &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

static void
test_refused (void)
{
  IvDecoderPlan plan;
  g_autoptr (GError) error = NULL;
  IvDecoderMemory memory = { .device_class = IV_VK_CLASS_CPU,
                             .available = 200 * MIB,
                             .unified = TRUE };
  g_assert_false (make (&plan, memory, 0, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "test device"));
  g_assert_nonnull (strstr (error->message, "200.0"));
  g_clear_error (&error);
  /* A context that somebody asked for does not shrink. */
  memory.available = 1024 * MIB;
  memory.unified = FALSE;
  g_assert_false (make (&plan, memory, 100000, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "100000"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decoder-plan/roomy", test_roomy);
  g_test_add_func ("/decoder-plan/context-shrinks", test_context_shrinks);
  g_test_add_func ("/decoder-plan/host", test_host);
  g_test_add_func ("/decoder-plan/narrower", test_narrower);
  g_test_add_func ("/decoder-plan/asked", test_asked);
  g_test_add_func ("/decoder-plan/cache-type", test_cache_type);
  g_test_add_func ("/decoder-plan/refused", test_refused);
  return g_test_run ();
}
