/* From a picture to a vision tower's input, as the model's own image processor does it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-layout.h"
#include "model/nets/iv-image-resample.h"

G_BEGIN_DECLS

typedef struct {
  IvImageLayout layout;
  guint channels;
  /* [layout.n_tiles, channels, layout.tile.height, layout.tile.width]; tiles of the grid row by
   * row, the overview before or behind them. */
  float *values;
  gsize n_values;
} IvImageInput;

/* Grey or RGB pictures for either kind of model: a grey one gives equal channels, an RGB one its
 * luma. In double precision from the 8-bit pixels on, then rounded to F32. On the host; a film
 * takes some milliseconds. (transfer full) Errors: those of iv_image_layout_init,
 * IV_MODEL_ERROR_MEMORY. Thread-safety: any. */
IvImageInput *iv_image_preprocess (const IvImageProcessorConfig *config,
                                   const IvPicture *picture,
                                   GError **error);
void iv_image_input_free (IvImageInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvImageInput, iv_image_input_free)

G_END_DECLS
