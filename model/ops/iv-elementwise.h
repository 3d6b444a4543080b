/* Operations on each element: activations, sums, scaling.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

typedef enum {
  IV_ACTIVATION_SILU,       /* x / (1 + exp (-x)) */
  IV_ACTIVATION_GELU_TANH,  /* x / 2 (1 + tanh (sqrt (2 / π) (x + 0.044715 x³))) */
  IV_ACTIVATION_GELU_ERF,   /* x / 2 (1 + erf (x / sqrt 2)) */
  IV_ACTIVATION_GELU_QUICK, /* x / (1 + exp (-1.702 x)) */
} IvActivation;

typedef struct {
  IvActivation activation;
  IvRows x;
  IvRows up; /* y = activation (x) * up; without a buffer: y = activation (x) */
  IvRows y;  /* may be x or up */
  guint n_rows;
  guint n;
} IvOpActivation;

void iv_op_activation (IvOps *ops, IvVkCommands *commands, const IvOpActivation *op);

typedef struct {
  IvRows x;
  IvRows y;
  guint n_rows;
  guint n;
  float factor;       /* 0 counts as 1 */
  gboolean overwrite; /* y = factor x: also the copy of rows; else y += factor x */
  IvVector *scale;    /* [n], multiplies x too: LayerScale; NULL: ones */
} IvOpAdd;

void iv_op_add (IvOps *ops, IvVkCommands *commands, const IvOpAdd *op);

G_END_DECLS
