/* What lies over a film: changes, lungs, the other film's pointer, the region being drawn.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-overlay.h"

#include <math.h>

#include "ui/film/iv-film-measure-lines.h"
#include "ui/film/iv-film-outline.h"

/* Orange and sky blue stay apart in all common kinds of colour blindness (Okabe and Ito); line
 * style and glyph say the same again. */
static const GdkRGBA warm = { 1.00f, 0.66f, 0.10f, 1 };
static const GdkRGBA cool = { 0.36f, 0.75f, 0.98f, 1 };
static const GdkRGBA box_color = { 0.98f, 0.93f, 0.36f, 1 };
static const GdkRGBA lung_color = { 0.80f, 0.88f, 0.80f, 0.55f };

#define LINE_WIDTH 2.0
#define SELECTED_WIDTH 3.5
#define BADGE_HEIGHT 20.0
#define BADGE_PADDING 6.0

typedef struct {
  const IvChange *change; /* borrowed from the link */
  GArray *contour;        /* (owned) IvPoint of this view's film, closed */
  double x, y, width, height;
  guint number; /* from 1, best score first, as the list counts */
} Outline;

struct _IvFilmOverlay {
  IvFilmLink *link;    /* (owned) or NULL */
  GPtrArray *outlines; /* (owned) Outline */
  GArray *lungs;       /* (owned) pairs of IvPoint, or NULL */
  gboolean is_prior;   /* positions of the current film go through the link */
};

static void
outline_free (gpointer data)
{
  Outline *outline = data;

  g_array_unref (outline->contour);
  g_free (outline);
}

IvFilmOverlay *
iv_film_overlay_new (void)
{
  IvFilmOverlay *self = g_new0 (IvFilmOverlay, 1);

  self->outlines = g_ptr_array_new_with_free_func (outline_free);
  return self;
}

void
iv_film_overlay_free (IvFilmOverlay *self)
{
  g_ptr_array_unref (self->outlines);
  g_clear_pointer (&self->lungs, g_array_unref);
  g_clear_pointer (&self->link, iv_film_link_unref);
  g_free (self);
}

static void
outline_measure (Outline *outline)
{
  double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;

  for (guint i = 0; i < outline->contour->len; i++) {
    const IvPoint p = g_array_index (outline->contour, IvPoint, i);
    left = MIN (left, p.x);
    right = MAX (right, p.x);
    top = MIN (top, p.y);
    bottom = MAX (bottom, p.y);
  }
  outline->x = left;
  outline->y = top;
  outline->width = right - left;
  outline->height = bottom - top;
}

static void
map_points (IvFilmLink *link, GArray *points)
{
  for (guint i = 0; i < points->len; i++) {
    IvPoint *point = &g_array_index (points, IvPoint, i);
    *point = iv_film_link_to_prior (link, *point);
  }
}

static Outline *
outline_new (const IvChange *change, guint number, IvFilmLink *map)
{
  Outline *outline = g_new0 (Outline, 1);

  outline->change = change;
  outline->number = number;
  if (change->contour != NULL && change->contour->len >= 3) {
    outline->contour = g_array_copy (change->contour);
  } else {
    const double right = change->x + change->width, bottom = change->y + change->height;
    const IvPoint box[] = {
      { change->x, change->y }, { right, change->y }, { right, bottom }, { change->x, bottom }
    };
    outline->contour = g_array_new (FALSE, FALSE, sizeof (IvPoint));
    g_array_append_vals (outline->contour, box, G_N_ELEMENTS (box));
  }
  if (map != NULL)
    map_points (map, outline->contour);
  outline_measure (outline);
  return outline;
}

