/* The strip of all films of a patient, by date; picks the prior and the current film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-timeline.h"

#include <glib/gi18n.h>

#include "ui/film/iv-film-renderer.h"
#include "ui/case/iv-timeline-item.h"

#define STRIP_MARGIN 6

struct _IvTimeline {
  GtkWidget parent_instance;

  GtkWidget *scrolled, *box; /* scrolled is owned by being its parent */
  IvPatient *patient;        /* (owned) or NULL */
  IvImage *current, *prior;  /* (owned) or NULL */
  GPtrArray *items;          /* IvTimelineItem, borrowed from box, oldest first */

  GCancellable *cancellable; /* (owned) of the thumbnail under way, or NULL */
};

enum { PRIOR_ACTIVATED, CURRENT_ACTIVATED, N_SIGNALS };

G_DEFINE_FINAL_TYPE (IvTimeline, iv_timeline, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

static void load_next_thumbnail (IvTimeline *self);

/* Words */

static char *
format_days (int days)
{
  /* Translators: a time between two films in days, with its sign */
  return days < 0 ? g_strdup_printf (_ ("−%d d"), -days) : g_strdup_printf (_ ("+%d d"), days);
}

/* Whole months from a to b, a before b. */
static int
count_months (GDateTime *a, GDateTime *b)
{
  int months = (g_date_time_get_year (b) - g_date_time_get_year (a)) * 12 +
               g_date_time_get_month (b) - g_date_time_get_month (a);

  if (g_date_time_get_day_of_month (b) < g_date_time_get_day_of_month (a))
    months--;
  return months;
}

/* Calendar days: a film at 23:00 and one at 01:00 are a day apart. */
static int
count_days (GDateTime *from, GDateTime *to)
{
  g_autoptr (GDate) a = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (from),
                                        (GDateMonth) g_date_time_get_month (from),
                                        (GDateYear) g_date_time_get_year (from));
  g_autoptr (GDate) b = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (to),
                                        (GDateMonth) g_date_time_get_month (to),
                                        (GDateYear) g_date_time_get_year (to));

  return g_date_days_between (a, b);
}

char *
iv_timeline_format_interval (GDateTime *current, GDateTime *film)
{
  const int days = count_days (current, film);

  if (days == 0)
    return g_strdup (_ ("same day"));
  if (ABS (days) < 365)
    return format_days (days);

  const int months = days < 0 ? count_months (film, current) : count_months (current, film);
  const char *sign = days < 0 ? "−" : "+";
  if (months % 12 == 0)
    /* Translators: sign and years between two films */
    return g_strdup_printf (_ ("%s%d y"), sign, months / 12);
  /* Translators: sign, years and months between two films */
  return g_strdup_printf (_ ("%s%d y %d mo"), sign, months / 12, months % 12);
}

/* Parts */

static gboolean
is_lateral (IvImage *image)
{
  return iv_image_get_info (image)->view == IV_VIEW_LATERAL;
}

static IvTimelinePart
part_of (IvTimeline *self, IvImage *image)
{
  if (image == self->current)
    return IV_TIMELINE_CURRENT;
  if (image == self->prior)
    return IV_TIMELINE_PRIOR;
  if (self->current != NULL && is_lateral (image) != is_lateral (self->current))
    return IV_TIMELINE_NOT_COMPARABLE;
  return IV_TIMELINE_OTHER;
}

static void
update_parts (IvTimeline *self)
{
  GDateTime *reference = self->current != NULL ? iv_image_get_date (self->current) : NULL;

  for (guint i = 0; i < self->items->len; i++) {
    IvTimelineItem *item = g_ptr_array_index (self->items, i);
    IvImage *image = iv_timeline_item_get_image (item);
    GDateTime *date = iv_image_get_date (image);
    g_autofree char *interval = reference != NULL && date != NULL && image != self->current
                                    ? iv_timeline_format_interval (reference, date)
                                    : NULL;
    iv_timeline_item_set_part (item, part_of (self, image), interval);
  }
}

/* One stop for Tab: the prior, or the current film, or the last one; arrows go on from there. */
static void
update_focus_stop (IvTimeline *self, IvTimelineItem *chosen)
{
  for (guint i = 0; i < self->items->len && chosen == NULL; i++) {
    IvTimelineItem *item = g_ptr_array_index (self->items, i);
    const IvTimelinePart part = iv_timeline_item_get_part (item);
    if (part == IV_TIMELINE_PRIOR || (part == IV_TIMELINE_CURRENT && self->prior == NULL) ||
        i + 1 == self->items->len)
      chosen = item;
  }
  for (guint i = 0; i < self->items->len; i++) {
    GtkWidget *item = g_ptr_array_index (self->items, i);
    gtk_widget_set_focusable (item, item == GTK_WIDGET (chosen));
  }
}

/* Thumbnails */

