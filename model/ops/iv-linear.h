/* Matrices of weights on the device, and y = W x + b.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

/* W [n_out, n_in], packed for the device's class when made; still quantised. Also an embedding
 * table. */
typedef struct IvLinear IvLinear;

#define IV_LINEAR_MAX_PARTS 4

typedef struct {
  const char *name;
  /* [n_out_i, n_in] each, stacked by rows in this order (q, k, v or gate, up); types may differ.
   * A tensor of more than two dimensions is taken as [shape[0], the rest]. */
  const IvTensor *parts[IV_LINEAR_MAX_PARTS];
  /* Of each part, n_out_i values; NULL: none. */
  const IvTensor *biases[IV_LINEAR_MAX_PARTS];
  /* What each part is converted to while it is packed, where that can hold its rows; F32, which is
   * 0: it stays as it is. */
  IvDataType types[IV_LINEAR_MAX_PARTS];
  guint n_parts;
  IvVkPlace place; /* HOST: used from host memory by a device that has no more of its own */
} IvLinearParams;

/* Any type of IvDataType. Errors: IV_MODEL_ERROR_MISMATCH for shapes, IV_VK_ERROR_OUT_OF_MEMORY. */
IvLinear *iv_linear_new (IvOps *ops, const IvLinearParams *params, GError **error);
void iv_linear_free (IvLinear *linear);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLinear, iv_linear_free)

guint iv_linear_get_n_in (IvLinear *linear);
guint iv_linear_get_n_out (IvLinear *linear);
/* Bytes on the device; and what iv_linear_new() would take there, without loading. */
guint64 iv_linear_get_size (IvLinear *linear);
guint64
iv_linear_estimate_size (IvVkDeviceClass device_class, IvDataType type, guint n_out, guint n_in);

typedef struct {
  IvLinear *linear;
  IvRows x;       /* [n_tokens, n_in] */
  IvRows y;       /* [n_tokens, n_out], another buffer or other rows than x */
  guint n_tokens; /* one: matrix × vector; more: matrix × matrix */
  gboolean add;   /* y += W x + b: the residual connection */
  /* [n_in]: x is first divided by sqrt (mean (x²) + epsilon) and multiplied by it, as iv_op_norm()
   * does; only where iv_op_linear_can_norm(). NULL: x as it is. */
  IvVector *norm;
  float epsilon;
} IvOpLinear;

/* So many tokens together share the reading of weights, and get the bits each would get alone. */
guint iv_op_linear_get_n_exact (IvOps *ops);
/* Whether iv_op_linear() takes the norm of its input along for so many tokens. */
gboolean iv_op_linear_can_norm (IvOps *ops, guint n_tokens);
/* Accumulates in F32. */
void iv_op_linear (IvOps *ops, IvVkCommands *commands, const IvOpLinear *op);

typedef struct {
  IvLinear *table; /* [n_vocab, n_embd] */
  IvVkBuffer *ids; /* guint32 [n_tokens]; ids beyond the table give rows of zeros */
  guint first_id;  /* element of ids where to begin */
  IvRows y;        /* [n_tokens, n_embd] */
  guint n_tokens;
  float scale; /* 0 counts as 1; Gemma: sqrt (n_embd) */
} IvOpEmbedding;

/* y[t] = scale * table[ids[t]] */
void iv_op_embedding (IvOps *ops, IvVkCommands *commands, const IvOpEmbedding *op);

G_END_DECLS
