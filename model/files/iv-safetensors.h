/* The tensor table of a safetensors file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

enum { IV_SAFETENSOR_MOST_DIMENSIONS = 8 };

typedef struct {
  char *name;         /* the file's own; owned */
  gboolean is_weight; /* of type F32, F16 or BF16; others are only checked */
  IvDataType type;
  guint n_dims; /* 0: one single value */
  guint64 shape[IV_SAFETENSOR_MOST_DIMENSIONS];
  const guint8 *data; /* in the bytes that were read */
  gsize size;
} IvSafetensor;

void iv_safetensor_free (IvSafetensor *tensor);

/* Adds the tensors of a file to the array, of IvSafetensor *. n_header: the length of what comes
 * before the data. Errors: IV_MODEL_ERROR naming the tensor and member. */
gboolean iv_safetensors_read (GBytes *bytes, GPtrArray *tensors, gsize *n_header, GError **error);

G_END_DECLS
