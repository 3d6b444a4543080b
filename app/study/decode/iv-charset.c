/* Character sets of DICOM, with and without ISO 2022 escapes, and person names.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-charset.h"

#include <string.h>

/* A coded character set: how DICOM names it, how ISO 2022 announces it, how iconv reads it. */
typedef struct {
  const char *number;  /* after "ISO_IR " or "ISO 2022 IR "; or the whole term */
  const char *escape;  /* without the leading escape character; NULL: none */
  const char *charset; /* of iconv */
  enum { SINGLE, G0_PAIRS, G1_PAIRS, WHOLE } kind;
  guint8 lead; /* G0_PAIRS: goes before each pair whose high bits are set */
} CodedSet;

static const CodedSet coded_sets[] = {
  { "6", "(B", "ASCII", SINGLE, 0 },        { "13", ")I", "SHIFT_JIS", SINGLE, 0 },
  { "14", "(J", "SHIFT_JIS", SINGLE, 0 },   { "58", "$)A", "GB2312", G1_PAIRS, 0 },
  { "87", "$B", "EUC-JP", G0_PAIRS, 0 },    { "100", "-A", "ISO-8859-1", SINGLE, 0 },
  { "101", "-B", "ISO-8859-2", SINGLE, 0 }, { "109", "-C", "ISO-8859-3", SINGLE, 0 },
  { "110", "-D", "ISO-8859-4", SINGLE, 0 }, { "126", "-F", "ISO-8859-7", SINGLE, 0 },
  { "127", "-G", "ISO-8859-6", SINGLE, 0 }, { "138", "-H", "ISO-8859-8", SINGLE, 0 },
  { "144", "-L", "ISO-8859-5", SINGLE, 0 }, { "148", "-M", "ISO-8859-9", SINGLE, 0 },
  { "149", "$)C", "EUC-KR", G1_PAIRS, 0 },  { "159", "$(D", "EUC-JP", G0_PAIRS, 0x8f },
  { "166", "-T", "TIS-620", SINGLE, 0 },    { "203", "-b", "ISO-8859-15", SINGLE, 0 },
  { "192", NULL, "UTF-8", WHOLE, 0 },       { "GB18030", NULL, "GB18030", WHOLE, 0 },
  { "GBK", NULL, "GBK", WHOLE, 0 },
};

static GIConv converters[G_N_ELEMENTS (coded_sets)];

void
iv_charset_prepare (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (coded_sets); i++)
    if (converters[i] == NULL)
      converters[i] = g_iconv_open ("UTF-8", coded_sets[i].charset);
}

static const CodedSet *
find_by_term (const char *term)
{
  const char *number = term;
  if (g_ascii_strncasecmp (term, "ISO_IR", 6) == 0)
    number = term + 6;
  else if (g_ascii_strncasecmp (term, "ISO 2022 IR", 11) == 0)
    number = term + 11;
  while (*number == ' ' || *number == '_')
    number++;
  for (guint i = 0; i < G_N_ELEMENTS (coded_sets); i++)
    if (g_ascii_strcasecmp (coded_sets[i].number, number) == 0)
      return &coded_sets[i];
  return NULL;
}

static const CodedSet *
find_by_escape (const char *text, gsize size, gsize *length)
{
  for (guint i = 0; i < G_N_ELEMENTS (coded_sets); i++) {
    const char *escape = coded_sets[i].escape;
    *length = escape != NULL ? strlen (escape) : 0;
    if (*length > 0 && *length <= size && memcmp (text, escape, *length) == 0)
      return &coded_sets[i];
  }
  *length = 0;
  return NULL;
}

static void
append_converted (GString *out, const CodedSet *set, const char *text, gsize size)
{
  GIConv converter = converters[set - coded_sets];
  if (converter == NULL || converter == (GIConv) -1) {
    g_string_append (out, "\xef\xbf\xbd");
    return;
  }
  g_iconv (converter, NULL, NULL, NULL, NULL);
  while (size > 0) {
    char buffer[256];
    char *position = buffer;
    gsize left = sizeof buffer, before = size;
    gsize result = g_iconv (converter, (char **) &text, &size, &position, &left);
    g_string_append_len (out, buffer, position - buffer);
    if (result != (gsize) -1 || (size < before && position > buffer))
      continue;
    /* A byte that does not belong here. */
    g_string_append (out, "\xef\xbf\xbd");
    text++;
    size--;
  }
}

/* G0 pairs are seven-bit bytes; with the high bits set they are EUC-JP. */
static void
append_pairs (GString *out, const CodedSet *set, const char *text, gsize size)
{
  g_autoptr (GString) euc = g_string_new (NULL);
  for (gsize i = 0; i < size; i++) {
    if (text[i] <= ' ' || i + 1 >= size) {
      g_string_append_c (euc, text[i]);
      continue;
    }
    if (set->lead != 0)
      g_string_append_c (euc, (char) set->lead);
    g_string_append_c (euc, (char) (text[i] | 0x80));
    g_string_append_c (euc, (char) (text[++i] | 0x80));
  }
  append_converted (out, set, euc->str, euc->len);
}

