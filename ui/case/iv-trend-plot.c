/* A patient's measures over time: cardiothoracic ratio and lung areas, one point a film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-trend-plot.h"

#include <math.h>

#include <glib/gi18n.h>

#define HEIGHT 250
#define LEFT 44.0 /* for the numbers of the vertical axes */
#define RIGHT 14.0
#define TOP 30.0    /* for a pane's title */
#define BOTTOM 24.0 /* for the dates */
#define RADIUS 4.5
#define REACH 12.0 /* of a click */
#define MOST_PARTS 4

struct _IvTrendPlot {
  GtkWidget parent_instance;
  IvTrend *trend; /* (owned) or NULL */
  IvImage *prior; /* (owned) or NULL */
  int chosen;     /* point that the keys are at, or -1 */
};

enum { IMAGE_ACTIVATED, N_SIGNALS };

G_DEFINE_FINAL_TYPE (IvTrendPlot, iv_trend_plot, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* One kind of value, drawn with a glyph of its own. */
typedef struct {
  double (*get) (const IvFilmMeasure *measure);
  gboolean is_square;
} Series;

typedef struct {
  const char *title;
  Series series[2];
  guint n_series;
  double least_span; /* of the axis */
  int digits;
} Pane;

static double
get_ratio (const IvFilmMeasure *measure)
{
  return measure->ratio;
}

static double
get_right_lung (const IvFilmMeasure *measure)
{
  return measure->lung_px[0] > 0 ? measure->lung_mm2[0] / 100 : NAN;
}

static double
get_left_lung (const IvFilmMeasure *measure)
{
  return measure->lung_px[1] > 0 ? measure->lung_mm2[1] / 100 : NAN;
}

static const Pane panes[] = {
  { N_ ("Cardiothoracic ratio"), { { get_ratio, FALSE } }, 1, 0.08, 2 },
  { N_ ("Lung fields, cm²: ● right, ■ left"),
    { { get_right_lung, FALSE }, { get_left_lung, TRUE } },
    2,
    40,
    0 },
};

/* Where a pane lies in the widget, and what its axis spans. */
typedef struct {
  const Pane *pane;
  double x, y, width, height;
  double low, high, step;
} Frame;

double
iv_trend_plot_step (double length, guint most)
{
  double rough = length / MAX (most, 1), unit;

  if (!(rough > 0) || !isfinite (rough))
    return 1;
  unit = pow (10, floor (log10 (rough)));
  if (rough <= unit * (1 + 1e-9))
    return unit;
  return rough <= 2 * unit * (1 + 1e-9) ? 2 * unit : rough <= 5 * unit ? 5 * unit : 10 * unit;
}

static guint
count_points (IvTrendPlot *self)
{
  return self->trend != NULL ? iv_trend_get_points (self->trend)->len : 0;
}

static IvTrendPoint *
get_point (IvTrendPlot *self, guint i)
{
  return g_ptr_array_index (iv_trend_get_points (self->trend), i);
}

static const IvFilmMeasure *
get_measure (const IvTrendPoint *point)
{
  return point->is_current ? &point->values.current : &point->values.prior;
}

/* Days since the oldest film; films without a date are one day apart, in their order. */
static double
get_day (IvTrendPlot *self, guint i)
{
  GDateTime *first = iv_image_get_date (get_point (self, 0)->image);
  GDateTime *date = iv_image_get_date (get_point (self, i)->image);

  if (first == NULL || date == NULL)
    return i;
  return g_date_time_difference (date, first) / (double) G_TIME_SPAN_DAY;
}

static double
get_x (IvTrendPlot *self, const Frame *frame, guint i)
{
  double last = get_day (self, count_points (self) - 1);

  return frame->x + (last > 0 ? get_day (self, i) / last : 0.5) * frame->width;
}

static double
get_y (const Frame *frame, double value)
{
  return frame->y + (frame->high - value) / (frame->high - frame->low) * frame->height;
}

/* FALSE when there is nothing to draw on this pane. */
static gboolean
scale_frame (IvTrendPlot *self, Frame *frame)
{
  double low = INFINITY, high = -INFINITY, middle;

  for (guint i = 0; i < count_points (self); i++)
    for (guint k = 0; k < frame->pane->n_series; k++) {
      const IvTrendPoint *point = get_point (self, i);
      double value = point->is_known ? frame->pane->series[k].get (get_measure (point)) : NAN;

      if (!isfinite (value))
        continue;
      low = MIN (low, value);
      high = MAX (high, value);
    }
  if (!(low <= high))
    return FALSE;
  middle = 0.5 * (low + high);
  low = MIN (low, middle - 0.5 * frame->pane->least_span);
  high = MAX (high, middle + 0.5 * frame->pane->least_span);
  frame->step = iv_trend_plot_step (high - low, MOST_PARTS);
  frame->low = floor (low / frame->step + 1e-9) * frame->step;
  frame->high = ceil (high / frame->step - 1e-9) * frame->step;
  return TRUE;
}

/* The panes that have values, one above the other. */
static guint
lay_out (IvTrendPlot *self, Frame frames[G_N_ELEMENTS (panes)])
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - LEFT - RIGHT - 2 * RADIUS;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - BOTTOM;
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (panes) && count_points (self) > 0; i++) {
    frames[n] = (Frame){ .pane = &panes[i], .x = LEFT + RADIUS, .width = MAX (width, 1) };
    n += scale_frame (self, &frames[n]);
  }
  for (guint i = 0; i < n; i++) {
    frames[i].y = i * height / n + TOP;
    frames[i].height = MAX (height / n - TOP - RADIUS, 1);
  }
  return n;
}

