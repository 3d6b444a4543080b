/* What a vision tower's files say about it and its projector, checked against their tensors.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"
#include "model/ops/iv-elementwise.h"

G_BEGIN_DECLS

typedef enum {
  IV_VISION_POSITIONS_NONE,    /* the rotation alone tells where a patch is */
  IV_VISION_POSITIONS_TABLE,   /* one row for each patch: images of one size */
  IV_VISION_POSITIONS_BICUBIC, /* other grids by bicubic interpolation, a = -0.75, pixel centres */
  IV_VISION_POSITIONS_CORNERS, /* other grids by bilinear interpolation, corners on corners */
} IvVisionPositions;

enum { IV_VISION_MAX_DEEPSTACK = 8, IV_VISION_MAX_LINEARS = 4, IV_VISION_MAX_CHANNELS = 3 };

/* The common block:
 *   x += scale1?( out( attention( rope?( qk_norm?( qkv( norm1(x) ))))))
 *   x += scale2?( down( act( up(h) ) [* gate] )), h = norm2(x)
 * and behind the last one post_norm?, merge × merge patches into one row, and the projector. */
typedef struct {
  const char *projector; /* clip.projector_type: "gemma3"; static */

  guint n_layers; /* that are run */
  guint n_embd;
  guint n_head;
  guint head_dim; /* a multiple of 4 */
  guint n_ffn;
  guint n_channels; /* 1 or 3 */
  guint patch;      /* pixels a side */
  guint image_size; /* pixels a side, of images of one size; 0: any multiple of patch * merge */
  float norm_eps;

  gboolean is_rms; /* RMSNorm, else LayerNorm */
  IvActivation activation;
  gboolean is_gated;  /* ffn_gate */
  gboolean has_class; /* a row before the patches, dropped at the end */
  gboolean has_slice; /* a second time slice of the patch embedding; a still image takes the sum */
  gboolean has_rope;  /* rotation by row and column, theta 10000 */
  gboolean has_qk_norm; /* attn_q_norm, attn_k_norm: of a head or of the full width */
  gboolean has_fused_qkv;
  gboolean is_ffn_swapped; /* old files call ffn_up what is ffn_down */
  IvVisionPositions positions;
  guint table_side; /* of the table of positions, in patches */

  guint window;      /* merged patches a side that see one another; 0: all do */
  guint full_period; /* every so-manieth layer sees everything all the same */

  guint merge;                              /* merge × merge patches become one row */
  gboolean is_pooled;                       /* by their mean, else one after another */
  guint n_linears;                          /* of the projector */
  guint n_out;                              /* width of the decoder */
  guint n_deepstack;                        /* rows more for each, for the decoder's first layers */
  guint deepstack[IV_VISION_MAX_DEEPSTACK]; /* the layer each is taken behind */
  gboolean has_newline; /* tiles are laid together, with a row that ends each of the map's rows */
  guint max_tiles;      /* that map is reduced to about so many tiles; 0: never */

  float mean[IV_VISION_MAX_CHANNELS], std[IV_VISION_MAX_CHANNELS];
} IvVisionConfig;

/* Reads and checks everything a tower and its projector need: an mmproj file or a Hugging Face
 * directory. After TRUE nothing in config or about the tensors named needs another check. Errors:
 * IV_MODEL_ERROR_UNSUPPORTED names the projector and lists those there are; _FORMAT and _MISMATCH
 * name the key or tensor. config holds nothing of weights. Thread-safety: any. */
gboolean iv_vision_config_read (IvWeights *weights, IvVisionConfig *config, GError **error);

/* TRUE when weights hold a tower. */
gboolean iv_vision_config_is_there (IvWeights *weights);

/* Rows that an image of this size becomes. Error: IV_MODEL_ERROR_INPUT for a size that the tower
 * does not take. */
gboolean iv_vision_config_count_rows (const IvVisionConfig *config,
                                      guint height,
                                      guint width,
                                      guint *n_rows,
                                      GError **error);

G_END_DECLS
