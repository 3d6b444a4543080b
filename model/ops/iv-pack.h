/* Weights from the layout of their file into the layout that the kernels of a class read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"
#include "shaders/include/iv-shared-linear.h"
#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

/* Where the packed rows lie; see iv-shared-linear.h. Tiles are contiguous in both layouts. */
typedef struct {
  IvVkDeviceClass device_class;
  guint format; /* IV_FORMAT_* */
  guint lanes;
  guint n_blocks; /* of 32 along k */
  guint tile_rows;
  gsize tile_weights; /* bytes of a tile in the weights, and in the scales */
  gsize tile_scales;
} IvPackLayout;

/* The format a type of file is packed to: none loses a bit. */
guint iv_pack_get_format (IvDataType type);
const char *iv_pack_format_to_string (guint format); /* "q8s", as in the shaders' names */

void iv_pack_layout_init (IvPackLayout *layout,
                          IvVkDeviceClass device_class,
                          guint lanes,
                          guint format,
                          guint n_in);

/* One row, of n_in values of type at data, as row `row` of a tile whose bytes begin at weights and
 * scales. */
typedef struct {
  IvDataType type;
  const guint8 *data;
  guint n_in;
  guint row;
  guint8 *weights;
  guint8 *scales;
} IvPackRow;

#define IV_PACK_MOST_ROWS 16u

/* Packs n rows of one matrix, best as many as the layout's lanes at a time. A tile whose rows are
 * not all packed, or whose n_in is no multiple of 32, is to be zero before. */
void iv_pack_rows (const IvPackLayout *layout, const IvPackRow *rows, guint n);

G_END_DECLS
