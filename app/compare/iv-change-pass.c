/* The change detection's image passes, and short forms of the common ones.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-pass.h"

#include <math.h>

/* From these deviations in pixels on a blur works on half and a quarter of the resolution: the
 * bilinear way back costs less than 1 % of the amplitude there. */
#define MIDDLE_SIGMA 2.5
#define COARSE_SIGMA 7.0
#define TOLERANCE_MM 0.8
#define NEIGHBOURHOOD_MM 15.0
#define GRADIENT_REACH_MM 2.0
#define MARKINGS_FINE_MM 0.55
#define MARKINGS_COARSE_MM 2.2
#define MARKINGS_REACH_MM 3.0
#define MARKINGS_FLOOR 2e-4f

/* The blur of an image that was made smaller by a factor first, brought back. */
static IvPlanes *
blur_smaller (IvChangePass *self, const IvPlanes *source, double sigma, guint factor)
{
  guint width = (source->width + factor - 1) / factor;
  guint height = (source->height + factor - 1) / factor;
  g_autoptr (IvPlanes) small = iv_planes_new (self->passes, width, height, source->planes);
  IvPlanes *target = iv_planes_new_like (self->passes, source);

  if (!small || !target)
    return target;
  iv_planes_shrink (self->passes, source, small, factor);
  iv_planes_blur (self->passes,
                  &(IvPlanesBlur){ .source = small, .sigma = sigma / factor, .target = small });
  iv_planes_resize (
      self->passes, small, target, &(IvPlanesResize){ .scale = 1.0 / factor, .gain = 1 });
  return target;
}

IvPlanes *
iv_change_pass_blur (IvChangePass *self, const IvPlanes *source, double sigma_mm)
{
  double sigma = sigma_mm / self->mm;

  if (!source)
    return NULL;
  if (sigma >= COARSE_SIGMA)
    return blur_smaller (self, source, sigma, 4);
  if (sigma >= MIDDLE_SIGMA)
    return blur_smaller (self, source, sigma, 2);
  IvPlanes *target = iv_planes_new_like (self->passes, source);
  if (target)
    iv_planes_blur (self->passes,
                    &(IvPlanesBlur){ .source = source, .sigma = sigma, .target = target });
  return target;
}

static IvPlanes *
point (IvChangePass *self, const IvPlanesPoint *params)
{
  IvPlanesPoint filled = *params;
  filled.target = iv_planes_new_like (self->passes, params->a);
  if (filled.target)
    iv_planes_point (self->passes, &filled);
  return filled.target;
}

IvPlanes *
iv_change_pass_sum (IvChangePass *self,
                    const IvPlanes *a,
                    double gain_a,
                    const IvPlanes *b,
                    double gain_b)
{
  return point (
      self, &(IvPlanesPoint){ .op = IV_PLANES_LINEAR, .a = a, .b = b, .k = { gain_a, gain_b, 0 } });
}

IvPlanes *
iv_change_pass_product (IvChangePass *self, const IvPlanes *a, const IvPlanes *b)
{
  return point (self,
                &(IvPlanesPoint){ .op = IV_PLANES_MULTIPLY, .a = a, .b = b, .k = { 1, 0, 0 } });
}

IvPlanes *
iv_change_pass_warp (IvChangePass *self, const IvPlanes *source, const IvPlanes *field)
{
  if (!source || !field)
    return NULL;
  IvPlanes *target = iv_planes_new (self->passes, field->width, field->height, source->planes);
  if (target)
    iv_planes_warp (self->passes,
                    &(IvPlanesWarp){ .source = source, .field = field, .target = target });
  return target;
}

/* One invocation a pixel of the target; images NULL-terminated, the target last. */
static IvPlanes *
dispatch (IvChangePass *self, IvPlanesDispatch params, IvPlanes *target)
{
  if (!target)
    return NULL;
  params.images[params.n_images++] = target;
  params.groups[0] = IV_VK_GROUPS (target->width, 64);
  params.groups[1] = target->height;
  params.groups[2] = 1;
  iv_planes_dispatch (self->passes, &params);
  return target;
}

IvPlanes *
iv_change_pass_predict (IvChangePass *self, const IvChangePredict *predict)
{
  return dispatch (
      self,
      (IvPlanesDispatch){ .shader = "compare/change-predict",
                          .images = { predict->prior, predict->mean, predict->share, predict->air },
                          .n_images = 4,
                          .push = predict->model,
                          .push_size = sizeof *predict->model },
      iv_planes_new_like (self->passes, predict->prior));
}

