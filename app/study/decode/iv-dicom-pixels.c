/* Finds and unpacks the first frame of DICOM pixel data, native or encapsulated.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-dicom-pixels.h"

#include <string.h>

#include "app/study/iv-study-error.h"

#define UNDEFINED_LENGTH 0xffffffffu
#define ITEM 0xe000fffeu
#define SEQUENCE_END 0xe0ddfffeu

static guint32
read_32 (const guint8 *p)
{
  return p[0] | p[1] << 8 | p[2] << 16 | (guint32) p[3] << 24;
}

static gboolean
is_pixel_tag (const guint8 *p)
{
  return memcmp (p, "\xe0\x7f\x10\x00", 4) == 0 || memcmp (p, "\x7f\xe0\x00\x10", 4) == 0;
}

gboolean
iv_dicom_pixels_find (IvDicomPixels *pixels,
                      const guint8 *data_set,
                      gsize size,
                      gsize offset,
                      gboolean is_big_endian)
{
  guint32 length;
  if (offset > size || offset < 8)
    return FALSE;
  const guint8 *value = data_set + offset;
  gboolean is_long = offset >= 12 && is_pixel_tag (value - 12);
  if (!is_long && !is_pixel_tag (value - 8))
    return FALSE;
  /* Explicit with a short value representation keeps its length in 16 bits. */
  gboolean is_short = !is_long && g_ascii_isupper (value[-4]) && g_ascii_isupper (value[-3]);
  memcpy (&length, value - 4, 4);
  length = is_big_endian ? GUINT32_FROM_BE (length) : GUINT32_FROM_LE (length);
  if (is_short)
    length = is_big_endian ? (guint32) (value[-2] << 8 | value[-1])
                           : (guint32) (value[-2] | value[-1] << 8);
  pixels->is_encapsulated = length == UNDEFINED_LENGTH;
  pixels->is_big_endian = is_big_endian;
  pixels->data = value;
  pixels->size = pixels->is_encapsulated ? size - offset : MIN (length, size - offset);
  return TRUE;
}

static guint16
clean_sample (const IvDicomPixelFormat *format, guint raw)
{
  guint value = raw >> (format->high_bit + 1 - format->bits_stored);
  guint mask = (1u << format->bits_stored) - 1;
  value &= mask;
  if (format->is_signed && (value & (1u << (format->bits_stored - 1))) != 0)
    value |= ~mask;
  return (guint16) value;
}

void
iv_dicom_pixels_widen (const IvDicomPixelFormat *format, const guint8 *bytes, guint16 *out)
{
  gsize n = (gsize) format->rows * format->columns;
  for (gsize i = 0; i < n; i++) {
    guint16 word;
    guint raw;
    if (format->bits_allocated == 16) {
      memcpy (&word, bytes + 2 * i, 2);
      raw = word;
    } else if (format->bits_allocated == 8) {
      raw = bytes[i];
    } else {
      raw = bytes[i / 8] >> (i % 8) & 1;
    }
    out[i] = clean_sample (format, raw);
  }
}

static gboolean
refuse_short (gsize size, gsize needed, GError **error)
{
  if (size == 0)
    g_set_error_literal (
        error, IV_STUDY_ERROR, IV_STUDY_ERROR_NO_IMAGE, "its pixel data are empty");
  else
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_DAMAGED,
                 "its pixel data are cut short: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes",
                 size,
                 needed);
  return FALSE;
}

/* Words of a big-endian file; single bytes were written as words there, too, unless they were OB,
 * but an odd number of them is always as it is. */
static guint8 *
swap_words (const guint8 *bytes, gsize size)
{
  guint8 *swapped = g_malloc (size + 1);
  for (gsize i = 0; i + 1 < size; i += 2) {
    swapped[i] = bytes[i + 1];
    swapped[i + 1] = bytes[i];
  }
  if (size % 2 != 0)
    swapped[size - 1] = bytes[size - 1];
  return swapped;
}

