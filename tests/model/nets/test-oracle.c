/* The decoder in plain C against other engines: it must be right before it judges the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "golden-case.h"
#include "oracle-decoder.h"

static void
test_case (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) weights = iv_weights_open (golden->model, &error);
  g_assert_no_error (error);
  IvDecoderConfig config;
  iv_decoder_config_read (weights, &config, &error);
  g_assert_no_error (error);
  g_autofree float *hidden = NULL, *logits = NULL;
  OracleInput input = { .ids = golden->ids, .n_ids = golden->n_ids };
  oracle_decoder_run (weights, &config, &input, &hidden, &logits);
  const float *first = logits + (gsize) golden->first_logit * golden->n_vocab;
  double nmse = golden_nmse (first, golden->logits, (gsize) golden->n_logits * golden->n_vocab);
  g_test_message ("%s: NMSE %.3g", golden->name, nmse);
  /* F32 with F64 sums against F32 or F64 elsewhere: other orders of summing give 1e-12. */
  g_assert_cmpfloat (nmse, <, 1e-10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const char *const folders[] = {
    "golden/text/llama",  "golden/text/llama3",  "golden/text/qwen2",
    "golden/text/qwen3",  "golden/text/qwen2vl", "golden/text/qwen3vl",
    "golden/text/gemma3", "golden/quant/llama",  "golden/quant/qwen2",
  };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    GPtrArray *cases = golden_load (folders[i]);
    g_assert_cmpuint (cases->len, >, 0);
    g_ptr_array_add (all, cases);
    for (guint j = 0; j < cases->len; j++) {
      GoldenCase *golden = cases->pdata[j];
      g_autofree char *path = g_strdup_printf ("/oracle/%s", golden->name);
      g_test_add_data_func (path, golden, test_case);
    }
  }
  return g_test_run ();
}
