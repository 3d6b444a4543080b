/* Prior and current film side by side, linked through their registration, and compared in place.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-pair.h"

#include <math.h>

#include <glib/gi18n.h>

#include "app/study/iv-image.h"
#include "ui/film/iv-film-pair-private.h"

G_DEFINE_FINAL_TYPE (IvFilmPair, iv_film_pair, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_MODE,
  PROP_LINKED,
  PROP_WINDOW_LINKED,
  PROP_SHOW_CHANGES,
  PROP_SHOW_LUNGS,
  PROP_OVERLAY_OPACITY,
  PROP_SCORE_THRESHOLD,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];
guint iv_film_pair_signals[IV_FILM_PAIR_N_SIGNALS];

gboolean
iv_film_pair_has_both (IvFilmPair *self)
{
  return self->prior_view->radiograph != NULL && self->current_view->radiograph != NULL;
}

/* The link */

void
iv_film_pair_follow (IvFilmPair *self, IvFilmView *view)
{
  IvFilmView *current = self->current_view, *prior = self->prior_view;

  if (!self->is_linked || self->link == NULL || !iv_film_pair_has_both (self))
    return;
  self->is_following = TRUE;
  if (view == current) {
    const IvPoint center = current->geometry.center;
    iv_film_view_place (prior,
                        iv_film_link_to_prior (self->link, center),
                        current->geometry.zoom / iv_film_link_prior_scale (self->link, center));
  } else {
    const IvPoint center = iv_film_link_to_current (self->link, prior->geometry.center);
    iv_film_view_place (
        current, center, prior->geometry.zoom * iv_film_link_prior_scale (self->link, center));
  }
  self->is_following = FALSE;
}

static void
on_geometry_changed_cb (IvFilmView *view, gpointer user_data)
{
  IvFilmPair *self = user_data;

  if (!self->is_following)
    iv_film_pair_follow (self, view);
}

/* The current film leads when the window changes its size. */
static void
on_resized_cb (IvFilmView *view, gpointer user_data)
{
  IvFilmPair *self = user_data;

  iv_film_pair_follow (self, self->current_view);
}

static void
on_grayscale_changed_cb (IvFilmView *view, gpointer user_data)
{
  IvFilmPair *self = user_data;

  iv_film_pair_follow_grayscale (self, view);
  iv_film_pair_update_alternate_grayscale (self);
  iv_film_pair_update_actions (self);
}

static void
on_cursor_moved_cb (IvFilmView *view, double x, double y, gpointer user_data)
{
  IvFilmPair *self = user_data;
  IvFilmView *other = view == self->current_view ? self->prior_view : self->current_view;
  const IvPoint point = { x, y };

  if (isnan (x) || !self->is_linked || self->link == NULL ||
      !gtk_widget_get_visible (GTK_WIDGET (self->prior_view))) {
    iv_film_view_set_cursor (other, NULL);
    return;
  }
  const IvPoint mapped = view == self->current_view ? iv_film_link_to_prior (self->link, point)
                                                    : iv_film_link_to_current (self->link, point);
  iv_film_view_set_cursor (other, &mapped);
}

static void
on_curtain_changed_cb (IvFilmView *view, gpointer user_data)
{
  IvFilmPair *self = user_data;

  self->curtain = view->curtain;
}

static void
on_touched_cb (IvFilmView *view, gpointer user_data)
{
  IvFilmPair *self = user_data;

  iv_film_pair_stop_animation (self);
  if (self->active_view == view)
    return;
  self->active_view = view;
  iv_film_pair_update_actions (self);
  g_signal_emit (self, iv_film_pair_signals[IV_FILM_PAIR_ACTIVE_CHANGED], 0);
}

static void
on_change_activated_cb (IvFilmView *view, gpointer change, gpointer user_data)
{
  IvFilmPair *self = user_data;

  self->style.selected = change;
  iv_film_pair_apply_style (self);
  g_signal_emit (self, iv_film_pair_signals[IV_FILM_PAIR_CHANGE_ACTIVATED], 0, change);
}

static gboolean
on_drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
  IvFilmPair *self = user_data;

  if (!G_VALUE_HOLDS (value, IV_TYPE_IMAGE))
    return FALSE;
  g_signal_emit (
      self, iv_film_pair_signals[IV_FILM_PAIR_PRIOR_DROPPED], 0, g_value_get_object (value));
  return TRUE;
}

/* Films */

void
iv_film_pair_apply_style (IvFilmPair *self)
{
  iv_film_view_set_overlay (self->prior_view, &self->style);
  iv_film_view_set_overlay (self->current_view, &self->style);
  iv_film_pair_update_actions (self);
}

