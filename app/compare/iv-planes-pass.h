/* The image passes of the comparison: resampling, blur, warp, local normalisation, arithmetic.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-planes.h"

G_BEGIN_DECLS

/* Coordinates: pixel (0, 0) is centred on 0, 0; an image of width w covers -0.5 … w - 0.5. All
 * passes treat each plane alike. Thread-safety: engine thread. */

/* Mean over the source area that each target pixel covers. Target pixel x covers the source from
 * (x - offset) * scale to (x + 1 - offset) * scale (edges, not centres); 0 outside the source. */
typedef struct {
  double scale_x, scale_y;   /* source pixels per target pixel */
  double offset_x, offset_y; /* target pixels */
} IvPlanesArea;

void iv_planes_area (IvPlanesPasses *passes,
                     const IvPlanes *source,
                     IvPlanes *target,
                     const IvPlanesArea *area);
/* Means over squares of factor source pixels; the target is ceil (size / factor). */
void
iv_planes_shrink (IvPlanesPasses *passes, const IvPlanes *source, IvPlanes *target, guint factor);
/* Bilinear: target(x) = gain * source ((x + 0.5) * scale - 0.5), edge pixels carried on. */
typedef struct {
  double scale; /* source pixels per target pixel */
  double gain;
} IvPlanesResize;

void iv_planes_resize (IvPlanesPasses *passes,
                       const IvPlanes *source,
                       IvPlanes *target,
                       const IvPlanesResize *resize);

/* target = Gaussian of (source + add * second). In place allowed. Cut at 3 sigma. */
typedef struct {
  const IvPlanes *source;
  const IvPlanes *second; /* or NULL */
  double add;
  double sigma;       /* pixels, > 0 */
  gboolean zero_edge; /* 0 beyond the edge; else the edge pixels are carried on */
  IvPlanes *target;
} IvPlanesBlur;

void iv_planes_blur (IvPlanesPasses *passes, const IvPlanesBlur *blur);

/* target(x) = source (x + affine(x) + field(x)), bilinear, 0 outside the source. affine: dx = a0 +
 * a1 x + a2 y, dy = a3 + a4 x + a5 y; NULL for none. field: dx, dy planes of the target's size;
 * NULL for none. */
typedef struct {
  const IvPlanes *source;
  const double *affine;
  const IvPlanes *field;
  IvPlanes *target;
} IvPlanesWarp;

void iv_planes_warp (IvPlanesPasses *passes, const IvPlanesWarp *warp);

/* Arithmetic on each pixel; b may have one plane for all planes of a. */
typedef enum {
  IV_PLANES_LINEAR,   /* k0 a + k1 b + k2; b may be NULL */
  IV_PLANES_MULTIPLY, /* k0 a b + k2 */
  IV_PLANES_STEP,     /* a > k0 ? 1 : 0 */
  IV_PLANES_CLAMP,    /* a limited to k0 … k1 */
  IV_PLANES_MAX,      /* larger of a and b */
  IV_PLANES_MIN,
  IV_PLANES_ABS,
} IvPlanesOp;

typedef struct {
  IvPlanesOp op;
  const IvPlanes *a, *b;
  double k[3];
  IvPlanes *target;
} IvPlanesPoint;

void iv_planes_point (IvPlanesPasses *passes, const IvPlanesPoint *point);

/* (source - local mean) / (local deviation + floor), limited to -3 … 3, 0 where not valid. One
 * plane; with_density: two planes, the first is 2 clamp (source, -0.2, 1.2) - 1. */
typedef struct {
  const IvPlanes *source, *valid;
  double sigma; /* pixels */
  double floor;
  gboolean with_density;
  IvPlanes *target;
} IvPlanesNorm;

void iv_planes_local_norm (IvPlanesPasses *passes, const IvPlanesNorm *norm);

G_END_DECLS
