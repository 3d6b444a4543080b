/* What a film view shows and how: its setters and getters.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include <adwaita.h>

#include "ui/film/iv-film-tint.h"
#include "ui/film/iv-film-view-private.h"

static void
update_children (IvFilmView *self)
{
  const gboolean has_text =
      adw_status_page_get_title (ADW_STATUS_PAGE (self->placeholder)) != NULL &&
      adw_status_page_get_title (ADW_STATUS_PAGE (self->placeholder))[0];

  gtk_widget_set_visible (self->placeholder,
                          self->radiograph == NULL && has_text &&
                              !gtk_widget_get_visible (self->spinner));
}

void
iv_film_view_set_radiograph (IvFilmView *self, IvRadiograph *radiograph)
{
  if (self->radiograph == radiograph)
    return;

  iv_film_view_set_alternate (self, NULL, NULL, NULL);
  iv_film_view_set_tint (self, NULL);
  iv_film_view_set_link (self, NULL);
  iv_film_view_set_measure (self, NULL);
  g_clear_pointer (&self->pyramid, iv_film_pyramid_unref);
  g_set_object (&self->radiograph, radiograph);
  self->geometry.quarter_turns = 0;
  self->geometry.is_flipped = FALSE;
  self->grayscale = (IvGrayscale){ 0 };
  self->has_cursor = FALSE;
  if (radiograph != NULL) {
    self->pyramid = iv_film_pyramid_new_for_radiograph (radiograph);
    self->geometry.columns = iv_radiograph_get_columns (radiograph);
    self->geometry.rows = iv_radiograph_get_rows (radiograph);
    iv_film_view_set_preset (self, IV_PRESET_FILE);
  }
  iv_film_renderer_set_pyramid (self->renderer, self->pyramid);
  update_children (self);
  iv_film_view_fit (self);
}

IvRadiograph *
iv_film_view_get_radiograph (IvFilmView *self)
{
  return self->radiograph;
}

void
iv_film_view_set_placeholder (IvFilmView *self, const char *title, const char *description)
{
  /* The description is markup, and may name a file. */
  g_autofree char *escaped = description != NULL ? g_markup_escape_text (description, -1) : NULL;

  adw_status_page_set_title (ADW_STATUS_PAGE (self->placeholder), title != NULL ? title : "");
  adw_status_page_set_description (ADW_STATUS_PAGE (self->placeholder), escaped);
  update_children (self);
}

void
iv_film_view_set_is_loading (IvFilmView *self, gboolean is_loading)
{
  gtk_widget_set_visible (self->spinner, is_loading);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), is_loading);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_BUSY, is_loading, -1);
  update_children (self);
}

/* Geometry */

const IvFilmGeometry *
iv_film_view_get_geometry (IvFilmView *self)
{
  return &self->geometry;
}

void
iv_film_view_fit (IvFilmView *self)
{
  self->is_fit = TRUE;
  iv_film_geometry_fit (&self->geometry);
  iv_film_view_geometry_changed (self);
}

gboolean
iv_film_view_is_fit (IvFilmView *self)
{
  return self->is_fit;
}

void
iv_film_view_place (IvFilmView *self, IvPoint center, double zoom)
{
  self->is_fit = FALSE;
  self->geometry.center = center;
  self->geometry.zoom = CLAMP (zoom, 1e-3, IV_FILM_ZOOM_MAX);
  iv_film_view_queue_picture (self);
  iv_film_view_queue_description (self);
}

void
iv_film_view_set_center (IvFilmView *self, IvPoint center, double zoom)
{
  iv_film_view_place (self, center, zoom);
  iv_film_view_geometry_changed (self);
}

void
iv_film_view_zoom_by (IvFilmView *self, double factor)
{
  self->is_fit = FALSE;
  iv_film_geometry_zoom_at (&self->geometry,
                            self->geometry.width / 2.0,
                            self->geometry.height / 2.0,
                            self->geometry.zoom * factor);
  iv_film_view_geometry_changed (self);
}

static void
refit (IvFilmView *self)
{
  if (self->is_fit)
    iv_film_geometry_fit (&self->geometry);
  iv_film_view_geometry_changed (self);
}

void
iv_film_view_rotate (IvFilmView *self, int quarter_turns)
{
  iv_film_geometry_rotate (&self->geometry, quarter_turns);
  refit (self);
}

void
iv_film_view_flip (IvFilmView *self)
{
  iv_film_geometry_flip (&self->geometry);
  refit (self);
}

void
iv_film_view_reset_orientation (IvFilmView *self)
{
  self->geometry.quarter_turns = 0;
  self->geometry.is_flipped = FALSE;
  refit (self);
}

/* Grayscale */

const IvGrayscale *
iv_film_view_get_grayscale (IvFilmView *self)
{
  return &self->grayscale;
}

