/* A text decoder on the device: one parametrised loop for all supported families.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-decoder-weights.h"
#include "model/ops/iv-attention.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvDecoder IvDecoder;

typedef struct {
  IvDecoderWeightsParams weights; /* config is copied; what it points to must outlive the decoder */
  guint n_batch;                  /* tokens evaluated together; 0: what suits the device */
} IvDecoderParams;

/* Loads the weights. Errors: as iv_decoder_weights_new(); IV_MODEL_ERROR_UNSUPPORTED for a width
 * that the operations do not take. ops must outlive the decoder. */
IvDecoder *iv_decoder_new (IvOps *ops,
                           const IvDecoderParams *params,
                           GCancellable *cancellable,
                           GError **error);
void iv_decoder_free (IvDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDecoder, iv_decoder_free)

const IvDecoderConfig *iv_decoder_get_config (IvDecoder *decoder);
IvOps *iv_decoder_get_ops (IvDecoder *decoder);
IvDecoderSize iv_decoder_get_size (IvDecoder *decoder);
guint iv_decoder_get_n_batch (IvDecoder *decoder);
/* A batch of up to so many tokens gives the bits that one token after the other gives. */
guint iv_decoder_get_n_exact (IvDecoder *decoder);
/* n_batch where none is asked for. Thread-safety: any. */
guint iv_decoder_get_default_batch (IvVkDeviceClass device_class);

/* Keys and values for n_slots tokens. (transfer full) */
IvKvCache *
iv_decoder_new_cache (IvDecoder *decoder, guint n_slots, IvDataType type, GError **error);

typedef enum {
  IV_DECODER_LOGITS_NONE,
  IV_DECODER_LOGITS_LAST, /* after the last token: [1, n_vocab] */
  IV_DECODER_LOGITS_ALL,  /* after every token: [n_tokens, n_vocab] */
} IvDecoderLogits;

/* Tokens that follow one another in a cache whose earlier slots are filled. An image is one or more
 * batches of its rows between batches of text:
 *   embeddings  what the projector gives, one row a token; not scaled, not looked up
 *   positions   M-RoPE (qwen2vl, qwen3vl): rows of an image have t = p, h = p + row, w = p + column
 *               on its merged grid when the text before it ends at p - 1; text after it goes on at
 *               p + max (rows, columns) in all three, which is then no longer the slot
 *   deepstack   qwen3vl: further rows of each token, the first added to the stream after the first
 *               layer, and so on
 * Gemma 3 wants all rows of an image in one bidirectional batch. */
typedef struct {
  IvKvCache *cache;
  guint slot;              /* of the first token */
  guint n_tokens;          /* 1 … n_batch */
  const gint32 *ids;       /* [n_tokens], each below n_vocab; NULL: embeddings */
  const float *embeddings; /* [n_tokens, n_embd], taken as they are: rows of an image */
  const gint32 *positions; /* [3, n_tokens] for t, h, w (the other families use t); NULL: slots */
  const float *deepstack;  /* [n_tokens, config n_deepstack, n_embd]; NULL: nothing is added */
  gboolean bidirectional;  /* the tokens see one another both ways: an image of Gemma 3 */
  IvDecoderLogits logits;
} IvDecoderBatch;

/* Computes the tokens' keys and values into the cache, and logits (NULL for none). A batch of more
 * than one token looks at cancellable after each layer. Errors: those of the device;
 * G_IO_ERROR_CANCELLED, after which the batch's slots hold nothing of use. */
gboolean iv_decoder_evaluate (IvDecoder *decoder,
                              const IvDecoderBatch *batch,
                              float *logits,
                              GCancellable *cancellable,
                              GError **error);

/* Measures which variants of the kernels suit the device, where no stored result says so; progress
 * (optional) is told before that begins. Best before iv_decoder_warm_up(). Errors: those of the
 * device. */
gboolean iv_decoder_tune (IvDecoder *decoder,
                          IvLoadProgressFunc progress,
                          gpointer progress_data,
                          GError **error);

/* Runs each kernel once, so that a later evaluation does not wait for compilers. Looks at
 * cancellable between layers. Errors: as iv_decoder_evaluate(). */
gboolean iv_decoder_warm_up (IvDecoder *decoder,
                             IvDataType cache_type,
                             GCancellable *cancellable,
                             GError **error);

/* Times each operation of later evaluations; NULL to stop. The profile must outlive them. */
void iv_decoder_set_profile (IvDecoder *decoder, IvVkProfile *profile);

/* For tests: called with the residual stream [n_tokens, n_embd] before the first layer (layer 0)
 * and after each (layer 1 …). NULL to stop. */
typedef void (*IvDecoderTraceFunc) (guint layer,
                                    const float *stream,
                                    guint n_tokens,
                                    gpointer user_data);
void iv_decoder_set_trace (IvDecoder *decoder, IvDecoderTraceFunc trace, gpointer user_data);

G_END_DECLS
