/* The metadata of a model: typed values under GGUF's keys.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-weights-private.h"

#include <string.h>

void
iv_meta_free (IvMeta *meta)
{
  if (meta->type == IV_META_STRING)
    g_free (meta->string);
  if (meta->type == IV_META_ARRAY) {
    g_free (meta->array.offsets);
    g_clear_pointer (&meta->array.bytes, g_bytes_unref);
  }
  g_free (meta);
}

guint
iv_meta_type_get_size (IvMetaType type)
{
  switch (type) {
  case IV_META_U8:
  case IV_META_I8:
  case IV_META_BOOL:
    return 1;
  case IV_META_U16:
  case IV_META_I16:
    return 2;
  case IV_META_U32:
  case IV_META_I32:
  case IV_META_F32:
    return 4;
  case IV_META_U64:
  case IV_META_I64:
  case IV_META_F64:
    return 8;
  case IV_META_STRING:
  case IV_META_ARRAY:
    return 0;
  }
  return 0;
}

static const IvMeta *
look_up (IvWeights *weights, const char *key)
{
  return g_hash_table_lookup (iv_weights_get_metadata (weights), key);
}

gboolean
iv_weights_has (IvWeights *weights, const char *key)
{
  return look_up (weights, key) != NULL;
}

gboolean
iv_weights_get_uint (IvWeights *weights, const char *key, guint64 *value)
{
  const IvMeta *meta = look_up (weights, key);
  if (meta == NULL)
    return FALSE;
  switch (meta->type) {
  case IV_META_U8:
  case IV_META_U16:
  case IV_META_U32:
  case IV_META_U64:
    *value = meta->unsigned_value;
    return TRUE;
  case IV_META_I8:
  case IV_META_I16:
  case IV_META_I32:
  case IV_META_I64:
    if (meta->signed_value < 0)
      return FALSE;
    *value = (guint64) meta->signed_value;
    return TRUE;
  default:
    return FALSE;
  }
}

gboolean
iv_weights_get_float (IvWeights *weights, const char *key, double *value)
{
  const IvMeta *meta = look_up (weights, key);
  if (meta == NULL || (meta->type != IV_META_F32 && meta->type != IV_META_F64))
    return FALSE;
  *value = meta->float_value;
  return TRUE;
}

gboolean
iv_weights_get_bool (IvWeights *weights, const char *key, gboolean *value)
{
  const IvMeta *meta = look_up (weights, key);
  if (meta == NULL || meta->type != IV_META_BOOL)
    return FALSE;
  *value = meta->unsigned_value != 0;
  return TRUE;
}

const char *
iv_weights_get_string (IvWeights *weights, const char *key)
{
  const IvMeta *meta = look_up (weights, key);
  return meta != NULL && meta->type == IV_META_STRING ? meta->string : NULL;
}

guint64
iv_weights_get_array_length (IvWeights *weights, const char *key)
{
  const IvMeta *meta = look_up (weights, key);
  return meta != NULL && meta->type == IV_META_ARRAY ? meta->array.n : 0;
}

static guint64
load_unsigned (const guint8 *bytes, guint size)
{
  guint64 value = 0;
  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[i] << (8 * i);
  return value;
}

const char *
iv_weights_get_array_string (IvWeights *weights, const char *key, guint64 i, gsize *length)
{
  const IvMeta *meta = look_up (weights, key);
  if (meta == NULL || meta->type != IV_META_ARRAY || meta->array.offsets == NULL ||
      i >= meta->array.n)
    return NULL;
  const guint8 *item = meta->array.items + meta->array.offsets[i];
  *length = (gsize) load_unsigned (item, 8);
  return (const char *) item + 8;
}

static double
load_number (const guint8 *bytes, IvMetaType type)
{
  guint size = iv_meta_type_get_size (type);
  guint64 bits = load_unsigned (bytes, size);
  guint32 low = (guint32) bits;
  float single;
  double number;
  switch (type) {
  case IV_META_F32:
    memcpy (&single, &low, sizeof single);
    return single;
  case IV_META_F64:
    memcpy (&number, &bits, sizeof number);
    return number;
  case IV_META_I8:
    return (gint8) bits;
  case IV_META_I16:
    return (gint16) bits;
  case IV_META_I32:
    return (gint32) bits;
  case IV_META_I64:
    return (double) (gint64) bits;
  default:
    return (double) bits;
  }
}

gboolean
iv_weights_get_array_number (IvWeights *weights, const char *key, guint64 i, double *value)
{
  const IvMeta *meta = look_up (weights, key);
  if (meta == NULL || meta->type != IV_META_ARRAY || i >= meta->array.n)
    return FALSE;
  guint size = iv_meta_type_get_size (meta->array.item_type);
  if (size == 0)
    return FALSE;
  *value = load_number (meta->array.items + i * size, meta->array.item_type);
  return TRUE;
}

/* Filling. */

static IvMeta *
insert (IvWeights *weights, const char *key, IvMetaType type)
{
  IvMeta *meta = g_new0 (IvMeta, 1);
  meta->type = type;
  g_hash_table_replace (iv_weights_get_metadata (weights), g_strdup (key), meta);
  return meta;
}

void
iv_weights_set_uint (IvWeights *weights, const char *key, guint64 value)
{
  insert (weights, key, IV_META_U64)->unsigned_value = value;
}

void
iv_weights_set_float (IvWeights *weights, const char *key, double value)
{
  insert (weights, key, IV_META_F64)->float_value = value;
}

void
iv_weights_set_bool (IvWeights *weights, const char *key, gboolean value)
{
  insert (weights, key, IV_META_BOOL)->unsigned_value = value ? 1 : 0;
}

void
iv_weights_set_string (IvWeights *weights, const char *key, const char *value)
{
  insert (weights, key, IV_META_STRING)->string = g_strdup (value);
}

void
iv_weights_set_array (IvWeights *weights,
                      const char *key,
                      IvMetaType item_type,
                      guint64 n,
                      GByteArray *items)
{
  IvMeta *meta = insert (weights, key, IV_META_ARRAY);
  meta->array.item_type = item_type;
  meta->array.n = n;
  meta->array.bytes = g_byte_array_free_to_bytes (items);
  meta->array.items = g_bytes_get_data (meta->array.bytes, NULL);
  if (item_type != IV_META_STRING)
    return;
  meta->array.offsets = g_new (gsize, n);
  gsize offset = 0;
  for (guint64 i = 0; i < n; i++) {
    meta->array.offsets[i] = offset;
    offset += 8 + (gsize) load_unsigned (meta->array.items + offset, 8);
  }
}
