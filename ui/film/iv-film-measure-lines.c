/* The lines of the cardiothoracic ratio over a film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-measure-lines.h"

#include <math.h>

#define LINE_WIDTH 2.0
#define END_SIZE 6.0 /* half of the stroke across an end */
#define TEXT_GAP 6.0

static IvPoint
to_logical (const IvFilmMeasureLines *self, IvPoint film)
{
  IvPoint view = iv_film_geometry_to_view (self->geometry, film);

  return (IvPoint){ view.x / self->scale, view.y / self->scale };
}

/* A dark edge below a light stroke: seen on lung and on bone. */
static void
stroke (cairo_t *cr, const double color[3], gboolean is_dashed)
{
  const double dashes[] = { 6, 4 };

  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_set_line_width (cr, LINE_WIDTH + 2);
  cairo_stroke_preserve (cr);
  if (is_dashed)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_source_rgb (cr, color[0], color[1], color[2]);
  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* A line with strokes across its ends where they are borders. */
static void
add_line (const IvFilmMeasureLines *self, cairo_t *cr, const IvPoint ends[2], guint n_borders)
{
  IvPoint a = to_logical (self, ends[0]), b = to_logical (self, ends[1]);
  double length = MAX (hypot (b.x - a.x, b.y - a.y), 1e-6);
  double u = -(b.y - a.y) / length * END_SIZE, v = (b.x - a.x) / length * END_SIZE;

  cairo_move_to (cr, a.x, a.y);
  cairo_line_to (cr, b.x, b.y);
  cairo_move_to (cr, a.x - u, a.y - v);
  cairo_line_to (cr, a.x + u, a.y + v);
  if (n_borders < 2)
    return;
  cairo_move_to (cr, b.x - u, b.y - v);
  cairo_line_to (cr, b.x + u, b.y + v);
}

static void
draw_text (const IvFilmMeasureLines *self, cairo_t *cr)
{
  const IvFilmMeasure *m = self->measure;
  g_autofree char *text = g_strdup_printf ("%.2f%s", m->ratio, m->doubts != 0 ? " ?" : "");
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (self->widget, text);
  IvPoint at = to_logical (self, (IvPoint){ m->middle, m->thorax[0].y });
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_rectangle (cr, at.x - width / 2.0 - 5, at.y + TEXT_GAP, width + 10, height + 2);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.72);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_move_to (cr, at.x - width / 2.0, at.y + TEXT_GAP + 1);
  pango_cairo_show_layout (cr, layout);
}

void
iv_film_measure_lines_draw (const IvFilmMeasureLines *self, cairo_t *cr)
{
  static const double heart_color[] = { 1.0, 0.86, 0.35 }, chest_color[] = { 0.55, 0.85, 1.0 };
  const IvFilmMeasure *m = self->measure;

  if (!isfinite (m->ratio))
    return;
  add_line (self, cr, m->thorax, 2);
  stroke (cr, chest_color, FALSE);
  for (guint side = 0; side < 2; side++)
    add_line (self, cr, (const IvPoint[]){ m->heart[side], { m->middle, m->heart[side].y } }, 1);
  stroke (cr, heart_color, FALSE);
  IvPoint top = to_logical (self, (IvPoint){ m->middle, MIN (m->heart[0].y, m->heart[1].y) });
  IvPoint end = to_logical (self, (IvPoint){ m->middle, m->thorax[0].y });
  cairo_move_to (cr, top.x, top.y);
  cairo_line_to (cr, end.x, end.y);
  stroke (cr, heart_color, TRUE);
  draw_text (self, cr);
}
