/* Fuzzes everything that a GGUF file goes through.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  iv_fuzz_load (iv_fuzz_as_file (data, size));
  return 0;
}