static void
take_link (IvFilmPair *self, IvFilmLink *link)
{
  if (link != NULL)
    iv_film_link_ref (link);
  g_clear_pointer (&self->link, iv_film_link_unref);
  self->link = link;
  self->style.selected = NULL;
  self->style.boxes = NULL; /* of other films, perhaps */
  iv_film_view_set_link (self->prior_view, link);
  iv_film_view_set_link (self->current_view, link);
  iv_film_pair_drop_warped (self);
  iv_film_pair_apply_style (self);
  iv_film_pair_follow (self, self->current_view);
}

/* Centre to centre until there is a registration. */
static void
take_plain_link (IvFilmPair *self)
{
  g_autoptr (IvFilmLink) link = NULL;

  if (iv_film_pair_has_both (self))
    link = iv_film_link_new_by_size (iv_radiograph_get_info (self->current_view->radiograph),
                                     iv_radiograph_get_info (self->prior_view->radiograph));
  take_link (self, link);
}

void
iv_film_pair_set_films (IvFilmPair *self, IvRadiograph *prior, IvRadiograph *current)
{
  g_return_if_fail (IV_IS_FILM_PAIR (self));

  iv_film_pair_stop_animation (self);
  iv_film_pair_leave_mode (self);
  take_link (self, NULL);
  iv_film_view_set_radiograph (self->current_view, current);
  iv_film_view_set_radiograph (self->prior_view, prior);
  take_plain_link (self);
}

void
iv_film_pair_set_link (IvFilmPair *self, IvFilmLink *link)
{
  g_return_if_fail (IV_IS_FILM_PAIR (self));

  iv_film_pair_leave_mode (self);
  if (link != NULL)
    take_link (self, link);
  else
    take_plain_link (self);
}

IvFilmView *
iv_film_pair_get_prior_view (IvFilmPair *self)
{
  return self->prior_view;
}

IvFilmView *
iv_film_pair_get_current_view (IvFilmPair *self)
{
  return self->current_view;
}

IvFilmView *
iv_film_pair_get_active_view (IvFilmPair *self)
{
  return self->active_view;
}

void
iv_film_pair_set_shows_texts (IvFilmPair *self, gboolean shows_texts)
{
  self->shows_texts = shows_texts;
  iv_film_view_set_show_texts (self->prior_view, shows_texts);
  iv_film_view_set_show_texts (self->current_view, shows_texts);
  iv_film_pair_update_actions (self);
}

/* Object */

