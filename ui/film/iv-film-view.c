/* One radiograph on screen: zoom, pan, rotation, window, its marks, and what lies over it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-view.h"

#include <math.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/film/iv-film-annotation.h"
#include "ui/film/iv-film-text.h"
#include "ui/film/iv-film-view-private.h"

/* How long the accessible description waits for the end of a drag. */
#define DESCRIBE_DELAY_MS 250
/* Below this many device pixels a second thread costs more than it brings. */
#define TWO_THREADS_FROM (2u * 1000 * 1000)

G_DEFINE_FINAL_TYPE (IvFilmView, iv_film_view, GTK_TYPE_WIDGET)

guint iv_film_view_signals[IV_FILM_VIEW_N_SIGNALS];

int
iv_film_view_get_device_scale (IvFilmView *self)
{
  return MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
}

static const char *
role_heading (IvFilmView *self)
{
  switch (self->role) {
  case IV_FILM_ROLE_PRIOR:
    return _ ("Prior");
  case IV_FILM_ROLE_CURRENT:
    return _ ("Current");
  case IV_FILM_ROLE_SINGLE:
  default:
    return NULL;
  }
}

static char *
dup_description (IvFilmView *self)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (self->radiograph);
  const IvChange *selected = self->style.selected;
  g_autofree char *spacing = iv_film_text_spacing (info);
  g_autofree char *change = NULL;
  g_autofree char *ratio = NULL;

  if (self->has_measure && isfinite (self->measure.ratio)) {
    g_autofree char *text = g_strdup_printf (_ ("Cardiothoracic ratio %.2f"), self->measure.ratio);
    ratio = g_strdup_printf (" %s.", text);
  }
  if (selected != NULL) {
    g_autofree char *text = iv_film_text_change (selected, info->spacing_source);
    change = g_strdup_printf (_ (" Selected: %s"), g_strdelimit (text, "\n", ' '));
  }
  return g_strdup_printf (_ ("Zoom %.0f %%, window width %.0f, centre %.0f%s. %s.%s%s"),
                          self->geometry.zoom * 100,
                          self->grayscale.window.width,
                          self->grayscale.window.center,
                          self->grayscale.invert ? _ (", inverted") : "",
                          spacing,
                          change != NULL ? change : "",
                          ratio != NULL ? ratio : "");
}

/* What a screen reader says: which film, and how it is shown. */
static void
update_description (IvFilmView *self)
{
  const char *heading = role_heading (self);
  g_autofree char *label = NULL;
  g_autofree char *description = NULL;

  if (self->radiograph == NULL) {
    label = g_strdup_printf (_ ("%s: no film"), heading != NULL ? heading : _ ("Film"));
  } else {
    const IvRadiographInfo *info = iv_radiograph_get_info (self->radiograph);
    g_autofree char *date = iv_film_text_date (info);
    g_autofree char *view = iv_film_text_view (info);

    label = g_strdup_printf (_ ("%s film, %s%s%s"),
                             heading != NULL ? heading : _ ("Single"),
                             date,
                             view[0] != '\0' ? ", " : "",
                             view);
    description = dup_description (self);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  description != NULL ? description : "",
                                  -1);
}

static gboolean
on_describe_cb (gpointer user_data)
{
  IvFilmView *self = user_data;

  self->describe_id = 0;
  update_description (self);
  return G_SOURCE_REMOVE;
}

void
iv_film_view_queue_description (IvFilmView *self)
{
  if (self->describe_id == 0)
    self->describe_id = g_timeout_add (DESCRIBE_DELAY_MS, on_describe_cb, self);
}

void
iv_film_view_queue_picture (IvFilmView *self)
{
  self->is_texture_stale = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_film_view_geometry_changed (IvFilmView *self)
{
  iv_film_view_queue_picture (self);
  iv_film_view_queue_description (self);
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_GEOMETRY_CHANGED], 0);
}

void
iv_film_view_take_grayscale (IvFilmView *self, const IvGrayscale *grayscale, const char *preset)
{
  self->grayscale = *grayscale;
  if (g_strcmp0 (self->preset, preset) != 0) {
    g_free (self->preset);
    self->preset = g_strdup (preset);
  }
  self->is_table_stale = TRUE;
  iv_film_view_queue_picture (self);
  iv_film_view_queue_description (self);
}

