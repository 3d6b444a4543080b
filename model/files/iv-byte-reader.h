/* Reads little-endian fields from a block of bytes and never past its end.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const guint8 *data;
  gsize size;
  gsize position;
} IvByteReader;

/* Each reads the next field; field names it in the error (IV_MODEL_ERROR_FORMAT) that a block which
 * ends too early gives. */
gboolean iv_byte_reader_u8 (IvByteReader *reader, const char *field, guint8 *value, GError **error);
gboolean
iv_byte_reader_u16 (IvByteReader *reader, const char *field, guint16 *value, GError **error);
gboolean
iv_byte_reader_u32 (IvByteReader *reader, const char *field, guint32 *value, GError **error);
gboolean
iv_byte_reader_u64 (IvByteReader *reader, const char *field, guint64 *value, GError **error);
/* A u64 length and that many bytes, in place. */
gboolean iv_byte_reader_string (IvByteReader *reader,
                                const char *field,
                                const char **string,
                                gsize *length,
                                GError **error);
/* n items of item_size bytes in place; the product is checked. */
gboolean iv_byte_reader_skip (IvByteReader *reader,
                              const char *field,
                              guint64 n,
                              gsize item_size,
                              GError **error);
static inline gsize
iv_byte_reader_left (const IvByteReader *reader)
{
  return reader->size - reader->position;
}

G_END_DECLS
