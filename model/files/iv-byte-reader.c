/* Reads little-endian fields from a block of bytes and never past its end.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-byte-reader.h"

#include "model/files/iv-model-error.h"

gboolean
iv_byte_reader_skip (IvByteReader *reader,
                     const char *field,
                     guint64 n,
                     gsize item_size,
                     GError **error)
{
  if (n <= iv_byte_reader_left (reader) / item_size) {
    reader->position += (gsize) n * item_size;
    return TRUE;
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "the file ends inside %s: at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
               " it asks for %" G_GUINT64_FORMAT " × %" G_GSIZE_FORMAT " bytes",
               field,
               reader->position,
               reader->size,
               n,
               item_size);
  return FALSE;
}

static gboolean
read_number (IvByteReader *reader, const char *field, guint size, guint64 *value, GError **error)
{
  const guint8 *bytes = reader->data + reader->position;
  if (!iv_byte_reader_skip (reader, field, 1, size, error))
    return FALSE;
  *value = 0;
  for (guint i = 0; i < size; i++)
    *value |= (guint64) bytes[i] << (8 * i);
  return TRUE;
}

gboolean
iv_byte_reader_u8 (IvByteReader *reader, const char *field, guint8 *value, GError **error)
{
  guint64 number;
  if (!read_number (reader, field, 1, &number, error))
    return FALSE;
  *value = (guint8) number;
  return TRUE;
}

gboolean
iv_byte_reader_u16 (IvByteReader *reader, const char *field, guint16 *value, GError **error)
{
  guint64 number;
  if (!read_number (reader, field, 2, &number, error))
    return FALSE;
  *value = (guint16) number;
  return TRUE;
}

gboolean
iv_byte_reader_u32 (IvByteReader *reader, const char *field, guint32 *value, GError **error)
{
  guint64 number;
  if (!read_number (reader, field, 4, &number, error))
    return FALSE;
  *value = (guint32) number;
  return TRUE;
}

gboolean
iv_byte_reader_u64 (IvByteReader *reader, const char *field, guint64 *value, GError **error)
{
  return read_number (reader, field, 8, value, error);
}

gboolean
iv_byte_reader_string (IvByteReader *reader,
                       const char *field,
                       const char **string,
                       gsize *length,
                       GError **error)
{
  guint64 n;
  if (!iv_byte_reader_u64 (reader, field, &n, error))
    return FALSE;
  *string = (const char *) reader->data + reader->position;
  *length = (gsize) n;
  return iv_byte_reader_skip (reader, field, n, 1, error);
}
