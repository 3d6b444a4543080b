/* Where keys and values lie on the device; private to model/ops.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-attention.h"
#include "model/ops/iv-ops-private.h"

G_BEGIN_DECLS

/* Strides of the CPU layout, in F32 texels; see iv-shared-attention.h. */
typedef struct {
  guint k_tile, k_head;
  guint v_tile, v_head;
} IvKvLayout;

struct IvKvCache {
  IvKvCacheParams params;
  IvKvLayout layout;
  gboolean half;   /* F16 pairs; GPU classes only */
  GPtrArray *keys; /* IvVkBuffer of each layer */
  GPtrArray *values;
};

G_END_DECLS
