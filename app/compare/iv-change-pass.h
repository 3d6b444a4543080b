/* The change detection's image passes, and short forms of the common ones, sized in millimetres.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-image-pass.h"
#include "shaders/include/iv-shared-change.h"

G_BEGIN_DECLS

/* Where passes are recorded. All functions return a new image, or NULL with the error kept for
 * iv_image_passes_run(); NULL arguments are allowed and make NULL. Thread-safety: engine thread. */
typedef struct {
  IvImagePasses *passes;
  double mm; /* per pixel */
} IvChangePass;

/* Gaussian. */
IvImage *iv_change_pass_blur (IvChangePass *self, const IvImage *source, double sigma_mm);
/* gain_a * a + gain_b * b */
IvImage *iv_change_pass_sum (IvChangePass *self,
                             const IvImage *a,
                             double gain_a,
                             const IvImage *b,
                             double gain_b);
IvImage *iv_change_pass_product (IvChangePass *self, const IvImage *a, const IvImage *b);
/* source (x + field (x)) */
IvImage *iv_change_pass_warp (IvChangePass *self, const IvImage *source, const IvImage *field);

typedef struct {
  const IvImage *prior, *mean, *share, *air;
  const struct IvPushChangePredict *model;
} IvChangePredict;

IvImage *iv_change_pass_predict (IvChangePass *self, const IvChangePredict *predict);
IvImage *iv_change_pass_tolerant (IvChangePass *self,
                                  const IvImage *a,
                                  const IvImage *b,
                                  const IvImage *valid);
IvImage *iv_change_pass_gradient (IvChangePass *self, const IvImage *source); /* per mm */

typedef struct {
  const IvImage *difference, *area, *gradient;
  double floor, limit, slope;
} IvChangeNoise;

/* The difference over what is to be expected. */
IvImage *iv_change_pass_noise (IvChangePass *self, const IvChangeNoise *noise);
/* [3, height, width]: log ratio, agreement, level of the fine markings of a and b. */
IvImage *iv_change_pass_texture (IvChangePass *self,
                                 const IvImage *a,
                                 const IvImage *b,
                                 const IvImage *valid);

G_END_DECLS
