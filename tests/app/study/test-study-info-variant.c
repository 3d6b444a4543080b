/* What a header says, on its way from the decode worker to the reader.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/study/iv-info-variant.h"

/* N characters of three bytes each, so that a cut by bytes would break one. */
static char *
hangul (gsize n)
{
  GString *text = g_string_sized_new (3 * n);
  for (gsize i = 0; i < n; i++)
    g_string_append (text, "흉");
  return g_string_free (text, FALSE);
}

static IvRadiographInfo *
new_info (void)
{
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->photometric = g_strdup ("MONOCHROME2");
  info->rows = info->columns = info->frames = 1;
  info->bits_allocated = 16;
  info->bits_stored = 12;
  info->rescale_slope = 1;
  return info;
}

static IvRadiographInfo *
there_and_back (const IvRadiographInfo *info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = g_variant_ref_sink (iv_info_to_variant (info));
  IvRadiographInfo *back = iv_info_from_variant (variant, &error);
  g_assert_no_error (error);
  return back;
}

static void
assert_shortened (const char *text, glong longest)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (text, -1), ==, longest + 1);
  g_assert_true (g_str_has_suffix (text, "흉…"));
}

static void
test_long_texts (void)
{
  g_autoptr (IvRadiographInfo) info = new_info ();
  info->patient_name = hangul (1024 * 1024);
  info->study_description = hangul (1025);
  info->series_description = hangul (1024);
  info->image_comments = hangul (10241);
  IvWindow window = { .center = 2000, .width = 400, .explanation = hangul (2000) };
  g_array_append_val (info->windows, window);

  g_autoptr (IvRadiographInfo) back = there_and_back (info);
  assert_shortened (back->patient_name, 1024);
  assert_shortened (back->study_description, 1024);
  g_assert_cmpstr (back->series_description, ==, info->series_description);
  assert_shortened (back->image_comments, 10240);
  g_assert_cmpuint (back->windows->len, ==, 1);
  assert_shortened (g_array_index (back->windows, IvWindow, 0).explanation, 1024);
}

/* A path opens the file again; it may be as long as the system allows. */
static void
test_path_is_kept (void)
{
  g_autoptr (IvRadiographInfo) info = new_info ();
  info->file = hangul (1300);
  g_autoptr (IvRadiographInfo) back = there_and_back (info);
  g_assert_cmpstr (back->file, ==, info->file);
}

static void
test_texts_are_kept (void)
{
  g_autoptr (IvRadiographInfo) info = new_info ();
  info->patient_name = g_strdup ("Hong^Gildong=洪^吉洞=홍^길동");
  info->study_date = g_strdup ("20260131");
  g_autoptr (IvRadiographInfo) back = there_and_back (info);
  for (guint i = 0; i < iv_n_info_strings; i++)
    g_assert_cmpstr (G_STRUCT_MEMBER (char *, back, iv_info_strings[i].offset),
                     ==,
                     G_STRUCT_MEMBER (char *, info, iv_info_strings[i].offset));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/info-variant/long-texts", test_long_texts);
  g_test_add_func ("/info-variant/path-is-kept", test_path_is_kept);
  g_test_add_func ("/info-variant/texts-are-kept", test_texts_are_kept);
  return g_test_run ();
}