IvPlanes *
iv_change_pass_tolerant (IvChangePass *self,
                         const IvPlanes *a,
                         const IvPlanes *b,
                         const IvPlanes *valid)
{
  IvPlanes *target = iv_planes_new_like (self->passes, a);
  struct IvPushChangeTolerant push = { .width = target ? target->width : 0,
                                       .height = target ? target->height : 0,
                                       .reach = MAX (1, lrint (TOLERANCE_MM / self->mm)) };
  return dispatch (self,
                   (IvPlanesDispatch){ .shader = "compare/change-tolerant",
                                       .images = { a, b, valid },
                                       .n_images = 3,
                                       .push = &push,
                                       .push_size = sizeof push },
                   target);
}

IvPlanes *
iv_change_pass_gradient (IvChangePass *self, const IvPlanes *source)
{
  IvPlanes *target = iv_planes_new_like (self->passes, source);
  struct IvPushChangeGradient push = { .width = target ? target->width : 0,
                                       .height = target ? target->height : 0,
                                       .scale = (float) (1 / self->mm) };
  return dispatch (self,
                   (IvPlanesDispatch){ .shader = "compare/change-gradient",
                                       .images = { source },
                                       .n_images = 1,
                                       .push = &push,
                                       .push_size = sizeof push },
                   target);
}

IvPlanes *
iv_change_pass_noise (IvChangePass *self, const IvChangeNoise *noise)
{
  IvPlanes *target = iv_planes_new_like (self->passes, noise->difference);
  struct IvPushChangeNoise push = { .width = target ? target->width : 0,
                                    .height = target ? target->height : 0,
                                    .floor = (float) noise->floor,
                                    .limit = (float) noise->limit,
                                    .gradient = (float) noise->slope };
  g_autoptr (IvPlanes) squares =
      dispatch (self,
                (IvPlanesDispatch){ .shader = "compare/change-squares",
                                    .images = { noise->difference, noise->area },
                                    .n_images = 2,
                                    .push = &push,
                                    .push_size = sizeof push },
                iv_planes_new_like (self->passes, noise->difference));
  g_autoptr (IvPlanes) local = iv_change_pass_blur (self, squares, NEIGHBOURHOOD_MM);
  g_autoptr (IvPlanes) share = iv_change_pass_blur (self, noise->area, NEIGHBOURHOOD_MM);
  g_autoptr (IvPlanes) wide = iv_change_pass_blur (self, noise->gradient, GRADIENT_REACH_MM);
  return dispatch (
      self,
      (IvPlanesDispatch){ .shader = "compare/change-noise",
                          .images = { noise->difference, local, share, noise->gradient, wide },
                          .n_images = 5,
                          .push = &push,
                          .push_size = sizeof push },
      target);
}

IvPlanes *
iv_change_pass_texture (IvChangePass *self,
                        const IvPlanes *a,
                        const IvPlanes *b,
                        const IvPlanes *valid)
{
  if (!a || !b || !valid)
    return NULL;
  g_autoptr (IvPlanes) fine_a = iv_change_pass_blur (self, a, MARKINGS_FINE_MM);
  g_autoptr (IvPlanes) fine_b = iv_change_pass_blur (self, b, MARKINGS_FINE_MM);
  g_autoptr (IvPlanes) coarse_a = iv_change_pass_blur (self, a, MARKINGS_COARSE_MM);
  g_autoptr (IvPlanes) coarse_b = iv_change_pass_blur (self, b, MARKINGS_COARSE_MM);
  struct IvPushChangeTexture push = { .width = a->width,
                                      .height = a->height,
                                      .floor = MARKINGS_FLOOR };
  g_autoptr (IvPlanes) products =
      dispatch (self,
                (IvPlanesDispatch){ .shader = "compare/change-markings",
                                    .images = { fine_a, coarse_a, fine_b, coarse_b, valid },
                                    .n_images = 5,
                                    .push = &push,
                                    .push_size = sizeof push },
                iv_planes_new (self->passes, a->width, a->height, 3));
  g_autoptr (IvPlanes) energies = iv_change_pass_blur (self, products, MARKINGS_REACH_MM);
  return dispatch (self,
                   (IvPlanesDispatch){ .shader = "compare/change-texture",
                                       .images = { energies },
                                       .n_images = 1,
                                       .push = &push,
                                       .push_size = sizeof push },
                   iv_planes_new_like (self->passes, energies));
}
