/* The decode worker on files made here: what it decodes, what it refuses, and what it costs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/study/iv-decode-pool.h"
#include "app/study/iv-radiograph.h"
#include "tests/app/study/iv-test-dicom.h"

#define EXPLICIT "1.2.840.10008.1.2.1"

static char *folder;

static const IvTestFormat format_16 = { 2, 3, 16, 12, 0, "MONOCHROME2" };

static IvRadiograph *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  IvRadiograph *radiograph = iv_radiograph_load (path, NULL, &error);
  g_assert_no_error (error);
  return radiograph;
}

/* The message must name the file and say why. */
static void
assert_refused (const char *path, IvStudyError code, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (path, NULL, &error);
  g_assert_null (radiograph);
  g_assert_error (error, IV_STUDY_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, path));
  if (strstr (error->message, reason) == NULL)
    g_error ("“%s” does not say “%s”", error->message, reason);
}

static void
assert_pixels (IvRadiograph *radiograph, const gint32 *expected, guint n)
{
  const guint16 *pixels = iv_radiograph_get_pixels (radiograph);
  gboolean is_signed = iv_radiograph_get_info (radiograph)->is_signed;
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (is_signed ? (gint16) pixels[i] : pixels[i], ==, expected[i]);
}

/* Stored values survive High-Throughput JPEG 2000; the digest is that of the values compressed. */
static void
test_htj2k (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "data", "dicom", "htj2k-lossless.dcm", NULL);
  g_autoptr (IvRadiograph) radiograph = load (path);
  g_assert_cmpuint (iv_radiograph_get_columns (radiograph), ==, 128);
  g_assert_cmpuint (iv_radiograph_get_rows (radiograph), ==, 96);
  g_assert_cmpstr (iv_radiograph_get_digest (radiograph), ==, "d06e20b1856ef978");
}

/* The same film in the four native transfer syntaxes. */
static void
test_native_syntaxes (void)
{
  static const char *const uids[] = {
    "1.2.840.10008.1.2", EXPLICIT, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
  };
  const gint32 expected[6] = { 0, 1, 255, 256, 4000, 4095 };
  for (guint i = 0; i < G_N_ELEMENTS (uids); i++) {
    g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (uids[i]);
    guint16 words[6];
    for (guint k = 0; k < 6; k++)
      words[k] = dicom->is_big_endian ? GUINT16_TO_BE (expected[k]) : GUINT16_TO_LE (expected[k]);
    iv_test_dicom_add_identity (dicom,
                                &(IvTestIdentity){ "A^B", "7", "20240102", "AP", NULL, NULL });
    iv_test_dicom_add_format (dicom, &format_16);
    iv_test_dicom_add (dicom, 0x7fe00010, "OW", words, sizeof words);
    if (i == 3) {
      g_autofree guint8 *packed = g_malloc (4096);
      g_autoptr (GConverter) raw =
          G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9));
      gsize n_read, n_written;
      g_converter_convert (raw,
                           dicom->bytes->data,
                           dicom->bytes->len,
                           packed,
                           4096,
                           G_CONVERTER_INPUT_AT_END,
                           &n_read,
                           &n_written,
                           NULL);
      g_byte_array_set_size (dicom->bytes, 0);
      g_byte_array_append (dicom->bytes, packed, (guint) n_written);
    }
    g_autofree char *path = iv_test_dicom_save (dicom, folder, "native.dcm");
    g_autoptr (IvRadiograph) radiograph = load (path);
    const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
    assert_pixels (radiograph, expected, 6);
    g_assert_cmpstr (info->transfer_syntax_uid, ==, uids[i]);
    g_assert_cmpstr (info->file, ==, path);
    g_assert_cmpstr (info->patient_name, ==, "A B");
    g_assert_cmpuint (info->view, ==, IV_VIEW_AP);
    g_assert_cmpuint (info->bits_stored, ==, 12);
  }
}

