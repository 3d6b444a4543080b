/* The ways to compare two films: side by side, blinking, behind a curtain, subtracted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "ui/film/iv-film-pair-private.h"

/* Slow enough to see each film, fast enough to see what moves between them. */
#define BLINK_MS 700

typedef struct {
  IvFilmLink *link;      /* (owned) */
  IvFilmPyramid *source; /* (owned) */
} WarpJob;

static void
warp_job_free (gpointer data)
{
  WarpJob *job = data;

  iv_film_link_unref (job->link);
  iv_film_pyramid_unref (job->source);
  g_free (job);
}

static IvPoint
warp_map (gpointer user_data, IvPoint point)
{
  return iv_film_link_to_prior (user_data, point);
}

static void
run_warp (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  const WarpJob *job = data;
  const IvFilmLinkParams *params = iv_film_link_get_params (job->link);
  IvFilmPyramid *warped =
      iv_film_pyramid_new_warped (&(IvFilmWarpParams){ .source = job->source,
                                                       .columns = params->current_columns,
                                                       .rows = params->current_rows,
                                                       .map = warp_map,
                                                       .user_data = job->link },
                                  cancellable);

  if (warped == NULL)
    g_task_return_error_if_cancelled (task);
  else
    g_task_return_pointer (task, warped, (GDestroyNotify) iv_film_pyramid_unref);
}

static void
show_warped (IvFilmPair *self)
{
  IvFilmView *view = self->current_view;

  iv_film_view_set_notice (view, NULL);
  iv_film_view_set_alternate (
      view, self->warped, self->prior_view->radiograph, &self->prior_view->grayscale);
  if (self->mode == IV_PAIR_SWIPE)
    iv_film_view_set_curtain (view, self->curtain);
  else
    iv_film_view_set_curtain (view, self->blink_shows_prior ? 1 : 0);
}

static void
on_warped_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  IvFilmPyramid *warped = g_task_propagate_pointer (G_TASK (result), &error);

  /* Cancelled is the only way to fail; the pair may be gone or at other films then. */
  if (warped == NULL)
    return;

  IvFilmPair *self = IV_FILM_PAIR (object);
  if (g_task_get_cancellable (G_TASK (result)) != self->warp_cancellable) {
    iv_film_pyramid_unref (warped);
    return;
  }
  g_clear_object (&self->warp_cancellable);
  g_clear_pointer (&self->warped, iv_film_pyramid_unref);
  self->warped = warped;
  if (self->mode == IV_PAIR_BLINK || self->mode == IV_PAIR_SWIPE)
    show_warped (self);
}

static void
start_warp (IvFilmPair *self)
{
  WarpJob *job;
  g_autoptr (GTask) task = NULL;

  if (self->warp_cancellable != NULL)
    return;
  job = g_new (WarpJob, 1);
  job->link = iv_film_link_ref (self->link);
  job->source = iv_film_pyramid_ref (self->prior_view->pyramid);
  self->warp_cancellable = g_cancellable_new ();
  task = g_task_new (self, self->warp_cancellable, on_warped_cb, NULL);
  g_task_set_source_tag (task, start_warp);
  g_task_set_task_data (task, job, warp_job_free);
  g_task_run_in_thread (task, run_warp);
}

void
iv_film_pair_drop_warped (IvFilmPair *self)
{
  g_cancellable_cancel (self->warp_cancellable);
  g_clear_object (&self->warp_cancellable);
  g_clear_pointer (&self->warped, iv_film_pyramid_unref);
}

void
iv_film_pair_update_alternate_grayscale (IvFilmPair *self)
{
  IvFilmView *view = self->current_view;

  if (view->alternate == NULL)
    return;
  view->alternate_grayscale = self->prior_view->grayscale;
  view->is_table_stale = TRUE;
  iv_film_view_queue_picture (view);
}

static gboolean
on_blink_cb (gpointer user_data)
{
  iv_film_pair_blink_once (user_data);
  return G_SOURCE_CONTINUE;
}

