/* Every element type against golden blocks; quantisation against its own error bound.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "model/files/iv-data-type.h"
#include "tests/model/files/iv-golden.h"

/* "exact" for the types whose value is one product or none; the others round once or twice. */
static float
allowed_relative_error (IvDataType type)
{
  switch (type) {
  case IV_TYPE_F32:
  case IV_TYPE_F16:
  case IV_TYPE_BF16:
  case IV_TYPE_Q8_0:
  case IV_TYPE_Q4_0:
  case IV_TYPE_Q5_0:
    return 0;
  default:
    return 2e-7f;
  }
}

static void
check_blocks (const char *folder, JsonObject *test)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *raw =
      g_build_filename (folder, json_object_get_string_member (test, "raw"), NULL);
  g_autofree char *values =
      g_build_filename (folder, json_object_get_string_member (test, "expected"), NULL);
  g_autofree char *data = NULL;
  gsize size, n;
  IvDataType type;
  const char *name = json_object_get_string_member (test, "type");
  g_assert_true (iv_data_type_from_string (name, &type));
  g_assert_cmpint (type, ==, json_object_get_int_member (test, "ggml_type"));
  g_assert_cmpstr (iv_data_type_to_string (type), ==, name);
  g_assert_cmpuint (iv_data_type_get_block_elements (type),
                    ==,
                    json_object_get_int_member (test, "block_elements"));
  g_assert_cmpuint (
      iv_data_type_get_block_bytes (type), ==, json_object_get_int_member (test, "block_bytes"));
  g_file_get_contents (raw, &data, &size, &error);
  g_assert_no_error (error);
  g_autofree float *expected = iv_golden_load_f32 (values, &n);
  g_assert_cmpuint (iv_data_type_get_size (type, (gint64) n), ==, size);
  /* Off by one byte: files do not align their tensors for anyone. */
  g_autofree guint8 *shifted = g_malloc (size + 1);
  memcpy (shifted + 1, data, size);
  g_autofree float *computed = g_new (float, n);
  iv_data_type_to_f32 (type, shifted + 1, computed, n);
  float allowed = allowed_relative_error (type);
  for (gsize i = 0; i < n; i++)
    if (!(fabsf (computed[i] - expected[i]) <= allowed * fabsf (expected[i])))
      g_error ("%s value %" G_GSIZE_FORMAT ": %.9g, not %.9g", name, i, computed[i], expected[i]);
}

static void
test_blocks (void)
{
  g_autofree char *folder = iv_golden_find ("quant/blocks");
  g_assert_nonnull (folder);
  g_autofree char *file = g_build_filename (folder, "case.json", NULL);
  g_autoptr (JsonNode) root = iv_golden_load_json (file);
  JsonArray *tests = json_object_get_array_member (json_node_get_object (root), "tests");
  g_assert_cmpuint (json_array_get_length (tests), >=, 14);
  for (guint i = 0; i < json_array_get_length (tests); i++)
    check_blocks (folder, json_array_get_object_element (tests, i));
}

static void
fill_values (float *values, gsize n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -3, 3);
}

static void
test_quantise (void)
{
  /* Bound of one value's error as a part of its block's largest magnitude: half a step, and for
   * Q4_0 a whole one at the end of the range that has no level. The scale's own rounding to half
   * precision adds 2^-11 of a value. */
  static const struct {
    IvDataType type;
    float bound;
  } rows[] = {
    { IV_TYPE_F32, 0 },
    { IV_TYPE_F16, 0x1p-11f },
    { IV_TYPE_BF16, 0x1p-8f },
    { IV_TYPE_Q8_0, 0.5f / 127 + 0x1p-11f },
    { IV_TYPE_Q4_0, 1.0f / 8 + 0x1p-11f },
    /* Fitted scales may cut what stands alone: a step more than rounding alone would err. */
    { IV_TYPE_Q5_0, 1.5f / 16 },
    { IV_TYPE_Q4_K, 1.5f * 2 / 15 },
    { IV_TYPE_Q5_K, 1.5f * 2 / 31 },
    { IV_TYPE_Q6_K, 1.5f / 32 },
  };
  enum { N = 32 * 64 };
  float values[N], back[N];
  guint8 data[N * 4];
  fill_values (values, N);
  for (guint row = 0; row < G_N_ELEMENTS (rows); row++) {
    iv_data_type_from_f32 (rows[row].type, values, data, N);
    iv_data_type_to_f32 (rows[row].type, data, back, N);
    for (guint block = 0; block < N; block += 32) {
      float most = 0;
      for (guint i = block; i < block + 32; i++)
        most = MAX (most, fabsf (values[i]));
      for (guint i = block; i < block + 32; i++)
        g_assert_cmpfloat (fabsf (values[i] - back[i]), <=, rows[row].bound * most);
    }
  }
}