/* Fitted into the square of an item. */
static GdkTexture *
draw_thumbnail (const IvThumbnail *thumbnail, guint side)
{
  const gsize n = (gsize) thumbnail->width * thumbnail->height;
  const guint8 *from = g_bytes_get_data (thumbnail->pixels, NULL);
  g_autofree guint16 *values = g_new (guint16, n);
  g_autofree guint8 *table = g_new (guint8, 65536);
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();
  g_autoptr (IvFilmPyramid) pyramid = NULL;
  g_autoptr (GBytes) pixels = NULL;
  IvFilmGeometry geometry = {
    .columns = thumbnail->width, .rows = thumbnail->height, .width = side, .height = side
  };

  for (gsize i = 0; i < n; i++)
    values[i] = from[i];
  for (guint i = 0; i < 65536; i++)
    table[i] = (guint8) MIN (i, 255);
  pyramid = iv_film_pyramid_new (&(IvFilmPyramidParams){
      .pixels = values, .columns = thumbnail->width, .rows = thumbnail->height, .max = 255 });
  iv_film_renderer_set_pyramid (renderer, pyramid);
  iv_film_renderer_set_table (renderer, table);
  iv_film_geometry_fit (&geometry);
  pixels = iv_film_renderer_render (renderer, &geometry);
  return gdk_memory_texture_new (
      (int) side, (int) side, GDK_MEMORY_DEFAULT, pixels, (gsize) side * 4);
}

static guint
thumbnail_side (IvTimeline *self)
{
  return (guint) (IV_TIMELINE_THUMBNAIL * MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1));
}

static void
show_thumbnail (IvTimeline *self, IvImage *image, const char *reason)
{
  const IvThumbnail *thumbnail = iv_image_get_thumbnail (image);
  g_autoptr (GdkTexture) texture =
      thumbnail != NULL ? draw_thumbnail (thumbnail, thumbnail_side (self)) : NULL;

  for (guint i = 0; i < self->items->len; i++) {
    IvTimelineItem *item = g_ptr_array_index (self->items, i);
    if (iv_timeline_item_get_image (item) == image)
      iv_timeline_item_set_thumbnail (item, texture, reason);
  }
}

static void
on_thumbnail_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (IvTimeline) self = user_data;
  g_autoptr (GError) error = NULL;

  iv_image_load_thumbnail_finish (IV_IMAGE (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  show_thumbnail (self, IV_IMAGE (object), error != NULL ? error->message : NULL);
  g_clear_object (&self->cancellable);
  load_next_thumbnail (self);
}

/* Newest first: they are the ones that are looked at. */
static void
load_next_thumbnail (IvTimeline *self)
{
  if (self->cancellable != NULL)
    return;
  for (guint i = self->items->len; i-- > 0;) {
    IvTimelineItem *item = g_ptr_array_index (self->items, i);
    if (iv_timeline_item_has_thumbnail (item))
      continue;
    if (iv_image_get_thumbnail (iv_timeline_item_get_image (item)) != NULL) {
      show_thumbnail (self, iv_timeline_item_get_image (item), NULL);
      continue;
    }
    self->cancellable = g_cancellable_new ();
    iv_image_load_thumbnail_async (
        iv_timeline_item_get_image (item), self->cancellable, on_thumbnail_cb, g_object_ref (self));
    return;
  }
}

static void
stop_thumbnails (IvTimeline *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* Items */

static void
on_clicked_cb (GtkButton *button, gpointer user_data)
{
  IvTimeline *self = user_data;
  IvTimelineItem *item = IV_TIMELINE_ITEM (button);

  update_focus_stop (self, item);
  if (iv_timeline_item_get_part (item) == IV_TIMELINE_OTHER)
    g_signal_emit (self, signals[PRIOR_ACTIVATED], 0, iv_timeline_item_get_image (item));
}

static void
on_make_current_cb (IvTimelineItem *item, gpointer user_data)
{
  g_signal_emit (user_data, signals[CURRENT_ACTIVATED], 0, iv_timeline_item_get_image (item));
}

static void
append_item (IvTimeline *self, IvImage *image)
{
  GtkWidget *item = iv_timeline_item_new (image);

  g_signal_connect (item, "clicked", G_CALLBACK (on_clicked_cb), self);
  g_signal_connect (item, "make-current", G_CALLBACK (on_make_current_cb), self);
  gtk_box_append (GTK_BOX (self->box), item);
  g_ptr_array_add (self->items, item);
}

static void
rebuild (IvTimeline *self)
{
  GtkWidget *child;
  const guint n =
      self->patient != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->patient)) : 0;

  stop_thumbnails (self);
  g_ptr_array_set_size (self->items, 0);
  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  for (guint i = 0; i < n; i++) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (self->patient), i);
    append_item (self, image);
  }
  update_parts (self);
  update_focus_stop (self, NULL);
  load_next_thumbnail (self);
}

static void
on_items_changed_cb (GListModel *model,
                     guint position,
                     guint n_removed,
                     guint n_added,
                     gpointer user_data)
{
  rebuild (user_data);
}

