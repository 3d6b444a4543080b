/* A film as the 8-bit picture that a vision-language model is shown.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-film-input.h"

#include <string.h>

#include "app/study/iv-decode-pool.h"
#include "app/study/iv-grayscale.h"

void
iv_film_input_free (IvFilmInput *input)
{
  if (input == NULL)
    return;
  iv_picture_free (input->picture);
  g_free (input);
}

const char *
iv_film_tones_to_string (IvFilmTones tones)
{
  static const char *const names[] = {
    [IV_FILM_TONES_STORED] = "stored",
    [IV_FILM_TONES_LUT] = "voi-lut",
    [IV_FILM_TONES_WINDOW] = "window",
    [IV_FILM_TONES_AUTO] = "auto",
  };
  return names[tones];
}

/* The values of an 8-bit picture file are what it shows. */
static gboolean
is_ready (const IvRadiographInfo *info)
{
  return info->transfer_syntax_uid == NULL && info->bits_stored <= 8 && !info->is_signed;
}

static void
build_table (IvFilmInput *input, IvRadiograph *radiograph, guint8 *table)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  IvGrayscale grayscale;
  if (is_ready (info)) {
    for (guint value = 0; value < 256; value++)
      table[value] = (guint8) (info->is_inverted ? 255 - value : value);
    return;
  }
  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FILE);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  input->tones = info->voi_luts->len > 0  ? IV_FILM_TONES_LUT
                 : info->windows->len > 0 ? IV_FILM_TONES_WINDOW
                                          : IV_FILM_TONES_AUTO;
  input->window_center = grayscale.window.center;
  input->window_width = grayscale.window.width;
}

IvFilmInput *
iv_film_input_new (IvRadiograph *radiograph, GError **error)
{
  g_autoptr (IvFilmInput) input = g_new0 (IvFilmInput, 1);
  g_autofree guint8 *table = g_malloc0 (65536);
  const guint16 *pixels = iv_radiograph_get_pixels (radiograph);
  guint columns = iv_radiograph_get_columns (radiograph);
  guint rows = iv_radiograph_get_rows (radiograph);
  input->picture = iv_picture_new (columns, rows, 1, error);
  if (input->picture == NULL)
    return NULL;
  input->area = (IvFilmArea){ 0, 0, columns, rows };
  build_table (input, radiograph, table);
  for (gsize i = 0; i < (gsize) columns * rows; i++)
    input->picture->pixels[i] = table[pixels[i]];
  return g_steal_pointer (&input);
}

static IvFilmInput *
new_in_colour (const IvDecodeResult *result, GError **error)
{
  g_autoptr (IvFilmInput) input = g_new0 (IvFilmInput, 1);
  gsize size;
  gconstpointer pixels = g_bytes_get_data (result->pixels, &size);
  input->picture = iv_picture_new (result->info->columns, result->info->rows, 3, error);
  if (input->picture == NULL)
    return NULL;
  memcpy (input->picture->pixels, pixels, size);
  input->area = (IvFilmArea){ 0, 0, input->picture->width, input->picture->height };
  return g_steal_pointer (&input);
}

IvFilmInput *
iv_film_input_load (const char *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (IvDecodeResult) result =
      iv_decode_pool_run (file, IV_DECODE_PICTURE, cancellable, error);
  if (result == NULL)
    return NULL;
  if (result->pixels == NULL) {
    g_set_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_NO_IMAGE, "%s: is a DICOMDIR", file);
    return NULL;
  }
  IvFilmInput *input = NULL;
  if (result->in_colour) {
    input = new_in_colour (result, error);
  } else {
    g_autoptr (IvRadiograph) radiograph = iv_radiograph_new (
        g_steal_pointer (&result->info), g_steal_pointer (&result->pixels), error);
    if (radiograph == NULL)
      return NULL;
    input = iv_film_input_new (radiograph, error);
  }
  if (input == NULL)
    g_prefix_error (error, "%s: ", file);
  return input;
}

IvFilmInput *
iv_film_input_crop (const IvFilmInput *whole, GError **error)
{
  IvFilmArea area = { 0, 0, whole->picture->width, whole->picture->height };
  if (whole->picture->channels == 1)
    iv_film_border_find (whole->picture, &area);
  const IvPicturePlace place = {
    .size = { area.width, area.height },
    .x = -(gint) area.x,
    .y = -(gint) area.y,
  };
  g_autoptr (IvFilmInput) input = g_memdup2 (whole, sizeof *whole);
  input->picture = iv_picture_place (whole->picture, &place, error);
  input->area =
      (IvFilmArea){ whole->area.x + area.x, whole->area.y + area.y, area.width, area.height };
  return input->picture != NULL ? g_steal_pointer (&input) : NULL;
}
