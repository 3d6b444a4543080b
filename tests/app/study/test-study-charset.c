/* Character sets of DICOM and person names. The byte strings are the examples of PS3.5 annexes H
 * to K.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/study/decode/iv-charset.h"

typedef struct {
  const char *set, *bytes, *expected;
} Case;

static const Case cases[] = {
  { NULL, "Smith^John", "Smith^John" },
  { "ISO_IR 100", "Buc^J\xe9r\xf4me", "Buc^Jérôme" },
  { "ISO_IR 101",
    "W\xb3\xf3"
    "d",
    "Włód" },
  { "ISO_IR 144",
    "\xbb\xee\xda"
    "ce\xdc\xd1yp\xd3",
    "Люкceмбypг" },
  { "ISO_IR 126", "\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος" },
  { "ISO_IR 138", "\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה" },
  { "ISO_IR 192", "Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1", "Wang^XiaoDong=王^小東" },
  { "GB18030", "Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东" },
  { "GBK", "\xcd\xf5^\xd0\xa1\xb6\xab", "王^小东" },
  { "\\ISO 2022 IR 87",
    "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
    "Yamada^Tarou=山田^太郎=やまだ^たろう" },
  { "ISO 2022 IR 13\\ISO 2022 IR 87",
    "\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
    "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎" },
  { "\\ISO 2022 IR 149",
    "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
    "Hong^Gildong=洪^吉洞=홍^길동" },
  { "\\ISO 2022 IR 58",
    "Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab",
    "Zhang^XiaoDong=张^小东" },
  /* Wrong, but common: the set without its escapes, and UTF-8 without its name. */
  { "ISO_IR 149", "\xc8\xab\xb1\xe6\xb5\xbf", "홍길동" },
  { NULL, "\xed\x99\x8d\xea\xb8\xb8\xeb\x8f\x99", "홍길동" },
  { NULL, "J\xe9r\xf4me", "Jérôme" },
  { "NONSENSE", "Smith", "Smith" },
};

static void
test_sets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        iv_charset_decode (cases[i].set, (const guint8 *) cases[i].bytes, strlen (cases[i].bytes));
    g_assert_cmpstr (text, ==, cases[i].expected);
  }
}

/* Broken bytes are marked, escape and control characters removed, and nothing is read beyond. */
static void
test_broken (void)
{
  static const char *const sets[] = {
    NULL, "ISO_IR 192", "\\ISO 2022 IR 149", "\\ISO 2022 IR 87", "GB18030", "ISO_IR 13"
  };
  static const char bytes[] = "a\x1b\x1b$B\x41\xff\xfe\x1b$)C\xfb\x1b(\x1b$\x80\xe2\x80\xae";
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    for (gsize length = 0; length < sizeof bytes; length++) {
      g_autofree guint8 *exact = g_memdup2 (bytes, MAX (length, 1));
      g_autofree char *text = iv_charset_decode (sets[i], exact, length);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_null (strchr (text, 0x1b));
      g_assert_null (strstr (text, "\xe2\x80\xae"));
    }
  g_autofree char *marked = iv_charset_decode ("ISO_IR 192",
                                               (const guint8 *) "a\xff"
                                                                "b",
                                               3);
  g_assert_cmpstr (marked,
                   ==,
                   "a\xef\xbf\xbd"
                   "b");
}

static void
test_names (void)
{
  g_auto (IvPersonName) name = { 0 };
  iv_person_name_parse (&name, "Hong^Gildong=洪^吉洞=홍^길동");
  g_assert_cmpstr (name.alphabetic, ==, "Hong Gildong");
  g_assert_cmpstr (name.ideographic, ==, "洪吉洞");
  g_assert_cmpstr (name.phonetic, ==, "홍길동");
  iv_person_name_parse (&name, "Adams^John Robert^Quincy^Rev.^B.A.");
  g_assert_cmpstr (name.alphabetic, ==, "Adams John Robert Quincy");
  g_assert_null (name.ideographic);
  iv_person_name_parse (&name, "=王^小東");
  g_assert_null (name.alphabetic);
  g_assert_cmpstr (name.ideographic, ==, "王小東");
  iv_person_name_parse (&name, "^^^^");
  g_assert_null (name.alphabetic);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charset/sets", test_sets);
  g_test_add_func ("/charset/broken", test_broken);
  g_test_add_func ("/charset/names", test_names);
  return g_test_run ();
}
