/* The weights of a text decoder on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/files/iv-decoder-config.h"
#include "model/files/iv-quant-recipe.h"
#include "model/ops/iv-linear.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

/* Fraction 0 … 1 of the bytes of the matrices loaded, and what is loaded now. */
typedef void (*IvLoadProgressFunc) (double fraction, const char *what, gpointer user_data);
/* A tensor by GGUF's name; NULL when there is none. */
typedef const IvTensor *(*IvTensorFunc) (const char *name, gpointer user_data);

typedef struct {
  IvVector *attn_norm;
  IvLinear *qkv;            /* [(n_head + 2 n_kv) head_dim, n_embd]: q, k, v one after another */
  IvVector *q_norm;         /* [head_dim] or NULL */
  IvVector *k_norm;         /* [head_dim] or NULL */
  IvLinear *attn_out;       /* [n_embd, n_head head_dim] */
  IvVector *post_attn_norm; /* or NULL */
  IvVector *ffn_norm;
  IvLinear *gate_up;       /* [2 n_ffn, n_embd]: gate, up */
  IvLinear *down;          /* [n_embd, n_ffn] */
  IvVector *post_ffn_norm; /* or NULL */
} IvDecoderLayer;

typedef struct {
  guint n_layers;
  IvDecoderLayer *layers;
  IvLinear *table; /* [n_vocab, n_embd] */
  IvVector *output_norm;
  IvLinear *output; /* [n_vocab, n_embd]; NULL when the table is tied to it */
} IvDecoderWeights;

typedef struct {
  const IvDecoderConfig *config;
  IvTensorFunc find; /* tensors that the config was checked against */
  gpointer find_data;
  gboolean host_table;         /* the embedding table stays in host memory, unless it is tied */
  guint n_host_layers;         /* so do the last layers */
  const IvQuantRecipe *recipe; /* optional: what matrices become, where that is narrower */
  /* Optional: called for each matrix that has been packed, whose data is not looked at again. */
  void (*release) (const IvTensor *tensor, gpointer find_data);
  IvLoadProgressFunc progress; /* optional */
  gpointer progress_data;
} IvDecoderWeightsParams;

/* Loads tensor after tensor. Errors: those of iv_linear_new(); G_IO_ERROR_CANCELLED. */
IvDecoderWeights *iv_decoder_weights_new (IvOps *ops,
                                          const IvDecoderWeightsParams *params,
                                          GCancellable *cancellable,
                                          GError **error);
void iv_decoder_weights_free (IvDecoderWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDecoderWeights, iv_decoder_weights_free)

/* Bytes of the matrices as they lie on the device. */
typedef struct {
  guint64 table;  /* the embedding table, when it is not the output matrix too */
  guint64 output; /* the output matrix */
  guint64 layers;
} IvDecoderSize;

/* Without loading anything; the second for one layer. config, find and recipe of params count.
 * Thread-safety: any. */
IvDecoderSize
iv_decoder_weights_estimate (IvVkDeviceClass device_class, const IvDecoderWeightsParams *params);
guint64 iv_decoder_weights_estimate_layer (IvVkDeviceClass device_class,
                                           const IvDecoderWeightsParams *params,
                                           guint layer);
/* Bytes of matrices, as they are in the file, that the recipe would convert. Thread-safety: any. */
guint64 iv_decoder_weights_count_converted (const IvDecoderWeightsParams *params);
IvDecoderSize iv_decoder_weights_get_size (const IvDecoderWeights *weights);
/* (transfer container) IvLinear of all layers in their order, then of the output. */
GPtrArray *iv_decoder_weights_list (const IvDecoderWeights *weights);

G_END_DECLS
