/* Where the lungs lie on a working grid, and what follows from it: scale, thirds, distances.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-anatomy.h"

#include <math.h>

#define CHEST_MM 300.0 /* outer width of the rib cage */
#define WALL 1.06      /* it against the width of both lungs */
#define LEAST_LUNG 100 /* pixels */

static void
measure_box (IvChangeAnatomy *self, guint side)
{
  IvLungExtent *box = &self->boxes[side];
  IvMaskView view = { self->width, self->height, self->fields[side] };
  g_autoptr (IvChangeRegion) region = iv_change_region_new (view);

  box->found = region != NULL;
  if (region)
    *box = (IvLungExtent){
      TRUE, region->x, region->y, region->x + region->width - 1, region->y + region->height - 1
    };
  else
    *box = (IvLungExtent){ FALSE,
                           side == IV_LUNG_RIGHT ? 0 : self->width / 2.0,
                           0,
                           side == IV_LUNG_RIGHT ? self->width / 2.0 : self->width - 1,
                           self->height - 1 };
}

static float *
distance_mm (const guint8 *mask, gboolean inside, const IvChangeAnatomy *self)
{
  gsize n = (gsize) self->width * self->height;
  g_autofree guint8 *target = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    target[i] = inside ? !mask[i] : mask[i];
  float *out = iv_distance_squared ((IvMaskView){ self->width, self->height, target });
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (sqrtf (out[i]) * self->mm);
  return out;
}

IvChangeAnatomy *
iv_change_anatomy_new (IvMaskView lungs)
{
  gsize n = (gsize) lungs.width * lungs.height, set = 0;
  g_autoptr (IvChangeAnatomy) self = g_new0 (IvChangeAnatomy, 1);

  self->width = lungs.width;
  self->height = lungs.height;
  self->lungs = g_malloc (n);
  for (guint side = 0; side < 2; side++) {
    self->fields[side] = g_malloc (n);
    for (gsize i = 0; i < n; i++)
      self->fields[side][i] = lungs.data[i] == side + 1;
    measure_box (self, side);
  }
  for (gsize i = 0; i < n; i++)
    set += self->lungs[i] = lungs.data[i] != 0;
  if (set < LEAST_LUNG)
    return NULL;

  const IvLungExtent *right = &self->boxes[IV_LUNG_RIGHT], *left = &self->boxes[IV_LUNG_LEFT];
  double lung_width = MAX (right->x1, left->x1) - MIN (right->x0, left->x0);
  self->mm = CHEST_MM / WALL / MAX (self->width / 8.0, lung_width);
  self->middle = 0.5 * (right->x1 + left->x0);
  self->top = 0.5 * (right->y0 + left->y0);
  self->bottom = 0.5 * (right->y1 + left->y1);
  self->depth = distance_mm (self->lungs, TRUE, self);
  self->distance = distance_mm (self->lungs, FALSE, self);
  return g_steal_pointer (&self);
}

void
iv_change_anatomy_free (IvChangeAnatomy *self)
{
  if (!self)
    return;
  g_free (self->fields[0]);
  g_free (self->fields[1]);
  g_free (self->lungs);
  g_free (self->depth);
  g_free (self->distance);
  g_free (self);
}

guint
iv_change_anatomy_side (const IvChangeAnatomy *self, double x)
{
  return x < self->middle ? IV_LUNG_RIGHT : IV_LUNG_LEFT;
}

double
iv_change_anatomy_level (const IvChangeAnatomy *self, IvPoint point)
{
  const IvLungExtent *box = &self->boxes[iv_change_anatomy_side (self, point.x)];
  return (point.y - box->y0) / MAX (1.0, box->y1 - box->y0);
}

IvZone
iv_change_anatomy_zone (const IvChangeAnatomy *self, IvPoint point)
{
  double level = iv_change_anatomy_level (self, point);
  guint third = level < 1 / 3.0 ? 0 : level < 2 / 3.0 ? 1 : 2;
  guint side = iv_change_anatomy_side (self, point.x);

  return (side == IV_LUNG_RIGHT ? IV_ZONE_RIGHT_UPPER : IV_ZONE_LEFT_UPPER) + third;
}
