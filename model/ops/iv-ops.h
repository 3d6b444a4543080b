/* What all operations of the networks share: the context, rows of activations, vectors.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-model-error.h"
#include "model/files/iv-weights.h"
#include "vulkan/iv-vk-commands.h"

G_BEGIN_DECLS

/* Chooses kernels for the device's class and holds the scratch memory they need. The iv_op_*
 * functions record into an IvVkCommands and never report: what goes wrong is returned by its
 * submit(). Thread-safety of all of model/ops: engine thread. */
typedef struct IvOps IvOps;

IvOps *iv_ops_new (IvVkDevice *device, GError **error);
void iv_ops_free (IvOps *ops);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvOps, iv_ops_free)

IvVkDevice *iv_ops_get_device (IvOps *ops);

/* F32 activations [n_rows, n] in a buffer: row r starts at element first + r * stride. Both are
 * multiples of 4; what lies between n and stride is never read as a value. Zero-initialised: none.
 */
typedef struct {
  IvVkBuffer *buffer; /* owned when made by iv_rows_init() */
  guint first;
  guint stride;
} IvRows;

/* n rounded up to a whole stride. */
#define IV_ROWS_STRIDE(n) (((n) + 3u) & ~3u)

typedef struct {
  const char *name;
  guint n_rows;
  guint n;
  IvVkPlace place; /* HOST for what the host writes or reads for every token */
} IvRowsParams;

gboolean iv_rows_init (IvRows *rows, IvOps *ops, const IvRowsParams *params, GError **error);
void iv_rows_clear (IvRows *rows);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvRows, iv_rows_clear)
/* The same buffer (borrowed: never clear the result) from a later row or, within each row, from a
 * later element, a multiple of 4. */
IvRows iv_rows_from_row (const IvRows *rows, guint row);
IvRows iv_rows_from_column (const IvRows *rows, guint column);
/* values: [n_rows, n] without padding. Synchronous, as iv_vk_buffer_write(). */
gboolean
iv_rows_write (const IvRows *rows, guint n_rows, guint n, const float *values, GError **error);
gboolean iv_rows_read (const IvRows *rows, guint n_rows, guint n, float *values, GError **error);

/* n values of a tensor as F32 on the device: norm weights, biases. */
typedef struct IvVector IvVector;

/* tensor: of any type, taken as one vector. */
IvVector *iv_vector_new (IvOps *ops, const IvTensor *tensor, GError **error);
IvVector *iv_vector_new_from_values (IvOps *ops,
                                     const char *name,
                                     const float *values,
                                     guint n,
                                     GError **error);
void iv_vector_free (IvVector *vector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVector, iv_vector_free)
guint iv_vector_get_length (IvVector *vector);

G_END_DECLS
