/* Element types of weights: the table of names, sizes and converters.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-data-type.h"

#include <string.h>

#include "model/files/iv-half.h"
#include "model/files/iv-quant-blocks.h"

/* Turns whole blocks into F32 values. */
typedef void (*ToF32Func) (const guint8 *data, float *values, gsize n_blocks);
typedef void (*FromF32Func) (const float *values, guint8 *data, gsize n_blocks);

typedef struct {
  const char *name; /* NULL: no such type */
  guint16 block_elements, block_bytes;
  ToF32Func to_f32;
  FromF32Func from_f32; /* optional */
} DataType;

static void
copy_f32 (const guint8 *data, float *values, gsize n_blocks)
{
  memcpy (values, data, n_blocks * sizeof (float));
}

static void
store_f32 (const float *values, guint8 *data, gsize n_blocks)
{
  memcpy (data, values, n_blocks * sizeof (float));
}

static void
widen_f16 (const guint8 *data, float *values, gsize n_blocks)
{
  for (gsize i = 0; i < n_blocks; i++)
    values[i] = iv_half_load (data + 2 * i);
}

static void
narrow_f16 (const float *values, guint8 *data, gsize n_blocks)
{
  for (gsize i = 0; i < n_blocks; i++)
    iv_half_store (data + 2 * i, values[i]);
}

static void
widen_bf16 (const guint8 *data, float *values, gsize n_blocks)
{
  for (gsize i = 0; i < n_blocks; i++)
    values[i] = iv_bf16_load (data + 2 * i);
}

static void
narrow_bf16 (const float *values, guint8 *data, gsize n_blocks)
{
  for (gsize i = 0; i < n_blocks; i++)
    iv_bf16_store (data + 2 * i, values[i]);
}

static const DataType types[] = {
  [IV_TYPE_F32] = { "F32", 1, 4, copy_f32, store_f32 },
  [IV_TYPE_F16] = { "F16", 1, 2, widen_f16, narrow_f16 },
  [IV_TYPE_Q4_0] = { "Q4_0", 32, 18, iv_q4_0_to_f32, iv_q4_0_from_f32 },
  [IV_TYPE_Q4_1] = { "Q4_1", 32, 20, iv_q4_1_to_f32 },
  [IV_TYPE_Q5_0] = { "Q5_0", 32, 22, iv_q5_0_to_f32, iv_q5_0_from_f32 },
  [IV_TYPE_Q5_1] = { "Q5_1", 32, 24, iv_q5_1_to_f32 },
  [IV_TYPE_Q8_0] = { "Q8_0", 32, 34, iv_q8_0_to_f32, iv_q8_0_from_f32 },
  [IV_TYPE_Q2_K] = { "Q2_K", 256, 84, iv_q2_k_to_f32 },
  [IV_TYPE_Q3_K] = { "Q3_K", 256, 110, iv_q3_k_to_f32 },
  [IV_TYPE_Q4_K] = { "Q4_K", 256, 144, iv_q4_k_to_f32, iv_q4_k_from_f32 },
  [IV_TYPE_Q5_K] = { "Q5_K", 256, 176, iv_q5_k_to_f32, iv_q5_k_from_f32 },
  [IV_TYPE_Q6_K] = { "Q6_K", 256, 210, iv_q6_k_to_f32, iv_q6_k_from_f32 },
  [IV_TYPE_IQ4_NL] = { "IQ4_NL", 32, 18, iv_iq4_nl_to_f32 },
  [IV_TYPE_IQ4_XS] = { "IQ4_XS", 256, 136, iv_iq4_xs_to_f32 },
  [IV_TYPE_BF16] = { "BF16", 1, 2, widen_bf16, narrow_bf16 },
};

gboolean
iv_data_type_is_known (guint32 type)
{
  return type < G_N_ELEMENTS (types) && types[type].name != NULL;
}

const char *
iv_data_type_to_string (IvDataType type)
{
  return iv_data_type_is_known (type) ? types[type].name : "?";
}

gboolean
iv_data_type_from_string (const char *name, IvDataType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].name != NULL && g_ascii_strcasecmp (types[i].name, name) == 0) {
      *type = (IvDataType) i;
      return TRUE;
    }
  return FALSE;
}

const char *
iv_data_type_list (void)
{
  static const char *list;
  if (g_once_init_enter (&list)) {
    GString *names = g_string_new (NULL);
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      if (types[i].name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", types[i].name);
    g_once_init_leave (&list, g_string_free (names, FALSE));
  }
  return list;
}

guint
iv_data_type_get_block_elements (IvDataType type)
{
  g_return_val_if_fail (iv_data_type_is_known (type), 1);
  return types[type].block_elements;
}

guint
iv_data_type_get_block_bytes (IvDataType type)
{
  g_return_val_if_fail (iv_data_type_is_known (type), 1);
  return types[type].block_bytes;
}

gsize
iv_data_type_get_size (IvDataType type, gint64 n_elements)
{
  g_return_val_if_fail (iv_data_type_is_known (type), 0);
  gsize size;
  if (n_elements <= 0 || n_elements % types[type].block_elements != 0)
    return 0;
  gsize n_blocks = (gsize) n_elements / types[type].block_elements;
  return g_size_checked_mul (&size, n_blocks, types[type].block_bytes) ? size : 0;
}

void
iv_data_type_to_f32 (IvDataType type, const void *data, float *values, gsize n_elements)
{
  g_return_if_fail (iv_data_type_is_known (type));
  g_return_if_fail (n_elements % types[type].block_elements == 0);
  types[type].to_f32 (data, values, n_elements / types[type].block_elements);
}

gboolean
iv_data_type_can_quantise (IvDataType type)
{
  return iv_data_type_is_known (type) && types[type].from_f32 != NULL;
}

void
iv_data_type_from_f32 (IvDataType type, const float *values, void *data, gsize n_elements)
{
  g_return_if_fail (iv_data_type_can_quantise (type));
  g_return_if_fail (n_elements % types[type].block_elements == 0);
  types[type].from_f32 (values, data, n_elements / types[type].block_elements);
}