/* Bits above the stored ones are not the film's, and 12-bit signs are carried to 16. */
static void
test_bits (void)
{
  const guint16 words[6] = { GUINT16_TO_LE (0xf001), GUINT16_TO_LE (0x0fff),
                             GUINT16_TO_LE (0x0800), 0,
                             GUINT16_TO_LE (0x07ff), GUINT16_TO_LE (0x1234) };
  const gint32 unsigned_values[6] = { 1, 0xfff, 0x800, 0, 0x7ff, 0x234 };
  const gint32 signed_values[6] = { 1, -1, -2048, 0, 2047, 0x234 };
  for (guint is_signed = 0; is_signed < 2; is_signed++) {
    g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
    IvTestFormat format = format_16;
    format.is_signed = (guint16) is_signed;
    iv_test_dicom_add_format (dicom, &format);
    iv_test_dicom_add (dicom, 0x7fe00010, "OW", words, sizeof words);
    g_autofree char *path = iv_test_dicom_save (dicom, folder, "bits.dcm");
    g_autoptr (IvRadiograph) radiograph = load (path);
    assert_pixels (radiograph, is_signed ? signed_values : unsigned_values, 6);
  }
}

/* A whole film with the data elements that its grayscale rests on. */
static char *
save_with_transforms (const char *photometric, const char *shape, const char *function)
{
  g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
  g_autoptr (IvTestDicom) lut = iv_test_dicom_new (EXPLICIT);
  const guint16 descriptor[3] = { GUINT16_TO_LE (3), GUINT16_TO_LE (10), GUINT16_TO_LE (12) };
  const guint16 entries[3] = { 0, GUINT16_TO_LE (2000), GUINT16_TO_LE (4095) };
  const guint16 pixels[6] = { 0 };
  IvTestFormat format = format_16;
  format.photometric = photometric;
  iv_test_dicom_add_text (dicom, 0x00080060, "CS", "DX");
  iv_test_dicom_add_format (dicom, &format);
  iv_test_dicom_add_us (dicom, 0x00280120, 63);
  iv_test_dicom_add_text (dicom, 0x00281050, "DS", "2048\\1000");
  iv_test_dicom_add_text (dicom, 0x00281051, "DS", "4096\\300.5");
  iv_test_dicom_add_text (dicom, 0x00281052, "DS", "-10");
  iv_test_dicom_add_text (dicom, 0x00281053, "DS", "2");
  iv_test_dicom_add_text (dicom, 0x00281055, "LO", "normal\\harder");
  iv_test_dicom_add_text (dicom, 0x00281056, "CS", function);
  iv_test_dicom_add (lut, 0x00283002, "US", descriptor, sizeof descriptor);
  iv_test_dicom_add_text (lut, 0x00283003, "LO", "curve");
  iv_test_dicom_add (lut, 0x00283006, "OW", entries, sizeof entries);
  iv_test_dicom_add_item (dicom, 0x00283010, lut);
  iv_test_dicom_add_text (dicom, 0x20500020, "CS", shape);
  iv_test_dicom_add (dicom, 0x7fe00010, "OW", pixels, sizeof pixels);
  return iv_test_dicom_save (dicom, folder, "transforms.dcm");
}

static void
test_transforms (void)
{
  g_autofree char *path = save_with_transforms ("MONOCHROME2", "IDENTITY", "SIGMOID");
  g_autoptr (IvRadiograph) radiograph = load (path);
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  g_assert_cmpuint (info->windows->len, ==, 2);
  const IvWindow *window = &g_array_index (info->windows, IvWindow, 1);
  g_assert_cmpfloat (window->center, ==, 1000);
  g_assert_cmpfloat (window->width, ==, 300.5);
  g_assert_cmpuint (window->function, ==, IV_VOI_SIGMOID);
  g_assert_cmpstr (window->explanation, ==, "harder");
  g_assert_cmpfloat (info->rescale_slope, ==, 2);
  g_assert_cmpfloat (info->rescale_intercept, ==, -10);
  g_assert_true (info->has_padding && info->padding_low == 63 && info->padding_high == 63);
  g_assert_cmpuint (info->voi_luts->len, ==, 1);
  const IvLut *lut = g_ptr_array_index (info->voi_luts, 0);
  g_assert_cmpint (lut->first, ==, 10);
  g_assert_cmpuint (lut->bits, ==, 12);
  g_assert_cmpuint (lut->n_entries, ==, 3);
  g_assert_cmpuint (lut->entries[1], ==, 2000);
  g_assert_cmpstr (lut->explanation, ==, "curve");
}

