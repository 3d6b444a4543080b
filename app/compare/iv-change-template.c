/* Where air and fluid collect in the pleural space of an upright patient, as regions of a film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-candidate.h"

#include <math.h>

/* Free air: the lung sinks down and inwards from apex and side. */
#define AIR_INWARDS 0.72 /* of the depth */
#define AIR_DOWNWARDS 0.95
#define AIR_END 0.66  /* of the lung's height, where the air ends */
#define AIR_FALL 0.35 /* of the height, over which it thins out */
#define AIR_RING_MM 12.0
#define AIR_APEX 0.3 /* of the height: above it the air reaches further to the middle */
#define AIR_REACH 0.25
/* Fluid: highest at the side. */
#define FLUID_RING_MM 15.0
#define FLUID_MARGIN_MM 1.5

static gboolean
in_lung (const IvChangeAnatomy *a, guint side, double x, double y)
{
  gint u = (gint) lrint (x), v = (gint) lrint (y);
  return u >= 0 && v >= 0 && u < a->width && v < a->height && a->fields[side][v * a->width + u];
}

gboolean
iv_template_crescent (const IvChangeAnatomy *a,
                      const IvTemplate *which,
                      guint8 *region,
                      guint8 *ring)
{
  const IvLungExtent *box = &a->boxes[which->side];
  double px = 1 / a->mm, height = a->bottom - a->top, end = a->top + AIR_END * height;
  double inwards = which->side == IV_LUNG_RIGHT ? 1 : -1, centre = 0.5 * (box->x0 + box->x1);
  double dx = inwards * AIR_INWARDS * which->size_mm * px;
  double dy = AIR_DOWNWARDS * which->size_mm * px, wide = AIR_RING_MM * px;
  gboolean any = FALSE;

  for (gint y = 0; y < a->height; y++) {
    double fall = CLAMP ((end - y) / (AIR_FALL * height), 0.0, 1.0);
    double reach = AIR_REACH * height * MAX (0.0, 1 - (y - a->top) / (AIR_APEX * height));
    for (gint x = 0; x < a->width; x++) {
      gint pixel = y * a->width + x;
      gboolean lung = a->fields[which->side][pixel] && y < end;
      gboolean sunk = lung && in_lung (a, which->side, x - dx * fall, y - dy * fall);
      gboolean sideways = inwards * (centre - x) + reach > 0;
      region[pixel] = lung && !sunk && sideways;
      ring[pixel] =
          lung && sunk &&
          !in_lung (a, which->side, x - (dx + inwards * wide) * fall, y - (dy + wide) * fall);
      any |= region[pixel];
    }
  }
  return any;
}

/* Lowest pixel of a lung in its outer half. */
static double
base_of (const IvChangeAnatomy *a, guint side)
{
  const IvLungExtent *box = &a->boxes[side];
  double centre = 0.5 * (box->x0 + box->x1);

  for (gint y = a->height - 1; y >= 0; y--)
    for (gint x = 0; x < a->width; x++)
      if (a->fields[side][y * a->width + x] && (side == IV_LUNG_RIGHT) == (x < centre))
        return y;
  return box->y1;
}

gboolean
iv_template_base (const IvChangeAnatomy *a, const IvTemplate *which, guint8 *region, guint8 *ring)
{
  const IvLungExtent *box = &a->boxes[which->side];
  double px = 1 / a->mm, base = base_of (a, which->side), across = box->x1 - box->x0 + 1;
  gboolean any = FALSE;

  for (gint x = 0; x < a->width; x++) {
    double outside = which->side == IV_LUNG_RIGHT ? x - box->x0 : box->x1 - x;
    double t = CLAMP (outside / across, 0.0, 1.0);
    double shape =
        0.42 + 0.58 * exp (-pow (t / 0.33, 1.4)) + 0.1 * CLAMP ((t - 0.75) / 0.25, 0.0, 1.0);
    double top = base - which->size_mm * px * shape;
    for (gint y = 0; y < a->height; y++) {
      gint pixel = y * a->width + x;
      gboolean near =
          a->distance[pixel] <= FLUID_MARGIN_MM && iv_change_anatomy_side (a, x) == which->side;
      region[pixel] = near && y > top;
      ring[pixel] = near && y <= top && y > top - FLUID_RING_MM * px;
      any |= region[pixel];
    }
  }
  return any;
}