void
iv_film_view_grayscale_changed (IvFilmView *self, const char *preset)
{
  const IvGrayscale grayscale = self->grayscale;

  iv_film_view_take_grayscale (self, &grayscale, preset);
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_GRAYSCALE_CHANGED], 0);
}

/* Drawing */

static GdkTexture *
render_texture (IvFilmRenderer *renderer, const IvFilmGeometry *geometry)
{
  g_autoptr (GBytes) pixels = NULL;

  iv_film_renderer_set_n_threads (
      renderer, (gsize) geometry->width * geometry->height >= TWO_THREADS_FROM ? 2 : 1);
  pixels = iv_film_renderer_render (renderer, geometry);
  return gdk_memory_texture_new ((int) geometry->width,
                                 (int) geometry->height,
                                 GDK_MEMORY_DEFAULT,
                                 pixels,
                                 (gsize) geometry->width * 4);
}

static void
update_tables (IvFilmView *self)
{
  g_autofree guint8 *table = NULL;

  if (!self->is_table_stale)
    return;
  table = g_new (guint8, 65536);
  iv_grayscale_build_table (self->radiograph, &self->grayscale, table);
  iv_film_renderer_set_table (self->renderer, table);
  if (self->alternate != NULL) {
    iv_grayscale_build_table (self->alternate, &self->alternate_grayscale, table);
    iv_film_renderer_set_table (self->alternate_renderer, table);
  }
  self->is_table_stale = FALSE;
}

static void
update_textures (IvFilmView *self)
{
  if (!self->is_texture_stale)
    return;
  update_tables (self);
  g_clear_object (&self->texture);
  g_clear_object (&self->alternate_texture);
  if (self->alternate == NULL || self->curtain < 1)
    self->texture = render_texture (self->renderer, &self->geometry);
  if (self->alternate != NULL && self->curtain > 0)
    self->alternate_texture = render_texture (self->alternate_renderer, &self->geometry);
  self->is_texture_stale = FALSE;
}

static void
snapshot_curtain (GtkSnapshot *snapshot, float x, float height)
{
  static const GdkRGBA line = { 1, 1, 1, 0.85f }, halo = { 0, 0, 0, 0.55f };
  const float middle = height / 2;

  gtk_snapshot_append_color (snapshot, &halo, &GRAPHENE_RECT_INIT (x - 2, 0, 4, height));
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (x - 1, 0, 2, height));
  gtk_snapshot_append_color (snapshot, &halo, &GRAPHENE_RECT_INIT (x - 7, middle - 23, 14, 46));
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (x - 6, middle - 22, 12, 44));
  gtk_snapshot_append_color (snapshot, &halo, &GRAPHENE_RECT_INIT (x - 2, middle - 14, 1, 28));
  gtk_snapshot_append_color (snapshot, &halo, &GRAPHENE_RECT_INIT (x + 1, middle - 14, 1, 28));
}

static void
snapshot_pictures (IvFilmView *self, GtkSnapshot *snapshot, float width, float height)
{
  const graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, width, height);
  const float x = (float) self->curtain * width;

  update_textures (self);
  if (self->texture != NULL)
    gtk_snapshot_append_texture (snapshot, self->texture, &all);
  if (self->alternate_texture == NULL)
    return;
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, x, height));
  gtk_snapshot_append_texture (snapshot, self->alternate_texture, &all);
  gtk_snapshot_pop (snapshot);
  if (self->curtain < 1)
    snapshot_curtain (snapshot, x, height);
}

static const char *
current_notice (IvFilmView *self)
{
  if (self->tool == IV_FILM_TOOL_REGION)
    return _ ("Drag over what should be seen well");
  return self->notice;
}

static void
snapshot_annotation (IvFilmView *self, GtkSnapshot *snapshot)
{
  const gboolean is_alternate = self->alternate != NULL && self->curtain >= 1;
  const gboolean is_split = self->alternate != NULL && self->curtain > 0 && self->curtain < 1;
  const IvRadiographInfo *info = iv_radiograph_get_info (self->radiograph);
  g_autofree char *preset = iv_film_view_dup_preset_label (self->radiograph, self->preset);
  IvFilmAnnotation annotation = {
    .widget = GTK_WIDGET (self),
    .info = info,
    .geometry = &self->geometry,
    .grayscale = &self->grayscale,
    .preset_name = preset,
    .heading = role_heading (self),
    .notice = current_notice (self),
    .has_legend = self->has_tint,
    .scale = iv_film_view_get_device_scale (self),
  };

  if (!self->show_texts)
    return;
  if (is_alternate || is_split) {
    annotation.info = iv_radiograph_get_info (self->alternate);
    annotation.heading = _ ("Prior, brought onto the current film");
  }
  if (is_alternate) {
    annotation.grayscale = &self->alternate_grayscale;
    annotation.preset_name = NULL;
  }
  if (is_split) {
    annotation.right_info = info;
    annotation.right_heading = role_heading (self);
  }
  iv_film_annotation_snapshot (&annotation, snapshot);
}