/* PS3.3 C.11.6: INVERSE shall stand beside MONOCHROME1 and says the same once more. */
static void
test_polarity (void)
{
  static const struct {
    const char *photometric, *shape;
    gboolean is_inverted;
  } cases[] = {
    { "MONOCHROME1", NULL, TRUE },        { "MONOCHROME1", "INVERSE", TRUE },
    { "MONOCHROME1", "IDENTITY", TRUE },  { "MONOCHROME2", NULL, FALSE },
    { "MONOCHROME2", "IDENTITY", FALSE }, { "MONOCHROME2", "INVERSE", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = save_with_transforms (cases[i].photometric, cases[i].shape, "LINEAR");
    g_autoptr (IvRadiograph) radiograph = load (path);
    g_assert_cmpint (iv_radiograph_get_info (radiograph)->is_inverted, ==, cases[i].is_inverted);
  }
}

/* A table that contradicts itself is left out; the film opens in a window. */
static void
test_broken_lut (void)
{
  g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
  g_autoptr (IvTestDicom) lut = iv_test_dicom_new (EXPLICIT);
  const guint16 descriptor[3] = { GUINT16_TO_LE (4096), 0, GUINT16_TO_LE (16) };
  const guint16 pixels[6] = { 0 };
  iv_test_dicom_add_format (dicom, &format_16);
  iv_test_dicom_add (lut, 0x00283002, "US", descriptor, sizeof descriptor);
  iv_test_dicom_add (lut, 0x00283006, "OW", "abcd", 4);
  iv_test_dicom_add_item (dicom, 0x00283010, lut);
  iv_test_dicom_add (dicom, 0x7fe00010, "OW", pixels, sizeof pixels);
  g_autofree char *path = iv_test_dicom_save (dicom, folder, "lut.dcm");
  g_autoptr (IvRadiograph) radiograph = load (path);
  g_assert_cmpuint (iv_radiograph_get_info (radiograph)->voi_luts->len, ==, 0);
}

typedef struct {
  const char *pixel, *calibration, *imager, *factor, *scanned;
  IvSpacingSource source;
  double row;
} SpacingCase;

static void
test_spacing (void)
{
  static const SpacingCase cases[] = {
    { NULL, NULL, NULL, NULL, NULL, IV_SPACING_NONE, 0 },
    { NULL, NULL, "0.2\\0.1", NULL, NULL, IV_SPACING_DETECTOR, 0.2 },
    { NULL, NULL, "0.2\\0.1", "1.25", NULL, IV_SPACING_CORRECTED, 0.16 },
    { "0.2\\0.1", NULL, "0.2\\0.1", NULL, NULL, IV_SPACING_DETECTOR, 0.2 },
    { "0.18\\0.09", NULL, "0.2\\0.1", NULL, NULL, IV_SPACING_UNSPECIFIED, 0.18 },
    { "0.18\\0.09", "GEOMETRY", "0.2\\0.1", "1.25", NULL, IV_SPACING_CALIBRATED, 0.18 },
    { "0.15\\0.15", NULL, NULL, NULL, NULL, IV_SPACING_UNSPECIFIED, 0.15 },
    { NULL, NULL, NULL, NULL, "0.3\\0.3", IV_SPACING_SCANNED, 0.3 },
    { "0\\0", NULL, NULL, NULL, NULL, IV_SPACING_NONE, 0 },
    { "nonsense", NULL, NULL, NULL, NULL, IV_SPACING_NONE, 0 },
  };
  const guint16 pixels[6] = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
    iv_test_dicom_add_text (dicom, 0x00181114, "DS", cases[i].factor);
    iv_test_dicom_add_text (dicom, 0x00181164, "DS", cases[i].imager);
    iv_test_dicom_add_text (dicom, 0x00182010, "DS", cases[i].scanned);
    iv_test_dicom_add_us (dicom, 0x00280002, 1);
    iv_test_dicom_add_us (dicom, 0x00280010, 2);
    iv_test_dicom_add_us (dicom, 0x00280011, 3);
    iv_test_dicom_add_text (dicom, 0x00280030, "DS", cases[i].pixel);
    iv_test_dicom_add_us (dicom, 0x00280100, 16);
    iv_test_dicom_add_text (dicom, 0x00280a02, "CS", cases[i].calibration);
    iv_test_dicom_add (dicom, 0x7fe00010, "OW", pixels, sizeof pixels);
    g_autofree char *path = iv_test_dicom_save (dicom, folder, "spacing.dcm");
    g_autoptr (IvRadiograph) radiograph = load (path);
    const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
    g_assert_cmpuint (info->spacing_source, ==, cases[i].source);
    g_assert_cmpfloat_with_epsilon (info->row_spacing, cases[i].row, 1e-9);
    /* Row spacing is the first value: swapped they would be in the wrong direction. */
    if (i == 1)
      g_assert_cmpfloat_with_epsilon (info->column_spacing, 0.1, 1e-9);
  }
}