void
iv_timeline_set_patient (IvTimeline *self, IvPatient *patient)
{
  g_return_if_fail (IV_IS_TIMELINE (self));

  if (self->patient == patient)
    return;
  if (self->patient != NULL)
    g_signal_handlers_disconnect_by_func (self->patient, on_items_changed_cb, self);
  g_set_object (&self->patient, patient);
  if (patient != NULL)
    g_signal_connect (patient, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  g_clear_object (&self->current);
  g_clear_object (&self->prior);
  rebuild (self);
}

/* Brings an item into sight once the strip has its size. */
static gboolean
on_reveal_cb (gpointer user_data)
{
  IvTimeline *self = user_data;
  GtkAdjustment *adjustment;

  if (self->scrolled == NULL) /* disposed of meanwhile */
    return G_SOURCE_REMOVE;
  adjustment = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  for (guint i = 0; i < self->items->len; i++) {
    GtkWidget *item = g_ptr_array_index (self->items, i);
    graphene_rect_t bounds;

    if (iv_timeline_item_get_part (IV_TIMELINE_ITEM (item)) != IV_TIMELINE_CURRENT ||
        !gtk_widget_compute_bounds (item, self->box, &bounds))
      continue;
    /* The box has a margin on either side, which its own coordinates leave out. */
    gtk_adjustment_clamp_page (
        adjustment, bounds.origin.x, bounds.origin.x + bounds.size.width + 2 * STRIP_MARGIN);
  }
  return G_SOURCE_REMOVE;
}

/* Marks, dates and thumbnails change the strip's width after the item was brought into sight. */
static void
queue_reveal (IvTimeline *self)
{
  g_idle_add_full (
      G_PRIORITY_LOW, on_reveal_cb, g_object_ref (self), (GDestroyNotify) g_object_unref);
}

static void
take_mark (IvTimeline *self, IvImage **place, IvImage *image)
{
  if (!g_set_object (place, image))
    return;
  update_parts (self);
  update_focus_stop (self, NULL);
  queue_reveal (self);
}

void
iv_timeline_set_current (IvTimeline *self, IvImage *current)
{
  g_return_if_fail (IV_IS_TIMELINE (self));
  take_mark (self, &self->current, current);
}

void
iv_timeline_set_prior (IvTimeline *self, IvImage *prior)
{
  g_return_if_fail (IV_IS_TIMELINE (self));
  take_mark (self, &self->prior, prior);
}

/* Keys */

static gboolean
on_key_pressed_cb (GtkEventControllerKey *controller,
                   guint keyval,
                   guint keycode,
                   GdkModifierType modifiers,
                   gpointer user_data)
{
  IvTimeline *self = user_data;
  const int n = (int) self->items->len;
  int at = -1, to;

  for (int i = 0; i < n; i++)
    if (gtk_widget_has_focus (g_ptr_array_index (self->items, i)))
      at = i;
  if (at < 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval) {
  case GDK_KEY_Left:
    to = at - 1;
    break;
  case GDK_KEY_Right:
    to = at + 1;
    break;
  case GDK_KEY_Home:
    to = 0;
    break;
  case GDK_KEY_End:
    to = n - 1;
    break;
  default:
    return GDK_EVENT_PROPAGATE;
  }
  to = CLAMP (to, 0, n - 1);
  update_focus_stop (self, g_ptr_array_index (self->items, to));
  gtk_widget_grab_focus (g_ptr_array_index (self->items, to));
  return GDK_EVENT_STOP;
}

/* A wheel turns the strip sideways. */
static gboolean
on_scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  IvTimeline *self = user_data;
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + (dx + dy) * 80);
  return GDK_EVENT_STOP;
}

/* Object */

static void
iv_timeline_dispose (GObject *object)
{
  IvTimeline *self = IV_TIMELINE (object);

  if (self->scrolled != NULL)
    iv_timeline_set_patient (self, NULL);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_timeline_parent_class)->dispose (object);
}

static void
iv_timeline_finalize (GObject *object)
{
  g_ptr_array_unref (IV_TIMELINE (object)->items);
  G_OBJECT_CLASS (iv_timeline_parent_class)->finalize (object);
}

static void
iv_timeline_class_init (IvTimelineClass *klass)
{
  static const char *const names[N_SIGNALS] = { "prior-activated", "current-activated" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = iv_timeline_dispose;
  object_class->finalize = iv_timeline_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               IV_TYPE_TIMELINE,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               1,
                               IV_TYPE_IMAGE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
iv_timeline_init (IvTimeline *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

  self->items = g_ptr_array_new ();
  self->scrolled = gtk_scrolled_window_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_set_margin_start (self->box, STRIP_MARGIN);
  gtk_widget_set_margin_end (self->box, STRIP_MARGIN);
  gtk_widget_set_margin_top (self->box, STRIP_MARGIN);
  gtk_widget_set_margin_bottom (self->box, STRIP_MARGIN);
  gtk_widget_set_halign (self->box, GTK_ALIGN_CENTER);
  gtk_scrolled_window_set_policy (
      GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->box);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));

  g_signal_connect_object (
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled)),
      "changed",
      G_CALLBACK (queue_reveal),
      self,
      G_CONNECT_SWAPPED);
  /* Before the strip's own scrolling and the window's keys. */
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Films of the patient"), -1);
}

GtkWidget *
iv_timeline_new (void)
{
  return g_object_new (IV_TYPE_TIMELINE, NULL);
}
