/* One film of the timeline: thumbnail, date, view, interval, and its part in the comparison.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-timeline-item.h"

#include <glib/gi18n.h>

#include "ui/film/iv-film-text.h"

struct _IvTimelineItem {
  GtkButton parent_instance;

  IvImage *image; /* (owned) */
  IvTimelinePart part;
  char *interval; /* (owned) or NULL */
  gboolean has_thumbnail;
  char *reason; /* (owned) why the film could not be read, or NULL */

  GtkWidget *picture, *date, *detail, *mark; /* borrowed from the child */
  GtkWidget *menu;                           /* (owned by being its parent) */
};

G_DEFINE_FINAL_TYPE (IvTimelineItem, iv_timeline_item, GTK_TYPE_BUTTON)

static guint make_current_signal;

static const char *
part_label (IvTimelinePart part)
{
  switch (part) {
  case IV_TIMELINE_PRIOR:
    return _ ("Prior");
  case IV_TIMELINE_CURRENT:
    return _ ("Current");
  case IV_TIMELINE_NOT_COMPARABLE:
    return _ ("Not comparable");
  case IV_TIMELINE_OTHER:
  default:
    return "";
  }
}

static char *
dup_date (IvTimelineItem *self)
{
  GDateTime *date = iv_image_get_date (self->image);

  /* Translators: a short date, g_date_time_format () */
  if (date != NULL)
    return g_date_time_format (date, _ ("%-d %b %Y"));
  return iv_film_text_date (iv_image_get_info (self->image));
}

static void
update_words (IvTimelineItem *self)
{
  g_autofree char *date = dup_date (self);
  g_autofree char *view = iv_film_text_view (iv_image_get_info (self->image));
  const char *interval = self->interval != NULL ? self->interval : "";
  const char *part = part_label (self->part);
  const gboolean has_two = view[0] != '\0' && interval[0] != '\0';
  g_autofree char *detail = g_strconcat (view, has_two ? " · " : "", interval, NULL);
  g_autofree char *name = g_strconcat (
      date, detail[0] != '\0' ? ", " : "", detail, part[0] != '\0' ? ", " : "", part, NULL);
  const char *tooltip = self->reason;

  if (tooltip == NULL && self->part == IV_TIMELINE_NOT_COMPARABLE)
    tooltip = _ ("A lateral and a frontal film cannot be compared");
  else if (tooltip == NULL && self->part == IV_TIMELINE_OTHER)
    tooltip = _ ("Compare the current film with this one");

  gtk_label_set_text (GTK_LABEL (self->date), date);
  gtk_label_set_text (GTK_LABEL (self->detail), detail);
  gtk_widget_set_visible (self->detail, detail[0] != '\0');
  gtk_label_set_text (GTK_LABEL (self->mark), part_label (self->part));
  gtk_widget_set_visible (self->mark, self->part != IV_TIMELINE_OTHER);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

IvImage *
iv_timeline_item_get_image (IvTimelineItem *self)
{
  return self->image;
}

IvTimelinePart
iv_timeline_item_get_part (IvTimelineItem *self)
{
  return self->part;
}

void
iv_timeline_item_set_part (IvTimelineItem *self, IvTimelinePart part, const char *interval)
{
  self->part = part;
  g_free (self->interval);
  self->interval = g_strdup (interval);
  gtk_widget_set_opacity (self->picture, part == IV_TIMELINE_NOT_COMPARABLE ? 0.45 : 1);
  if (part == IV_TIMELINE_CURRENT)
    gtk_widget_add_css_class (self->mark, "accent");
  else
    gtk_widget_remove_css_class (self->mark, "accent");
  update_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
iv_timeline_item_has_thumbnail (IvTimelineItem *self)
{
  return self->has_thumbnail;
}

void
iv_timeline_item_set_thumbnail (IvTimelineItem *self, GdkTexture *thumbnail, const char *reason)
{
  self->has_thumbnail = TRUE;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  if (thumbnail != NULL)
    gtk_image_set_from_paintable (GTK_IMAGE (self->picture), GDK_PAINTABLE (thumbnail));
  else
    gtk_image_set_from_icon_name (GTK_IMAGE (self->picture), "dialog-warning-symbolic");
  gtk_image_set_pixel_size (GTK_IMAGE (self->picture),
                            thumbnail != NULL ? IV_TIMELINE_THUMBNAIL : 24);
  update_words (self);
}

/* The film's part shows as a frame, too: full for the current one, thin for the prior. */
static void
iv_timeline_item_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA current = { 0.47f, 0.68f, 0.93f, 1 }, prior = { 0.85f, 0.85f, 0.85f, 1 };
  IvTimelineItem *self = IV_TIMELINE_ITEM (widget);
  graphene_rect_t bounds;
  GskRoundedRect outline;

  GTK_WIDGET_CLASS (iv_timeline_item_parent_class)->snapshot (widget, snapshot);
  if ((self->part != IV_TIMELINE_CURRENT && self->part != IV_TIMELINE_PRIOR) ||
      !gtk_widget_compute_bounds (widget, widget, &bounds))
    return;
  gsk_rounded_rect_init_from_rect (&outline, &bounds, 6);

  const gboolean is_current = self->part == IV_TIMELINE_CURRENT;
  const float line = is_current ? 2 : 1;
  const GdkRGBA color = is_current ? current : prior;
  gtk_snapshot_append_border (snapshot,
                              &outline,
                              (const float[]){ line, line, line, line },
                              (const GdkRGBA[]){ color, color, color, color });
}

static void
on_make_current (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, make_current_signal, 0);
}

