/* The decoder on the device against the golden cases; a wrong layer is named with the help of the
 * decoder in plain C.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "decoder-fixture.h"
#include "golden-case.h"
#include "oracle-decoder.h"

/* (transfer full) [n_ids, n_vocab], in batches of the decoder's size. */
static float *
evaluate (const Loaded *loaded, const gint32 *ids, guint n_ids)
{
  guint n_vocab = loaded->config.n_vocab;
  float *logits = g_new (float, (gsize) n_ids *n_vocab);
  for (guint done = 0, n; done < n_ids; done += n) {
    g_autoptr (GError) error = NULL;
    n = MIN (n_ids - done, iv_decoder_get_n_batch (loaded->decoder));
    IvDecoderBatch batch = { .cache = loaded->cache,
                             .slot = done,
                             .n_tokens = n,
                             .ids = ids + done,
                             .logits = IV_DECODER_LOGITS_ALL };
    iv_decoder_evaluate (loaded->decoder, &batch, logits + (gsize) done * n_vocab, NULL, &error);
    g_assert_no_error (error);
  }
  return logits;
}

/* --- which layer is the first that differs ------------------------------------------------- */

typedef struct {
  const float *expected; /* [n_layers + 1, n_ids, n_embd] */
  guint n_embd;
  GString *report;
} Trace;

static void
compare_layer (guint layer, const float *stream, guint n_tokens, gpointer user_data)
{
  Trace *trace = user_data;
  gsize n = (gsize) n_tokens * trace->n_embd;
  double nmse = golden_nmse (stream, trace->expected + layer * n, n);
  g_string_append_printf (trace->report,
                          "%s%u %.2g",
                          layer == 0 ? "NMSE of the stream: embedding " : ", ",
                          layer,
                          nmse);
}

static void
explain (Loaded *loaded, const GoldenCase *golden)
{
  g_autofree float *hidden = NULL, *plain = NULL, *again = NULL;
  guint n = MIN (golden->n_ids, iv_decoder_get_n_batch (loaded->decoder));
  oracle_decoder_run (loaded->weights,
                      &loaded->config,
                      &(OracleInput){ .ids = golden->ids, .n_ids = n },
                      &hidden,
                      &plain);
  Trace trace = { hidden, loaded->config.n_embd, g_string_new (NULL) };
  iv_decoder_set_trace (loaded->decoder, compare_layer, &trace);
  again = evaluate (loaded, golden->ids, n);
  g_test_message ("%s: %s", golden->name, trace.report->str);
  g_string_free (trace.report, TRUE);
}

/* --- golden ------------------------------------------------------------------------------- */

static void
check_logits (Loaded *loaded, const GoldenCase *golden)
{
  g_autofree float *logits = evaluate (loaded, golden->ids, golden->n_ids);
  const float *first = logits + (gsize) golden->first_logit * golden->n_vocab;
  double nmse = golden_nmse (first, golden->logits, (gsize) golden->n_logits * golden->n_vocab);
  g_test_message ("%s: NMSE %.3g", golden->name, nmse);
  if (!(nmse <= golden->nmse))
    explain (loaded, golden);
  g_assert_cmpfloat (nmse, <=, golden->nmse);
}

static gint32
find_best (const float *logits, guint n)
{
  gint32 best = 0;
  for (guint i = 1; i < n; i++)
    if (logits[i] > logits[best])
      best = (gint32) i;
  return best;
}

/* One token after the other, behind a prompt that was evaluated in batches. */
static void
check_greedy (Loaded *loaded, const GoldenCase *golden)
{
  g_autofree float *logits = evaluate (loaded, golden->ids, golden->n_ids);
  float *last = logits + (gsize) (golden->n_ids - 1) * golden->n_vocab;
  for (guint i = 0; i < golden->n_greedy; i++) {
    g_autoptr (GError) error = NULL;
    gint32 id = find_best (last, golden->n_vocab);
    g_assert_cmpint (id, ==, golden->greedy_ids[i]);
    IvDecoderBatch batch = { .cache = loaded->cache,
                             .slot = golden->n_ids + i,
                             .n_tokens = 1,
                             .ids = &id,
                             .logits = IV_DECODER_LOGITS_LAST };
    iv_decoder_evaluate (loaded->decoder, &batch, last, NULL, &error);
    g_assert_no_error (error);
  }
}

