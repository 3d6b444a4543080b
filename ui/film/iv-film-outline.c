/* The outline of a mask as short line segments, smoothed below the size of its pixels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-outline.h"

typedef struct {
  float *values; /* [height + 2, width + 2], with a border of zeros so that outlines close */
  guint width, height;
} Field;

static Field
smooth (const IvFilmOutlineParams *p)
{
  Field field = { .width = p->width + 2, .height = p->height + 2 };

  field.values = g_new0 (float, (gsize) field.width *field.height);
  for (guint y = 0; y < p->height; y++)
    for (guint x = 0; x < p->width; x++) {
      guint n = 0, sum = 0;
      for (guint v = y > 0 ? y - 1 : 0; v <= MIN (y + 1, p->height - 1); v++)
        for (guint u = x > 0 ? x - 1 : 0; u <= MIN (x + 1, p->width - 1); u++) {
          sum += p->mask[(gsize) v * p->width + u] > 0;
          n++;
        }
      field.values[(gsize) (y + 1) * field.width + x + 1] = (float) sum / (float) n;
    }
  return field;
}

/* Where the level 0.5 crosses the edge from corner a to corner b of the cell at (x, y); corners run
 * clockwise from the upper left. In pixels of the mask, pixel centres at whole numbers. */
static IvPoint
crossing (const float corners[4], guint a, guint b, guint x, guint y)
{
  static const double offsets[4][2] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
  const double t = (0.5 - corners[a]) / (corners[b] - corners[a]);

  return (IvPoint){ x + offsets[a][0] + t * (offsets[b][0] - offsets[a][0]) - 1,
                    y + offsets[a][1] + t * (offsets[b][1] - offsets[a][1]) - 1 };
}

static void
trace_cell (const Field *field, guint x, guint y, GArray *points)
{
  const float *row = field->values + (gsize) y * field->width + x;
  const float corners[4] = { row[0], row[1], row[field->width + 1], row[field->width] };
  IvPoint crossings[4];
  guint n = 0;

  for (guint a = 0; a < 4; a++) {
    const guint b = (a + 1) % 4;
    if ((corners[a] > 0.5f) != (corners[b] > 0.5f))
      crossings[n++] = crossing (corners, a, b, x, y);
  }
  g_array_append_vals (points, crossings, n);
}

GArray *
iv_film_outline_trace (const IvFilmOutlineParams *params)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (IvPoint));

  if (params->width == 0 || params->height == 0)
    return points;

  const Field field = smooth (params);
  for (guint y = 0; y + 1 < field.height; y++)
    for (guint x = 0; x + 1 < field.width; x++)
      trace_cell (&field, x, y, points);
  g_free (field.values);

  const double scale_x = (double) params->columns / params->width;
  const double scale_y = (double) params->rows / params->height;
  for (guint i = 0; i < points->len; i++) {
    IvPoint *point = &g_array_index (points, IvPoint, i);
    point->x = (point->x + 0.5) * scale_x - 0.5;
    point->y = (point->y + 0.5) * scale_y - 0.5;
  }
  return points;
}