static void
test_korean_name (void)
{
  /* The name of PS3.5 I.2: romanised, Hanja, Hangul. */
  static const char name[] = "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^"
                             "\x1b$)C\xb1\xe6\xb5\xbf";
  IvTestIdentity identity = { name, "K1", "20240102", "PA", "\\ISO 2022 IR 149", NULL };
  g_autofree char *path = iv_test_dicom_save_film (folder, "korean.dcm", &identity);
  g_autoptr (IvRadiograph) radiograph = load (path);
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  g_assert_cmpstr (info->patient_name, ==, "洪吉洞");
  g_assert_cmpstr (info->patient_name_alphabetic, ==, "Hong Gildong");
  g_assert_cmpstr (info->patient_name_phonetic, ==, "홍길동");
}

/* Without preamble and meta information, and with a syntax that contradicts the bytes. */
static void
test_lenient_headers (void)
{
  IvTestIdentity identity = { "A^B", "7", "20240102", "PA", NULL, NULL };
  g_autofree char *whole = iv_test_dicom_save_film (folder, "whole.dcm", &identity);
  g_autofree char *contents = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (whole, &contents, &size, NULL));
  g_autoptr (IvRadiograph) expected = load (whole);
  gsize meta = 132 + 8 + 20;
  g_autoptr (GBytes) bare = g_bytes_new (contents + meta, size - meta);
  g_autofree char *bare_path = iv_test_save (bare, folder, "bare.dcm");
  g_autoptr (IvRadiograph) from_bare = load (bare_path);
  g_assert_cmpstr (iv_radiograph_get_digest (from_bare), ==, iv_radiograph_get_digest (expected));
  g_autoptr (GBytes) no_preamble = g_bytes_new (contents + 132, size - 132);
  g_autofree char *no_preamble_path = iv_test_save (no_preamble, folder, "no-preamble.dcm");
  g_autoptr (IvRadiograph) from_no_preamble = load (no_preamble_path);
  g_assert_cmpstr (
      iv_radiograph_get_digest (from_no_preamble), ==, iv_radiograph_get_digest (expected));
  /* Says implicit, is explicit. */
  memcpy (contents + 132 + 8, "1.2.840.10008.1.2\0\0\0", 20);
  g_autoptr (GBytes) liar = g_bytes_new (contents, size);
  g_autofree char *liar_path = iv_test_save (liar, folder, "liar.dcm");
  g_autoptr (IvRadiograph) from_liar = load (liar_path);
  g_assert_cmpstr (iv_radiograph_get_digest (from_liar), ==, iv_radiograph_get_digest (expected));
}