void
iv_film_pair_blink_once (IvFilmPair *self)
{
  self->blink_shows_prior = !self->blink_shows_prior;
  if (self->warped != NULL && self->mode == IV_PAIR_BLINK)
    iv_film_view_set_curtain (self->current_view, self->blink_shows_prior ? 1 : 0);
}

static void
enter_warped_mode (IvFilmPair *self)
{
  self->blink_shows_prior = FALSE;
  iv_film_pair_follow_grayscale (self, self->current_view);
  if (self->warped != NULL) {
    show_warped (self);
  } else {
    iv_film_view_set_notice (self->current_view, _ ("Bringing the prior onto this film…"));
    start_warp (self);
  }
  if (self->mode == IV_PAIR_BLINK && self->blink_id == 0)
    self->blink_id = g_timeout_add (BLINK_MS, on_blink_cb, self);
}

static void
enter_subtraction (IvFilmPair *self)
{
  const IvFilmLinkParams *params = iv_film_link_get_params (self->link);
  g_autoptr (IvFilmPyramid) tint = iv_film_pyramid_new_for_field (params->subtraction,
                                                                  params->subtraction_width,
                                                                  params->subtraction_height,
                                                                  (const float[]){ -1, 1 });

  iv_film_view_set_tint (self->current_view, tint);
}

/* Without films, registration or subtraction there is nothing to show; says which. */
static const char *
find_obstacle (IvFilmPair *self, IvPairMode mode)
{
  if (mode == IV_PAIR_SIDE_BY_SIDE || mode == IV_PAIR_CURRENT)
    return NULL;
  if (!iv_film_pair_has_both (self))
    return _ ("There is no prior film to compare with.");

  const IvFilmLinkParams *params = iv_film_link_get_params (self->link);
  if (!params->is_registered)
    return params->reason != NULL ? params->reason : _ ("The films are not registered yet.");
  if (mode == IV_PAIR_SUBTRACTION && params->subtraction == NULL)
    return _ ("There is no subtraction of these films.");
  return NULL;
}

static void
clear_mode (IvFilmPair *self)
{
  g_clear_handle_id (&self->blink_id, g_source_remove);
  iv_film_view_set_notice (self->current_view, NULL);
  iv_film_view_set_alternate (self->current_view, NULL, NULL, NULL);
  iv_film_view_set_curtain (self->current_view, 0);
  iv_film_view_set_tint (self->current_view, NULL);
}

void
iv_film_pair_leave_mode (IvFilmPair *self)
{
  if (self->mode != IV_PAIR_CURRENT)
    iv_film_pair_set_mode (self, IV_PAIR_SIDE_BY_SIDE);
}

IvPairMode
iv_film_pair_get_mode (IvFilmPair *self)
{
  return self->mode;
}

gboolean
iv_film_pair_set_mode (IvFilmPair *self, IvPairMode mode)
{
  const char *obstacle = find_obstacle (self, mode);

  if (obstacle != NULL) {
    g_autofree char *text = g_strdup (obstacle);
    iv_film_pair_update_actions (self);
    g_signal_emit (self, iv_film_pair_signals[IV_FILM_PAIR_MODE_REFUSED], 0, text);
    return FALSE;
  }
  if (self->mode == mode)
    return TRUE;

  clear_mode (self);
  self->mode = mode;
  gtk_widget_set_visible (GTK_WIDGET (self->prior_view), mode == IV_PAIR_SIDE_BY_SIDE);
  if (mode != IV_PAIR_SIDE_BY_SIDE)
    self->active_view = self->current_view;
  iv_film_view_set_cursor (self->current_view, NULL);
  /* The keys go on with the films also when a button chose the mode. */
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_grab_focus (GTK_WIDGET (self->active_view));
  if (mode == IV_PAIR_BLINK || mode == IV_PAIR_SWIPE)
    enter_warped_mode (self);
  else if (mode == IV_PAIR_SUBTRACTION)
    enter_subtraction (self);
  iv_film_pair_update_actions (self);
  g_object_notify (G_OBJECT (self), "mode");
  return TRUE;
}
