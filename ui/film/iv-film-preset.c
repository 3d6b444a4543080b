/* Gray-scale presets by name: the file's own windows, then those for chest films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "ui/film/iv-film-view-private.h"

static const struct {
  const char *name, *label;
  IvPreset preset;
} presets[] = {
  { "file", N_ ("As stored"), IV_PRESET_FILE },
  { "auto", N_ ("Automatic"), IV_PRESET_AUTO },
  { "lung", N_ ("Lung"), IV_PRESET_LUNG },
  { "soft-tissue", N_ ("Soft tissue"), IV_PRESET_SOFT_TISSUE },
  { "bone", N_ ("Bone"), IV_PRESET_BONE },
  { "full", N_ ("Full range"), IV_PRESET_FULL },
};

/* "window-3" is the third of the file's VOI tables and windows, tables first. */
static gboolean
parse_file_window (const char *name, guint *index)
{
  guint64 number;

  if (!g_str_has_prefix (name, "window-") ||
      !g_ascii_string_to_unsigned (name + strlen ("window-"), 10, 1, 1000, &number, NULL))
    return FALSE;
  *index = (guint) number - 1;
  return TRUE;
}

guint
iv_film_view_count_file_windows (IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);

  return (info->voi_luts != NULL ? info->voi_luts->len : 0) +
         (info->windows != NULL ? info->windows->len : 0);
}

static gboolean
init_file_window (IvGrayscale *grayscale, IvRadiograph *radiograph, guint index)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const guint n_luts = info->voi_luts != NULL ? info->voi_luts->len : 0;
  const guint n_windows = info->windows != NULL ? info->windows->len : 0;

  if (index < n_luts) {
    iv_grayscale_init_preset (grayscale, radiograph, IV_PRESET_AUTO);
    grayscale->voi_lut = g_ptr_array_index (info->voi_luts, index);
    return TRUE;
  }
  if (index - n_luts >= n_windows)
    return FALSE;
  *grayscale = (IvGrayscale){ .window = g_array_index (info->windows, IvWindow, index - n_luts) };
  return TRUE;
}

void
iv_film_view_set_preset (IvFilmView *self, IvPreset preset)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].preset == preset)
      iv_film_view_set_preset_by_name (self, presets[i].name);
}

void
iv_film_view_set_file_window (IvFilmView *self, guint index)
{
  g_autofree char *name = g_strdup_printf ("window-%u", index + 1);

  iv_film_view_set_preset_by_name (self, name);
}

gboolean
iv_film_view_set_preset_by_name (IvFilmView *self, const char *name)
{
  const gboolean invert = self->grayscale.invert;
  IvGrayscale grayscale = { 0 };
  gboolean is_known = FALSE;
  guint index;

  if (self->radiograph == NULL)
    return FALSE;
  if (parse_file_window (name, &index))
    is_known = init_file_window (&grayscale, self->radiograph, index);
  for (guint i = 0; i < G_N_ELEMENTS (presets) && !is_known; i++)
    if (g_str_equal (presets[i].name, name)) {
      iv_grayscale_init_preset (&grayscale, self->radiograph, presets[i].preset);
      is_known = TRUE;
    }
  if (!is_known)
    return FALSE;

  self->grayscale = grayscale;
  self->grayscale.invert = invert;
  iv_film_view_grayscale_changed (self, name);
  return TRUE;
}

static char *
file_window_label (IvRadiograph *radiograph, guint index)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const guint n_luts = info->voi_luts != NULL ? info->voi_luts->len : 0;
  const char *explanation = NULL;

  if (index < n_luts)
    explanation = ((const IvLut *) g_ptr_array_index (info->voi_luts, index))->explanation;
  else if (info->windows != NULL && index - n_luts < info->windows->len)
    explanation = g_array_index (info->windows, IvWindow, index - n_luts).explanation;
  if (explanation != NULL && explanation[0] != '\0')
    return g_strdup (explanation);
  /* Translators: number of a gray-scale window that the file brings */
  return g_strdup_printf (_ ("Stored window %u"), index + 1);
}

char *
iv_film_view_dup_preset_label (IvRadiograph *radiograph, const char *name)
{
  guint index;

  if (parse_file_window (name, &index) && radiograph != NULL)
    return file_window_label (radiograph, index);
  /* A file without a window of its own gets the automatic one. */
  if (g_str_equal (name, "file") && radiograph != NULL &&
      iv_film_view_count_file_windows (radiograph) == 0)
    name = "auto";
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (g_str_equal (presets[i].name, name))
      return g_strdup (_ (presets[i].label));
  return NULL;
}
