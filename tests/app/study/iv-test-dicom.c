/* A writer of small DICOM and PNG files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/app/study/iv-test-dicom.h"

#include <glib/gstdio.h>
#include <string.h>

#define EXPLICIT_BIG "1.2.840.10008.1.2.2"

IvTestDicom *
iv_test_dicom_new (const char *transfer_syntax)
{
  IvTestDicom *dicom = g_new0 (IvTestDicom, 1);
  dicom->bytes = g_byte_array_new ();
  dicom->transfer_syntax = transfer_syntax;
  dicom->is_implicit = g_str_equal (transfer_syntax, "1.2.840.10008.1.2");
  dicom->is_big_endian = g_str_equal (transfer_syntax, EXPLICIT_BIG);
  return dicom;
}

void
iv_test_dicom_free (IvTestDicom *dicom)
{
  g_byte_array_unref (dicom->bytes);
  g_free (dicom);
}

static void
put_16 (IvTestDicom *dicom, guint16 value)
{
  guint16 ordered = dicom->is_big_endian ? GUINT16_TO_BE (value) : GUINT16_TO_LE (value);
  g_byte_array_append (dicom->bytes, (const guint8 *) &ordered, 2);
}

static void
put_32 (IvTestDicom *dicom, guint32 value)
{
  guint32 ordered = dicom->is_big_endian ? GUINT32_TO_BE (value) : GUINT32_TO_LE (value);
  g_byte_array_append (dicom->bytes, (const guint8 *) &ordered, 4);
}

static void
put_header (IvTestDicom *dicom, guint32 tag, const char *vr, guint32 size)
{
  put_16 (dicom, (guint16) (tag >> 16));
  put_16 (dicom, (guint16) tag);
  if (dicom->is_implicit) {
    put_32 (dicom, size);
    return;
  }
  g_byte_array_append (dicom->bytes, (const guint8 *) vr, 2);
  if (strstr ("OB OW SQ UN UT", vr) != NULL) {
    put_16 (dicom, 0);
    put_32 (dicom, size);
  } else {
    put_16 (dicom, (guint16) size);
  }
}

void
iv_test_dicom_add (IvTestDicom *dicom, guint32 tag, const char *vr, gconstpointer value, gsize size)
{
  put_header (dicom, tag, vr, (guint32) (size + size % 2));
  g_byte_array_append (dicom->bytes, value, (guint) size);
  if (size % 2 != 0)
    g_byte_array_append (
        dicom->bytes, (const guint8 *) (vr[0] == 'U' || vr[0] == 'O' ? "" : " "), 1);
}

void
iv_test_dicom_add_text (IvTestDicom *dicom, guint32 tag, const char *vr, const char *text)
{
  if (text != NULL)
    iv_test_dicom_add (dicom, tag, vr, text, strlen (text));
}

void
iv_test_dicom_add_us (IvTestDicom *dicom, guint32 tag, guint16 value)
{
  put_header (dicom, tag, "US", 2);
  put_16 (dicom, value);
}

void
iv_test_dicom_add_item (IvTestDicom *dicom, guint32 tag, const IvTestDicom *item)
{
  put_header (dicom, tag, "SQ", item->bytes->len + 8);
  put_16 (dicom, 0xfffe);
  put_16 (dicom, 0xe000);
  put_32 (dicom, item->bytes->len);
  g_byte_array_append (dicom->bytes, item->bytes->data, item->bytes->len);
}

void
iv_test_dicom_add_identity (IvTestDicom *dicom, const IvTestIdentity *identity)
{
  const char *uid = identity->uid != NULL ? identity->uid : "1.2.3.4";
  g_autofree char *study = g_strconcat (uid, ".1", NULL);
  iv_test_dicom_add_text (dicom, 0x00080005, "CS", identity->character_set);
  iv_test_dicom_add_text (dicom, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.1.1");
  iv_test_dicom_add_text (dicom, 0x00080018, "UI", uid);
  iv_test_dicom_add_text (dicom, 0x00080020, "DA", identity->date);
  iv_test_dicom_add_text (dicom, 0x00080060, "CS", "DX");
  iv_test_dicom_add_text (dicom, 0x00100010, "PN", identity->patient_name);
  iv_test_dicom_add_text (dicom, 0x00100020, "LO", identity->patient_id);
  iv_test_dicom_add_text (dicom, 0x00180015, "CS", "CHEST");
  iv_test_dicom_add_text (dicom, 0x00185101, "CS", identity->view);
  iv_test_dicom_add_text (dicom, 0x0020000d, "UI", study);
}

void
iv_test_dicom_add_format (IvTestDicom *dicom, const IvTestFormat *format)
{
  iv_test_dicom_add_us (dicom, 0x00280002, 1);
  iv_test_dicom_add_text (dicom, 0x00280004, "CS", format->photometric);
  iv_test_dicom_add_us (dicom, 0x00280010, format->rows);
  iv_test_dicom_add_us (dicom, 0x00280011, format->columns);
  iv_test_dicom_add_us (dicom, 0x00280100, format->bits_allocated);
  iv_test_dicom_add_us (dicom, 0x00280101, format->bits_stored);
  iv_test_dicom_add_us (dicom, 0x00280102, format->bits_stored - 1);
  iv_test_dicom_add_us (dicom, 0x00280103, format->is_signed);
}

GBytes *
iv_test_dicom_to_file (IvTestDicom *dicom)
{
  IvTestDicom meta = { .bytes = g_byte_array_new () };
  guint8 preamble[128] = { 0 };
  g_byte_array_append (meta.bytes, preamble, sizeof preamble);
  g_byte_array_append (meta.bytes, (const guint8 *) "DICM", 4);
  iv_test_dicom_add_text (&meta, 0x00020010, "UI", dicom->transfer_syntax);
  g_byte_array_append (meta.bytes, dicom->bytes->data, dicom->bytes->len);
  return g_byte_array_free_to_bytes (meta.bytes);
}

char *
iv_test_save (GBytes *bytes, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_file_set_contents (path, data, (gssize) size, &error);
  g_assert_no_error (error);
  return path;
}

char *
iv_test_dicom_save (IvTestDicom *dicom, const char *folder, const char *name)
{
  g_autoptr (GBytes) bytes = iv_test_dicom_to_file (dicom);
  return iv_test_save (bytes, folder, name);
}

char *
iv_test_dicom_save_film (const char *folder, const char *name, const IvTestIdentity *identity)
{
  g_autoptr (IvTestDicom) dicom = iv_test_dicom_new ("1.2.840.10008.1.2.1");
  const IvTestFormat format = { 3, 4, 16, 12, 0, "MONOCHROME2" };
  guint16 pixels[12];
  for (guint i = 0; i < 12; i++)
    pixels[i] = GUINT16_TO_LE (100 * i);
  iv_test_dicom_add_identity (dicom, identity);
  iv_test_dicom_add_format (dicom, &format);
  iv_test_dicom_add (dicom, 0x7fe00010, "OW", pixels, sizeof pixels);
  return iv_test_dicom_save (dicom, folder, name);
}

static guint32
crc_of (const guint8 *data, gsize size)
{
  guint32 crc = 0xffffffff;
  for (gsize i = 0; i < size; i++) {
    crc ^= data[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

static void
put_chunk (GByteArray *png, const char *type, gconstpointer data, gsize size)
{
  guint32 length = GUINT32_TO_BE ((guint32) size);
  g_byte_array_append (png, (const guint8 *) &length, 4);
  guint start = png->len;
  g_byte_array_append (png, (const guint8 *) type, 4);
  g_byte_array_append (png, data, (guint) size);
  guint32 crc = GUINT32_TO_BE (crc_of (png->data + start, png->len - start));
  g_byte_array_append (png, (const guint8 *) &crc, 4);
}

GBytes *
iv_test_png (guint columns, guint rows, guint bits, const guint8 *pixels)
{
  gsize row = (gsize) columns * bits / 8;
  GByteArray *png = g_byte_array_new ();
  g_autofree guint8 *raw = g_malloc0 ((row + 1) * rows);
  g_autofree guint8 *packed = g_malloc ((row + 1) * rows + 4096);
  g_autoptr (GConverter) zlib =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6));
  gsize n_read, n_written;
  guint32 header[4] = { GUINT32_TO_BE (columns), GUINT32_TO_BE (rows), 0, 0 };
  ((guint8 *) header)[8] = (guint8) bits;
  for (guint y = 0; y < rows && pixels != NULL; y++)
    memcpy (raw + y * (row + 1) + 1, pixels + y * row, row);
  GConverterResult result = g_converter_convert (zlib,
                                                 raw,
                                                 (row + 1) * rows,
                                                 packed,
                                                 (row + 1) * rows + 4096,
                                                 G_CONVERTER_INPUT_AT_END,
                                                 &n_read,
                                                 &n_written,
                                                 NULL);
  g_assert_cmpint (result, ==, G_CONVERTER_FINISHED);
  g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  put_chunk (png, "IHDR", header, 13);
  put_chunk (png, "IDAT", packed, n_written);
  put_chunk (png, "IEND", "", 0);
  return g_byte_array_free_to_bytes (png);
}

char *
iv_test_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("interval-study-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

void
iv_test_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      iv_test_remove (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}
