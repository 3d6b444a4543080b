/* Reads values of data elements with suspicion.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-dicom-values.h"

#include <math.h>
#include <string.h>

#include "app/study/decode/iv-charset.h"

/* Longer text than any film carries is cut: it comes from broken or hostile files. */
#define LONGEST_TEXT 10240

char *
iv_dicom_get_code (const IvDicomItem *item, IvDicomTag tag)
{
  gsize size;
  const guint8 *bytes = iv_dicom_get_value (item, tag, &size);
  if (bytes == NULL)
    return NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  for (gsize i = 0; i < MIN (size, LONGEST_TEXT) && bytes[i] != '\0'; i++)
    g_string_append_c (text, g_ascii_isprint (bytes[i]) ? (char) bytes[i] : '?');
  g_strstrip (text->str);
  return *text->str != '\0' ? g_strdup (text->str) : NULL;
}

char *
iv_dicom_get_text (const IvDicomItem *item, IvDicomTag tag, const char *character_set)
{
  gsize size;
  const guint8 *bytes = iv_dicom_get_value (item, tag, &size);
  if (bytes == NULL)
    return NULL;
  g_autofree char *text = iv_charset_decode (character_set, bytes, MIN (size, LONGEST_TEXT));
  g_strstrip (text);
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

/* Digits only: "2020.03.09" is the writing of ACR-NEMA days, "08:00:00" too. */
static char *
get_digits (const IvDicomItem *item, IvDicomTag tag, guint count, const char *separators)
{
  g_autofree char *code = iv_dicom_get_code (item, tag);
  g_autoptr (GString) digits = g_string_new (NULL);
  for (const char *p = code; p != NULL && *p != '\0' && digits->len < count; p++) {
    if (g_ascii_isdigit (*p))
      g_string_append_c (digits, *p);
    else if (strchr (separators, *p) == NULL)
      break;
  }
  return digits->len > 0 ? g_strdup (digits->str) : NULL;
}

char *
iv_dicom_get_date (const IvDicomItem *item, IvDicomTag tag)
{
  g_autofree char *digits = get_digits (item, tag, 8, ".-/");
  if (digits == NULL || strlen (digits) != 8)
    return NULL;
  guint number = (guint) g_ascii_strtoull (digits, NULL, 10);
  if (!g_date_valid_dmy (number % 100, number / 100 % 100, number / 10000))
    return NULL;
  return g_steal_pointer (&digits);
}

char *
iv_dicom_get_time (const IvDicomItem *item, IvDicomTag tag)
{
  g_autofree char *digits = get_digits (item, tag, 6, ":");
  gsize length = digits != NULL ? strlen (digits) : 0;
  if (length < 2 || length % 2 != 0)
    return NULL;
  g_autofree char *time = g_strconcat (digits, &"0000"[length - 2], NULL);
  guint number = (guint) g_ascii_strtoull (time, NULL, 10);
  if (number / 10000 > 23 || number / 100 % 100 > 59 || number % 100 > 60)
    return NULL;
  return g_steal_pointer (&time);
}

gboolean
iv_dicom_get_int (const IvDicomItem *item,
                  IvDicomTag tag,
                  guint index,
                  gboolean is_signed,
                  gint64 *value)
{
  gsize size;
  guint16 narrow;
  guint32 wide;
  const guint8 *bytes = iv_dicom_get_value (item, tag, &size);
  if (bytes == NULL)
    return FALSE;
  /* A single value of four bytes was written as UL or SL. */
  if (size == 4 && index == 0 && (tag & 0xffff) != 0x3002 && (tag & 0xffff) != 0x0120) {
    memcpy (&wide, bytes, 4);
    *value = is_signed ? (gint64) (gint32) wide : (gint64) wide;
    return TRUE;
  }
  if (size < 2ul * index + 2)
    return FALSE;
  memcpy (&narrow, bytes + 2ul * index, 2);
  *value = is_signed ? (gint64) (gint16) narrow : (gint64) narrow;
  return TRUE;
}

guint
iv_dicom_get_uint (const IvDicomItem *item, IvDicomTag tag, guint fallback)
{
  gint64 value;
  return iv_dicom_get_int (item, tag, 0, FALSE, &value) ? (guint) value : fallback;
}

gboolean
iv_dicom_get_double (const IvDicomItem *item, IvDicomTag tag, guint index, double *value)
{
  g_autofree char *code = iv_dicom_get_code (item, tag);
  if (code == NULL)
    return FALSE;
  g_auto (GStrv) values = g_strsplit (code, "\\", 64);
  if (index >= g_strv_length (values))
    return FALSE;
  char *end;
  const char *text = g_strstrip (values[index]);
  double number = g_ascii_strtod (text, &end);
  if (end == text || !isfinite (number) || fabs (number) > 1e12)
    return FALSE;
  *value = number;
  return TRUE;
}
