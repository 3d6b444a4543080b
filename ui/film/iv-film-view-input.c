/* How a film view is worked with: drags, wheel, pinch, pointer and keys.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "ui/film/iv-film-text.h"
#include "ui/film/iv-film-view-private.h"

/* A drag over this many logical pixels changes the width of the window by a factor of e, or moves
 * its centre by its width. */
#define WINDOW_DRAG 320.0
/* Logical pixels a press may move and still be a click. */
#define CLICK_DISTANCE 4.0
#define WHEEL_STEP 1.15
/* Logical pixels of a touchpad that count as one step of a wheel. */
#define SURFACE_STEP 30.0
/* Logical pixels around the curtain that take hold of it. */
#define CURTAIN_REACH 12.0
/* Logical pixels beside an outline that still belong to it. */
#define OUTLINE_REACH 5.0
#define PAN_STEP 48.0

static void
touch (IvFilmView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_TOUCHED], 0);
}

static IvPoint
film_at (IvFilmView *self, double x, double y)
{
  const int scale = iv_film_view_get_device_scale (self);

  return iv_film_geometry_to_film (&self->geometry, x * scale, y * scale);
}

static gboolean
is_on_film (IvFilmView *self, IvPoint point)
{
  return self->radiograph != NULL && point.x >= -0.5 && point.y >= -0.5 &&
         point.x < self->geometry.columns - 0.5 && point.y < self->geometry.rows - 0.5;
}

static const IvChange *
change_at (IvFilmView *self, double x, double y)
{
  const int scale = iv_film_view_get_device_scale (self);

  if (self->radiograph == NULL)
    return NULL;
  return iv_film_overlay_hit (
      self->overlay,
      &(IvFilmOverlayHit){ .point = film_at (self, x, y),
                           .reach = OUTLINE_REACH * scale / self->geometry.zoom,
                           .style = &self->style });
}

static gboolean
is_at_curtain (IvFilmView *self, double x)
{
  if (self->alternate == NULL || self->curtain <= 0 || self->curtain >= 1)
    return FALSE;
  return fabs (x - self->curtain * gtk_widget_get_width (GTK_WIDGET (self))) <= CURTAIN_REACH;
}

static void
update_pointer_shape (IvFilmView *self)
{
  const char *name = NULL;

  if (self->drag == IV_DRAG_PAN)
    name = "grabbing";
  else if (self->drag == IV_DRAG_CURTAIN ||
           (self->has_pointer && is_at_curtain (self, self->pointer_x)))
    name = "col-resize";
  else if (self->tool == IV_FILM_TOOL_PAN || self->is_space_held)
    name = "grab";
  else if (self->tool == IV_FILM_TOOL_REGION || self->drag == IV_DRAG_REGION)
    name = "crosshair";
  else if (self->hover != NULL)
    name = "pointer";
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

void
iv_film_view_set_tool (IvFilmView *self, IvFilmTool tool)
{
  self->tool = tool;
  update_pointer_shape (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

IvFilmTool
iv_film_view_get_tool (IvFilmView *self)
{
  return self->tool;
}

/* Drags */

static void
drag_window (IvFilmView *self, double dx, double dy)
{
  iv_film_view_shift_window (
      self, &self->drag_grayscale, exp (dx / WINDOW_DRAG) - 1, -dy / WINDOW_DRAG);
}

static void
drag_pan (IvFilmView *self, double dx, double dy)
{
  const int scale = iv_film_view_get_device_scale (self);

  self->is_fit = FALSE;
  self->geometry.center = self->drag_geometry.center;
  iv_film_geometry_pan (&self->geometry, dx * scale, dy * scale);
  iv_film_view_geometry_changed (self);
}

static void
drag_region (IvFilmView *self, double dx, double dy)
{
  graphene_rect_init (
      &self->region, (float) self->drag_x, (float) self->drag_y, (float) dx, (float) dy);
  graphene_rect_normalize (&self->region);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_curtain (IvFilmView *self, double dx)
{
  const int width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  /* Never quite to the ends: it must stay in reach. */
  iv_film_view_set_curtain (self, CLAMP ((self->drag_x + dx) / width, 0.01, 0.99));
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_CURTAIN_CHANGED], 0);
}

static void
take_region (IvFilmView *self)
{
  const IvPoint a = film_at (self, self->region.origin.x, self->region.origin.y);
  const IvPoint b = film_at (self,
                             self->region.origin.x + self->region.size.width,
                             self->region.origin.y + self->region.size.height);
  const double left = CLAMP (MIN (a.x, b.x), 0, self->geometry.columns);
  const double right = CLAMP (MAX (a.x, b.x), 0, self->geometry.columns);
  const double top = CLAMP (MIN (a.y, b.y), 0, self->geometry.rows);
  const double bottom = CLAMP (MAX (a.y, b.y), 0, self->geometry.rows);
  const gboolean invert = self->grayscale.invert;

  /* Too small to say anything about gray values: a slip. */
  if (right - left < 3 || bottom - top < 3)
    return;
  iv_grayscale_init_region (
      &self->grayscale, self->radiograph, left, top, right - left, bottom - top);
  self->grayscale.invert = invert;
  iv_film_view_grayscale_changed (self, "custom");
}

static IvFilmDrag
choose_drag (IvFilmView *self, guint button, GdkModifierType modifiers, double x)
{
  if (button == GDK_BUTTON_MIDDLE)
    return IV_DRAG_PAN;
  if (is_at_curtain (self, x))
    return IV_DRAG_CURTAIN;
  if (self->is_space_held || self->tool == IV_FILM_TOOL_PAN)
    return IV_DRAG_PAN;
  if (self->tool == IV_FILM_TOOL_REGION || (modifiers & GDK_SHIFT_MASK) != 0)
    return IV_DRAG_REGION;
  return IV_DRAG_WINDOW;
}

static void
on_drag_begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer user_data)
{
  IvFilmView *self = user_data;
  const guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  const GdkModifierType modifiers =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  touch (self);
  if (self->radiograph == NULL) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  self->drag = choose_drag (self, button, modifiers, x);
  self->is_past_click = FALSE;
  self->drag_x = x;
  self->drag_y = y;
  self->drag_geometry = self->geometry;
  self->drag_grayscale = self->grayscale;
  graphene_rect_init (&self->region, (float) x, (float) y, 0, 0);
  update_pointer_shape (self);
}

static gboolean
is_click (double dx, double dy)
{
  return hypot (dx, dy) < CLICK_DISTANCE;
}

static void
on_drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer user_data)
{
  IvFilmView *self = user_data;

  switch (self->drag) {
  case IV_DRAG_WINDOW:
    /* A click must not touch the window; once out of its circle a drag may come back to it. */
    self->is_past_click |= !is_click (dx, dy);
    if (self->is_past_click)
      drag_window (self, dx, dy);
    break;
  case IV_DRAG_PAN:
    drag_pan (self, dx, dy);
    break;
  case IV_DRAG_REGION:
    drag_region (self, dx, dy);
    break;
  case IV_DRAG_CURTAIN:
    drag_curtain (self, dx);
    break;
  case IV_DRAG_NONE:
  default:
    break;
  }
}

