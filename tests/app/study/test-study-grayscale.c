/* The grayscale pipeline: formulas of DICOM PS3.3 C.11 and the traps that viewers fell into.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/study/iv-grayscale.h"

static guint8 table[65536];

/* A radiograph of one row; the caller changes the info first. */
static IvRadiographInfo *
new_info (guint columns)
{
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->file = g_strdup ("/film");
  info->rows = 1;
  info->columns = columns;
  info->bits_allocated = 16;
  info->bits_stored = 12;
  return info;
}

static IvRadiograph *
new_radiograph (IvRadiographInfo *info, const guint16 *pixels)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_bytes_new (pixels, 2ul * info->rows * info->columns);
  IvRadiograph *radiograph = iv_radiograph_new (info, bytes, &error);
  g_assert_no_error (error);
  return radiograph;
}

static IvRadiograph *
new_ramp (IvRadiographInfo *info)
{
  g_autofree guint16 *pixels = g_new (guint16, info->columns);
  for (guint i = 0; i < info->columns; i++)
    pixels[i] = (guint16) i;
  return new_radiograph (info, pixels);
}

static IvLut *
new_lut (gint32 first, guint bits, guint n, const guint16 *entries)
{
  IvLut *lut = g_new0 (IvLut, 1);
  *lut = (IvLut){ .first = first, .n_entries = n, .bits = bits };
  lut->entries = g_memdup2 (entries, 2ul * n);
  return lut;
}

/* The example of PS3.3 C.11.2.1.2.1: centre 2048, width 4096 maps 0 to black and 4095 to white. */
static void
test_linear (void)
{
  g_autoptr (IvRadiograph) radiograph = new_ramp (new_info (4096));
  IvGrayscale grayscale = { .window = { .center = 2048, .width = 4096 } };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[0], ==, 0);
  g_assert_cmpuint (table[4095], ==, 255);
  g_assert_cmpuint (table[5000], ==, 255);
  g_assert_cmpuint (table[2048], ==, lrint (255 * ((2048 - 2047.5) / 4095 + 0.5)));
  /* centre 0.5, width 1: a step, x <= 0 black. */
  grayscale.window = (IvWindow){ .center = 0.5, .width = 1 };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[0], ==, 0);
  g_assert_cmpuint (table[1], ==, 255);
}

static void
test_linear_exact (void)
{
  g_autoptr (IvRadiograph) radiograph = new_ramp (new_info (4096));
  IvGrayscale grayscale = { .window = { 2048, 4096, IV_VOI_LINEAR_EXACT, NULL } };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[0], ==, 0);
  g_assert_cmpuint (table[1024], ==, lrint (255 * 0.25));
  /* 4096 would be white; 4095 is not quite. */
  g_assert_cmpuint (table[4095], ==, lrint (255 * 4095.0 / 4096));
}

static void
test_sigmoid (void)
{
  g_autoptr (IvRadiograph) radiograph = new_ramp (new_info (4096));
  IvGrayscale grayscale = { .window = { 2000, 500, IV_VOI_SIGMOID, NULL } };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[2000], ==, lrint (255 * 0.5));
  g_assert_cmpuint (table[2250], ==, lrint (255 / (1 + exp (-2))));
  /* No straight line does that: a viewer that ignores the function shows 255. */
  g_assert_cmpuint (table[2250], <, 240);
}

/* MONOCHROME1 is one inversion after the VOI stage; the viewer's own inversion takes it back. */
static void
test_inversion (void)
{
  IvRadiographInfo *info = new_info (256);
  info->is_inverted = TRUE;
  g_autoptr (IvRadiograph) radiograph = new_ramp (info);
  IvGrayscale grayscale = { .window = { .center = 128, .width = 256 } };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[0], ==, 255);
  g_assert_cmpuint (table[255], ==, 0);
  g_assert_cmpuint (table[64], ==, 255 - 64);
  grayscale.invert = TRUE;
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[64], ==, 64);
}

static void
test_signed_and_rescale (void)
{
  IvRadiographInfo *info = new_info (4);
  const gint16 values[4] = { -1000, -1, 0, 1000 };
  info->is_signed = TRUE;
  info->rescale_slope = 2;
  info->rescale_intercept = -24;
  g_autoptr (IvRadiograph) radiograph = new_radiograph (info, (const guint16 *) values);
  gint32 min, max;
  iv_radiograph_get_range (radiograph, &min, &max);
  g_assert_cmpint (min, ==, -1000);
  g_assert_cmpint (max, ==, 1000);
  IvGrayscale grayscale;
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FULL);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[(guint16) -1000], ==, 0);
  g_assert_cmpuint (table[1000], ==, 255);
  g_assert_cmpuint (table[0], ==, lrint (255 * 0.5));
}

