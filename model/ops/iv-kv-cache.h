/* Where keys and values lie on the device; private to model/ops.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-attention.h"
#include "model/ops/iv-ops-private.h"

G_BEGIN_DECLS

/* Strides of the CPU layout, in texels; see iv-shared-attention.h. */
typedef struct {
  guint per_texel; /* elements: 4, 8 or 16 */
  guint k_tile, k_head;
  guint v_tile, v_head;
  guint k_scale_tile, k_scale_head; /* Q8 only */
  guint v_scale_block, v_scale_head;
} IvKvLayout;

struct IvKvCache {
  IvKvCacheParams params;
  IvKvLayout layout;
  GPtrArray *keys; /* IvVkBuffer of each layer */
  GPtrArray *values;
  GPtrArray *key_scales; /* of Q8_0; else empty */
  GPtrArray *value_scales;
};

/* "f32", "f16" or "q8": the ending of shaders' names. */
const char *iv_kv_cache_get_ending (IvKvCache *cache);
/* The buffer of a layer in one of the arrays; NULL where there is none. */
IvVkBuffer *iv_kv_cache_get_scales (GPtrArray *scales, guint layer);

G_END_DECLS