void
iv_film_view_set_grayscale (IvFilmView *self, const IvGrayscale *grayscale)
{
  self->grayscale = *grayscale;
  iv_film_view_grayscale_changed (self, "custom");
}

const char *
iv_film_view_get_preset (IvFilmView *self)
{
  return self->preset;
}

void
iv_film_view_set_inverted (IvFilmView *self, gboolean is_inverted)
{
  if (self->grayscale.invert == is_inverted)
    return;
  self->grayscale.invert = is_inverted;
  iv_film_view_grayscale_changed (self, self->preset);
}

void
iv_film_view_window_visible (IvFilmView *self)
{
  const IvPoint a = iv_film_geometry_to_film (&self->geometry, 0, 0);
  const IvPoint b =
      iv_film_geometry_to_film (&self->geometry, self->geometry.width, self->geometry.height);
  const gboolean invert = self->grayscale.invert;

  if (self->radiograph == NULL)
    return;
  const double left = MAX (MIN (a.x, b.x), 0), top = MAX (MIN (a.y, b.y), 0);
  const double right = MIN (MAX (a.x, b.x), self->geometry.columns);
  const double bottom = MIN (MAX (a.y, b.y), self->geometry.rows);
  if (right - left < 2 || bottom - top < 2)
    return;
  iv_grayscale_init_region (
      &self->grayscale, self->radiograph, left, top, right - left, bottom - top);
  self->grayscale.invert = invert;
  iv_film_view_grayscale_changed (self, "custom");
}

void
iv_film_view_shift_window (IvFilmView *self, const IvGrayscale *from, double widen, double brighten)
{
  IvGrayscale grayscale = *from;

  if (self->radiograph == NULL)
    return;
  /* A drag by nothing turns a table into the window nearest to it: its width is the measure. */
  iv_grayscale_drag (&grayscale, self->radiograph, 0, 0);

  const double width = grayscale.window.width;
  const gboolean is_inverted =
      iv_radiograph_get_info (self->radiograph)->is_inverted != (grayscale.invert != FALSE);
  iv_grayscale_drag (
      &grayscale, self->radiograph, widen * width, (is_inverted ? brighten : -brighten) * width);
  iv_film_view_set_grayscale (self, &grayscale);
}

/* Overlay */

void
iv_film_view_set_cursor (IvFilmView *self, const IvPoint *cursor)
{
  if (!self->has_cursor && cursor == NULL)
    return;
  self->has_cursor = cursor != NULL;
  if (cursor != NULL)
    self->cursor = *cursor;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_set_show_texts (IvFilmView *self, gboolean show_texts)
{
  self->show_texts = show_texts;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_set_link (IvFilmView *self, IvFilmLink *link)
{
  self->hover = NULL;
  self->style.selected = NULL;
  iv_film_overlay_set_link (self->overlay, link, self->role == IV_FILM_ROLE_PRIOR);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_set_measure (IvFilmView *self, const IvFilmMeasure *measure)
{
  if (measure == NULL && !self->has_measure)
    return;
  self->has_measure = measure != NULL;
  if (measure != NULL)
    self->measure = *measure;
  iv_film_view_queue_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_set_overlay (IvFilmView *self, const IvFilmOverlayStyle *style)
{
  if (self->style.selected != style->selected)
    iv_film_view_queue_description (self);
  self->style = *style;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
iv_film_view_get_change_bounds (IvFilmView *self, const IvChange *change, graphene_rect_t *bounds)
{
  return iv_film_overlay_get_bounds (self->overlay, change, bounds);
}

/* The second film and the colours */

void
iv_film_view_set_alternate (IvFilmView *self,
                            IvFilmPyramid *pyramid,
                            IvRadiograph *radiograph,
                            const IvGrayscale *grayscale)
{
  if (pyramid == NULL)
    radiograph = NULL;
  g_set_object (&self->alternate, radiograph);
  iv_film_renderer_set_pyramid (self->alternate_renderer, pyramid);
  if (grayscale != NULL)
    self->alternate_grayscale = *grayscale;
  self->is_table_stale = TRUE;
  iv_film_view_queue_picture (self);
}

void
iv_film_view_set_curtain (IvFilmView *self, double curtain)
{
  self->curtain = CLAMP (curtain, 0, 1);
  /* While the curtain moves both pictures stay; only the ends leave one out. */
  if (self->texture == NULL || self->alternate_texture == NULL)
    self->is_texture_stale = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_set_tint (IvFilmView *self, IvFilmPyramid *tint)
{
  guint32 colors[256];

  iv_film_tint_fill (colors);
  self->has_tint = tint != NULL;
  iv_film_renderer_set_tint (self->renderer, tint, colors);
  iv_film_view_queue_picture (self);
}

void
iv_film_view_set_notice (IvFilmView *self, const char *notice)
{
  g_free (self->notice);
  self->notice = g_strdup (notice);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