static void
snapshot_overlay (IvFilmView *self, GtkSnapshot *snapshot)
{
  iv_film_overlay_snapshot (
      self->overlay,
      &(IvFilmOverlayFrame){ .geometry = &self->geometry,
                             .style = &self->style,
                             .scale = iv_film_view_get_device_scale (self),
                             .widget = GTK_WIDGET (self),
                             .hover = self->hover,
                             .cursor = self->has_cursor ? &self->cursor : NULL,
                             .measure = self->has_measure ? &self->measure : NULL,
                             .region = self->drag == IV_DRAG_REGION ? &self->region : NULL },
      snapshot);
}

static void
snapshot_focus (IvFilmView *self, GtkSnapshot *snapshot, float width, float height)
{
  static const GdkRGBA color = { 0.47f, 0.68f, 0.93f, 1 };
  const GskRoundedRect outline = GSK_ROUNDED_RECT_INIT (0, 0, width, height);

  if ((gtk_widget_get_state_flags (GTK_WIDGET (self)) & GTK_STATE_FLAG_FOCUS_VISIBLE) == 0 ||
      !gtk_widget_has_focus (GTK_WIDGET (self)))
    return;
  gtk_snapshot_append_border (snapshot,
                              &outline,
                              (const float[]){ 2, 2, 2, 2 },
                              (const GdkRGBA[]){ color, color, color, color });
}

static void
iv_film_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA black = { 0, 0, 0, 1 };
  IvFilmView *self = IV_FILM_VIEW (widget);
  const float width = (float) gtk_widget_get_width (widget);
  const float height = (float) gtk_widget_get_height (widget);

  if (width < 1 || height < 1)
    return;
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->radiograph != NULL) {
    snapshot_pictures (self, snapshot, width, height);
    snapshot_overlay (self, snapshot);
    snapshot_annotation (self, snapshot);
  } else {
    gtk_snapshot_append_color (snapshot, &black, &GRAPHENE_RECT_INIT (0, 0, width, height));
  }
  snapshot_focus (self, snapshot, width, height);
  gtk_widget_snapshot_child (widget, self->placeholder, snapshot);
  gtk_widget_snapshot_child (widget, self->spinner, snapshot);
  gtk_snapshot_pop (snapshot);
}

/* Layout */

static void
iv_film_view_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = 160;
  *natural = 480;
}

static void
update_viewport (IvFilmView *self)
{
  const int scale = iv_film_view_get_device_scale (self);
  const guint width = (guint) (gtk_widget_get_width (GTK_WIDGET (self)) * scale);
  const guint height = (guint) (gtk_widget_get_height (GTK_WIDGET (self)) * scale);

  if (width == self->geometry.width && height == self->geometry.height)
    return;
  self->geometry.width = width;
  self->geometry.height = height;
  if (self->is_fit)
    iv_film_geometry_fit (&self->geometry);
  iv_film_view_queue_picture (self);
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_RESIZED], 0);
}

static void
iv_film_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IvFilmView *self = IV_FILM_VIEW (widget);
  const int spinner = MIN (48, MIN (width, height));
  GtkAllocation middle = { (width - spinner) / 2, (height - spinner) / 2, spinner, spinner };
  int minimum;

  update_viewport (self);
  if (gtk_widget_should_layout (self->placeholder)) {
    gtk_widget_measure (
        self->placeholder, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    gtk_widget_allocate (self->placeholder, MAX (width, minimum), height, -1, NULL);
  }
  if (gtk_widget_should_layout (self->spinner)) {
    gtk_widget_measure (self->spinner, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    gtk_widget_size_allocate (self->spinner, &middle, -1);
  }
}

static void
on_scale_factor_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  update_viewport (IV_FILM_VIEW (object));
}

/* Object */

