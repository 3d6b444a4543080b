/* Outlines of regions: the border between set and unset pixels as a closed polygon.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-region.h"

/* Steps along pixel borders: right, down, left, up; the region is kept on the right hand. */
static const gint step_x[4] = { 1, 0, -1, 0 };
static const gint step_y[4] = { 0, 1, 0, -1 };

static gboolean
is_set (const IvChangeRegion *region, gint x, gint y)
{
  return x >= 0 && y >= 0 && x < region->width && y < region->height &&
         region->mask[y * region->width + x];
}

/* Whether the pixel ahead of corner (x, y), to the right or left of direction d, is set. Corner
 * (x, y) is the upper left corner of pixel (x, y). */
static gboolean
ahead (const IvChangeRegion *region, gint x, gint y, gint d, gboolean right)
{
  static const gint right_x[4] = { 0, -1, -1, 0 }, right_y[4] = { 0, 0, -1, -1 };
  gint at = right ? d : (d + 3) % 4;
  return is_set (region, x + right_x[at], y + right_y[at]);
}

/* Walks around the part that holds the first set pixel; the middle of each pixel side is a point.
 */
static GArray *
walk (const IvChangeRegion *region)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (IvPoint));
  gint x = 0, y = 0, d = 0;

  while (!is_set (region, x, 0))
    x++;
  gint start = x;
  do {
    IvPoint middle = { region->x + x - 0.5 + 0.5 * step_x[d],
                       region->y + y - 0.5 + 0.5 * step_y[d] };
    g_array_append_val (points, middle);
    x += step_x[d];
    y += step_y[d];
    if (!ahead (region, x, y, d, TRUE))
      d = (d + 1) % 4; /* the border turns right, around the pixel just passed */
    else if (ahead (region, x, y, d, FALSE))
      d = (d + 3) % 4;
  } while (x != start || y != 0 || d != 0);
  return points;
}

GArray *
iv_change_region_outline (const IvChangeRegion *self)
{
  g_autoptr (IvChangeRegion) part = iv_change_region_largest (self);
  g_autoptr (GArray) raw = walk (part);
  guint n = raw->len, step = n > 24 ? 2 : 1;
  GArray *out = g_array_sized_new (FALSE, FALSE, sizeof (IvPoint), n / step + 1);

  /* Binomial weights over five sides take off the stairs without shrinking the region visibly. */
  for (guint i = 0; i < n; i += step) {
    static const double weight[5] = { 1, 4, 6, 4, 1 };
    IvPoint p = { 0, 0 };
    for (guint k = 0; k < 5; k++) {
      IvPoint q = g_array_index (raw, IvPoint, (i + n + k - 2) % n);
      p.x += weight[k] / 16 * q.x;
      p.y += weight[k] / 16 * q.y;
    }
    g_array_append_val (out, p);
  }
  return out;
}
