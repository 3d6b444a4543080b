/* Quantised blocks of every published type taken apart into integers and scales.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-data-type.h"

G_BEGIN_DECLS

/* 32 weights: value i = scale[i / 16] * q[i] - minimum[i / 16]. */
typedef struct {
  gint8 q[32];
  float scale[2];
  float minimum[2];
} IvPackBlock;

/* Block number `block` of 32 of a row at data. type: a quantised one. Exact. */
void iv_pack_block_read (IvDataType type, const guint8 *data, guint block, IvPackBlock *unpacked);

G_END_DECLS
