/* The change detection's image passes, and short forms of the common ones, sized in millimetres.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-planes-pass.h"
#include "shaders/include/iv-shared-change.h"

G_BEGIN_DECLS

/* Where passes are recorded. All functions return a new image, or NULL with the error kept for
 * iv_planes_passes_run(); NULL arguments are allowed and make NULL. Thread-safety: engine thread.
 */
typedef struct {
  IvPlanesPasses *passes;
  double mm; /* per pixel */
} IvChangePass;

/* Gaussian. */
IvPlanes *iv_change_pass_blur (IvChangePass *self, const IvPlanes *source, double sigma_mm);
/* gain_a * a + gain_b * b */
IvPlanes *iv_change_pass_sum (IvChangePass *self,
                              const IvPlanes *a,
                              double gain_a,
                              const IvPlanes *b,
                              double gain_b);
IvPlanes *iv_change_pass_product (IvChangePass *self, const IvPlanes *a, const IvPlanes *b);
/* source (x + field (x)) */
IvPlanes *iv_change_pass_warp (IvChangePass *self, const IvPlanes *source, const IvPlanes *field);

typedef struct {
  const IvPlanes *prior, *mean, *share, *air;
  const struct IvPushChangePredict *model;
} IvChangePredict;

IvPlanes *iv_change_pass_predict (IvChangePass *self, const IvChangePredict *predict);
IvPlanes *iv_change_pass_tolerant (IvChangePass *self,
                                   const IvPlanes *a,
                                   const IvPlanes *b,
                                   const IvPlanes *valid);
IvPlanes *iv_change_pass_gradient (IvChangePass *self, const IvPlanes *source); /* per mm */

typedef struct {
  const IvPlanes *difference, *area, *gradient;
  double floor, limit, slope;
} IvChangeNoise;

/* The difference over what is to be expected. */
IvPlanes *iv_change_pass_noise (IvChangePass *self, const IvChangeNoise *noise);
/* [3, height, width]: log ratio, agreement, level of the fine markings of a and b. */
IvPlanes *iv_change_pass_texture (IvChangePass *self,
                                  const IvPlanes *a,
                                  const IvPlanes *b,
                                  const IvPlanes *valid);

G_END_DECLS
