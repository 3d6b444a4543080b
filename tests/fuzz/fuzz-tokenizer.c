/* Fuzzes the text that is tokenised: for each kind of tokenizer, decoding gives the text back.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/files/iv-tokenizer.h"

static const struct {
  const char *model;
  gboolean keeps_text; /* FALSE: brings it into NFC, or into its own spaces, first */
} kinds[] = {
  { "text/llama3/model-bf16.gguf", TRUE },
  { "text/qwen2/model-f32.gguf", FALSE },
  { "text/llama/model-bf16.gguf", FALSE },
  { "text/gemma3/model-f32.gguf", FALSE },
};

static IvTokenizer *
open_tokenizer (const char *name)
{
  g_autofree char *file = g_build_filename (IV_FUZZ_DATA, "golden", name, NULL);
  g_autoptr (IvWeights) weights = iv_weights_open (file, NULL);
  IvTokenizer *tokenizer = weights != NULL ? iv_tokenizer_new (weights, NULL) : NULL;
  if (tokenizer == NULL)
    abort ();
  return tokenizer;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static IvTokenizer *tokenizers[G_N_ELEMENTS (kinds)];
  const char *text = (const char *) data;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (tokenizers[i] == NULL)
      tokenizers[i] = open_tokenizer (kinds[i].model);
    for (guint flags = 0; flags < 4; flags++) {
      g_autoptr (GArray) ids =
          iv_tokenizer_encode (tokenizers[i], text, (gssize) size, (IvTokenizeFlags) flags);
      g_autofree char *decoded = iv_tokenizer_decode (
          tokenizers[i], (const gint32 *) (gpointer) ids->data, ids->len, TRUE);
      g_autofree char *expected = g_utf8_make_valid (text, (gssize) size);
      gboolean adds = (flags & IV_TOKENIZE_ADD_SPECIAL) != 0;
      if (kinds[i].keeps_text && !adds && strcmp (decoded, expected) != 0)
        abort ();
      for (guint k = 0; k < ids->len; k++)
        if (g_array_index (ids, gint32, k) < 0)
          abort ();
    }
  }
  return 0;
}