static void
test_voi_lut (void)
{
  const guint16 entries[4] = { 0, 0x0400, 0x0c00, 0x0fff };
  IvRadiographInfo *info = new_info (8);
  g_ptr_array_add (info->voi_luts, new_lut (2, 12, 4, entries));
  g_autoptr (IvRadiograph) radiograph = new_ramp (info);
  IvGrayscale grayscale;
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FILE);
  g_assert_nonnull (grayscale.voi_lut);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  /* Below the first input value the first entry, beyond the last one the last. */
  g_assert_cmpuint (table[0], ==, 0);
  g_assert_cmpuint (table[3], ==, lrint (255 * 0x0400 / 4095.0));
  g_assert_cmpuint (table[4], ==, lrint (255 * 0x0c00 / 4095.0));
  g_assert_cmpuint (table[5], ==, 255);
  g_assert_cmpuint (table[7], ==, 255);
}

/* A table is no reason that a drag does nothing: it becomes the nearest window, also when it is far
 * wider than the data. */
static void
test_drag_out_of_voi_lut (void)
{
  g_autofree guint16 *entries = g_new (guint16, 65536);
  for (guint i = 0; i < 65536; i++)
    entries[i] = (guint16) i;
  IvRadiographInfo *info = new_info (1000);
  g_ptr_array_add (info->voi_luts, new_lut (0, 16, 65536, entries));
  g_autoptr (IvRadiograph) radiograph = new_ramp (info);
  IvGrayscale grayscale;
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FILE);
  iv_grayscale_drag (&grayscale, radiograph, 0, 0);
  g_assert_null (grayscale.voi_lut);
  double width = grayscale.window.width;
  g_assert_cmpfloat (width, >, 60000);
  iv_grayscale_drag (&grayscale, radiograph, -width + 500, 0);
  g_assert_cmpfloat_with_epsilon (grayscale.window.width, 500, 1e-6);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  /* The centre came along to the film's values, so that a small step shows them. */
  iv_grayscale_drag (&grayscale, radiograph, 0, -250);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[999], >, 100);
}

static void
test_modality_lut_on_8_bits (void)
{
  g_autofree guint16 *entries = g_new (guint16, 256);
  for (guint i = 0; i < 256; i++)
    entries[i] = (guint16) (65535 - 257 * i);
  IvRadiographInfo *info = new_info (256);
  info->bits_allocated = info->bits_stored = 8;
  info->modality_lut = new_lut (0, 16, 256, entries);
  g_autoptr (IvRadiograph) radiograph = new_ramp (info);
  IvGrayscale grayscale = { .window = { .center = 32768, .width = 65536 } };
  iv_grayscale_build_table (radiograph, &grayscale, table);
  g_assert_cmpuint (table[0], ==, 255);
  g_assert_cmpuint (table[255], ==, 0);
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FULL);
  g_assert_cmpfloat (grayscale.window.width, >=, 65535);
}

/* Padding is black whatever the polarity, and decides no window. */
static void
test_padding (void)
{
  const guint16 pixels[6] = { 4095, 4095, 4095, 100, 200, 300 };
  for (guint inverted = 0; inverted < 2; inverted++) {
    IvRadiographInfo *info = new_info (6);
    info->is_inverted = inverted;
    info->has_padding = TRUE;
    info->padding_low = info->padding_high = 4095;
    g_autoptr (IvRadiograph) radiograph = new_radiograph (info, pixels);
    gint32 min, max;
    iv_radiograph_get_range (radiograph, &min, &max);
    g_assert_cmpint (max, ==, 300);
    IvGrayscale grayscale;
    iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FULL);
    iv_grayscale_build_table (radiograph, &grayscale, table);
    g_assert_cmpuint (table[4095], ==, 0);
    g_assert_cmpuint (table[100], ==, inverted ? 255 : 0);
    g_assert_cmpuint (table[300], ==, inverted ? 0 : 255);
    g_autofree float *density = iv_radiograph_get_density (radiograph);
    g_assert_cmpfloat (density[0], ==, 0);
  }
}