static void
on_make_prior (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit_by_name (widget, "clicked");
}

static void
open_menu (IvTimelineItem *self)
{
  const gboolean is_current = self->part == IV_TIMELINE_CURRENT;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "film-item.make-current", !is_current);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "film-item.make-prior", self->part == IV_TIMELINE_OTHER);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary_press_cb (GtkGestureClick *gesture, int n, double x, double y, gpointer user_data)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (user_data);
}

static gboolean
on_menu_key_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  open_menu (IV_TIMELINE_ITEM (widget));
  return TRUE;
}

static GdkContentProvider *
on_drag_prepare_cb (GtkDragSource *source, double x, double y, gpointer user_data)
{
  IvTimelineItem *self = user_data;

  if (self->part == IV_TIMELINE_CURRENT || self->part == IV_TIMELINE_NOT_COMPARABLE)
    return NULL;
  return gdk_content_provider_new_typed (IV_TYPE_IMAGE, self->image);
}

static void
on_drag_begin_cb (GtkDragSource *source, GdkDrag *drag, gpointer user_data)
{
  IvTimelineItem *self = user_data;
  g_autoptr (GdkPaintable) icon = gtk_widget_paintable_new (self->picture);

  gtk_drag_source_set_icon (source, icon, IV_TIMELINE_THUMBNAIL / 2, IV_TIMELINE_THUMBNAIL / 2);
}

static void
iv_timeline_item_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GTK_WIDGET_CLASS (iv_timeline_item_parent_class)->size_allocate (widget, width, height, baseline);
  gtk_popover_present (GTK_POPOVER (IV_TIMELINE_ITEM (widget)->menu));
}

static void
iv_timeline_item_dispose (GObject *object)
{
  IvTimelineItem *self = IV_TIMELINE_ITEM (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_object (&self->image);
  g_clear_pointer (&self->interval, g_free);
  g_clear_pointer (&self->reason, g_free);
  G_OBJECT_CLASS (iv_timeline_item_parent_class)->dispose (object);
}

static void
iv_timeline_item_class_init (IvTimelineItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = iv_timeline_item_dispose;
  widget_class->snapshot = iv_timeline_item_snapshot;
  widget_class->size_allocate = iv_timeline_item_size_allocate;
  make_current_signal = g_signal_new ("make-current",
                                      IV_TYPE_TIMELINE_ITEM,
                                      G_SIGNAL_RUN_LAST,
                                      0,
                                      NULL,
                                      NULL,
                                      NULL,
                                      G_TYPE_NONE,
                                      0);
  gtk_widget_class_install_action (widget_class, "film-item.make-current", NULL, on_make_current);
  gtk_widget_class_install_action (widget_class, "film-item.make-prior", NULL, on_make_prior);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, on_menu_key_cb, NULL);
}

static GtkWidget *
add_label (GtkWidget *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
add_menu (IvTimelineItem *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, _ ("Read as the Current Film"), "film-item.make-current");
  g_menu_append (menu, _ ("Compare as the Prior"), "film-item.make-prior");
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

static void
add_controllers (IvTimelineItem *self)
{
  GtkGesture *secondary = gtk_gesture_click_new ();
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect (secondary, "pressed", G_CALLBACK (on_secondary_press_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (secondary));
  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY);
  g_signal_connect (drag, "prepare", G_CALLBACK (on_drag_prepare_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

static void
iv_timeline_item_init (IvTimelineItem *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);

  self->picture = gtk_image_new_from_icon_name ("content-loading-symbolic");
  gtk_widget_set_size_request (self->picture, IV_TIMELINE_THUMBNAIL, IV_TIMELINE_THUMBNAIL);
  gtk_widget_set_valign (text, GTK_ALIGN_CENTER);
  self->date = add_label (text, "caption-heading");
  self->detail = add_label (text, "caption");
  self->mark = add_label (text, "caption-heading");
  gtk_box_append (GTK_BOX (row), self->picture);
  gtk_box_append (GTK_BOX (row), text);
  gtk_button_set_child (GTK_BUTTON (self), row);
  gtk_widget_add_css_class (GTK_WIDGET (self), "flat");
  add_menu (self);
  add_controllers (self);
}

GtkWidget *
iv_timeline_item_new (IvImage *image)
{
  IvTimelineItem *self = g_object_new (IV_TYPE_TIMELINE_ITEM, NULL);

  self->image = g_object_ref (image);
  update_words (self);
  return GTK_WIDGET (self);
}