static void
test_quantise_extremes (void)
{
  float values[32] = { 0 }, back[32];
  guint8 data[34];
  for (IvDataType type = IV_TYPE_Q4_0; type <= IV_TYPE_Q8_0; type += IV_TYPE_Q8_0 - IV_TYPE_Q4_0) {
    memset (values, 0, sizeof values);
    iv_data_type_from_f32 (type, values, data, 32);
    iv_data_type_to_f32 (type, data, back, 32);
    for (guint i = 0; i < 32; i++)
      g_assert_cmpfloat (back[i], ==, 0);
    values[0] = NAN;
    values[1] = INFINITY;
    values[2] = 3e38f;
    values[3] = 1e-40f;
    iv_data_type_from_f32 (type, values, data, 32);
    iv_data_type_to_f32 (type, data, back, 32);
    for (guint i = 0; i < 32; i++)
      g_assert_true (isfinite (back[i]));
    g_assert_cmpfloat (back[0], ==, 0);
    g_assert_cmpfloat (back[2], >, 1e5f); /* the largest scale, not an infinite one */
  }
}

/* Normal values, and the same with one in 64 eight times as large. */
static void
fill_normal (float *values, gsize n, gboolean has_outliers)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  for (gsize i = 0; i < n; i++) {
    double u = 1 - g_rand_double (random), v = g_rand_double (random);
    double normal = 0.02 * sqrt (-2 * log (u)) * cos (2 * G_PI * v);
    gboolean is_outlier = has_outliers && g_rand_int_range (random, 0, 64) == 0;
    values[i] = (float) (is_outlier ? 8 * normal : normal);
  }
}

static double
measure_error (IvDataType type, const float *values, gsize n)
{
  g_autofree guint8 *data = g_malloc (iv_data_type_get_size (type, (gint64) n));
  g_autofree float *back = g_new (float, n);
  iv_data_type_from_f32 (type, values, data, n);
  iv_data_type_to_f32 (type, data, back, n);
  double nmse = iv_golden_nmse (back, values, n);
  g_test_message ("%s: NMSE %.4g", iv_data_type_to_string (type), nmse);
  return nmse;
}

/* Fitted scales are worth their bits. Bounds are 5 % above what is measured, so that a worse fit
 * is noticed; a bit more quarters the error of evenly spaced levels. */
static void
test_fitted (void)
{
  static const struct {
    IvDataType type;
    double normal, outliers;
  } rows[] = {
    { IV_TYPE_Q4_K, 5.2e-3, 9.0e-3 },
    { IV_TYPE_Q5_0, 1.71e-3, 5.4e-3 },
    { IV_TYPE_Q5_K, 1.27e-3, 2.2e-3 },
    { IV_TYPE_Q6_K, 3.15e-4, 7.5e-4 },
  };
  enum { N = 256 * 256 };
  g_autofree float *values = g_new (float, N);
  for (guint has_outliers = 0; has_outliers < 2; has_outliers++) {
    fill_normal (values, N, has_outliers != 0);
    double last = measure_error (IV_TYPE_Q4_0, values, N);
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
      double nmse = measure_error (rows[i].type, values, N);
      g_assert_cmpfloat (nmse, <=, has_outliers != 0 ? rows[i].outliers : rows[i].normal);
      g_assert_cmpfloat (nmse, <, last);
      last = nmse;
    }
  }
}

/* Values that a type holds exactly come back as they were. */
static void
test_fitted_exact (void)
{
  float values[256], back[256];
  guint8 data[256];
  for (guint i = 0; i < 256; i++)
    values[i] = 0.25f * (float) (i * 7 % 16) - 1;
  iv_data_type_from_f32 (IV_TYPE_Q4_K, values, data, 256);
  iv_data_type_to_f32 (IV_TYPE_Q4_K, data, back, 256);
  for (guint i = 0; i < 256; i++) /* d and dmin are halves: 2^-11 of the largest product */
    g_assert_cmpfloat (fabsf (back[i] - values[i]), <=, 4 * 0x1p-11f);
  for (guint i = 0; i < 256; i++) /* each part of 16 has the extreme, which fixes its scale */
    values[i] = 0.5f * (float) (i % 16 == 3 ? -32 : (gint) (i * 11 % 64) - 32);
  iv_data_type_from_f32 (IV_TYPE_Q6_K, values, data, 256);
  iv_data_type_to_f32 (IV_TYPE_Q6_K, data, back, 256);
  for (guint i = 0; i < 256; i++)
    g_assert_cmpfloat (fabsf (back[i] - values[i]), <=, 16 * 0x1p-11f);
}