/* Alignment of a text to its point: 0 starts there, 1 ends there. */
typedef struct {
  double x, y, align;
  double alpha;
} Place;

static void
draw_text (IvTrendPlot *self, cairo_t *cr, const char *text, Place place)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();
  GdkRGBA color;
  int width, height;

  pango_attr_list_insert (attributes, pango_attr_scale_new (0.8));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= (float) place.alpha;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_move_to (cr, place.x - place.align * width, place.y - height / 2.0);
  pango_cairo_show_layout (cr, layout);
}

static void
set_color (IvTrendPlot *self, cairo_t *cr, const char *name, double alpha)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (name == NULL || !gtk_style_context_lookup_color (style, name, &color))
    gtk_style_context_get_color (style, &color);
  color.alpha *= (float) alpha;
  gdk_cairo_set_source_rgba (cr, &color);
}

static void
draw_axes (IvTrendPlot *self, cairo_t *cr, const Frame *frame)
{
  draw_text (self, cr, _ (frame->pane->title), (Place){ 4, frame->y - 16, 0, 0.9 });
  cairo_set_line_width (cr, 1);
  for (double v = frame->low; v < frame->high + 0.5 * frame->step; v += frame->step) {
    double y = round (get_y (frame, v)) + 0.5;
    g_autofree char *text = g_strdup_printf ("%.*f", frame->pane->digits, v);

    set_color (self, cr, NULL, 0.15);
    cairo_move_to (cr, frame->x - RADIUS, y);
    cairo_line_to (cr, frame->x + frame->width + RADIUS, y);
    cairo_stroke (cr);
    draw_text (self, cr, text, (Place){ LEFT - 5, y, 1, 0.7 });
  }
}

static void
add_glyph (cairo_t *cr, double x, double y, gboolean is_square)
{
  cairo_new_sub_path (cr);
  if (is_square)
    cairo_rectangle (cr, x - RADIUS + 0.5, y - RADIUS + 0.5, 2 * RADIUS - 1, 2 * RADIUS - 1);
  else
    cairo_arc (cr, x, y, RADIUS, 0, 2 * G_PI);
}

/* A doubtful film is hollow; the film that is read and the prior are ringed. */
static void
draw_point (IvTrendPlot *self, cairo_t *cr, const Frame *frame, guint i)
{
  const IvTrendPoint *point = get_point (self, i);
  gboolean is_marked = point->is_current || point->image == self->prior;

  for (guint k = 0; point->is_known && k < frame->pane->n_series; k++) {
    const Series *series = &frame->pane->series[k];
    double value = series->get (get_measure (point));
    double x = get_x (self, frame, i), y = get_y (frame, value);

    if (!isfinite (value))
      continue;
    add_glyph (cr, x, y, series->is_square);
    set_color (self, cr, get_measure (point)->doubts ? "view_bg_color" : "accent_color", 1);
    cairo_fill_preserve (cr);
    set_color (self, cr, "accent_color", 1);
    cairo_set_line_width (cr, 1.6);
    cairo_stroke (cr);
    if (!is_marked && (int) i != self->chosen)
      continue;
    cairo_new_sub_path (cr);
    cairo_arc (cr, x, y, RADIUS + 3.5, 0, 2 * G_PI);
    set_color (self, cr, NULL, (int) i == self->chosen ? 1 : 0.55);
    cairo_stroke (cr);
  }
}

