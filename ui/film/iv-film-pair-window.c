/* Windows of two films that go together although their gray values do not.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-pair-private.h"

/* Two films of different machines share no gray values. A window is therefore carried over in units
 * of each film's own automatic window, and a preset by its name. */
static void
carry_window (const IvFilmView *from, IvFilmView *to)
{
  IvGrayscale grayscale = from->grayscale, from_auto, to_auto;
  const gboolean is_opposite = iv_radiograph_get_info (from->radiograph)->is_inverted !=
                               iv_radiograph_get_info (to->radiograph)->is_inverted;

  /* A drag by nothing turns a table into the window nearest to it. */
  iv_grayscale_drag (&grayscale, from->radiograph, 0, 0);
  iv_grayscale_init_preset (&from_auto, from->radiograph, IV_PRESET_AUTO);
  iv_grayscale_init_preset (&to_auto, to->radiograph, IV_PRESET_AUTO);

  const double unit = to_auto.window.width / MAX (from_auto.window.width, 1e-6);
  const double offset = (grayscale.window.center - from_auto.window.center) * unit;
  grayscale.voi_lut = NULL;
  grayscale.window.explanation = NULL;
  grayscale.window.width *= unit;
  grayscale.window.center = to_auto.window.center + (is_opposite ? -offset : offset);
  iv_film_view_take_grayscale (to, &grayscale, "custom");
}

void
iv_film_pair_follow_grayscale (IvFilmPair *self, IvFilmView *view)
{
  IvFilmView *other = view == self->current_view ? self->prior_view : self->current_view;
  /* One picture made of both films cannot have two windows. */
  const gboolean is_one_picture = self->mode == IV_PAIR_BLINK || self->mode == IV_PAIR_SWIPE;

  if (self->is_following || !iv_film_pair_has_both (self) ||
      !(self->is_window_linked || is_one_picture))
    return;

  self->is_following = TRUE;
  /* A window that only this file brings means its own first one to the other film. */
  if (g_str_equal (view->preset, "custom"))
    carry_window (view, other);
  else if (!iv_film_view_set_preset_by_name (other, view->preset))
    iv_film_view_set_preset_by_name (other, "file");
  iv_film_view_set_inverted (other, view->grayscale.invert);
  self->is_following = FALSE;
}