static void
append_run (GString *out, const CodedSet *g0, const CodedSet *g1, const char *text, gsize size)
{
  if (size == 0)
    return;
  if (g0 != NULL && g0->kind == G0_PAIRS) {
    append_pairs (out, g0, text, size);
    return;
  }
  gboolean is_ascii = TRUE;
  for (gsize i = 0; i < size; i++)
    is_ascii &= (text[i] & 0x80) == 0;
  if (g1 != NULL)
    append_converted (out, g1, text, size);
  else if (is_ascii)
    g_string_append_len (out, text, size);
  else if (g_utf8_validate_len (text, size, NULL))
    /* Written as UTF-8 without saying so; else Latin 1, which any byte fits. */
    g_string_append_len (out, text, size);
  else
    append_converted (out, find_by_term ("ISO_IR 100"), text, size);
}

/* Delimiters that return to the initial sets; ^ and = only matter in names, and no other text
 * changes set around them. */
static gboolean
is_delimiter (char c)
{
  return c == '\\' || c == '^' || c == '=' || (c >= '\t' && c <= '\r');
}

static void
decode_iso_2022 (GString *out, const CodedSet *initial, const char *text, gsize size)
{
  const CodedSet *g0 = NULL, *g1 = initial;
  gsize start = 0;
  for (gsize i = 0; i < size; i++) {
    gboolean in_pairs = g0 != NULL && g0->kind == G0_PAIRS;
    if (text[i] == '\x1b') {
      gsize length;
      append_run (out, g0, g1, text + start, i - start);
      const CodedSet *set = find_by_escape (text + i + 1, size - i - 1, &length);
      if (set != NULL && (set->escape[0] == '(' || set->kind == G0_PAIRS))
        g0 = set;
      else if (set != NULL)
        g1 = set;
      start = i + 1 + length;
      i = start - 1;
    } else if (is_delimiter (text[i]) && !in_pairs) {
      append_run (out, g0, g1, text + start, i + 1 - start);
      g0 = NULL;
      g1 = initial;
      start = i + 1;
    }
  }
  append_run (out, g0, g1, text + start, size - MIN (start, size));
}

/* Control characters do harm on screen and in files; a tab or line break is a space's kin. */
static char *
clean (GString *text)
{
  g_autofree char *valid = g_utf8_make_valid (text->str, text->len);
  GString *out = g_string_new (NULL);
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    GUnicodeType type = g_unichar_type (c);
    if (c == '\n' || c == '\r' || c == '\t' || c == '\f')
      g_string_append_c (out, c == '\n' ? '\n' : ' ');
    else if (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT)
      g_string_append_unichar (out, c);
  }
  g_strchomp (out->str);
  return g_string_free (out, FALSE);
}

char *
iv_charset_decode (const char *specific_character_set, const guint8 *text, gsize size)
{
  g_auto (GStrv) terms = g_strsplit (specific_character_set ? specific_character_set : "", "\\", 0);
  const CodedSet *initial = terms[0] != NULL ? find_by_term (g_strstrip (terms[0])) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  while (size > 0 && (text[size - 1] == '\0' || text[size - 1] == ' '))
    size--;
  iv_charset_prepare ();
  if (initial != NULL && initial->kind == WHOLE)
    append_converted (out, initial, (const char *) text, size);
  else
    decode_iso_2022 (out, initial, (const char *) text, size);
  return clean (out);
}

void
iv_person_name_clear (IvPersonName *name)
{
  g_clear_pointer (&name->alphabetic, g_free);
  g_clear_pointer (&name->ideographic, g_free);
  g_clear_pointer (&name->phonetic, g_free);
}

static gboolean
needs_no_space (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    GUnicodeScript script = g_unichar_get_script (g_utf8_get_char (text));
    if (script != G_UNICODE_SCRIPT_HAN && script != G_UNICODE_SCRIPT_HANGUL &&
        script != G_UNICODE_SCRIPT_HIRAGANA && script != G_UNICODE_SCRIPT_KATAKANA && *text != '^')
      return FALSE;
  }
  return TRUE;
}

/* family^given^middle^prefix^suffix; names in Chinese, Japanese and Korean script take no spaces.
 */
static char *
join_components (const char *group)
{
  g_auto (GStrv) parts = g_strsplit (group, "^", 5);
  GString *out = g_string_new (NULL);
  gboolean tight = needs_no_space (group);
  for (guint i = 0; parts[i] != NULL && i < 3; i++) {
    g_strstrip (parts[i]);
    if (*parts[i] == '\0')
      continue;
    if (out->len > 0 && !tight)
      g_string_append_c (out, ' ');
    g_string_append (out, parts[i]);
  }
  return g_string_free (out, out->len == 0);
}

void
iv_person_name_parse (IvPersonName *name, const char *value)
{
  g_auto (GStrv) groups = g_strsplit (value, "=", 3);
  guint n = g_strv_length (groups);
  iv_person_name_clear (name);
  name->alphabetic = n > 0 ? join_components (groups[0]) : NULL;
  name->ideographic = n > 1 ? join_components (groups[1]) : NULL;
  name->phonetic = n > 2 ? join_components (groups[2]) : NULL;
}
