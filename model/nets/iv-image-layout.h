/* Where a picture's pixels go on the way into a vision tower: sizes alone, before any pixel moves.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-image-processor-config.h"

G_BEGIN_DECLS

typedef enum {
  IV_IMAGE_OVERVIEW_NONE,
  IV_IMAGE_OVERVIEW_FIRST,
  IV_IMAGE_OVERVIEW_LAST,
} IvImageOverview;

/* The picture is laid in the middle of a padded one, that is resized, and the result is laid on a
 * canvas at (x, y), negative where it is cropped; the canvas is cut into columns × rows tiles. */
typedef struct {
  IvImageSize picture;
  IvImageSize padded;  /* as large as the picture, or a square around it */
  IvImageSize resized; /* of the padded picture */
  IvImageSize canvas;
  gint x, y;           /* of the resized picture on the canvas */
  guint columns, rows; /* of tiles; 1 × 1 for most models */
  IvImageSize tile;
  IvImageOverview overview; /* one more tile: the whole picture, squashed */
  guint n_tiles;
  /* The part of the picture, in its pixels, that the canvas shows: what a model's boxes on the
   * canvas refer to. Reaches beyond the picture where it was padded. */
  struct {
    double x, y, width, height;
  } shown;
} IvImageLayout;

/* Sources: transformers' image_processing_clip.py, _qwen2_vl.py (smart_resize), _got_ocr2.py
 * (tiles), _llava_next.py (anyres). Errors: IV_MODEL_ERROR_INPUT names the picture's size and what
 * is wrong with it for this model. Thread-safety: any. */
gboolean iv_image_layout_init (IvImageLayout *layout,
                               const IvImageProcessorConfig *config,
                               IvImageSize picture,
                               GError **error);

G_END_DECLS
