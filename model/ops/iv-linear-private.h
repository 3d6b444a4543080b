/* The pieces of a matrix on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-linear.h"
#include "model/ops/iv-ops-private.h"
#include "model/ops/iv-pack.h"

G_BEGIN_DECLS

/* Rows first_row … first_row + n_rows - 1 of the matrix, all of one format. */
typedef struct {
  IvPackLayout layout;
  guint first_row, n_rows;
  IvVkBuffer *weights;
  IvVkBuffer *scales; /* "nothing" for formats without */
} IvLinearPiece;

struct IvLinear {
  guint n_in, n_out;
  GArray *pieces;   /* IvLinearPiece */
  IvVkBuffer *bias; /* F32 [n_out], or NULL */
};

/* The rows of op's matrix that lie in one piece of it. */
void iv_linear_record_piece (IvOps *ops,
                             IvVkCommands *commands,
                             const IvOpLinear *op,
                             const IvLinearPiece *piece);

G_END_DECLS
