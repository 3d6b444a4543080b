/* Fuzzes the JSON files of a Hugging Face directory, beside weights that suit its smallest model.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <stdlib.h>
#include <string.h>

/* model.safetensors of the smallest model. */
static void
write_weights (void)
{
  g_autofree char *bytes = NULL;
  g_autofree char *file =
      g_build_filename (IV_FUZZ_DATA, "golden", "hostile", "st_base", "model.safetensors", NULL);
  gsize size;
  if (!g_file_get_contents (file, &bytes, &size, NULL))
    abort ();
  iv_fuzz_write ("model.safetensors", (const guint8 *) bytes, size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const names[] = { "config.json", "tokenizer.json", "tokenizer_config.json" };
  static gboolean is_ready;
  if (!is_ready)
    write_weights ();
  is_ready = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const guint8 *end = size > 0 ? memchr (data, 0, size) : NULL;
    gsize length = end != NULL ? (gsize) (end - data) : size;
    iv_fuzz_write (names[i], data, length);
    gsize used = MIN (length + 1, size);
    data += used;
    size -= used;
  }
  iv_fuzz_load (iv_fuzz_get_folder ());
  return 0;
}
