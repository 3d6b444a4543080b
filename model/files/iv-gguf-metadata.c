/* The metadata section of a GGUF file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-gguf-metadata.h"

#include <string.h>

#include "model/files/iv-model-error.h"

/* The format allows arrays of arrays; no key that is read here has any, so they are only walked
 * over, and not deeper than this. */
enum { MOST_NESTING = 4, MOST_KEY = 65535 };

static gboolean
fail_value_type (GError **error, const char *key, guint32 type)
{
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "metadata %s has the unknown value type %u",
               key,
               type);
  return FALSE;
}

static gboolean
read_key (IvByteReader *reader, guint64 index, char **key, GError **error)
{
  const char *bytes;
  gsize length;
  g_autofree char *field = g_strdup_printf ("the key of metadata %" G_GUINT64_FORMAT, index);
  if (!iv_byte_reader_string (reader, field, &bytes, &length, error))
    return FALSE;
  if (length > 0 && length <= MOST_KEY && g_utf8_validate_len (bytes, length, NULL)) {
    *key = g_strndup (bytes, length);
    return TRUE;
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s (%" G_GSIZE_FORMAT " bytes) is not a name in UTF-8",
               field,
               length);
  return FALSE;
}

static gboolean
read_number (IvByteReader *reader, const char *key, IvMeta *meta, GError **error)
{
  guint size = iv_meta_type_get_size (meta->type);
  guint64 bits = 0;
  guint32 low;
  float single;
  const guint8 *bytes = reader->data + reader->position;
  if (!iv_byte_reader_skip (reader, key, 1, size, error))
    return FALSE;
  for (guint i = 0; i < size; i++)
    bits |= (guint64) bytes[i] << (8 * i);
  low = (guint32) bits;
  switch (meta->type) {
  case IV_META_F32:
    memcpy (&single, &low, sizeof single);
    meta->float_value = single;
    break;
  case IV_META_F64:
    memcpy (&meta->float_value, &bits, sizeof bits);
    break;
  case IV_META_I8:
    meta->signed_value = (gint8) bits;
    break;
  case IV_META_I16:
    meta->signed_value = (gint16) bits;
    break;
  case IV_META_I32:
    meta->signed_value = (gint32) bits;
    break;
  default:
    meta->unsigned_value = bits;
    break;
  }
  return TRUE;
}

static gboolean
read_string (IvByteReader *reader, const char *key, IvMeta *meta, GError **error)
{
  const char *bytes;
  gsize length;
  if (!iv_byte_reader_string (reader, key, &bytes, &length, error))
    return FALSE;
  /* Authors' names in another encoding do no harm; zero bytes become U+FFFD with the rest. */
  meta->string = g_utf8_make_valid (bytes, (gssize) length);
  return TRUE;
}

static gboolean
read_array_header (IvByteReader *reader,
                   const char *key,
                   guint32 *item_type,
                   guint64 *n,
                   GError **error)
{
  if (!iv_byte_reader_u32 (reader, key, item_type, error))
    return FALSE;
  if (*item_type > IV_META_F64)
    return fail_value_type (error, key, *item_type);
  return iv_byte_reader_u64 (reader, key, n, error);
}

/* Walks over n strings; fills offsets when given. */
static gboolean
walk_strings (IvByteReader *reader, const char *key, guint64 n, gsize *offsets, GError **error)
{
  gsize start = reader->position;
  for (guint64 i = 0; i < n; i++) {
    const char *bytes;
    gsize length;
    if (offsets != NULL)
      offsets[i] = reader->position - start;
    if (!iv_byte_reader_string (reader, key, &bytes, &length, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
skip_array (IvByteReader *reader, const char *key, guint nesting, GError **error)
{
  guint32 item_type;
  guint64 n;
  if (!read_array_header (reader, key, &item_type, &n, error))
    return FALSE;
  if (item_type == IV_META_STRING)
    return walk_strings (reader, key, n, NULL, error);
  if (item_type != IV_META_ARRAY)
    return iv_byte_reader_skip (
        reader, key, n, iv_meta_type_get_size ((IvMetaType) item_type), error);
  if (nesting >= MOST_NESTING) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "metadata %s nests arrays more than %d deep",
                 key,
                 MOST_NESTING);
    return FALSE;
  }
  for (guint64 i = 0; i < n; i++)
    if (!skip_array (reader, key, nesting + 1, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_array (IvByteReader *reader, const char *key, IvMeta *meta, GError **error)
{
  gsize start = reader->position;
  guint32 item_type;
  guint64 n;
  if (!read_array_header (reader, key, &item_type, &n, error))
    return FALSE;
  meta->array.item_type = (IvMetaType) item_type;
  meta->array.n = n;
  meta->array.items = reader->data + reader->position;
  if (item_type == IV_META_ARRAY) {
    reader->position = start;
    return skip_array (reader, key, 1, error);
  }
  if (item_type != IV_META_STRING)
    return iv_byte_reader_skip (
        reader, key, n, iv_meta_type_get_size ((IvMetaType) item_type), error);
  /* Each string takes at least its length field: no table larger than the file is made. */
  IvByteReader probe = *reader;
  if (!iv_byte_reader_skip (&probe, key, n, sizeof (guint64), error))
    return FALSE;
  meta->array.offsets = g_new (gsize, n);
  return walk_strings (reader, key, n, meta->array.offsets, error);
}

static gboolean
read_value (IvByteReader *reader, const char *key, IvMeta *meta, GError **error)
{
  switch (meta->type) {
  case IV_META_STRING:
    return read_string (reader, key, meta, error);
  case IV_META_ARRAY:
    return read_array (reader, key, meta, error);
  default:
    return read_number (reader, key, meta, error);
  }
}

static gboolean
read_pair (IvByteReader *reader, guint64 index, GHashTable *metadata, GError **error)
{
  g_autofree char *key = NULL;
  guint32 type;
  if (!read_key (reader, index, &key, error) || !iv_byte_reader_u32 (reader, key, &type, error))
    return FALSE;
  if (type > IV_META_F64)
    return fail_value_type (error, key, type);
  if (g_hash_table_contains (metadata, key)) {
    g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "metadata %s occurs twice", key);
    return FALSE;
  }
  IvMeta *meta = g_new0 (IvMeta, 1);
  meta->type = (IvMetaType) type;
  gboolean is_read = read_value (reader, key, meta, error);
  g_hash_table_insert (metadata, g_steal_pointer (&key), meta);
  return is_read;
}

gboolean
iv_gguf_read_metadata (IvByteReader *reader, guint64 n_pairs, GHashTable *metadata, GError **error)
{
  for (guint64 i = 0; i < n_pairs; i++)
    if (!read_pair (reader, i, metadata, error))
      return FALSE;
  return TRUE;
}