gboolean
iv_dicom_pixels_read_native (const IvDicomPixels *pixels,
                             const IvDicomPixelFormat *format,
                             guint16 *out,
                             GError **error)
{
  gsize n = (gsize) format->rows * format->columns;
  gsize needed = (n * format->bits_allocated + 7) / 8;
  if (pixels->size < needed)
    return refuse_short (pixels->size, needed, error);
  gboolean is_ob = pixels->data[-8] == 'O' && pixels->data[-7] == 'B';
  if (pixels->is_big_endian && (format->bits_allocated == 16 || !is_ob)) {
    g_autofree guint8 *swapped =
        swap_words (pixels->data, MIN (pixels->size, (needed + 1) / 2 * 2));
    iv_dicom_pixels_widen (format, swapped, out);
  } else {
    iv_dicom_pixels_widen (format, pixels->data, out);
  }
  return TRUE;
}

/* Whether a fragment begins a new codestream of the JPEG family. */
static gboolean
begins_codestream (const guint8 *data, gsize size)
{
  return size >= 2 && data[0] == 0xff && (data[1] == 0xd8 || data[1] == 0x4f);
}

static gboolean
refuse_fragments (const char *reason, GError **error)
{
  g_set_error_literal (error, IV_STUDY_ERROR, IV_STUDY_ERROR_DAMAGED, reason);
  return FALSE;
}

/* A fragment in the file. */
typedef struct {
  gsize offset, size; /* of its bytes, from the start of the pixel data's value */
} Fragment;

/* The offset table first, then the frames' fragments. FALSE when the file ends inside of one. */
static gboolean
list_fragments (const IvDicomPixels *pixels, GArray *fragments, GError **error)
{
  gsize offset = 0;
  while (offset + 8 <= pixels->size) {
    guint32 tag = read_32 (pixels->data + offset);
    guint32 size = read_32 (pixels->data + offset + 4);
    if (tag == SEQUENCE_END)
      return TRUE;
    if (tag != ITEM)
      return refuse_fragments ("its compressed pixel data are not in items", error);
    if (size > pixels->size - offset - 8)
      return refuse_fragments ("its compressed pixel data are cut short", error);
    Fragment fragment = { offset + 8, size };
    g_array_append_val (fragments, fragment);
    offset += 8ul + size;
  }
  /* Without the end mark, all items may still be there: their codec will see. */
  return TRUE;
}

/* Index after the last fragment of the first frame; index 0 is the offset table. */
static guint
find_frame_end (const IvDicomPixels *pixels, const GArray *fragments, guint frames)
{
  const Fragment *list = (const Fragment *) (const void *) fragments->data;
  if (frames <= 1)
    return fragments->len;
  if (fragments->len - 1 == frames)
    return 2;
  gsize second = 0; /* where the second frame's item begins, counted after the table */
  if (list[0].size >= 8)
    second = read_32 (pixels->data + list[0].offset + 4);
  gsize first = list[0].offset + list[0].size;
  for (guint i = 2; i < fragments->len; i++) {
    gsize start = list[i].offset - 8 - first;
    if (second > 0 ? start >= second
                   : begins_codestream (pixels->data + list[i].offset, list[i].size))
      return i;
  }
  return fragments->len;
}

GBytes *
iv_dicom_pixels_join_frame (const IvDicomPixels *pixels, guint frames, GError **error)
{
  g_autoptr (GArray) fragments = g_array_new (FALSE, FALSE, sizeof (Fragment));
  g_autoptr (GError) reason = NULL;
  /* A later frame may be cut short when the first one is whole. */
  if (!list_fragments (pixels, fragments, &reason) && (frames <= 1 || fragments->len < 3)) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  guint end = fragments->len > 1 ? find_frame_end (pixels, fragments, frames) : 0;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  for (guint i = 1; i < end; i++) {
    const Fragment *fragment = &g_array_index (fragments, Fragment, i);
    g_byte_array_append (bytes, pixels->data + fragment->offset, fragment->size);
  }
  if (bytes->len > 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error_literal (error, IV_STUDY_ERROR, IV_STUDY_ERROR_NO_IMAGE, "its pixel data are empty");
  return NULL;
}
