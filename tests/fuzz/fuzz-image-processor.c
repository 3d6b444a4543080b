/* Fuzzes preprocessor_config.json, and small pictures that go through what it asks for.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/files/iv-weights-private.h"
#include "model/nets/iv-image-preprocess.h"

/* Larger inputs are right, and slow. */
#define MOST_VALUES (1u << 20)

static const char *const projectors[] = { "mlp",      "cxr_llava",       "gemma3",
                                          "internvl", "qwen2vl_merger",  "qwen3vl_merger",
                                          "maira2",   "qwen2.5vl_merger" };

static void
preprocess (const IvImageProcessorConfig *config, IvImageSize size, guint channels)
{
  g_autoptr (GError) error = NULL;
  IvImageLayout layout;
  if (!iv_image_layout_init (&layout, config, size, &error)) {
    if (error == NULL)
      abort ();
    return;
  }
  guint64 n = (guint64) layout.tile.width * layout.tile.height * layout.n_tiles;
  if (MAX (n, (guint64) layout.resized.width * layout.resized.height) > MOST_VALUES)
    return;
  g_autoptr (IvPicture) picture = iv_picture_new (size.width, size.height, channels, NULL);
  memset (picture->pixels, 99, (gsize) size.width * size.height * channels);
  g_autoptr (IvImageInput) input = iv_image_preprocess (config, picture, &error);
  if ((input == NULL) != (error != NULL))
    abort ();
  for (gsize i = 0; input != NULL && i < input->n_values; i++)
    if (!isfinite (input->values[i]))
      abort ();
}

/* The first byte chooses the projector, the rest is the file. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const IvImageSize sizes[] = { { 1, 1 }, { 40, 30 }, { 3, 90 }, { 65535, 2 } };
  g_autoptr (IvWeights) weights = iv_weights_new_empty ("fuzz");
  g_autoptr (GError) error = NULL;
  IvImageProcessorConfig config;
  if (size == 0)
    return 0;
  g_autofree char *text = g_strndup ((const char *) data + 1, size - 1);
  iv_weights_set_string (
      weights, "clip.projector_type", projectors[data[0] % G_N_ELEMENTS (projectors)]);
  iv_weights_set_string (weights, IV_KEY_PREPROCESSOR, text);
  gboolean is_read = iv_image_processor_config_read (weights, &config, &error);
  if (is_read == (error != NULL))
    abort ();
  for (guint i = 0; is_read && i < G_N_ELEMENTS (sizes); i++)
    preprocess (&config, sizes[i], i % 2 == 0 ? 1 : 3);
  return 0;
}
