/* A vision tower with its projector on the device: one parametrised loop for all families.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-embedding.h"
#include "model/nets/iv-vision-weights.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvVision IvVision;

typedef struct {
  IvVisionWeightsParams weights; /* config is copied */
  guint n_batch; /* patches that pass through a layer together; 0: what suits the device */
} IvVisionParams;

/* Loads the weights. Errors: as iv_vision_weights_new(). ops must outlive the tower. */
IvVision *
iv_vision_new (IvOps *ops, const IvVisionParams *params, GCancellable *cancellable, GError **error);
void iv_vision_free (IvVision *vision);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVision, iv_vision_free)

const IvVisionConfig *iv_vision_get_config (IvVision *vision);
guint64 iv_vision_get_size (IvVision *vision);

/* Normalised pixels of one image, or of its tiles. */
typedef struct {
  const float *pixels; /* [n_tiles, channels, height, width] */
  guint n_tiles;       /* all of one size; their rows follow one another */
  guint n_channels, height, width;
} IvVisionInput;

/* Makes room for images of so many pixels and fewer beforehand, so that whoever plans with the
 * device's memory counts it. Errors: as iv_vision_encode(). */
gboolean iv_vision_reserve (IvVision *vision, guint height, guint width, GError **error);

/* Rows in the image's order, left to right and top to bottom, whatever order the tower had them
 * in. Looks at cancellable several times in each layer. (transfer full) Errors:
 * IV_MODEL_ERROR_INPUT for a size or a number of channels that the tower does not take; those of
 * the device; G_IO_ERROR_CANCELLED. */
IvImageEmbedding *iv_vision_encode (IvVision *vision,
                                    const IvVisionInput *input,
                                    GCancellable *cancellable,
                                    GError **error);

/* Times each operation of later images; NULL to stop. The profile must outlive them. */
void iv_vision_set_profile (IvVision *vision, IvVkProfile *profile);

G_END_DECLS