static void
iv_film_view_dispose (GObject *object)
{
  IvFilmView *self = IV_FILM_VIEW (object);

  g_clear_handle_id (&self->describe_id, g_source_remove);
  g_clear_pointer (&self->placeholder, gtk_widget_unparent);
  g_clear_pointer (&self->spinner, gtk_widget_unparent);
  g_clear_object (&self->texture);
  g_clear_object (&self->alternate_texture);
  g_clear_object (&self->radiograph);
  g_clear_object (&self->alternate);
  G_OBJECT_CLASS (iv_film_view_parent_class)->dispose (object);
}

static void
iv_film_view_finalize (GObject *object)
{
  IvFilmView *self = IV_FILM_VIEW (object);

  g_clear_pointer (&self->pyramid, iv_film_pyramid_unref);
  iv_film_renderer_free (self->renderer);
  iv_film_renderer_free (self->alternate_renderer);
  iv_film_overlay_free (self->overlay);
  g_free (self->preset);
  g_free (self->notice);
  G_OBJECT_CLASS (iv_film_view_parent_class)->finalize (object);
}

static void
add_signal (guint index, const char *name, GType type)
{
  iv_film_view_signals[index] = g_signal_new (name,
                                              IV_TYPE_FILM_VIEW,
                                              G_SIGNAL_RUN_LAST,
                                              0,
                                              NULL,
                                              NULL,
                                              NULL,
                                              G_TYPE_NONE,
                                              type == G_TYPE_NONE ? 0 : 1,
                                              type);
}

static void
iv_film_view_class_init (IvFilmViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = iv_film_view_dispose;
  object_class->finalize = iv_film_view_finalize;
  widget_class->snapshot = iv_film_view_snapshot;
  widget_class->measure = iv_film_view_measure;
  widget_class->size_allocate = iv_film_view_size_allocate;

  add_signal (IV_FILM_VIEW_GEOMETRY_CHANGED, "geometry-changed", G_TYPE_NONE);
  add_signal (IV_FILM_VIEW_GRAYSCALE_CHANGED, "grayscale-changed", G_TYPE_NONE);
  add_signal (IV_FILM_VIEW_CHANGE_ACTIVATED, "change-activated", G_TYPE_POINTER);
  add_signal (IV_FILM_VIEW_RESIZED, "resized", G_TYPE_NONE);
  add_signal (IV_FILM_VIEW_CURTAIN_CHANGED, "curtain-changed", G_TYPE_NONE);
  add_signal (IV_FILM_VIEW_TOUCHED, "touched", G_TYPE_NONE);
  iv_film_view_signals[IV_FILM_VIEW_CURSOR_MOVED] = g_signal_new ("cursor-moved",
                                                                  IV_TYPE_FILM_VIEW,
                                                                  G_SIGNAL_RUN_LAST,
                                                                  0,
                                                                  NULL,
                                                                  NULL,
                                                                  NULL,
                                                                  G_TYPE_NONE,
                                                                  2,
                                                                  G_TYPE_DOUBLE,
                                                                  G_TYPE_DOUBLE);

  gtk_widget_class_set_css_name (widget_class, "filmview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
iv_film_view_init (IvFilmView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->renderer = iv_film_renderer_new ();
  self->alternate_renderer = iv_film_renderer_new ();
  self->overlay = iv_film_overlay_new ();
  self->preset = g_strdup ("file");
  self->style = (IvFilmOverlayStyle){ .show_changes = TRUE, .opacity = 1, .threshold = 0.5 };
  self->is_fit = TRUE;
  self->show_texts = TRUE;
  self->geometry.zoom = 1;

  self->placeholder = g_object_new (ADW_TYPE_STATUS_PAGE, "visible", FALSE, NULL);
  gtk_widget_add_css_class (self->placeholder, "compact");
  gtk_widget_set_parent (self->placeholder, widget);
  self->spinner = g_object_new (GTK_TYPE_SPINNER, "visible", FALSE, NULL);
  gtk_widget_set_parent (self->spinner, widget);

  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (on_scale_factor_cb), NULL);
  iv_film_view_init_input (self);
}

GtkWidget *
iv_film_view_new (IvFilmRole role)
{
  IvFilmView *self = g_object_new (IV_TYPE_FILM_VIEW, NULL);

  self->role = role;
  update_description (self);
  return GTK_WIDGET (self);
}