void
iv_film_overlay_set_link (IvFilmOverlay *self, IvFilmLink *link, gboolean is_prior)
{
  if (link != NULL)
    iv_film_link_ref (link);
  g_clear_pointer (&self->link, iv_film_link_unref);
  g_clear_pointer (&self->lungs, g_array_unref);
  g_ptr_array_set_size (self->outlines, 0);
  self->link = link;
  self->is_prior = is_prior;
  if (link == NULL)
    return;

  const IvFilmLinkParams *params = iv_film_link_get_params (link);
  for (guint i = 0; params->changes != NULL && i < params->changes->len; i++)
    g_ptr_array_add (
        self->outlines,
        outline_new (g_ptr_array_index (params->changes, i), i + 1, is_prior ? link : NULL));
  /* Without a registration the lungs of the current film say nothing about the prior. */
  if (params->lungs != NULL && (!is_prior || params->is_registered)) {
    self->lungs = iv_film_outline_trace (&(IvFilmOutlineParams){ .mask = params->lungs,
                                                                 .width = params->lungs_width,
                                                                 .height = params->lungs_height,
                                                                 .columns = params->current_columns,
                                                                 .rows = params->current_rows });
    if (is_prior)
      map_points (link, self->lungs);
  }
}

static gboolean
is_shown (const Outline *outline, const IvFilmOverlayStyle *style)
{
  if (outline->change == style->selected)
    return TRUE;
  return style->show_changes && outline->change->score >= style->threshold;
}

static IvPoint
to_logical (const IvFilmOverlayFrame *frame, IvPoint film)
{
  const IvPoint view = iv_film_geometry_to_view (frame->geometry, film);

  return (IvPoint){ view.x / frame->scale, view.y / frame->scale };
}

static void
set_color (cairo_t *cr, const GdkRGBA *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * alpha);
}

static void
trace_contour (const Outline *outline, const IvFilmOverlayFrame *frame, cairo_t *cr)
{
  cairo_new_path (cr);
  for (guint i = 0; i < outline->contour->len; i++) {
    const IvPoint p = to_logical (frame, g_array_index (outline->contour, IvPoint, i));
    cairo_line_to (cr, p.x, p.y);
  }
  cairo_close_path (cr);
}

/* A triangle up or down and the number of the change, in a dark pill at the upper right. */
static void
draw_badge (const Outline *outline, const IvFilmOverlayFrame *frame, cairo_t *cr)
{
  const gboolean is_more = outline->change->direction == IV_CHANGE_INCREASED;
  const GdkRGBA *color = is_more ? &warm : &cool;
  const IvPoint a = to_logical (frame, (IvPoint){ outline->x, outline->y });
  const IvPoint b =
      to_logical (frame, (IvPoint){ outline->x + outline->width, outline->y + outline->height });
  g_autofree char *text = g_strdup_printf ("%u", outline->number);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (frame->widget, text);
  const double view_width = (double) frame->geometry->width / frame->scale;
  const double view_height = (double) frame->geometry->height / frame->scale;
  int text_width, text_height;

  if (MAX (a.x, b.x) < 0 || MAX (a.y, b.y) < 0 || MIN (a.x, b.x) > view_width ||
      MIN (a.y, b.y) > view_height)
    return;
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  const double width = text_width + 10 + 3 * BADGE_PADDING - 2;
  const double x = CLAMP (MAX (a.x, b.x) + 4, 2, MAX (view_width - width - 2, 2));
  const double y = CLAMP (MIN (a.y, b.y) - BADGE_HEIGHT / 2, 2, MAX (view_height - 24, 2));
  const double radius = BADGE_HEIGHT / 2;

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI / 2, 3 * G_PI / 2);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, G_PI / 2);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.72 * frame->style->opacity);
  cairo_fill_preserve (cr);
  set_color (cr, color, 0.9 * frame->style->opacity);
  cairo_set_line_width (cr, outline->change == frame->style->selected ? 2 : 1);
  cairo_stroke (cr);

  const double left = x + BADGE_PADDING + 1, middle = y + BADGE_HEIGHT / 2;
  const double tip = is_more ? -4.5 : 4.5;
  cairo_move_to (cr, left, middle - tip);
  cairo_line_to (cr, left + 10, middle - tip);
  cairo_line_to (cr, left + 5, middle + tip);
  cairo_close_path (cr);
  set_color (cr, color, frame->style->opacity);
  cairo_fill (cr);
  cairo_move_to (cr, left + 10 + BADGE_PADDING - 2, middle - text_height / 2.0);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_outline (const Outline *outline, const IvFilmOverlayFrame *frame, cairo_t *cr)
{
  const gboolean is_more = outline->change->direction == IV_CHANGE_INCREASED;
  const gboolean is_selected = outline->change == frame->style->selected;
  const gboolean is_strong = is_selected || outline->change == frame->hover;
  const double width = is_selected ? SELECTED_WIDTH : is_strong ? LINE_WIDTH + 0.75 : LINE_WIDTH;
  const double dashes[] = { 3 * width, 2 * width };

  trace_contour (outline, frame, cr);
  if (is_strong) {
    set_color (cr, is_more ? &warm : &cool, 0.14 * frame->style->opacity);
    cairo_fill_preserve (cr);
  }
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55 * frame->style->opacity);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  if (!is_more)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  set_color (cr, is_more ? &warm : &cool, frame->style->opacity);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* A box of the current film; on the prior its corners go where the registration puts them. */
static void
draw_box (IvFilmOverlay *self,
          const graphene_rect_t *box,
          const IvFilmOverlayFrame *frame,
          cairo_t *cr)
{
  const double left = box->origin.x, top = box->origin.y;
  const double right = left + box->size.width, bottom = top + box->size.height;
  const IvPoint corners[] = { { left, top }, { right, top }, { right, bottom }, { left, bottom } };

  cairo_new_path (cr);
  for (guint i = 0; i < G_N_ELEMENTS (corners); i++) {
    const IvPoint film =
        self->is_prior ? iv_film_link_to_prior (self->link, corners[i]) : corners[i];
    const IvPoint p = to_logical (frame, film);
    cairo_line_to (cr, p.x, p.y);
  }
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_set_line_width (cr, SELECTED_WIDTH + 2);
  cairo_stroke_preserve (cr);
  set_color (cr, &box_color, 1);
  cairo_set_line_width (cr, SELECTED_WIDTH - 1);
  cairo_stroke (cr);
}