static void
on_drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer user_data)
{
  IvFilmView *self = user_data;
  const IvFilmDrag drag = self->drag;

  self->drag = IV_DRAG_NONE;
  if (drag == IV_DRAG_REGION) {
    take_region (self);
    self->tool = IV_FILM_TOOL_WINDOW;
    gtk_widget_queue_draw (GTK_WIDGET (self));
  } else if (drag == IV_DRAG_WINDOW && !self->is_past_click) {
    const IvChange *change = change_at (self, self->drag_x, self->drag_y);
    if (change != NULL)
      g_signal_emit (
          self, iv_film_view_signals[IV_FILM_VIEW_CHANGE_ACTIVATED], 0, (gpointer) change);
  }
  update_pointer_shape (self);
}

/* The gesture was taken away, or Escape: as it was before. */
static void
on_drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  IvFilmView *self = user_data;

  self->drag = IV_DRAG_NONE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  update_pointer_shape (self);
}

/* Wheel and pinch */

static gboolean
on_scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  IvFilmView *self = user_data;
  const int scale = iv_film_view_get_device_scale (self);
  double steps = dy;

  if (self->radiograph == NULL || dy == 0)
    return GDK_EVENT_PROPAGATE;
  if (gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE)
    steps = dy / SURFACE_STEP;

  const double x = self->has_pointer ? self->pointer_x * scale : self->geometry.width / 2.0;
  const double y = self->has_pointer ? self->pointer_y * scale : self->geometry.height / 2.0;
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_TOUCHED], 0);
  self->is_fit = FALSE;
  iv_film_geometry_zoom_at (&self->geometry, x, y, self->geometry.zoom * pow (WHEEL_STEP, -steps));
  iv_film_view_geometry_changed (self);
  return GDK_EVENT_STOP;
}

static void
on_pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  IvFilmView *self = user_data;

  self->pinch_zoom = self->geometry.zoom;
  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_TOUCHED], 0);
}

