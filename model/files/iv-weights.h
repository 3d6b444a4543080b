/* The weights and the metadata of a model, from GGUF or safetensors, memory-mapped.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-data-type.h"

G_BEGIN_DECLS

/* A tensor in the mapped file. Row-major: shape[n_dims - 1] is contiguous (GGUF's dims reversed)
 * and a whole number of blocks of its type. */
typedef struct {
  const char *name; /* GGUF's names (blk.0.attn_q.weight), whatever the file's own naming scheme */
  IvDataType type;
  guint n_dims;
  gint64 shape[4];
  const void *data; /* in the mapping, perhaps unaligned; alive as long as the IvWeights */
  gsize size;       /* bytes */
} IvTensor;

typedef struct IvWeights IvWeights;

/* FILE: a .gguf (first of a split set too) or a Hugging Face directory. Everything is validated
 * here; nothing later asserts on the file. Errors: IV_MODEL_ERROR with the field's name.
 * Thread-safety: any; immutable after opening. */
IvWeights *iv_weights_open (const char *file, GError **error);
IvWeights *iv_weights_ref (IvWeights *weights);
void iv_weights_unref (IvWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvWeights, iv_weights_unref)

/* Lets go of the memory that reading a tensor took; it is read from the file again when it is
 * looked at again. */
void iv_weights_release (IvWeights *weights, const IvTensor *tensor);

const IvTensor *iv_weights_find (IvWeights *weights, const char *name); /* NULL when absent */
guint iv_weights_get_n_tensors (IvWeights *weights);
const IvTensor *iv_weights_get_tensor (IvWeights *weights, guint i);

/* Metadata under GGUF's keys; a Hugging Face config is translated to them. FALSE when absent or of
 * another type. */
gboolean iv_weights_has (IvWeights *weights, const char *key);
gboolean iv_weights_get_uint (IvWeights *weights, const char *key, guint64 *value);
gboolean iv_weights_get_float (IvWeights *weights, const char *key, double *value);
gboolean iv_weights_get_bool (IvWeights *weights, const char *key, gboolean *value);
const char *iv_weights_get_string (IvWeights *weights, const char *key);
/* Arrays: number of items (0 when absent) and item i. A string is not terminated: use length. */
guint64 iv_weights_get_array_length (IvWeights *weights, const char *key);
const char *
iv_weights_get_array_string (IvWeights *weights, const char *key, guint64 i, gsize *length);
gboolean
iv_weights_get_array_number (IvWeights *weights, const char *key, guint64 i, double *value);

/* "llama", "qwen2", … Hugging Face names are translated. */
const char *iv_weights_get_architecture (IvWeights *weights);
const char *iv_weights_get_file (IvWeights *weights);
/* TRUE: q and k rows of architecture llama are in half-split order (Hugging Face), not permuted
 * (GGUF). */
gboolean iv_weights_is_half_split (IvWeights *weights);
/* Digest that names the model in every result: SHA-256 of the metadata and of samples of the data,
 * 64 hex digits. */
const char *iv_weights_get_digest (IvWeights *weights);

G_END_DECLS
