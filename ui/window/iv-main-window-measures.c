/* The measures on screen: exchanged films and the trend in the background, lines on the films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-main-window-private.h"

static void
stop_swap_check (IvMainWindow *self)
{
  if (self->swap_cancellable != NULL)
    g_cancellable_cancel (self->swap_cancellable);
  g_clear_object (&self->swap_cancellable);
}

/* After the check, so that the marks of what is on screen come first. */
static void
follow_trend (IvMainWindow *self)
{
  IvRadiograph *current = iv_reading_get_current (self->reading);

  if (current != NULL && iv_reading_get_patient (self->reading) != NULL)
    iv_trend_follow (self->trend,
                     iv_reading_get_patient (self->reading),
                     iv_reading_get_current_image (self->reading),
                     current,
                     iv_reading_get_comparison (self->reading));
}

static void
on_swap_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (IvMainWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvSwapCheck) check = iv_swap_check_run_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->reading == NULL)
    return;
  g_clear_object (&self->swap_cancellable);
  /* Without it changes stay unmarked: nothing that was shown becomes wrong. */
  if (check == NULL)
    g_debug ("exchanged films: %s", error->message);
  else if (check->comparison == iv_reading_get_comparison (self->reading))
    iv_changes_page_take_swap_check (self->changes_page, g_steal_pointer (&check));
  follow_trend (self);
}

void
iv_main_window_follow_measures (IvMainWindow *self)
{
  IvComparison *comparison = iv_reading_get_comparison (self->reading);
  const IvPrior *prior = iv_reading_get_prior (self->reading);

  iv_changes_page_set_prior (self->changes_page, prior != NULL ? prior->image : NULL);
  if (comparison == NULL) {
    stop_swap_check (self);
    if (iv_trend_get_current (self->trend) != iv_reading_get_current_image (self->reading))
      iv_trend_clear (self->trend);
    return;
  }
  if (self->swap_cancellable != NULL)
    return;
  if (!iv_comparison_is_ok (comparison)) {
    follow_trend (self);
    return;
  }
  self->swap_cancellable = g_cancellable_new ();
  iv_swap_check_run_async (
      self->engine, comparison, self->swap_cancellable, on_swap_checked_cb, g_object_ref (self));
}

static void
on_lines_wanted_cb (IvMainWindow *self, gboolean wanted)
{
  IvComparison *comparison = iv_reading_get_comparison (self->reading);
  IvFilmView *current = iv_film_pair_get_current_view (self->pair);
  IvFilmView *prior = iv_film_pair_get_prior_view (self->pair);

  wanted = wanted && comparison != NULL;
  iv_film_view_set_measure (current,
                            wanted ? iv_comparison_get_current_measure (comparison) : NULL);
  iv_film_view_set_measure (prior, wanted ? iv_comparison_get_prior_measure (comparison) : NULL);
}

static void
on_image_activated_cb (IvMainWindow *self, IvImage *image)
{
  iv_reading_choose_prior (self->reading, image);
}

void
iv_main_window_init_measures (IvMainWindow *self, IvEngine *engine)
{
  g_set_object (&self->engine, engine);
  self->trend = iv_trend_new (engine, NULL);
  iv_changes_page_set_trend (self->changes_page, self->trend);
  g_signal_connect_object (
      self->changes_page, "lines-wanted", G_CALLBACK (on_lines_wanted_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->changes_page,
                           "image-activated",
                           G_CALLBACK (on_image_activated_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

void
iv_main_window_dispose_measures (IvMainWindow *self)
{
  stop_swap_check (self);
  if (self->trend != NULL)
    iv_trend_clear (self->trend);
  g_clear_object (&self->trend);
  g_clear_object (&self->engine);
}