static void
test_golden (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  /* 64 tokens as 24, 24 and 16: whole and partial batches. */
  loaded_load (&loaded, golden->model, 24);
  check_logits (&loaded, golden);
  check_greedy (&loaded, golden);
}

/* --- the parts of the interface that golden cases leave out --------------------------------- */

static const GoldenCase *
find_case (GPtrArray *cases, const char *name)
{
  for (guint i = 0; i < cases->len; i++) {
    const GoldenCase *golden = cases->pdata[i];
    if (g_str_equal (golden->name, name))
      return golden;
  }
  g_error ("no case %s", name);
}

/* Rows given from outside, as those of an image, do as the same rows looked up. */
static void
check_embeddings (const GoldenCase *golden, gboolean bidirectional)
{
  g_auto (Loaded) loaded = { 0 };
  g_autofree float *hidden = NULL, *expected = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 20;
  loaded_load (&loaded, golden->model, 32);
  oracle_decoder_run (loaded.weights,
                      &loaded.config,
                      &(OracleInput){ .ids = golden->ids, .n_ids = n },
                      &hidden,
                      &expected);
  g_autofree float *logits = g_new (float, (gsize) n * golden->n_vocab);
  IvDecoderBatch batch = {
    .cache = loaded.cache, .n_tokens = n, .embeddings = hidden, .logits = IV_DECODER_LOGITS_ALL
  };
  iv_decoder_evaluate (loaded.decoder, &batch, logits, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (golden_nmse (logits, expected, (gsize) n * golden->n_vocab), <, 1e-9);
}

static void
test_embeddings (gconstpointer data)
{
  check_embeddings (data, FALSE);
  check_embeddings (data, TRUE);
}

/* A draft is judged by the bits that one token after the other would give. */
static void
test_exact_batches (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  g_auto (Loaded) single = { 0 };
  gsize n_vocab = golden->n_vocab;
  loaded_load (&loaded, golden->model, 0);
  loaded_load (&single, golden->model, 1);
  guint n = 41, most = iv_decoder_get_n_exact (loaded.decoder);
  g_assert_cmpuint (most, >, 1);
  g_autofree float *one_by_one = evaluate (&single, golden->ids, n);
  g_autofree float *logits = g_new (float, most *n_vocab);
  for (guint done = 0, part = most; done<n; done += part, part = part> 1 ? part - 1 : most) {
    g_autoptr (GError) error = NULL;
    part = MIN (part, n - done);
    IvDecoderBatch batch = { .cache = loaded.cache,
                             .slot = done,
                             .n_tokens = part,
                             .ids = golden->ids + done,
                             .logits = IV_DECODER_LOGITS_ALL };
    iv_decoder_evaluate (loaded.decoder, &batch, logits, NULL, &error);
    g_assert_no_error (error);
    gsize size = part * n_vocab * sizeof (float);
    g_assert_cmpmem (logits, size, one_by_one + done * n_vocab, size);
  }
}

static void
count_layers (guint layer, const float *stream, guint n_tokens, gpointer user_data)
{
  gpointer *pair = user_data;
  guint *n_layers = pair[1];
  *n_layers = layer;
  if (layer == 1)
    g_cancellable_cancel (pair[0]);
}

static void
test_cancel (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n_layers = 0;
  gpointer pair[] = { cancellable, &n_layers };
  loaded_load (&loaded, golden->model, 32);
  iv_decoder_set_trace (loaded.decoder, count_layers, pair);
  IvDecoderBatch batch = { .cache = loaded.cache, .n_tokens = 32, .ids = golden->ids };
  g_assert_false (iv_decoder_evaluate (loaded.decoder, &batch, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_layers, ==, 1);
  g_clear_error (&error);
  /* The decoder is as good as before. */
  iv_decoder_set_trace (loaded.decoder, NULL, NULL);
  check_logits (&loaded, golden);
  /* Warming up and loading can be cancelled too. */
  g_assert_false (iv_decoder_warm_up (loaded.decoder, IV_TYPE_F32, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  IvDecoderParams params = {
    .weights = { .config = &loaded.config, .find = loaded_find_tensor, .find_data = loaded.weights }
  };
  g_assert_null (iv_decoder_new (decoder_tests_get_ops (), &params, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_warm_up (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;
  loaded_load (&loaded, golden->model, 24);
  iv_decoder_warm_up (loaded.decoder, IV_TYPE_F32, NULL, &error);
  g_assert_no_error (error);
  guint n_shaders = iv_vk_shader_count (iv_ops_get_device (decoder_tests_get_ops ()));
  check_logits (&loaded, golden);
  check_greedy (&loaded, golden);
  /* No kernel was compiled that the warm-up had not. */
  g_assert_cmpuint (
      iv_vk_shader_count (iv_ops_get_device (decoder_tests_get_ops ())), ==, n_shaders);
}

static void
test_size (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  loaded_load (&loaded, golden->model, 1);
  IvDecoderSize size = iv_decoder_get_size (loaded.decoder);
  IvDecoderSize estimate = iv_decoder_weights_estimate (
      iv_vk_device_get_class (iv_ops_get_device (decoder_tests_get_ops ())),
      &(IvDecoderWeightsParams){
          .config = &loaded.config, .find = loaded_find_tensor, .find_data = loaded.weights });
  guint64 whole = size.table + size.output + size.layers;
  guint64 estimated = estimate.table + estimate.output + estimate.layers;
  g_test_message ("%" G_GUINT64_FORMAT " bytes, estimated %" G_GUINT64_FORMAT, whole, estimated);
  /* Stacked matrices may be padded once where the estimate pads each. */
  g_assert_cmpfloat ((double) estimated, >, 0.9 * (double) whole);
  g_assert_cmpfloat ((double) estimated, <, 1.25 * (double) whole);
  g_assert_cmpuint (size.table, >, 0);
  g_assert_cmpuint (size.output, >, 0);
}

/* Weights in the host's memory compute the same. */
static void
test_host_weights (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  loaded_open (&loaded, golden->model);
  loaded_make_decoder (&loaded,
                       (IvDecoderParams){ .weights = { .find = loaded_find_tensor,
                                                       .find_data = loaded.weights,
                                                       .host_table = TRUE,
                                                       .n_host_layers = 1 } });
  check_logits (&loaded, golden);
}

/* q, k and v of each layer as one tensor, as some converters write them. */
typedef struct {
  IvWeights *weights;
  GHashTable *fused; /* name to IvTensor */
} Fused;

static void
free_fused (gpointer tensor)
{
  IvTensor *fused = tensor;
  g_free ((gpointer) fused->data);
  g_free (fused);
}

static void
add_fused (Fused *fused, guint layer)
{
  IvTensor *whole = g_new0 (IvTensor, 1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  for (const char *part = "qkv"; *part != '\0'; part++) {
    g_autofree char *name = g_strdup_printf ("blk.%u.attn_%c.weight", layer, *part);
    const IvTensor *tensor = iv_weights_find (fused->weights, name);
    gint64 n_rows = whole->shape[0];
    *whole = *tensor;
    whole->shape[0] += n_rows;
    g_byte_array_append (bytes, tensor->data, (guint) tensor->size);
  }
  char *name = g_strdup_printf ("blk.%u.attn_qkv.weight", layer);
  whole->name = name;
  whole->size = bytes->len;
  whole->data = g_byte_array_free (g_steal_pointer (&bytes), FALSE);
  g_hash_table_insert (fused->fused, name, whole);
}

static const IvTensor *
find_fused (const char *name, gpointer user_data)
{
  const Fused *fused = user_data;
  const IvTensor *tensor = g_hash_table_lookup (fused->fused, name);
  return tensor != NULL ? tensor : iv_weights_find (fused->weights, name);
}

static void
test_fused_qkv (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  loaded_open (&loaded, golden->model);
  g_autoptr (GHashTable) table =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_fused);
  Fused fused = { loaded.weights, table };
  for (guint i = 0; i < loaded.config.n_layers; i++)
    add_fused (&fused, i);
  loaded.config.has_fused_qkv = TRUE;
  loaded_make_decoder (&loaded,
                       (IvDecoderParams){ .weights = { .find = find_fused, .find_data = &fused } });
  check_logits (&loaded, golden);
}

/* --- which cases there are ------------------------------------------------------------------ */

static void
add_cases (GPtrArray *all, const char *folder)
{
  g_autoptr (GPtrArray) cases = golden_load (folder);
  if (cases->len == 0)
    g_print ("# %s is not there: left out\n", folder);
  for (guint i = 0; i < cases->len; i++) {
    GoldenCase *golden = cases->pdata[i];
    g_autofree char *path = g_strdup_printf ("/decoder/%s", golden->name);
    g_test_add_data_func (path, golden, test_golden);
    g_ptr_array_add (all, golden);
  }
  g_ptr_array_set_free_func (cases, NULL);
}

/* The directory holds the weights of a text case, and names that case for its values. */
static void
add_qwen25vl (GPtrArray *all)
{
  g_autofree char *folder = golden_find ("golden/hf/qwen2.5-vl");
  g_autoptr (GPtrArray) cases = golden_load ("golden/text/qwen2vl");
  g_assert_nonnull (folder);
  GoldenCase *golden = cases->pdata[0];
  g_free (golden->name);
  golden->name = g_strdup ("hf/qwen2.5-vl");
  g_free (golden->model);
  golden->model = g_steal_pointer (&folder);
  g_test_add_data_func ("/decoder/hf/qwen2.5-vl", golden, test_golden);
  g_ptr_array_add (all, golden);
  g_ptr_array_set_free_func (cases, NULL);
}

static void
add_tests (GPtrArray *all)
{
  static const char *const folders[] = {
    "golden/text/llama",   "golden/text/llama3",  "golden/text/qwen2",  "golden/text/qwen3",
    "golden/text/qwen2vl", "golden/text/qwen3vl", "golden/text/gemma3", "golden/quant/llama",
    "golden/quant/qwen2",  "golden/hf/llama3",    "golden/hf/qwen2",    "golden/hf/qwen3",
  };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    add_cases (all, folders[i]);
  add_qwen25vl (all);
  const GoldenCase *llama = find_case (all, "text/llama");
  g_test_add_data_func ("/decoder/embeddings", find_case (all, "text/gemma3"), test_embeddings);
  static const char *const exact[] = {
    "text/llama", "text/gemma3", "quant/qwen2 Q8_0", "quant/llama Q4_K"
  };
  for (guint i = 0; i < G_N_ELEMENTS (exact); i++) {
    g_autofree char *path = g_strdup_printf ("/decoder/exact-batches/%s", exact[i]);
    g_test_add_data_func (path, find_case (all, exact[i]), test_exact_batches);
  }
  g_test_add_data_func ("/decoder/cancel", llama, test_cancel);
  g_test_add_data_func ("/decoder/warm-up", llama, test_warm_up);
  g_test_add_data_func ("/decoder/size", llama, test_size);
  g_test_add_data_func ("/decoder/host-weights", llama, test_host_weights);
  g_test_add_data_func ("/decoder/fused-qkv", llama, test_fused_qkv);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  return decoder_tests_run (add_tests);
}
