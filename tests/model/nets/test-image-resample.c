/* Resizing: what holds for every picture, and equality with PIL in every bit.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"
#include "tests/model/nets/image-test.h"

static IvPicture *
resize (const IvPicture *picture, guint width, guint height, IvResample resample)
{
  g_autoptr (GError) error = NULL;
  IvPicture *resized =
      iv_picture_resize (picture, (IvImageSize){ width, height }, resample, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (resized->width, ==, width);
  g_assert_cmpuint (resized->height, ==, height);
  g_assert_cmpuint (resized->channels, ==, picture->channels);
  return resized;
}

static gsize
get_size (const IvPicture *picture)
{
  return (gsize) picture->width * picture->height * picture->channels;
}

static void
test_constant (void)
{
  for (guint resample = 0; resample <= IV_RESAMPLE_HAMMING; resample++)
    for (guint value = 0; value < 256; value += 51) {
      g_autoptr (IvPicture) picture = image_test_random (61, 47, 1);
      memset (picture->pixels, (int) value, get_size (picture));
      g_autoptr (IvPicture) small = resize (picture, 13, 17, resample);
      g_autoptr (IvPicture) large = resize (picture, 97, 130, resample);
      for (gsize i = 0; i < get_size (small); i++)
        g_assert_cmpuint (small->pixels[i], ==, value);
      for (gsize i = 0; i < get_size (large); i++)
        g_assert_cmpuint (large->pixels[i], ==, value);
    }
}

static double
get_mean (const IvPicture *picture)
{
  double sum = 0;
  for (gsize i = 0; i < get_size (picture); i++)
    sum += picture->pixels[i];
  return sum / (double) get_size (picture);
}

/* Whole ratios give each input pixel the same weight, but for the filters that reach over the edge.
 * Noise between 64 and 191 is never clipped; rounding twice is at most one level. */
static void
test_mean (void)
{
  for (guint resample = IV_RESAMPLE_LANCZOS; resample <= IV_RESAMPLE_HAMMING; resample++) {
    g_autoptr (IvPicture) picture = image_test_random (240, 180, 1);
    for (gsize i = 0; i < get_size (picture); i++)
      picture->pixels[i] = 64 + picture->pixels[i] / 2;
    g_autoptr (IvPicture) small = resize (picture, 60, 60, resample);
    g_assert_cmpfloat (fabs (get_mean (small) - get_mean (picture)), <, 1);
  }
}

static IvPicture *
transpose (const IvPicture *picture)
{
  g_autoptr (GError) error = NULL;
  IvPicture *other = iv_picture_new (picture->height, picture->width, picture->channels, &error);
  g_assert_no_error (error);
  for (gsize y = 0; y < picture->height; y++)
    for (gsize x = 0; x < picture->width; x++)
      memcpy (other->pixels + (x * picture->height + y) * picture->channels,
              picture->pixels + (y * picture->width + x) * picture->channels,
              picture->channels);
  return other;
}

/* One pass alone is the same along rows as along columns, to the bit. */
static void
test_transposed (void)
{
  for (guint resample = 0; resample <= IV_RESAMPLE_HAMMING; resample++)
    for (guint channels = 1; channels <= 3; channels += 2) {
      g_autoptr (IvPicture) picture = image_test_random (83, 39, channels);
      g_autoptr (IvPicture) turned = transpose (picture);
      g_autoptr (IvPicture) across = resize (picture, 31, 39, resample);
      g_autoptr (IvPicture) down = resize (turned, 39, 31, resample);
      g_autoptr (IvPicture) back = transpose (down);
      g_assert_cmpmem (across->pixels, get_size (across), back->pixels, get_size (back));
    }
}

static void
test_same_size (void)
{
  for (guint resample = 0; resample <= IV_RESAMPLE_HAMMING; resample++) {
    g_autoptr (IvPicture) picture = image_test_random (37, 23, 3);
    g_autoptr (IvPicture) same = resize (picture, 37, 23, resample);
    g_assert_cmpmem (picture->pixels, get_size (picture), same->pixels, get_size (same));
  }
}

