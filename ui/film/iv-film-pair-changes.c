/* Going to a change: both films move to it, the change is emphasised.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "ui/film/iv-film-pair-private.h"

#define ANIMATION_MS 260
/* Share of the viewport that a change takes at most when it is shown, and how far a film that was
 * fitted is enlarged for a small one. */
#define LARGEST_SHARE 0.45
#define LARGEST_ENLARGEMENT 3.0

static gboolean
is_of_link (IvFilmPair *self, const IvChange *change)
{
  const GPtrArray *changes =
      self->link != NULL ? iv_film_link_get_params (self->link)->changes : NULL;

  for (guint i = 0; changes != NULL && i < changes->len; i++)
    if (g_ptr_array_index (changes, i) == change)
      return TRUE;
  return FALSE;
}

/* The reader's own zoom stays where the change fits into it. */
static IvFilmMove
plan_move (IvFilmView *view, const graphene_rect_t *bounds)
{
  const IvFilmGeometry *geometry = &view->geometry;
  const double fit = iv_film_geometry_fit_zoom (geometry);
  const double across = MAX (bounds->size.width, bounds->size.height);
  const double side = MIN (geometry->width, geometry->height);
  const double largest = MIN (LARGEST_SHARE * side / MAX (across, 1), LARGEST_ENLARGEMENT * fit);
  const double zoom = geometry->zoom > fit * 1.01 ? geometry->zoom : 1.6 * fit;

  return (IvFilmMove){
    .from = geometry->center,
    .from_zoom = geometry->zoom,
    .to = { bounds->origin.x + bounds->size.width / 2, bounds->origin.y + bounds->size.height / 2 },
    .to_zoom = MAX (MIN (zoom, largest), fit),
  };
}

static void
apply_move (IvFilmView *view, const IvFilmMove *move, double t)
{
  if (view->radiograph == NULL)
    return;
  iv_film_view_place (view,
                      (IvPoint){ move->from.x + (move->to.x - move->from.x) * t,
                                 move->from.y + (move->to.y - move->from.y) * t },
                      move->from_zoom * pow (move->to_zoom / move->from_zoom, t));
}

static void
on_animation_cb (double t, gpointer user_data)
{
  IvFilmPair *self = user_data;

  apply_move (self->current_view, &self->current_move, t);
  apply_move (self->prior_view, &self->prior_move, t);
}

void
iv_film_pair_stop_animation (IvFilmPair *self)
{
  if (self->animation != NULL)
    adw_animation_pause (self->animation);
  g_clear_object (&self->animation);
}

/* Both films to where they are planned to go. */
static void
play_moves (IvFilmPair *self)
{
  if (self->is_linked && self->link != NULL) {
    const IvPoint center = self->current_move.to;
    self->prior_move.to = iv_film_link_to_prior (self->link, center);
    self->prior_move.to_zoom =
        self->current_move.to_zoom / iv_film_link_prior_scale (self->link, center);
  }
  /* Skips to the end where the desktop asks for no animations. */
  self->animation =
      adw_timed_animation_new (GTK_WIDGET (self),
                               0,
                               1,
                               ANIMATION_MS,
                               adw_callback_animation_target_new (on_animation_cb, self, NULL));
  adw_animation_play (self->animation);
}

gboolean
iv_film_pair_show_change (IvFilmPair *self, const IvChange *change)
{
  graphene_rect_t bounds;

  g_return_val_if_fail (IV_IS_FILM_PAIR (self), FALSE);
  if (change != NULL && !is_of_link (self, change))
    return FALSE;

  self->style.selected = change;
  iv_film_pair_apply_style (self);
  if (change == NULL || !iv_film_view_get_change_bounds (self->current_view, change, &bounds))
    return TRUE;

  iv_film_pair_stop_animation (self);
  self->current_move = plan_move (self->current_view, &bounds);
  if (iv_film_view_get_change_bounds (self->prior_view, change, &bounds))
    self->prior_move = plan_move (self->prior_view, &bounds);
  play_moves (self);
  return TRUE;
}

void
iv_film_pair_show_boxes (IvFilmPair *self, const GArray *boxes)
{
  g_return_if_fail (IV_IS_FILM_PAIR (self));

  if (self->boxes == NULL)
    self->boxes = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  g_array_set_size (self->boxes, 0);
  if (boxes != NULL && boxes->len > 0)
    g_array_append_vals (self->boxes, boxes->data, boxes->len);
  self->style.boxes = self->boxes;
  iv_film_pair_apply_style (self);
  if (self->boxes->len == 0 || self->current_view->radiograph == NULL)
    return;
  iv_film_pair_stop_animation (self);
  self->current_move =
      plan_move (self->current_view, &g_array_index (self->boxes, graphene_rect_t, 0));
  self->prior_move = (IvFilmMove){ .from = self->prior_view->geometry.center,
                                   .to = self->prior_view->geometry.center,
                                   .from_zoom = self->prior_view->geometry.zoom,
                                   .to_zoom = self->prior_view->geometry.zoom };
  play_moves (self);
}

const IvChange *
iv_film_pair_get_selected_change (IvFilmPair *self)
{
  return self->style.selected;
}

void
iv_film_pair_step_change (IvFilmPair *self, int step)
{
  const GPtrArray *changes =
      self->link != NULL ? iv_film_link_get_params (self->link)->changes : NULL;
  int at = -1, n_shown = 0;
  const IvChange *shown[64];

  for (guint i = 0; changes != NULL && i < changes->len && n_shown < 64; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    if (change->score < self->style.threshold && change != self->style.selected)
      continue;
    if (change == self->style.selected)
      at = n_shown;
    shown[n_shown++] = change;
  }
  if (n_shown == 0)
    return;
  at = at < 0 ? (step > 0 ? 0 : n_shown - 1) : (at + step + n_shown) % n_shown;
  iv_film_pair_show_change (self, shown[at]);
  g_signal_emit (
      self, iv_film_pair_signals[IV_FILM_PAIR_CHANGE_ACTIVATED], 0, (gpointer) shown[at]);
}