static void
iv_film_pair_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  IvFilmPair *self = IV_FILM_PAIR (object);

  switch (id) {
  case PROP_MODE:
    g_value_set_int (value, self->mode);
    break;
  case PROP_LINKED:
    g_value_set_boolean (value, self->is_linked);
    break;
  case PROP_WINDOW_LINKED:
    g_value_set_boolean (value, self->is_window_linked);
    break;
  case PROP_SHOW_CHANGES:
    g_value_set_boolean (value, self->style.show_changes);
    break;
  case PROP_SHOW_LUNGS:
    g_value_set_boolean (value, self->style.show_lungs);
    break;
  case PROP_OVERLAY_OPACITY:
    g_value_set_double (value, self->style.opacity);
    break;
  case PROP_SCORE_THRESHOLD:
    g_value_set_double (value, self->style.threshold);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
iv_film_pair_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  IvFilmPair *self = IV_FILM_PAIR (object);

  switch (id) {
  case PROP_MODE:
    iv_film_pair_set_mode (self, (IvPairMode) g_value_get_int (value));
    return;
  case PROP_LINKED:
    self->is_linked = g_value_get_boolean (value);
    iv_film_view_set_cursor (self->prior_view, NULL);
    iv_film_view_set_cursor (self->current_view, NULL);
    iv_film_pair_follow (self, self->active_view);
    break;
  case PROP_WINDOW_LINKED:
    self->is_window_linked = g_value_get_boolean (value);
    iv_film_pair_follow_grayscale (self, self->active_view);
    break;
  case PROP_SHOW_CHANGES:
    self->style.show_changes = g_value_get_boolean (value);
    break;
  case PROP_SHOW_LUNGS:
    self->style.show_lungs = g_value_get_boolean (value);
    break;
  case PROP_OVERLAY_OPACITY:
    self->style.opacity = g_value_get_double (value);
    break;
  case PROP_SCORE_THRESHOLD:
    self->style.threshold = g_value_get_double (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  iv_film_pair_apply_style (self);
}

/* The film to be read has the keys at first, not the one that stands first. */
static void
iv_film_pair_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (iv_film_pair_parent_class)->map (widget);
  gtk_widget_grab_focus (GTK_WIDGET (IV_FILM_PAIR (widget)->current_view));
}

static void
iv_film_pair_dispose (GObject *object)
{
  IvFilmPair *self = IV_FILM_PAIR (object);

  if (self->paned != NULL) {
    iv_film_pair_stop_animation (self);
    iv_film_pair_leave_mode (self);
    iv_film_pair_drop_warped (self);
    gtk_widget_insert_action_group (GTK_WIDGET (self), "film", NULL);
  }
  g_clear_pointer (&self->paned, gtk_widget_unparent);
  g_clear_pointer (&self->link, iv_film_link_unref);
  g_clear_pointer (&self->boxes, g_array_unref);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (iv_film_pair_parent_class)->dispose (object);
}

static void
iv_film_pair_class_init (IvFilmPairClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = iv_film_pair_dispose;
  object_class->get_property = iv_film_pair_get_property;
  object_class->set_property = iv_film_pair_set_property;
  widget_class->map = iv_film_pair_map;

  properties[PROP_MODE] = g_param_spec_int (
      "mode", NULL, NULL, IV_PAIR_SIDE_BY_SIDE, IV_PAIR_CURRENT, IV_PAIR_SIDE_BY_SIDE, flags);
  properties[PROP_LINKED] = g_param_spec_boolean ("linked", NULL, NULL, TRUE, flags);
  properties[PROP_WINDOW_LINKED] = g_param_spec_boolean ("window-linked", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_CHANGES] = g_param_spec_boolean ("show-changes", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_LUNGS] = g_param_spec_boolean ("show-lungs", NULL, NULL, FALSE, flags);
  properties[PROP_OVERLAY_OPACITY] =
      g_param_spec_double ("overlay-opacity", NULL, NULL, 0, 1, 1, flags);
  properties[PROP_SCORE_THRESHOLD] =
      g_param_spec_double ("score-threshold", NULL, NULL, 0, 1, 0.5, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  static const struct {
    guint index;
    const char *name;
    GType type;
  } signals[] = {
    { IV_FILM_PAIR_CHANGE_ACTIVATED, "change-activated", G_TYPE_POINTER },
    { IV_FILM_PAIR_MODE_REFUSED, "mode-refused", G_TYPE_STRING },
    { IV_FILM_PAIR_PRIOR_DROPPED, "prior-dropped", G_TYPE_OBJECT },
    { IV_FILM_PAIR_ACTIVE_CHANGED, "active-changed", G_TYPE_NONE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    iv_film_pair_signals[signals[i].index] = g_signal_new (signals[i].name,
                                                           IV_TYPE_FILM_PAIR,
                                                           G_SIGNAL_RUN_LAST,
                                                           0,
                                                           NULL,
                                                           NULL,
                                                           NULL,
                                                           G_TYPE_NONE,
                                                           signals[i].type == G_TYPE_NONE ? 0 : 1,
                                                           signals[i].type);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "filmpair");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static IvFilmView *
create_view (IvFilmPair *self, IvFilmRole role)
{
  GtkWidget *view = iv_film_view_new (role);

  g_signal_connect (view, "geometry-changed", G_CALLBACK (on_geometry_changed_cb), self);
  g_signal_connect (view, "resized", G_CALLBACK (on_resized_cb), self);
  g_signal_connect (view, "grayscale-changed", G_CALLBACK (on_grayscale_changed_cb), self);
  g_signal_connect (view, "cursor-moved", G_CALLBACK (on_cursor_moved_cb), self);
  g_signal_connect (view, "curtain-changed", G_CALLBACK (on_curtain_changed_cb), self);
  g_signal_connect (view, "change-activated", G_CALLBACK (on_change_activated_cb), self);
  g_signal_connect (view, "touched", G_CALLBACK (on_touched_cb), self);
  return IV_FILM_VIEW (view);
}

static void
iv_film_pair_init (IvFilmPair *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (IV_TYPE_IMAGE, GDK_ACTION_COPY);

  self->is_linked = TRUE;
  self->is_window_linked = TRUE;
  self->shows_texts = TRUE;
  self->curtain = 0.5;
  self->style = (IvFilmOverlayStyle){ .show_changes = TRUE, .opacity = 1, .threshold = 0.5 };
  self->prior_view = create_view (self, IV_FILM_ROLE_PRIOR);
  self->current_view = create_view (self, IV_FILM_ROLE_CURRENT);
  self->active_view = self->current_view;

  self->paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (self->paned), GTK_WIDGET (self->prior_view));
  gtk_paned_set_end_child (GTK_PANED (self->paned), GTK_WIDGET (self->current_view));
  gtk_paned_set_shrink_start_child (GTK_PANED (self->paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->paned), FALSE);
  gtk_widget_set_parent (self->paned, GTK_WIDGET (self));

  g_signal_connect (drop, "drop", G_CALLBACK (on_drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->prior_view), GTK_EVENT_CONTROLLER (drop));

  iv_film_view_set_placeholder (self->prior_view, _ ("No prior film"), NULL);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Films"), -1);
  iv_film_pair_init_actions (self);
}

GtkWidget *
iv_film_pair_new (void)
{
  return g_object_new (IV_TYPE_FILM_PAIR, NULL);
}