static void
draw_line (IvTrendPlot *self, cairo_t *cr, const Frame *frame, const Series *series)
{
  cairo_new_path (cr);
  for (guint i = 0; i < count_points (self); i++) {
    const IvTrendPoint *point = get_point (self, i);
    double value = point->is_known ? series->get (get_measure (point)) : NAN;

    if (isfinite (value))
      cairo_line_to (cr, get_x (self, frame, i), get_y (frame, value));
  }
  set_color (self, cr, "accent_color", 0.5);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static char *
format_date (IvTrendPlot *self, guint i)
{
  GDateTime *date = iv_image_get_date (get_point (self, i)->image);

  return date != NULL ? g_date_time_format (date, "%Y-%m-%d")
                      : g_strdup_printf (_ ("Film %u"), i + 1);
}

/* As many dates as have room, the last one always. */
static void
draw_dates (IvTrendPlot *self, cairo_t *cr, const Frame *frame)
{
  double y = gtk_widget_get_height (GTK_WIDGET (self)) - BOTTOM / 2, room = INFINITY;

  for (guint i = count_points (self); i-- > 0;) {
    double x = get_x (self, frame, i);
    double share = (x - frame->x) / frame->width;
    g_autofree char *text = NULL;

    if (x + (1 - share) * 74 > room)
      continue;
    text = format_date (self, i);
    draw_text (self, cr, text, (Place){ x, y, share, 0.7 });
    room = x - share * 74 - 6;
  }
}

static void
iv_trend_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  IvTrendPlot *self = IV_TREND_PLOT (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  Frame frames[G_N_ELEMENTS (panes)];
  guint n = lay_out (self, frames);

  if (n == 0)
    return;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  for (guint f = 0; f < n; f++) {
    draw_axes (self, cr, &frames[f]);
    for (guint k = 0; k < frames[f].pane->n_series; k++)
      draw_line (self, cr, &frames[f], &frames[f].pane->series[k]);
    for (guint i = 0; i < count_points (self); i++)
      draw_point (self, cr, &frames[f], i);
  }
  draw_dates (self, cr, &frames[0]);
  cairo_destroy (cr);
}

static char *
describe_point (IvTrendPlot *self, guint i)
{
  const IvTrendPoint *point = get_point (self, i);
  g_autofree char *date = format_date (self, i);
  g_autofree char *doubts = NULL;
  GString *text = g_string_new (date);

  if (point->problem != NULL) {
    g_string_append_printf (text, "\n%s", point->problem);
    return g_string_free (text, FALSE);
  }
  if (!point->is_known)
    return g_string_free (text, FALSE);
  if (isfinite (get_measure (point)->ratio)) {
    g_string_append_c (text, '\n');
    g_string_append_printf (text, _ ("Cardiothoracic ratio %.2f"), get_measure (point)->ratio);
  }
  doubts = iv_film_measure_describe_doubts (get_measure (point)->doubts);
  if (doubts != NULL)
    g_string_append_printf (text, "\n%s", doubts);
  if (!point->is_current && point->values.is_registered) {
    g_string_append_c (text, '\n');
    g_string_append_printf (
        text,
        ngettext ("%u change since then", "%u changes since then", point->values.n_changes),
        point->values.n_changes);
  }
  return g_string_free (text, FALSE);
}

/* The film of the point next to a place, or -1. */
static int
find_point (IvTrendPlot *self, double x, double y)
{
  Frame frames[G_N_ELEMENTS (panes)];
  guint n = lay_out (self, frames);
  double best = REACH;
  int found = -1;

  for (guint f = 0; f < n; f++)
    for (guint i = 0; i < count_points (self); i++)
      for (guint k = 0; k < frames[f].pane->n_series; k++) {
        const IvTrendPoint *point = get_point (self, i);
        double value = point->is_known ? frames[f].pane->series[k].get (get_measure (point)) : NAN;
        double d = hypot (get_x (self, &frames[f], i) - x, get_y (&frames[f], value) - y);

        if (d < best) {
          best = d;
          found = (int) i;
        }
      }
  return found;
}

static void
activate (IvTrendPlot *self, int i)
{
  if (i < 0 || (guint) i >= count_points (self) || get_point (self, i)->is_current)
    return;
  g_signal_emit (self, signals[IMAGE_ACTIVATED], 0, get_point (self, i)->image);
}

static void
on_pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  gtk_widget_grab_focus (user_data);
  activate (user_data, find_point (user_data, x, y));
}

