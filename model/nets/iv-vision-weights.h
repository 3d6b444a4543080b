/* The weights of a vision tower on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-projector.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct {
  IvVector *weight; /* [n_embd]; NULL: no norm here */
  IvVector *bias;   /* NULL: an RMS norm */
} IvVisionNorm;

typedef struct {
  IvVisionNorm norm1, norm2;
  IvLinear *qkv;             /* [3 n_embd, n_embd]: q, k, v */
  IvVector *q_norm, *k_norm; /* [head_dim] or [n_embd], or NULL */
  IvLinear *attn_out;        /* [n_embd, n_embd] */
  IvVector *scale1, *scale2; /* [n_embd] or NULL */
  IvLinear *up;              /* [n_ffn, n_embd]; gated: [2 n_ffn, n_embd], the gate first */
  IvLinear *down;            /* [n_embd, n_ffn] */
} IvVisionLayer;

typedef struct {
  guint n_layers;
  IvVisionLayer *layers;
  IvLinear *patch; /* [n_embd, channels patch patch] */
  IvRows table; /* positions, [class row? + table_side², n_embd]; the class is added to its row */
  IvVisionNorm pre_norm, post_norm;
  IvProjector *projector;
  guint n_deepstack;
  IvProjector *deepstack[IV_VISION_MAX_DEEPSTACK];
} IvVisionWeights;

typedef struct {
  const IvVisionConfig *config;
  IvTensorFunc find; /* tensors that the config was checked against */
  gpointer find_data;
  IvLoadProgressFunc progress; /* optional; after each layer */
  gpointer progress_data;
} IvVisionWeightsParams;

/* Errors: those of iv_linear_new(); G_IO_ERROR_CANCELLED. */
IvVisionWeights *iv_vision_weights_new (IvOps *ops,
                                        const IvVisionWeightsParams *params,
                                        GCancellable *cancellable,
                                        GError **error);
void iv_vision_weights_free (IvVisionWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVisionWeights, iv_vision_weights_free)
/* Bytes of the matrices as they lie on the device. */
guint64 iv_vision_weights_get_size (const IvVisionWeights *weights);

G_END_DECLS