/* Nothing finite comes of what is not, and nothing overflows. */
static void
test_fitted_extremes (void)
{
  static const IvDataType fitted[] = { IV_TYPE_Q5_0, IV_TYPE_Q4_K, IV_TYPE_Q5_K, IV_TYPE_Q6_K };
  float values[256] = { 0 }, back[256];
  guint8 data[256];
  for (guint k = 0; k < G_N_ELEMENTS (fitted); k++) {
    memset (values, 0, sizeof values);
    iv_data_type_from_f32 (fitted[k], values, data, 256);
    iv_data_type_to_f32 (fitted[k], data, back, 256);
    for (guint i = 0; i < 256; i++)
      g_assert_cmpfloat (back[i], ==, 0);
    values[0] = NAN;
    values[1] = -INFINITY;
    values[2] = 3e38f;
    values[3] = -1e-40f;
    values[100] = -3e38f;
    values[200] = 1e-30f;
    iv_data_type_from_f32 (fitted[k], values, data, 256);
    iv_data_type_to_f32 (fitted[k], data, back, 256);
    for (guint i = 0; i < 256; i++)
      g_assert_true (isfinite (back[i]));
    g_assert_cmpfloat (back[2], >, 1e5f);
    for (guint i = 0; i < 256; i++)
      values[i] = 1e-9f * (float) i;
    iv_data_type_from_f32 (fitted[k], values, data, 256);
    iv_data_type_to_f32 (fitted[k], data, back, 256);
    for (guint i = 0; i < 256; i++) /* below the least half nothing is left, but nothing is worse */
      g_assert_cmpfloat (fabsf (back[i] - values[i]), <=, 3e-7f);
  }
}

static void
test_half_rounding (void)
{
  static const struct {
    float value;
    guint16 half;
  } rows[] = {
    { 1, 0x3c00 },
    { -2, 0xc000 },
    { 65504, 0x7bff },
    { 65519.996f, 0x7bff },       /* rounds down to the largest */
    { 65520, 0x7c00 },            /* rounds up to infinity */
    { 0x1p-24f, 0x0001 },         /* least subnormal */
    { 0x1p-25f, 0x0000 },         /* tie to even */
    { 0x1.8p-24f, 0x0002 },       /* tie to even, upwards */
    { 0x1.ff8p-15f, 0x03ff },     /* largest subnormal */
    { 0x1.ffcp-15f, 0x0400 },     /* rounds up to the least normal */
    { 1 + 0x1p-11f, 0x3c00 },     /* tie to even */
    { 1 + 3 * 0x1p-11f, 0x3c02 }, /* tie to even, upwards */
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint8 data[2];
    iv_data_type_from_f32 (IV_TYPE_F16, &rows[i].value, data, 1);
    g_assert_cmphex (data[0] | data[1] << 8, ==, rows[i].half);
  }
  /* Every half survives the way there and back. */
  for (guint half = 0; half < 0x7c00; half++) {
    guint8 data[2] = { (guint8) half, (guint8) (half >> 8) }, back[2];
    float value;
    iv_data_type_to_f32 (IV_TYPE_F16, data, &value, 1);
    iv_data_type_from_f32 (IV_TYPE_F16, &value, back, 1);
    g_assert_cmphex (back[0] | back[1] << 8, ==, half);
  }
}

static void
test_sizes (void)
{
  g_assert_cmpuint (iv_data_type_get_size (IV_TYPE_Q8_0, 64), ==, 68);
  g_assert_cmpuint (iv_data_type_get_size (IV_TYPE_Q8_0, 65), ==, 0);
  g_assert_cmpuint (iv_data_type_get_size (IV_TYPE_F32, -4), ==, 0);
  g_assert_cmpuint (iv_data_type_get_size (IV_TYPE_F32, G_MAXINT64), ==, 0);
  g_assert_false (iv_data_type_is_known (4));
  g_assert_false (iv_data_type_is_known (250));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/data-type/blocks", test_blocks);
  g_test_add_func ("/files/data-type/quantise", test_quantise);
  g_test_add_func ("/files/data-type/quantise-extremes", test_quantise_extremes);
  g_test_add_func ("/files/data-type/fitted", test_fitted);
  g_test_add_func ("/files/data-type/fitted-exact", test_fitted_exact);
  g_test_add_func ("/files/data-type/fitted-extremes", test_fitted_extremes);
  g_test_add_func ("/files/data-type/half-rounding", test_half_rounding);
  g_test_add_func ("/files/data-type/sizes", test_sizes);
  return g_test_run ();
}
