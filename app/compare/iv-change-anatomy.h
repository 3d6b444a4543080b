/* Where the lungs lie on a working grid, and what follows from it: scale, thirds, distances.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-region.h"

G_BEGIN_DECLS

/* Index of a lung. The patient's right is on the left of the image. */
enum { IV_LUNG_RIGHT, IV_LUNG_LEFT };

/* First and last pixel of a lung field; found is FALSE where there is none, and the box then covers
 * that half of the image. */
typedef struct {
  gboolean found;
  double x0, y0, x1, y1;
} IvLungExtent;

typedef struct {
  gint width, height;
  double mm; /* per pixel, taking the chest as 300 mm wide: for sizes of structures, not for area */
  guint8 *fields[2]; /* [height, width] 0 or 1 */
  guint8 *lungs;     /* both */
  IvLungExtent boxes[2];
  double middle;      /* x between the lungs */
  double top, bottom; /* mean of both lungs */
  float *depth;       /* [height, width] mm to the border inside the lungs, 0 outside */
  float *distance;    /* [height, width] mm to the nearest lung, 0 inside */
} IvChangeAnatomy;

/* lungs: [height, width] 0 none, 1 patient's right, 2 left. NULL when there are fewer than 100
 * pixels of lung. */
IvChangeAnatomy *iv_change_anatomy_new (IvMaskView lungs);
void iv_change_anatomy_free (IvChangeAnatomy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChangeAnatomy, iv_change_anatomy_free)

/* Patient's side of a point, by the middle between the lungs. */
guint iv_change_anatomy_side (const IvChangeAnatomy *self, double x);
/* Height within that lung's box, 0 at its top, 1 at its bottom; may lie outside. */
double iv_change_anatomy_level (const IvChangeAnatomy *self, IvPoint point);
/* Patient's side and third of that lung's height. */
IvZone iv_change_anatomy_zone (const IvChangeAnatomy *self, IvPoint point);

G_END_DECLS
