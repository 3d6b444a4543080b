/* Element types of weights: sizes, names, conversion to and from F32.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Element types of published files; the numbers are GGUF's. */
typedef enum {
  IV_TYPE_F32 = 0,
  IV_TYPE_F16 = 1,
  IV_TYPE_Q4_0 = 2,
  IV_TYPE_Q4_1 = 3,
  IV_TYPE_Q5_0 = 6,
  IV_TYPE_Q5_1 = 7,
  IV_TYPE_Q8_0 = 8,
  IV_TYPE_Q2_K = 10,
  IV_TYPE_Q3_K = 11,
  IV_TYPE_Q4_K = 12,
  IV_TYPE_Q5_K = 13,
  IV_TYPE_Q6_K = 14,
  IV_TYPE_IQ4_NL = 20,
  IV_TYPE_IQ4_XS = 23,
  IV_TYPE_BF16 = 30,
} IvDataType;

/* Thread-safety of all in this header: any. */

/* FALSE for a number that is none of the enumeration. */
gboolean iv_data_type_is_known (guint32 type);
const char *iv_data_type_to_string (IvDataType type); /* "Q8_0" */
/* The type of that name, in any case ("q8_0"); FALSE when there is none. */
gboolean iv_data_type_from_string (const char *name, IvDataType *type);
/* "F32, F16, Q4_0, …", for messages. */
const char *iv_data_type_list (void);

guint iv_data_type_get_block_elements (IvDataType type); /* 1, 32 or 256 */
guint iv_data_type_get_block_bytes (IvDataType type);
/* Bytes; 0 when not a whole number of blocks or when the size does not fit. */
gsize iv_data_type_get_size (IvDataType type, gint64 n_elements);

/* n_elements values as F32; a whole number of blocks. data needs no alignment. */
void iv_data_type_to_f32 (IvDataType type, const void *data, float *values, gsize n_elements);

/* TRUE for F32, F16, BF16, Q8_0, Q4_0, Q5_0, Q4_K, Q5_K and Q6_K: the types that weights can be
 * converted to. */
gboolean iv_data_type_can_quantise (IvDataType type);
/* n_elements values, a whole number of blocks, to iv_data_type_get_size () bytes. Rounds to
 * nearest even; a block's scale is F16(max |x| / 127) for Q8_0, F16(x of largest |x| / -8) for
 * Q4_0, and fitted by weighted least squares for the others. NaN and infinity of a block type
 * become 0. */
void iv_data_type_from_f32 (IvDataType type, const float *values, void *data, gsize n_elements);

G_END_DECLS
