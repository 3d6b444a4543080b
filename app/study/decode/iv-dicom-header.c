/* Reads the meta information of a DICOM file leniently and writes a clean one for the parser.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-dicom-header.h"

#include <string.h>

#include "app/study/iv-study-error.h"

#define IMPLICIT_LITTLE "1.2.840.10008.1.2"
#define EXPLICIT_LITTLE "1.2.840.10008.1.2.1"
#define DEFLATED_LITTLE "1.2.840.10008.1.2.1.99"
#define EXPLICIT_BIG "1.2.840.10008.1.2.2"
#define JPEG_2000 "1.2.840.10008.1.2.4.90"

static const char known_vrs[] = "AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ "
                                "SS ST SV TM UC UI UL UN UR US UT UV";

void
iv_dicom_header_clear (IvDicomHeader *header)
{
  g_clear_pointer (&header->transfer_syntax, g_free);
  g_clear_pointer (&header->header, g_bytes_unref);
}

static guint
read_16 (const guint8 *p)
{
  return p[0] | p[1] << 8;
}

static guint32
read_32 (const guint8 *p)
{
  return read_16 (p) | (guint32) read_16 (p + 2) << 16;
}

static gboolean
is_vr (const guint8 *p)
{
  for (gsize i = 0; i + 1 < sizeof known_vrs; i += 3)
    if (p[0] == known_vrs[i] && p[1] == known_vrs[i + 1])
      return TRUE;
  return FALSE;
}

static gboolean
has_long_length (const guint8 *vr)
{
  static const char long_vrs[] = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
  for (gsize i = 0; i + 1 < sizeof long_vrs; i += 3)
    if (vr[0] == long_vrs[i] && vr[1] == long_vrs[i + 1])
      return TRUE;
  return FALSE;
}

typedef struct {
  guint group, element;
  gsize value, length; /* of the value, in the file */
} Element;

/* One little-endian element of the meta information; implicit where the VR makes no sense. */
static gboolean
read_element (const guint8 *data, gsize size, gsize offset, Element *element)
{
  if (offset + 8 > size)
    return FALSE;
  const guint8 *p = data + offset;
  element->group = read_16 (p);
  element->element = read_16 (p + 2);
  if (!is_vr (p + 4)) {
    /* Implicit, or explicit with a value representation that does not exist. */
    element->length = read_32 (p + 4);
    element->value = offset + 8;
    if (element->length > size - element->value)
      element->length = read_16 (p + 6);
  } else if (has_long_length (p + 4)) {
    if (offset + 12 > size)
      return FALSE;
    element->length = read_32 (p + 8);
    element->value = offset + 12;
  } else {
    element->length = read_16 (p + 6);
    element->value = offset + 8;
  }
  return element->length <= size - element->value;
}

/* Offset of the first element, or G_MAXSIZE: a preamble may be missing, or a shortened one. */
static gsize
find_start (const guint8 *data, gsize size)
{
  if (size >= 132 && memcmp (data + 128, "DICM", 4) == 0)
    return 132;
  if (size < 8)
    return G_MAXSIZE;
  guint group = read_16 (data);
  if (group == 0x0002 || group == 0x0008 || group == 0x0800 || group == 0x0010)
    return 0;
  for (gsize i = 0; i + 12 <= MIN (size, 256); i++)
    if (memcmp (data + i, "DICM", 4) == 0 && read_16 (data + i + 4) == 0x0002)
      return i + 4;
  return G_MAXSIZE;
}

/* What the first element of the data set looks like; NULL when it looks like none. */
static const char *
guess_encoding (const guint8 *data, gsize size)
{
  if (size < 8)
    return NULL;
  guint little = read_16 (data), big = data[0] << 8 | data[1];
  if (is_vr (data + 4))
    return big < little && big <= 0x0020 ? EXPLICIT_BIG : EXPLICIT_LITTLE;
  if (little <= 0x0020 && (little & 1) == 0 && read_32 (data + 4) <= size)
    return IMPLICIT_LITTLE;
  return NULL;
}

static gboolean
is_native (const char *uid)
{
  return g_str_equal (uid, IMPLICIT_LITTLE) || g_str_equal (uid, EXPLICIT_LITTLE) ||
         g_str_equal (uid, EXPLICIT_BIG);
}

/* The UID that says to the parser how elements are written. Compressed syntaxes all are explicit
 * little-endian with fragments; the parser need not know which, so that newer ones work too. */
static const char *
parser_syntax (const char *uid)
{
  if (is_native (uid))
    return uid;
  if (g_str_equal (uid, DEFLATED_LITTLE))
    return EXPLICIT_LITTLE;
  return g_str_has_prefix (uid, "1.2.840.10008.1.2.") ? JPEG_2000 : EXPLICIT_LITTLE;
}

static GBytes *
write_header (const char *uid)
{
  gsize length = (strlen (uid) + 1) / 2 * 2;
  gsize size = 128 + 4 + 12 + 8 + length;
  guint8 *bytes = g_malloc0 (size);
  guint8 *p = bytes + 128;
  memcpy (p, "DICM", 4);
  memcpy (p + 4, "\x02\x00\x00\x00UL\x04\x00", 8);
  p[12] = 8 + length;
  memcpy (p + 16, "\x02\x00\x10\x00UI", 6);
  p[22] = length;
  memcpy (p + 24, uid, strlen (uid));
  return g_bytes_new_take (bytes, size);
}

static char *
read_uid (const guint8 *data, const Element *element)
{
  char *uid = g_strndup ((const char *) data + element->value, MIN (element->length, 64));
  for (char *p = uid; *p != '\0'; p++)
    if (!g_ascii_isdigit (*p) && *p != '.')
      *p = '\0';
  return uid;
}

gboolean
iv_dicom_header_find (IvDicomHeader *header, const guint8 *data, gsize size, GError **error)
{
  gsize offset = find_start (data, size);
  Element element;
  if (offset == G_MAXSIZE) {
    g_set_error_literal (
        error, IV_STUDY_ERROR, IV_STUDY_ERROR_FORMAT, "not a DICOM, PNG, JPEG or TIFF file");
    return FALSE;
  }
  header->is_guessed = offset == 0;
  while (read_element (data, size, offset, &element) && element.group == 0x0002) {
    if (element.element == 0x0010 && header->transfer_syntax == NULL)
      header->transfer_syntax = read_uid (data, &element);
    offset = element.value + element.length;
  }
  header->data_offset = offset;
  const char *seen = guess_encoding (data + offset, size - offset);
  const char *said = header->transfer_syntax;
  if (said == NULL || *said == '\0' || (is_native (said) && seen != NULL)) {
    g_free (header->transfer_syntax);
    header->transfer_syntax = g_strdup (seen != NULL ? seen : IMPLICIT_LITTLE);
  }
  header->is_deflated = g_str_equal (header->transfer_syntax, DEFLATED_LITTLE);
  header->is_big_endian = g_str_equal (header->transfer_syntax, EXPLICIT_BIG);
  header->header = write_header (parser_syntax (header->transfer_syntax));
  return TRUE;
}