static void
test_presets (void)
{
  static const IvPreset presets[] = { IV_PRESET_FILE,        IV_PRESET_AUTO, IV_PRESET_LUNG,
                                      IV_PRESET_SOFT_TISSUE, IV_PRESET_BONE, IV_PRESET_FULL };
  for (guint inverted = 0; inverted < 2; inverted++) {
    IvRadiographInfo *info = new_info (200);
    info->rows = 20;
    info->is_inverted = inverted;
    g_autofree guint16 *pixels = g_new (guint16, 4000);
    for (guint i = 0; i < 4000; i++)
      pixels[i] = (guint16) i;
    g_autoptr (IvRadiograph) radiograph = new_radiograph (info, pixels);
    IvGrayscale lung, bone, other;
    iv_grayscale_init_preset (&lung, radiograph, IV_PRESET_LUNG);
    iv_grayscale_init_preset (&bone, radiograph, IV_PRESET_BONE);
    /* Lungs are dark: low values, or high ones where low values are bright. */
    if (inverted)
      g_assert_cmpfloat (lung.window.center, >, bone.window.center);
    else
      g_assert_cmpfloat (lung.window.center, <, bone.window.center);
    for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
      iv_grayscale_init_preset (&other, radiograph, presets[i]);
      g_assert_cmpfloat (other.window.width, >=, 2);
      g_assert_false (other.invert);
    }
    iv_grayscale_init_region (&other, radiograph, 190, 20, -1000, -1000);
    g_assert_cmpfloat (other.window.width, >=, 2);
  }
}

static void
test_region (void)
{
  IvRadiographInfo *info = new_info (100);
  info->rows = 100;
  g_autofree guint16 *pixels = g_new0 (guint16, 10000);
  for (guint y = 40; y < 60; y++)
    for (guint x = 40; x < 60; x++)
      pixels[y * 100 + x] = (guint16) (1000 + x);
  g_autoptr (IvRadiograph) radiograph = new_radiograph (info, pixels);
  IvGrayscale grayscale;
  iv_grayscale_init_region (&grayscale, radiograph, 40, 40, 20, 20);
  g_assert_cmpfloat_with_epsilon (grayscale.window.center, 1050, 1.5);
  g_assert_cmpfloat (grayscale.window.width, <, 25);
}

/* Absurd windows of hostile files are clamped, not computed into NaN. */
static void
test_extreme_windows (void)
{
  static const double extremes[] = { 0, -1, 1e-300, 1e300, -1e300, 2147483647.0 };
  static const IvVoiFunction functions[] = { IV_VOI_LINEAR, IV_VOI_LINEAR_EXACT, IV_VOI_SIGMOID };
  g_autoptr (IvRadiograph) radiograph = new_ramp (new_info (16));
  for (guint f = 0; f < G_N_ELEMENTS (functions); f++)
    for (guint i = 0; i < G_N_ELEMENTS (extremes); i++)
      for (guint j = 0; j < G_N_ELEMENTS (extremes); j++) {
        IvGrayscale grayscale = { .window = { extremes[i], extremes[j], functions[f], NULL } };
        iv_grayscale_build_table (radiograph, &grayscale, table);
        for (guint v = 1; v < 16; v++)
          g_assert_cmpuint (table[v], >=, table[v - 1]);
        iv_grayscale_drag (&grayscale, radiograph, extremes[j], extremes[i]);
        g_assert_true (isfinite (grayscale.window.center) && grayscale.window.width >= 2);
      }
}

/* Dense tissue is high in both interpretations, and the scale is the film's own. */
static void
test_density (void)
{
  g_autofree float *plain = NULL, *inverted = NULL;
  for (guint i = 0; i < 2; i++) {
    IvRadiographInfo *info = new_info (2001);
    info->is_inverted = i;
    g_autoptr (IvRadiograph) radiograph = new_ramp (info);
    float *density = iv_radiograph_get_density (radiograph);
    if (i == 0)
      plain = density;
    else
      inverted = density;
  }
  g_assert_cmpfloat_with_epsilon (plain[1000], 0.5, 1e-3);
  g_assert_cmpfloat_with_epsilon (plain[2], 0, 1e-3);
  for (guint i = 0; i <= 2000; i++)
    g_assert_cmpfloat_with_epsilon (plain[i], inverted[2000 - i], 2e-3);
}