/* Without a registration a place of the current film is none of the prior. */
static gboolean
has_boxes (IvFilmOverlay *self, const IvFilmOverlayStyle *style)
{
  if (style->boxes == NULL || style->boxes->len == 0)
    return FALSE;
  return !self->is_prior ||
         (self->link != NULL && iv_film_link_get_params (self->link)->is_registered);
}

static void
draw_lungs (IvFilmOverlay *self, const IvFilmOverlayFrame *frame, cairo_t *cr)
{
  cairo_new_path (cr);
  for (guint i = 0; i + 1 < self->lungs->len; i += 2) {
    const IvPoint a = to_logical (frame, g_array_index (self->lungs, IvPoint, i));
    const IvPoint b = to_logical (frame, g_array_index (self->lungs, IvPoint, i + 1));
    cairo_move_to (cr, a.x, a.y);
    cairo_line_to (cr, b.x, b.y);
  }
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, 1.25);
  set_color (cr, &lung_color, frame->style->opacity);
  cairo_stroke (cr);
}

static void
trace_crosshair (cairo_t *cr, IvPoint at)
{
  static const double directions[4][2] = { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 } };

  cairo_new_path (cr);
  for (guint i = 0; i < 4; i++) {
    cairo_move_to (cr, at.x + 6 * directions[i][0], at.y + 6 * directions[i][1]);
    cairo_line_to (cr, at.x + 20 * directions[i][0], at.y + 20 * directions[i][1]);
  }
  cairo_new_sub_path (cr);
  cairo_arc (cr, at.x, at.y, 1, 0, 2 * G_PI);
}

static void
draw_cursor (const IvFilmOverlayFrame *frame, cairo_t *cr)
{
  trace_crosshair (cr, to_logical (frame, *frame->cursor));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_set_line_width (cr, 4);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgba (cr, 0.75, 1, 0.55, 0.95);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_region (const graphene_rect_t *region, cairo_t *cr)
{
  const double dashes[] = { 5, 4 };

  cairo_rectangle (cr, region->origin.x, region->origin.y, region->size.width, region->size.height);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.10);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.7);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke_preserve (cr);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.95);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static gboolean