static void
on_pinch_scale_cb (GtkGestureZoom *gesture, double factor, gpointer user_data)
{
  IvFilmView *self = user_data;
  const int scale = iv_film_view_get_device_scale (self);
  double x, y;

  if (self->radiograph == NULL ||
      !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  self->is_fit = FALSE;
  iv_film_geometry_zoom_at (&self->geometry, x * scale, y * scale, self->pinch_zoom * factor);
  iv_film_view_geometry_changed (self);
}

/* Pointer */

static void
emit_cursor (IvFilmView *self)
{
  const IvPoint point =
      self->has_pointer ? film_at (self, self->pointer_x, self->pointer_y) : (IvPoint){ 0, 0 };
  const gboolean is_on = self->has_pointer && is_on_film (self, point);

  g_signal_emit (self,
                 iv_film_view_signals[IV_FILM_VIEW_CURSOR_MOVED],
                 0,
                 is_on ? point.x : (double) NAN,
                 is_on ? point.y : (double) NAN);
}

static void
on_motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  IvFilmView *self = user_data;
  const IvChange *hover;

  self->pointer_x = x;
  self->pointer_y = y;
  self->has_pointer = TRUE;
  hover = self->drag == IV_DRAG_NONE ? change_at (self, x, y) : NULL;
  if (hover != self->hover) {
    self->hover = hover;
    gtk_widget_queue_draw (GTK_WIDGET (self));
  }
  update_pointer_shape (self);
  emit_cursor (self);
}

static void
on_leave_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  IvFilmView *self = user_data;

  self->has_pointer = FALSE;
  if (self->hover != NULL)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->hover = NULL;
  emit_cursor (self);
}

static gboolean
on_query_tooltip_cb (GtkWidget *widget,
                     int x,
                     int y,
                     gboolean is_keyboard,
                     GtkTooltip *tooltip,
                     gpointer user_data)
{
  IvFilmView *self = IV_FILM_VIEW (widget);
  const IvChange *change = is_keyboard ? self->style.selected : change_at (self, x, y);

  if (change == NULL || self->drag != IV_DRAG_NONE)
    return FALSE;
  const IvRadiographInfo *info = iv_radiograph_get_info (self->radiograph);
  g_autofree char *text = iv_film_text_change (change, info->spacing_source);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* Keys */

static gboolean
move_by_key (IvFilmView *self, guint keyval, GdkModifierType modifiers)
{
  const int scale = iv_film_view_get_device_scale (self);
  int dx = 0, dy = 0;

  switch (keyval) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    dx = -1;
    break;
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    dx = 1;
    break;
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    dy = -1;
    break;
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    dy = 1;
    break;
  default:
    return FALSE;
  }
  if ((modifiers & GDK_SHIFT_MASK) != 0) {
    iv_film_view_shift_window (self, &self->grayscale, dx * 0.06, -dy * 0.03);
    return TRUE;
  }
  self->is_fit = FALSE;
  iv_film_geometry_pan (&self->geometry, -dx * PAN_STEP * scale, -dy * PAN_STEP * scale);
  iv_film_view_geometry_changed (self);
  return TRUE;
}

static gboolean
on_key_pressed_cb (GtkEventControllerKey *controller,
                   guint keyval,
                   guint keycode,
                   GdkModifierType modifiers,
                   gpointer user_data)
{
  IvFilmView *self = user_data;

  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0 ||
      self->radiograph == NULL)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_space) {
    self->is_space_held = TRUE;
    update_pointer_shape (self);
    return GDK_EVENT_STOP;
  }
  if (keyval == GDK_KEY_Escape && self->tool != IV_FILM_TOOL_WINDOW) {
    iv_film_view_set_tool (self, IV_FILM_TOOL_WINDOW);
    return GDK_EVENT_STOP;
  }
  return move_by_key (self, keyval, modifiers) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

static void
on_key_released_cb (GtkEventControllerKey *controller,
                    guint keyval,
                    guint keycode,
                    GdkModifierType modifiers,
                    gpointer user_data)
{
  IvFilmView *self = user_data;

  if (keyval == GDK_KEY_space) {
    self->is_space_held = FALSE;
    update_pointer_shape (self);
  }
}

static void
on_focus_leave_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  IvFilmView *self = user_data;

  /* The release of the space bar will go elsewhere. */
  self->is_space_held = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_focus_enter_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  IvFilmView *self = user_data;

  g_signal_emit (self, iv_film_view_signals[IV_FILM_VIEW_TOUCHED], 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
add_drag (IvFilmView *self, guint button)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (on_drag_cancel_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

void
iv_film_view_init_input (IvFilmView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  add_drag (self, GDK_BUTTON_PRIMARY);
  add_drag (self, GDK_BUTTON_MIDDLE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll_cb), self);
  gtk_widget_add_controller (widget, scroll);
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch_scale_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave_cb), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  g_signal_connect (key, "key-released", G_CALLBACK (on_key_released_cb), self);
  gtk_widget_add_controller (widget, key);
  g_signal_connect (focus, "enter", G_CALLBACK (on_focus_enter_cb), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_leave_cb), self);
  gtk_widget_add_controller (widget, focus);

  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query_tooltip_cb), NULL);
}