static void
choose (IvTrendPlot *self, int i)
{
  g_autofree char *text = NULL;

  self->chosen = CLAMP (i, 0, (int) count_points (self) - 1);
  text = self->chosen >= 0 ? describe_point (self, self->chosen) : g_strdup ("");
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_key_cb (GtkEventControllerKey *controller,
           guint key,
           guint code,
           GdkModifierType state,
           gpointer user_data)
{
  IvTrendPlot *self = user_data;
  int last = (int) count_points (self) - 1;

  if (key == GDK_KEY_Left)
    choose (self, self->chosen < 0 ? last : self->chosen - 1);
  else if (key == GDK_KEY_Right)
    choose (self, self->chosen < 0 ? last : self->chosen + 1);
  else if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_space)
    activate (self, self->chosen);
  else
    return FALSE;
  return TRUE;
}

static gboolean
on_query_tooltip_cb (GtkWidget *widget,
                     int x,
                     int y,
                     gboolean is_keyboard,
                     GtkTooltip *tooltip,
                     gpointer user_data)
{
  IvTrendPlot *self = IV_TREND_PLOT (widget);
  int i = is_keyboard ? self->chosen : find_point (self, x, y);
  g_autofree char *text = NULL;

  if (i < 0 || (guint) i >= count_points (self))
    return FALSE;
  text = describe_point (self, (guint) i);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
on_changed_cb (IvTrendPlot *self)
{
  g_autofree char *text = NULL;
  guint n_known = 0;

  for (guint i = 0; i < count_points (self); i++)
    n_known += get_point (self, i)->is_known;
  if (self->chosen >= (int) count_points (self))
    self->chosen = -1;
  text = g_strdup_printf (ngettext ("%u film", "%u films", n_known), n_known);
  if (self->chosen < 0)
    gtk_accessible_update_property (
        GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_set_visible (GTK_WIDGET (self), n_known >= 2);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
iv_trend_plot_set_trend (IvTrendPlot *self, IvTrend *trend)
{
  g_return_if_fail (IV_IS_TREND_PLOT (self));

  if (self->trend != NULL)
    g_signal_handlers_disconnect_by_func (self->trend, on_changed_cb, self);
  g_set_object (&self->trend, trend);
  if (trend != NULL)
    g_signal_connect_object (trend, "changed", G_CALLBACK (on_changed_cb), self, G_CONNECT_SWAPPED);
  on_changed_cb (self);
}

void
iv_trend_plot_set_prior (IvTrendPlot *self, IvImage *prior)
{
  g_return_if_fail (IV_IS_TREND_PLOT (self));

  if (g_set_object (&self->prior, prior))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
iv_trend_plot_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 180;
}

static void
iv_trend_plot_dispose (GObject *object)
{
  IvTrendPlot *self = IV_TREND_PLOT (object);

  g_clear_object (&self->trend);
  g_clear_object (&self->prior);
  G_OBJECT_CLASS (iv_trend_plot_parent_class)->dispose (object);
}

static void
iv_trend_plot_class_init (IvTrendPlotClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_trend_plot_dispose;
  widget_class->snapshot = iv_trend_plot_snapshot;
  widget_class->measure = iv_trend_plot_measure;
  gtk_widget_class_set_css_name (widget_class, "trendplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  signals[IMAGE_ACTIVATED] = g_signal_new ("image-activated",
                                           G_TYPE_FROM_CLASS (class),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           1,
                                           IV_TYPE_IMAGE);
}

static void
iv_trend_plot_init (IvTrendPlot *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->chosen = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip_cb), NULL);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Measures over time"), -1);
}
