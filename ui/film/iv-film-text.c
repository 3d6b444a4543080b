/* What the window says about a film and about a change, in words.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-text.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

#include "ui/iv-words.h"

char *
iv_film_text_date (const IvRadiographInfo *info)
{
  const char *date = info->acquisition_date != NULL ? info->acquisition_date : info->study_date;
  int year, month, day;

  if (date != NULL && sscanf (date, "%4d%2d%2d", &year, &month, &day) == 3) {
    g_autoptr (GDateTime) time = g_date_time_new_local (year, month, day, 12, 0, 0);
    /* Translators: a date, g_date_time_format () */
    g_autofree char *text = time != NULL ? g_date_time_format (time, _ ("%-d %B %Y")) : NULL;
    if (text != NULL)
      return g_steal_pointer (&text);
  }
  return info->file != NULL ? g_filename_display_basename (info->file) : g_strdup ("");
}

char *
iv_film_text_view (const IvRadiographInfo *info)
{
  const char *view = iv_view_to_string (info->view);
  const char *modality = info->modality != NULL ? info->modality : "";

  if (view[0] != '\0' && modality[0] != '\0')
    return g_strdup_printf ("%s · %s", view, modality);
  return g_strdup (view[0] != '\0' ? view : modality);
}

char *
iv_film_text_spacing (const IvRadiographInfo *info)
{
  if (info->spacing_source == IV_SPACING_NONE || info->column_spacing <= 0)
    return g_strdup (_ ("No pixel spacing"));
  /* Translators: millimetres per pixel, and where that comes from */
  return g_strdup_printf (
      _ ("%.3f mm per pixel, %s"), info->column_spacing, iv_words_spacing (info->spacing_source));
}

char *
iv_film_text_change (const IvChange *change, IvSpacingSource source)
{
  g_autofree char *size = iv_words_size (change, source);

  /* Translators: direction and kind of a change, zone of the lung, size, score of 0 to 1 */
  return g_strdup_printf (_ ("%s, %s\n%s\n%s\nScore %.2f"),
                          iv_words_direction (change->direction),
                          iv_words_kind (change->kind),
                          iv_words_zone (change->zone),
                          size,
                          change->score);
}

/* The letter of an axis of PatientOrientation ("L\\F": rows run to the left, columns to the feet);
 * towards FALSE gives the opposite one. */
static const char *
orientation_letter (const char *orientation, guint axis, gboolean towards)
{
  static const char *const opposite[][2] = { { "R", "L" }, { "H", "F" }, { "A", "P" } };
  g_auto (GStrv) parts = g_strsplit (orientation, "\\", 0);

  if (g_strv_length (parts) != 2)
    return NULL;

  const char *value = g_strstrip (parts[axis]);
  for (guint i = 0; i < G_N_ELEMENTS (opposite); i++)
    for (guint k = 0; k < 2; k++)
      if (value[0] == opposite[i][k][0])
        return opposite[i][towards ? k : 1 - k];
  return NULL;
}

const char *
iv_film_text_side (const IvRadiographInfo *info, int dx, int dy, gboolean *is_assumed)
{
  const gboolean towards = dx > 0 || dy > 0;

  *is_assumed = FALSE;
  if (info->patient_orientation != NULL && info->patient_orientation[0] != '\0') {
    const char *letter = orientation_letter (info->patient_orientation, dx != 0 ? 0 : 1, towards);
    if (letter != NULL)
      return letter;
  }
  if (info->view == IV_VIEW_LATERAL)
    return NULL;
  *is_assumed = TRUE;
  if (dx != 0)
    return towards ? "L" : "R";
  return towards ? "F" : "H";
}
