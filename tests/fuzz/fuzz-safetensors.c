/* Fuzzes the safetensors file of a Hugging Face directory.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <string.h>

static const char config[] =
    "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":8,"
    "\"intermediate_size\":12,\"num_attention_heads\":2,\"num_hidden_layers\":1,"
    "\"num_key_value_heads\":1,\"rms_norm_eps\":1e-5,\"rope_theta\":10000.0,"
    "\"tie_word_embeddings\":true,\"vocab_size\":31,\"head_dim\":4}";

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gboolean is_ready;
  if (!is_ready)
    iv_fuzz_write ("config.json", (const guint8 *) config, strlen (config));
  is_ready = TRUE;
  iv_fuzz_write ("model.safetensors", data, size);
  iv_fuzz_load (iv_fuzz_get_folder ());
  return 0;
}
