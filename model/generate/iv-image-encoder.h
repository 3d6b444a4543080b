/* A vision tower ready for work, with the embeddings of the images it has seen.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-preprocess.h"
#include "model/nets/iv-vision.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvImageEncoder IvImageEncoder;

typedef struct {
  IvWeights *weights;          /* with a tower: an mmproj file or a Hugging Face directory */
  gsize cache_size;            /* bytes of embeddings kept at most; 0: 256 MiB */
  IvLoadProgressFunc progress; /* optional */
  gpointer progress_data;
} IvImageEncoderParams;

/* Errors: those of iv_vision_config_read() and iv_vision_new(). ops must outlive the encoder. */
IvImageEncoder *iv_image_encoder_new (IvOps *ops,
                                      const IvImageEncoderParams *params,
                                      GCancellable *cancellable,
                                      GError **error);
void iv_image_encoder_free (IvImageEncoder *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvImageEncoder, iv_image_encoder_free)

IvVision *iv_image_encoder_get_vision (IvImageEncoder *encoder);
const IvVisionConfig *iv_image_encoder_get_config (IvImageEncoder *encoder);
/* (transfer none) */
IvWeights *iv_image_encoder_get_weights (IvImageEncoder *encoder);

/* As iv_vision_encode(); the same pixels are encoded once as long as the embedding is kept. The key
 * is the SHA-256 of the tower's digest, the sizes and the pixels. Least recently used ones go
 * first when the cache is full. (transfer full) */
IvImageEmbedding *iv_image_encoder_encode (IvImageEncoder *encoder,
                                           const IvVisionInput *input,
                                           GCancellable *cancellable,
                                           GError **error);
/* A preprocessed image with its tiles. The tiles of InternVL follow one another; those of
 * LLaVA-OneVision are laid together as iv_image_tiles_join() does it. (transfer full) */
IvImageEmbedding *iv_image_encoder_encode_image (IvImageEncoder *encoder,
                                                 const IvImageInput *image,
                                                 GCancellable *cancellable,
                                                 GError **error);
/* Images that were taken from the cache so far. */
guint iv_image_encoder_get_n_reused (IvImageEncoder *encoder);

G_END_DECLS