static void
test_digest (void)
{
  const guint16 pixels[3] = { 0x0102, 0xffff, 7 };
  IvRadiographInfo *info = new_info (3);
  g_autoptr (IvRadiograph) wide = new_radiograph (info, pixels);
  g_autofree char *expected = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *) "\x02\x01\xff\xff\x07\x00", 6);
  g_assert_cmpmem (iv_radiograph_get_digest (wide), 16, expected, 16);
  g_assert_cmpuint (strlen (iv_radiograph_get_digest (wide)), ==, 16);
  info = new_info (3);
  info->bits_allocated = info->bits_stored = 8;
  g_autoptr (IvRadiograph) narrow = new_radiograph (info, pixels);
  g_free (expected);
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) "\x02\xff\x07", 3);
  g_assert_cmpmem (iv_radiograph_get_digest (narrow), 16, expected, 16);
}

static void
test_wrong_size (void)
{
  g_autoptr (GError) error = NULL;
  IvRadiograph *radiograph = iv_radiograph_new (new_info (3), g_bytes_new ("12", 2), &error);
  g_assert_null (radiograph);
  g_assert_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "/film"));
}

static void
test_copy (void)
{
  const guint16 entries[2] = { 1, 2 };
  g_autoptr (IvRadiographInfo) info = new_info (2);
  IvWindow window = { 1, 2, IV_VOI_SIGMOID, g_strdup ("soft") };
  info->patient_name = g_strdup ("김민수");
  info->modality_lut = new_lut (5, 8, 2, entries);
  g_array_append_val (info->windows, window);
  g_ptr_array_add (info->voi_luts, new_lut (6, 9, 2, entries));
  g_autoptr (IvRadiographInfo) copy = iv_radiograph_info_copy (info);
  g_assert_cmpstr (copy->patient_name, ==, info->patient_name);
  g_assert_true (copy->patient_name != info->patient_name);
  g_assert_cmpstr (g_array_index (copy->windows, IvWindow, 0).explanation, ==, "soft");
  g_assert_cmpint (copy->modality_lut->first, ==, 5);
  g_assert_cmpuint (((IvLut *) copy->voi_luts->pdata[0])->entries[1], ==, 2);
}

static void
test_thumbnail (void)
{
  IvRadiographInfo *info = new_info (300);
  info->rows = 150;
  g_autofree guint16 *pixels = g_new (guint16, 45000);
  for (guint i = 0; i < 45000; i++)
    pixels[i] = i % 300 < 150 ? 0 : 1000;
  g_autoptr (IvRadiograph) radiograph = new_radiograph (info, pixels);
  guint width, height;
  g_autoptr (GBytes) small = iv_radiograph_render_small (radiograph, 100, &width, &height);
  const guint8 *gray = g_bytes_get_data (small, NULL);
  g_assert_cmpuint (width, ==, 100);
  g_assert_cmpuint (height, ==, 50);
  g_assert_cmpuint (gray[0], ==, 0);
  g_assert_cmpuint (gray[99], ==, 255);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grayscale/linear", test_linear);
  g_test_add_func ("/grayscale/linear-exact", test_linear_exact);
  g_test_add_func ("/grayscale/sigmoid", test_sigmoid);
  g_test_add_func ("/grayscale/inversion", test_inversion);
  g_test_add_func ("/grayscale/signed-and-rescale", test_signed_and_rescale);
  g_test_add_func ("/grayscale/voi-lut", test_voi_lut);
  g_test_add_func ("/grayscale/drag-out-of-voi-lut", test_drag_out_of_voi_lut);
  g_test_add_func ("/grayscale/modality-lut-on-8-bits", test_modality_lut_on_8_bits);
  g_test_add_func ("/grayscale/padding", test_padding);
  g_test_add_func ("/grayscale/presets", test_presets);
  g_test_add_func ("/grayscale/region", test_region);
  g_test_add_func ("/grayscale/extreme-windows", test_extreme_windows);
  g_test_add_func ("/radiograph/density", test_density);
  g_test_add_func ("/radiograph/digest", test_digest);
  g_test_add_func ("/radiograph/wrong-size", test_wrong_size);
  g_test_add_func ("/radiograph/copy", test_copy);
  g_test_add_func ("/radiograph/thumbnail", test_thumbnail);
  return g_test_run ();
}
