/* The key and value cache, and attention over it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

/* Keys and values of n_slots tokens for each layer, laid out for the device's class. A slot is a
 * token's index in the sequence, which need not be its rotary position. */
typedef struct IvKvCache IvKvCache;

typedef struct {
  guint n_layers;
  guint n_kv_heads;
  guint head_dim; /* a multiple of 4, of 32 for Q8_0, at most 256 */
  guint n_slots;
  IvDataType type; /* IV_TYPE_F32, IV_TYPE_F16 or IV_TYPE_Q8_0 */
} IvKvCacheParams;

/* Errors: IV_VK_ERROR_OUT_OF_MEMORY, IV_MODEL_ERROR_UNSUPPORTED for a type or head size. */
IvKvCache *iv_kv_cache_new (IvOps *ops, const IvKvCacheParams *params, GError **error);
void iv_kv_cache_free (IvKvCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvKvCache, iv_kv_cache_free)
guint iv_kv_cache_get_n_slots (IvKvCache *cache);
guint64 iv_kv_cache_get_size (IvKvCache *cache); /* bytes on the device */
guint64 iv_kv_cache_estimate_size (IvVkDeviceClass device_class, const IvKvCacheParams *params);

typedef struct {
  IvKvCache *cache;
  guint layer;
  IvRows k; /* [n_tokens, n_kv_heads * head_dim], rotated */
  IvRows v;
  guint n_tokens;
  guint slot; /* of the first token; the others follow */
  /* Where iv_op_kv_store_can_rotate() and n_heads is not 0: k is not rotated yet and stays so, its
   * copy in the cache is, and q is rotated in place. As in IvOpRope. */
  guint n_heads; /* of q */
  IvRows q;      /* [n_tokens, n_heads * head_dim] */
  IvRows angles; /* [n_tokens, n_rot] */
  guint n_rot;
  gboolean adjacent;
} IvOpKvStore;

/* Whether storing takes the rotation along: CPU devices, where each dispatch costs. */
gboolean iv_op_kv_store_can_rotate (IvOps *ops);

void iv_op_kv_store (IvOps *ops, IvVkCommands *commands, const IvOpKvStore *op);

typedef struct {
  IvKvCache *cache;
  guint layer;
  IvRows q; /* [n_tokens, n_heads * head_dim], rotated */
  IvRows y; /* the same shape, another buffer */
  guint n_tokens;
  guint n_heads;   /* a multiple of the cache's n_kv_heads: query head h reads kv head
                    * h / (n_heads / n_kv_heads) */
  float scale;     /* of q k; 0 counts as 1 / sqrt (head_dim) */
  guint first;     /* slots first … end - 1 may be seen */
  guint end;       /* already stored */
  gboolean causal; /* token i, in slot end - n_tokens + i, sees no later slot */
  guint window;    /* sees itself and window - 1 slots before; 0: all. Needs the same slot rule */
} IvOpAttention;

/* y = softmax (scale q kᵀ) v, softmax in F32. */
void iv_op_attention (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op);

G_END_DECLS