static void
test_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPicture) picture = image_test_random (20, 10, 3);
  const IvPicturePlace pad = { { 26, 30 }, 3, 12, { 7, 8, 9 } };
  const IvPicturePlace crop = { { 20, 10 }, -3, -12, { 0 } };
  const IvPicturePlace far = { { 4, 4 }, 100, -100, { 1, 2, 3 } };
  g_autoptr (IvPicture) padded = iv_picture_place (picture, &pad, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (padded->pixels, 3, pad.fill, 3);
  g_autoptr (IvPicture) cropped = iv_picture_place (padded, &crop, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (picture->pixels, get_size (picture), cropped->pixels, get_size (cropped));
  g_autoptr (IvPicture) empty = iv_picture_place (picture, &far, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpmem (empty->pixels + i * 3, 3, far.fill, 3);
}

static void
test_too_large (void)
{
  static const IvImageSize sizes[] = { { 0, 5 }, { 5, 0 }, { 65536, 1 }, { 65535, 65535 } };
  g_autoptr (IvPicture) picture = image_test_random (5, 5, 1);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (iv_picture_resize (picture, sizes[i], IV_RESAMPLE_BICUBIC, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  }
}

/* PIL. */

typedef struct {
  IvPicture *picture;
  guint width, height;
  IvResample resample;
} Case;

static void
case_clear (gpointer data)
{
  iv_picture_free (((Case *) data)->picture);
}

static void
write_uint (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
add_case (GArray *cases, GByteArray *bytes, const Case *one)
{
  g_array_append_vals (cases, one, 1);
  write_uint (bytes, one->picture->width);
  write_uint (bytes, one->picture->height);
  write_uint (bytes, one->picture->channels);
  write_uint (bytes, one->width);
  write_uint (bytes, one->height);
  write_uint (bytes, one->resample);
  g_byte_array_append (bytes, one->picture->pixels, (guint) get_size (one->picture));
}

static guint
random_side (void)
{
  return (guint) g_test_rand_int_range (1, g_test_rand_bit () ? 24 : 200);
}

static void
make_cases (GArray *cases, GByteArray *bytes)
{
  for (guint resample = 0; resample <= IV_RESAMPLE_HAMMING; resample++)
    for (guint i = 0; i < 60; i++) {
      IvPicture *picture = image_test_random (random_side (), random_side (), i % 2 == 0 ? 1 : 3);
      add_case (cases, bytes, &(Case){ picture, random_side (), random_side (), resample });
    }
  /* Black and white pixels overshoot most. */
  for (guint i = 0; i < 20; i++) {
    IvPicture *picture = image_test_random (90, 70, 1);
    for (gsize j = 0; j < get_size (picture); j++)
      picture->pixels[j] = picture->pixels[j] < 128 ? 0 : 255;
    IvResample resample = i % 2 == 0 ? IV_RESAMPLE_LANCZOS : IV_RESAMPLE_BICUBIC;
    add_case (cases, bytes, &(Case){ picture, random_side (), random_side (), resample });
  }
}

/* FALSE when PIL is not there. */
static gboolean
run_pil (const char *folder, GByteArray *bytes, char **results, gsize *n_results)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *input = g_build_filename (folder, "cases", NULL);
  g_autofree char *output = g_build_filename (folder, "results", NULL);
  g_autofree char *script =
      g_test_build_filename (G_TEST_DIST, "model", "nets", "pil-resize.py", NULL);
  const char *const probe[] = { "/usr/bin/python3", "-c", "import PIL", NULL };
  const char *const argv[] = { "/usr/bin/python3", script, input, output, NULL };
  gint status = 1;
  if (!g_spawn_sync (NULL,
                     (char **) probe,
                     NULL,
                     G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL,
                     NULL,
                     NULL,
                     NULL,
                     &status,
                     NULL) ||
      status != 0)
    return FALSE;
  g_file_set_contents (input, (const char *) bytes->data, bytes->len, &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_file_get_contents (output, results, n_results, &error);
  g_assert_no_error (error);
  g_unlink (input);
  g_unlink (output);
  return TRUE;
}

static void
test_pil (void)
{
  g_autoptr (GArray) cases = g_array_new (FALSE, FALSE, sizeof (Case));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *folder = g_dir_make_tmp ("interval-resample-XXXXXX", NULL);
  g_autofree char *results = NULL;
  gsize n_results, used = 0;
  g_array_set_clear_func (cases, case_clear);
  make_cases (cases, bytes);
  gboolean has_pil = run_pil (folder, bytes, &results, &n_results);
  g_rmdir (folder);
  if (!has_pil) {
    g_test_skip ("left out: /usr/bin/python3 has no PIL");
    return;
  }
  for (guint i = 0; i < cases->len; i++) {
    const Case *one = &g_array_index (cases, Case, i);
    g_autoptr (IvPicture) resized = resize (one->picture, one->width, one->height, one->resample);
    g_assert_cmpuint (used + get_size (resized), <=, n_results);
    g_assert_cmpmem (resized->pixels, get_size (resized), results + used, get_size (resized));
    used += get_size (resized);
    if (one->picture->channels == 1)
      continue;
    g_autoptr (IvPicture) gray = iv_picture_to_gray (one->picture, NULL);
    g_assert_cmpuint (used + get_size (gray), <=, n_results);
    g_assert_cmpmem (gray->pixels, get_size (gray), results + used, get_size (gray));
    used += get_size (gray);
  }
  g_assert_cmpuint (used, ==, n_results);
  g_test_message ("%u pictures are equal", cases->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-resample/constant", test_constant);
  g_test_add_func ("/image-resample/mean", test_mean);
  g_test_add_func ("/image-resample/transposed", test_transposed);
  g_test_add_func ("/image-resample/same-size", test_same_size);
  g_test_add_func ("/image-resample/place", test_place);
  g_test_add_func ("/image-resample/too-large", test_too_large);
  g_test_add_func ("/image-resample/pil", test_pil);
  return g_test_run ();
}