has_something_to_draw (IvFilmOverlay *self, const IvFilmOverlayFrame *frame)
{
  if (frame->cursor != NULL || frame->region != NULL || frame->measure != NULL)
    return TRUE;
  if (has_boxes (self, frame->style))
    return TRUE;
  if (frame->style->show_lungs && self->lungs != NULL)
    return TRUE;
  for (guint i = 0; i < self->outlines->len; i++)
    if (is_shown (g_ptr_array_index (self->outlines, i), frame->style))
      return TRUE;
  return FALSE;
}

void
iv_film_overlay_snapshot (IvFilmOverlay *self,
                          const IvFilmOverlayFrame *frame,
                          GtkSnapshot *snapshot)
{
  if (!has_something_to_draw (self, frame))
    return;

  const float width = (float) frame->geometry->width / (float) frame->scale;
  const float height = (float) frame->geometry->height / (float) frame->scale;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  if (frame->style->show_lungs && self->lungs != NULL)
    draw_lungs (self, frame, cr);
  /* The best ones last, over the others; badges over all outlines. */
  for (guint i = self->outlines->len; i-- > 0;)
    if (is_shown (g_ptr_array_index (self->outlines, i), frame->style))
      draw_outline (g_ptr_array_index (self->outlines, i), frame, cr);
  for (guint i = self->outlines->len; i-- > 0;)
    if (is_shown (g_ptr_array_index (self->outlines, i), frame->style))
      draw_badge (g_ptr_array_index (self->outlines, i), frame, cr);
  if (frame->measure != NULL)
    iv_film_measure_lines_draw (&(IvFilmMeasureLines){ .measure = frame->measure,
                                                       .geometry = frame->geometry,
                                                       .scale = frame->scale,
                                                       .widget = frame->widget },
                                cr);
  for (guint i = 0; has_boxes (self, frame->style) && i < frame->style->boxes->len; i++)
    draw_box (self, &g_array_index (frame->style->boxes, graphene_rect_t, i), frame, cr);
  if (frame->cursor != NULL)
    draw_cursor (frame, cr);
  if (frame->region != NULL)
    draw_region (frame->region, cr);
  cairo_destroy (cr);
}

/* Even-odd rule. */
static gboolean
contains (const GArray *contour, IvPoint p)
{
  gboolean is_inside = FALSE;

  for (guint i = 0, j = contour->len - 1; i < contour->len; j = i++) {
    const IvPoint a = g_array_index (contour, IvPoint, i), b = g_array_index (contour, IvPoint, j);
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
      is_inside = !is_inside;
  }
  return is_inside;
}

static double
distance_to (const GArray *contour, IvPoint p)
{
  double best = INFINITY;

  for (guint i = 0, j = contour->len - 1; i < contour->len; j = i++) {
    const IvPoint a = g_array_index (contour, IvPoint, j), b = g_array_index (contour, IvPoint, i);
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const double along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
    const double t = CLAMP (along, 0, 1);
    best = MIN (best, hypot (a.x + t * dx - p.x, a.y + t * dy - p.y));
  }
  return best;
}

const IvChange *
iv_film_overlay_hit (IvFilmOverlay *self, const IvFilmOverlayHit *hit)
{
  const Outline *best = NULL;

  for (guint i = 0; i < self->outlines->len; i++) {
    const Outline *outline = g_ptr_array_index (self->outlines, i);
    if (!is_shown (outline, hit->style))
      continue;
    if (!contains (outline->contour, hit->point) &&
        distance_to (outline->contour, hit->point) > hit->reach)
      continue;
    if (best == NULL || outline->width * outline->height < best->width * best->height)
      best = outline;
  }
  return best != NULL ? best->change : NULL;
}

gboolean
iv_film_overlay_get_bounds (IvFilmOverlay *self, const IvChange *change, graphene_rect_t *bounds)
{
  for (guint i = 0; i < self->outlines->len; i++) {
    const Outline *outline = g_ptr_array_index (self->outlines, i);
    if (outline->change != change)
      continue;
    graphene_rect_init (bounds,
                        (float) outline->x,
                        (float) outline->y,
                        (float) outline->width,
                        (float) outline->height);
    return TRUE;
  }
  return FALSE;
}
