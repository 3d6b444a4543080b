/* Films as pictures for a model: tones, polarity, padding, colour.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-film-input.h"

#define N_VALUES 256

/* 16 × 16 with the stored values 0, step, 2 step, … */
static IvRadiograph *
new_film (IvRadiographInfo *info, guint step)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint16 *pixels = g_new (guint16, N_VALUES);
  info->rows = info->columns = 16;
  for (guint i = 0; i < N_VALUES; i++)
    pixels[i] = (guint16) (i * step);
  GBytes *bytes = g_bytes_new (pixels, N_VALUES * sizeof (guint16));
  IvRadiograph *film = iv_radiograph_new (info, bytes, &error);
  g_assert_no_error (error);
  return film;
}

static IvRadiographInfo *
new_info (guint bits, gboolean is_dicom)
{
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->bits_allocated = bits > 8 ? 16 : 8;
  info->bits_stored = bits;
  if (is_dicom)
    info->transfer_syntax_uid = g_strdup ("1.2.840.10008.1.2.1");
  return info;
}

static IvFilmInput *
make_input (IvRadiograph *film)
{
  g_autoptr (GError) error = NULL;
  IvFilmInput *input = iv_film_input_new (film, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (input->picture->channels, ==, 1);
  g_assert_cmpuint (input->picture->width, ==, 16);
  return input;
}

/* The values of an 8-bit picture are shown already: no window is made up for them. */
static void
test_stored (void)
{
  g_autoptr (IvRadiograph) film = new_film (new_info (8, FALSE), 1);
  g_autoptr (IvFilmInput) input = make_input (film);
  g_assert_cmpuint (input->tones, ==, IV_FILM_TONES_STORED);
  IvRadiographInfo *info = new_info (8, FALSE);
  info->is_inverted = TRUE;
  g_autoptr (IvRadiograph) negative = new_film (info, 1);
  g_autoptr (IvFilmInput) inverted = make_input (negative);
  for (guint i = 0; i < N_VALUES; i++) {
    g_assert_cmpuint (input->picture->pixels[i], ==, i);
    g_assert_cmpuint (inverted->picture->pixels[i], ==, 255 - i);
  }
}

/* A window over 4080 values of 16 each: one level a step; MONOCHROME1 turned round; padding black
 * in either. */
static void
test_window (void)
{
  for (guint inverted = 0; inverted < 2; inverted++) {
    IvRadiographInfo *info = new_info (12, TRUE);
    const IvWindow window = { .center = 2040.5, .width = 4081 };
    g_array_append_val (info->windows, window);
    info->is_inverted = inverted != 0;
    info->has_padding = TRUE;
    info->padding_low = info->padding_high = 32;
    g_autoptr (IvRadiograph) film = new_film (info, 16);
    g_autoptr (IvFilmInput) input = make_input (film);
    g_assert_cmpuint (input->tones, ==, IV_FILM_TONES_WINDOW);
    g_assert_cmpfloat (input->window_center, ==, 2040.5);
    g_assert_cmpfloat (input->window_width, ==, 4081);
    for (guint i = 0; i < N_VALUES; i++)
      g_assert_cmpuint (input->picture->pixels[i], ==, i == 2 ? 0 : inverted != 0 ? 255 - i : i);
  }
}

static void
test_lut (void)
{
  static const guint16 entries[] = { 0, 255, 128 };
  IvRadiographInfo *info = new_info (12, TRUE);
  IvLut *lut = g_new0 (IvLut, 1);
  *lut = (IvLut){ .first = 0, .n_entries = 3, .bits = 8 };
  lut->entries = g_memdup2 (entries, sizeof entries);
  g_ptr_array_add (info->voi_luts, lut);
  g_autoptr (IvRadiograph) film = new_film (info, 1);
  g_autoptr (IvFilmInput) input = make_input (film);
  g_assert_cmpuint (input->tones, ==, IV_FILM_TONES_LUT);
  g_assert_cmpuint (input->picture->pixels[0], ==, 0);
  g_assert_cmpuint (input->picture->pixels[1], ==, 255);
  g_assert_cmpuint (input->picture->pixels[200], ==, 128);
}

/* Without a window, the preset for such films: its ends are within the film's values. */
static void
test_auto (void)
{
  g_autoptr (IvRadiograph) film = new_film (new_info (12, TRUE), 16);
  g_autoptr (IvFilmInput) input = make_input (film);
  g_assert_cmpuint (input->tones, ==, IV_FILM_TONES_AUTO);
  g_assert_cmpuint (input->picture->pixels[0], ==, 0);
  g_assert_cmpuint (input->picture->pixels[255], ==, 255);
  g_assert_cmpfloat (input->window_width, >, 2000);
  g_assert_cmpfloat (input->window_width, <, 4096);
}

static void
test_colour (void)
{
  g_autofree char *file =
      g_test_build_filename (G_TEST_DIST, "data", "golden", "preprocess", "colour.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IvFilmInput) input = iv_film_input_load (file, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (input->picture->channels, ==, 3);
  g_assert_cmpuint (input->picture->width, ==, 143);
  g_assert_cmpuint (input->picture->height, ==, 61);
  g_assert_cmpstr (iv_film_tones_to_string (input->tones), ==, "stored");
  guint n_coloured = 0;
  for (guint i = 0; i < 143 * 61 * 3; i += 3)
    n_coloured += input->picture->pixels[i] != input->picture->pixels[i + 1];
  g_assert_cmpuint (n_coloured, >, 143 * 61 / 2);
  /* As a film it is refused. */
  g_autoptr (IvRadiograph) film = iv_radiograph_load (file, NULL, &error);
  g_assert_null (film);
  g_assert_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_UNSUPPORTED);
}

static void
test_file (void)
{
  g_autofree char *file =
      g_test_build_filename (G_TEST_DIST, "data", "dicom", "htj2k-lossless.dcm", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IvFilmInput) input = iv_film_input_load (file, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (IvRadiograph) film = iv_radiograph_load (file, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (IvFilmInput) same = iv_film_input_new (film, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (input->picture->pixels, 128 * 96, same->picture->pixels, 128 * 96);
  g_assert_null (iv_film_input_load ("/nonexistent.dcm", NULL, &error));
  g_assert_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_FAILED);
}

/* Tones 60 … 199 that change from pixel to pixel, as a film's do. */
static IvPicture *
new_picture (guint width, guint height)
{
  g_autoptr (GError) error = NULL;
  IvPicture *picture = iv_picture_new (width, height, 1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < width * height; i++)
    picture->pixels[i] = (guint8) (60 + (i % width * 5 + i / width * 3) % 140);
  return picture;
}

static IvFilmInput *
crop (IvPicture *picture)
{
  g_autoptr (GError) error = NULL;
  const IvFilmInput whole = {
    .picture = picture,
    .tones = IV_FILM_TONES_WINDOW,
    .area = { 0, 0, picture->width, picture->height },
  };
  IvFilmInput *cropped = iv_film_input_crop (&whole, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cropped->tones, ==, IV_FILM_TONES_WINDOW);
  g_assert_cmpuint (cropped->picture->width, ==, cropped->area.width);
  g_assert_cmpuint (cropped->picture->height, ==, cropped->area.height);
  return cropped;
}

/* 800 × 640 with the film at (100, 0), 650 × 600, and a marker on its border. A grid pixel is 5
 * pixels: nothing of the film is lost, and at most two grid pixels of border stay. */
static void
test_border (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPicture) film = new_picture (650, 600);
  const IvPicturePlace place = { { 800, 640 }, 100, 0, { 3 } };
  g_autoptr (IvPicture) picture = iv_picture_place (film, &place, &error);
  g_assert_no_error (error);
  for (guint y = 300; y < 320; y++)
    for (guint x = 20; x < 40; x++)
      picture->pixels[y * 800 + x] = 255;
  g_autoptr (IvFilmInput) cropped = crop (picture);
  const IvFilmArea *area = &cropped->area;
  g_assert_cmpuint (area->x, <=, 100);
  g_assert_cmpuint (area->x, >=, 90);
  g_assert_cmpuint (area->y, ==, 0);
  g_assert_cmpuint (area->x + area->width, >=, 750);
  g_assert_cmpuint (area->x + area->width, <=, 760);
  g_assert_cmpuint (area->height, >=, 600);
  g_assert_cmpuint (area->height, <=, 610);
  g_assert_cmpuint (
      cropped->picture->pixels[(100 - area->x) + 7 * area->width], ==, film->pixels[7 * 650]);
}

static void
test_no_border (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPicture) film = new_picture (800, 640);
  g_autoptr (IvFilmInput) whole = crop (film);
  g_assert_cmpuint (whole->area.width, ==, 800);
  g_assert_cmpuint (whole->area.height, ==, 640);
  /* A dark part inside, or at one edge but not along it, is lung or air. */
  for (guint y = 200; y < 500; y++)
    for (guint x = 0; x < 300; x++)
      film->pixels[y * 800 + x] = 0;
  g_autoptr (IvFilmInput) dark = crop (film);
  g_assert_cmpuint (dark->area.width, ==, 800);
  /* Little film on much black is no film with a border. */
  const IvPicturePlace place = { { 2000, 2000 }, 500, 500, { 0 } };
  g_autoptr (IvPicture) stamp = iv_picture_place (film, &place, &error);
  g_assert_no_error (error);
  g_autoptr (IvFilmInput) small = crop (stamp);
  g_assert_cmpuint (small->area.width, ==, 2000);
  const IvPicturePlace tiny = { { 60, 60 }, 20, 20, { 0 } };
  g_autoptr (IvPicture) thumbnail = iv_picture_place (film, &tiny, &error);
  g_autoptr (IvFilmInput) same = crop (thumbnail);
  g_assert_cmpmem (same->picture->pixels, 3600, thumbnail->pixels, 3600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/film-input/stored", test_stored);
  g_test_add_func ("/film-input/window", test_window);
  g_test_add_func ("/film-input/lut", test_lut);
  g_test_add_func ("/film-input/auto", test_auto);
  g_test_add_func ("/film-input/colour", test_colour);
  g_test_add_func ("/film-input/file", test_file);
  g_test_add_func ("/film-input/border", test_border);
  g_test_add_func ("/film-input/no-border", test_no_border);
  return g_test_run ();
}
