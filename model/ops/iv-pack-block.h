/* Quantised blocks of every published type taken apart into integers and scales.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-data-type.h"

G_BEGIN_DECLS

/* 32 weights: value i = d * scale[i / 16] * q[i] - m * minimum[i / 16]. A K type's d and m are
 * those of its 256 weights. */
typedef struct {
  gint8 q[32];
  guint16 d, m;     /* F16 */
  gint8 scale[2];   /* 1 where the type has no such integers */
  gint8 minimum[2]; /* the same; 0: no minimum */
} IvPackBlock;

/* Block number `block` of 32 of a row at data. type: a quantised one. Exact. */
void iv_pack_block_read (IvDataType type, const guint8 *data, guint block, IvPackBlock *unpacked);

G_END_DECLS