static void
test_first_frame (void)
{
  g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
  const guint8 pixels[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  const gint32 expected[6] = { 1, 2, 3, 4, 5, 6 };
  iv_test_dicom_add_us (dicom, 0x00280002, 1);
  iv_test_dicom_add_text (dicom, 0x00280008, "IS", "2");
  iv_test_dicom_add_us (dicom, 0x00280010, 2);
  iv_test_dicom_add_us (dicom, 0x00280011, 3);
  iv_test_dicom_add_us (dicom, 0x00280100, 8);
  iv_test_dicom_add (dicom, 0x7fe00010, "OB", pixels, sizeof pixels);
  g_autofree char *path = iv_test_dicom_save (dicom, folder, "frames.dcm");
  g_autoptr (IvRadiograph) radiograph = load (path);
  g_assert_cmpuint (iv_radiograph_get_info (radiograph)->frames, ==, 2);
  assert_pixels (radiograph, expected, 6);
}

static void
test_refusals (void)
{
  const guint16 pixels[6] = { 0 };
  static const struct {
    guint16 samples, bits;
    const char *photometric;
    IvStudyError code;
    const char *reason;
  } cases[] = {
    { 3, 8, "RGB", IV_STUDY_ERROR_UNSUPPORTED, "a colour image (RGB" },
    { 1, 8, "PALETTE COLOR", IV_STUDY_ERROR_UNSUPPORTED, "palette colour" },
    { 1, 32, "MONOCHROME2", IV_STUDY_ERROR_UNSUPPORTED, "32 bits" },
    { 1, 16, "FUZZ", IV_STUDY_ERROR_UNSUPPORTED, "FUZZ" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (IvTestDicom) dicom = iv_test_dicom_new (EXPLICIT);
    iv_test_dicom_add_us (dicom, 0x00280002, cases[i].samples);
    iv_test_dicom_add_text (dicom, 0x00280004, "CS", cases[i].photometric);
    iv_test_dicom_add_us (dicom, 0x00280010, 2);
    iv_test_dicom_add_us (dicom, 0x00280011, 3);
    iv_test_dicom_add_us (dicom, 0x00280100, cases[i].bits);
    iv_test_dicom_add (dicom, 0x7fe00010, "OW", pixels, sizeof pixels);
    g_autofree char *path = iv_test_dicom_save (dicom, folder, "refused.dcm");
    assert_refused (path, cases[i].code, cases[i].reason);
  }
  g_autoptr (IvTestDicom) report = iv_test_dicom_new (EXPLICIT);
  iv_test_dicom_add_text (report, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11");
  g_autofree char *path = iv_test_dicom_save (report, folder, "report.dcm");
  assert_refused (path, IV_STUDY_ERROR_NO_IMAGE, "a structured report");
  g_autoptr (IvTestDicom) video = iv_test_dicom_new ("1.2.840.10008.1.2.4.102");
  iv_test_dicom_add_format (video, &format_16);
  iv_test_dicom_add (video, 0x7fe00010, "OW", pixels, sizeof pixels);
  g_free (path);
  path = iv_test_dicom_save (video, folder, "video.dcm");
  assert_refused (path, IV_STUDY_ERROR_UNSUPPORTED, "1.2.840.10008.1.2.4.102");
}

/* Cut at every length, a film is either whole or an error; the reader goes on. */
static void
test_truncation (void)
{
  IvTestIdentity identity = { "A^B", "7", "20240102", "PA", NULL, NULL };
  g_autofree char *whole = iv_test_dicom_save_film (folder, "whole.dcm", &identity);
  g_autofree char *contents = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (whole, &contents, &size, NULL));
  for (gsize length = 0; length < size; length += length < 130 ? 43 : 17) {
    g_autoptr (GBytes) cut = g_bytes_new (contents, length);
    g_autofree char *path = iv_test_save (cut, folder, "cut.dcm");
    g_autoptr (GError) error = NULL;
    g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (path, NULL, &error);
    g_assert_null (radiograph);
    g_assert_true (error->domain == IV_STUDY_ERROR);
    g_assert_true (g_str_has_prefix (error->message, path));
  }
  g_autoptr (GBytes) almost = g_bytes_new (contents, size - 2);
  g_autofree char *path = iv_test_save (almost, folder, "almost.dcm");
  assert_refused (path, IV_STUDY_ERROR_DAMAGED, "cut short: 22 of 24 bytes");
}

static void
test_pictures (void)
{
  const guint8 wide[8] = { 0x01, 0x02, 0xff, 0xff, 0, 7, 0x80, 0 };
  const gint32 expected[4] = { 0x0102, 0xffff, 7, 0x8000 };
  g_autoptr (GBytes) png = iv_test_png (2, 2, 16, wide);
  g_autofree char *path = iv_test_save (png, folder, "film.png");
  g_autoptr (IvRadiograph) radiograph = load (path);
  g_assert_cmpuint (iv_radiograph_get_info (radiograph)->bits_stored, ==, 16);
  g_assert_cmpuint (iv_radiograph_get_info (radiograph)->spacing_source, ==, IV_SPACING_NONE);
  g_assert_null (iv_radiograph_get_info (radiograph)->transfer_syntax_uid);
  assert_pixels (radiograph, expected, 4);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (png, 0, g_bytes_get_size (png) - 30);
  g_autofree char *cut_path = iv_test_save (cut, folder, "cut.png");
  assert_refused (cut_path, IV_STUDY_ERROR_DAMAGED, "damaged PNG");
  g_autoptr (GBytes) text = g_bytes_new_static ("Dear colleague, thank you …", 27);
  g_autofree char *text_path = iv_test_save (text, folder, "letter.txt");
  assert_refused (text_path, IV_STUDY_ERROR_FORMAT, "not a DICOM");
  g_autofree char *missing = g_build_filename (folder, "missing.dcm", NULL);
  assert_refused (missing, IV_STUDY_ERROR_FAILED, "No such file");
  assert_refused (folder, IV_STUDY_ERROR_FORMAT, "not a file");
}

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* A small file that unpacks to more than the worker may use. */
static void
test_memory_limit (void)
{
#ifdef UNDER_ASAN
  g_test_skip ("AddressSanitizer needs its address space");
  return;
#endif
  IvDecodeLimits limits, tight;
  iv_decode_pool_get_limits (&limits);
  tight = limits;
  tight.memory_mib = 300;
  g_autoptr (GBytes) png = iv_test_png (12000, 12000, 8, NULL);
  g_autofree char *path = iv_test_save (png, folder, "bomb.png");
  iv_decode_pool_set_limits (&tight);
  assert_refused (path, IV_STUDY_ERROR_LIMIT, "memory");
  iv_decode_pool_set_limits (&limits);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;
  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Films, refusals and crashes leave no descriptor open. */
static void
test_descriptors (void)
{
  IvTestIdentity identity = { "A^B", "7", "20240102", "PA", NULL, NULL };
  g_autofree char *film = iv_test_dicom_save_film (folder, "film.dcm", &identity);
  g_autoptr (GBytes) broken = g_bytes_new_static ("\x08\x00\x05\x00\x43\x53\xff\xff....", 12);
  g_autofree char *path = iv_test_save (broken, folder, "broken.dcm");
  iv_decode_pool_shut_down ();
  guint before = count_descriptors ();
  for (guint i = 0; i < 20; i++) {
    g_autoptr (IvRadiograph) radiograph G_GNUC_UNUSED = load (film);
    g_autoptr (IvRadiograph) none = iv_radiograph_load (path, NULL, NULL);
    g_assert_null (none);
  }
  iv_decode_pool_shut_down ();
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load_finish (result, &error);
  guint *left = user_data;
  g_assert_no_error (error);
  g_assert_cmpuint (iv_radiograph_get_columns (radiograph), ==, 4);
  (*left)--;
}

static void
test_many_at_once (void)
{
  IvTestIdentity identity = { "A^B", "7", "20240102", "PA", NULL, NULL };
  g_autofree char *film = iv_test_dicom_save_film (folder, "film.dcm", &identity);
  guint left = 60;
  for (guint i = 0; i < 60; i++)
    iv_radiograph_load_async (film, NULL, on_loaded_cb, &left);
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = iv_test_folder ();
  g_test_add_func ("/decode/native-syntaxes", test_native_syntaxes);
  g_test_add_func ("/decode/bits", test_bits);
  g_test_add_func ("/decode/htj2k", test_htj2k);
  g_test_add_func ("/decode/transforms", test_transforms);
  g_test_add_func ("/decode/polarity", test_polarity);
  g_test_add_func ("/decode/broken-lut", test_broken_lut);
  g_test_add_func ("/decode/spacing", test_spacing);
  g_test_add_func ("/decode/korean-name", test_korean_name);
  g_test_add_func ("/decode/lenient-headers", test_lenient_headers);
  g_test_add_func ("/decode/first-frame", test_first_frame);
  g_test_add_func ("/decode/refusals", test_refusals);
  g_test_add_func ("/decode/truncation", test_truncation);
  g_test_add_func ("/decode/pictures", test_pictures);
  g_test_add_func ("/decode/memory-limit", test_memory_limit);
  g_test_add_func ("/decode/descriptors", test_descriptors);
  g_test_add_func ("/decode/many-at-once", test_many_at_once);
  int status = g_test_run ();
  iv_decode_pool_shut_down ();
  iv_test_remove (folder);
  g_free (folder);
  return status;
}
