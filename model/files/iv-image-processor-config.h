/* How a model wants its images: what its files say, checked.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

typedef struct {
  guint width, height;
} IvImageSize;

/* PIL's numbers, which preprocessor_config.json uses. */
typedef enum {
  IV_RESAMPLE_NEAREST = 0,
  IV_RESAMPLE_LANCZOS = 1,
  IV_RESAMPLE_BILINEAR = 2,
  IV_RESAMPLE_BICUBIC = 3,
  IV_RESAMPLE_BOX = 4,
  IV_RESAMPLE_HAMMING = 5,
} IvResample;

/* How a picture comes to its size. */
typedef enum {
  IV_IMAGE_FIT_NONE,          /* as it is */
  IV_IMAGE_FIT_SQUASH,        /* to size, whatever its proportions */
  IV_IMAGE_FIT_SHORTEST_EDGE, /* the shorter side to edge, proportions kept */
  IV_IMAGE_FIT_SMART,         /* to multiples of factor between min_pixels and max_pixels (Qwen) */
  IV_IMAGE_FIT_TILES,         /* squashed to the grid of tiles that is nearest in proportions, and
                                 the whole picture as the last tile (InternVL) */
  IV_IMAGE_FIT_ANYRES,        /* onto the grid that wastes least, centred on black, and the whole
                                 picture squashed as the first tile (LLaVA-NeXT, LLaVA-OneVision) */
} IvImageFit;

#define IV_IMAGE_MAX_GRIDS 64
#define IV_IMAGE_MAX_TILES 64

/* In the order in which it is done. */
typedef struct {
  guint channels;     /* 1: grey; 3: RGB, where a grey picture gives three equal channels */
  gboolean stretches; /* grey, least value to 0 and greatest to 255 (MAIRA-2) */
  gboolean pads;      /* to a square, the picture in its middle */
  guint8 pad_colour[3];
  IvImageFit fit;
  IvResample resample;
  guint edge;       /* shortest edge */
  IvImageSize size; /* of the squashed picture, or of a tile */
  guint factor;     /* smart */
  guint64 min_pixels, max_pixels;
  guint min_tiles, max_tiles;
  gboolean has_overview;
  guint n_grids; /* anyres: sizes in pixels, whole numbers of tiles */
  IvImageSize grids[IV_IMAGE_MAX_GRIDS];
  IvImageSize crop;             /* about the centre; 0 × 0: none */
  double scale;                 /* of 8-bit values: 1/255 */
  double mean[3], deviation[3]; /* after scale: (x * scale - mean) / deviation */
} IvImageProcessorConfig;

/* Reads weights (a Hugging Face directory, or a GGUF file with a vision tower): the members of
 * preprocessor_config.json, where they are silent the values of the class of transformers that it
 * names; of a GGUF file the clip.vision.* keys, and where they are silent the class that belongs to
 * its projector. Every number is in its range afterwards.
 * Errors: IV_MODEL_ERROR_FORMAT and _MISMATCH name the member or key and its value, _UNSUPPORTED
 * the class or projector. Thread-safety: any. */
gboolean
iv_image_processor_config_read (IvWeights *weights, IvImageProcessorConfig *config, GError **error);

/* Lowers the limits of smart resizing and of tiles so that a picture takes no more than so many
 * pixels, as far as that can be: one unit or tile is always allowed. The other fits have no
 * choice. */
void iv_image_processor_config_limit (IvImageProcessorConfig *config, guint64 max_pixels);

/* Under this key a directory's image processor is kept as JSON text, and written to GGUF files that
 * are converted from it. */
#define IV_KEY_PREPROCESSOR "clip.vision.preprocessor_config"

G_END_DECLS
