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
static IvImage *
blur_smaller (IvChangePass *self, const IvImage *source, double sigma, guint factor)
{
  guint width = (source->width + factor - 1) / factor;
  guint height = (source->height + factor - 1) / factor;
  g_autoptr (IvImage) small = iv_image_new (self->passes, width, height, source->planes);
  IvImage *target = iv_image_new_like (self->passes, source);

  if (!small || !target)
    return target;
  iv_image_shrink (self->passes, source, small, factor);
  iv_image_blur (self->passes,
                 &(IvImageBlur){ .source = small, .sigma = sigma / factor, .target = small });
  iv_image_resize (
      self->passes, small, target, &(IvImageResize){ .scale = 1.0 / factor, .gain = 1 });
  return target;
}

IvImage *
iv_change_pass_blur (IvChangePass *self, const IvImage *source, double sigma_mm)
{
  double sigma = sigma_mm / self->mm;

  if (!source)
    return NULL;
  if (sigma >= COARSE_SIGMA)
    return blur_smaller (self, source, sigma, 4);
  if (sigma >= MIDDLE_SIGMA)
    return blur_smaller (self, source, sigma, 2);
  IvImage *target = iv_image_new_like (self->passes, source);
  if (target)
    iv_image_blur (self->passes,
                   &(IvImageBlur){ .source = source, .sigma = sigma, .target = target });
  return target;
}

static IvImage *
point (IvChangePass *self, const IvImagePoint *params)
{
  IvImagePoint filled = *params;
  filled.target = iv_image_new_like (self->passes, params->a);
  if (filled.target)
    iv_image_point (self->passes, &filled);
  return filled.target;
}

IvImage *
iv_change_pass_sum (IvChangePass *self,
                    const IvImage *a,
                    double gain_a,
                    const IvImage *b,
                    double gain_b)
{
  return point (
      self, &(IvImagePoint){ .op = IV_IMAGE_LINEAR, .a = a, .b = b, .k = { gain_a, gain_b, 0 } });
}

IvImage *
iv_change_pass_product (IvChangePass *self, const IvImage *a, const IvImage *b)
{
  return point (self, &(IvImagePoint){ .op = IV_IMAGE_MULTIPLY, .a = a, .b = b, .k = { 1, 0, 0 } });
}

IvImage *
iv_change_pass_warp (IvChangePass *self, const IvImage *source, const IvImage *field)
{
  if (!source || !field)
    return NULL;
  IvImage *target = iv_image_new (self->passes, field->width, field->height, source->planes);
  if (target)
    iv_image_warp (self->passes,
                   &(IvImageWarp){ .source = source, .field = field, .target = target });
  return target;
}

/* One invocation a pixel of the target; images NULL-terminated, the target last. */
static IvImage *
dispatch (IvChangePass *self, IvImageDispatch params, IvImage *target)
{
  if (!target)
    return NULL;
  params.images[params.n_images++] = target;
  params.groups[0] = IV_VK_GROUPS (target->width, 64);
  params.groups[1] = target->height;
  params.groups[2] = 1;
  iv_image_dispatch (self->passes, &params);
  return target;
}

IvImage *
iv_change_pass_predict (IvChangePass *self, const IvChangePredict *predict)
{
  return dispatch (
      self,
      (IvImageDispatch){ .shader = "compare/change-predict",
                         .images = { predict->prior, predict->mean, predict->share, predict->air },
                         .n_images = 4,
                         .push = predict->model,
                         .push_size = sizeof *predict->model },
      iv_image_new_like (self->passes, predict->prior));
}

IvImage *
iv_change_pass_tolerant (IvChangePass *self,
                         const IvImage *a,
                         const IvImage *b,
                         const IvImage *valid)
{
  IvImage *target = iv_image_new_like (self->passes, a);
  struct IvPushChangeTolerant push = { .width = target ? target->width : 0,
                                       .height = target ? target->height : 0,
                                       .reach = MAX (1, lrint (TOLERANCE_MM / self->mm)) };
  return dispatch (self,
                   (IvImageDispatch){ .shader = "compare/change-tolerant",
                                      .images = { a, b, valid },
                                      .n_images = 3,
                                      .push = &push,
                                      .push_size = sizeof push },
                   target);
}

IvImage *
iv_change_pass_gradient (IvChangePass *self, const IvImage *source)
{
  IvImage *target = iv_image_new_like (self->passes, source);
  struct IvPushChangeGradient push = { .width = target ? target->width : 0,
                                       .height = target ? target->height : 0,
                                       .scale = (float) (1 / self->mm) };
  return dispatch (self,
                   (IvImageDispatch){ .shader = "compare/change-gradient",
                                      .images = { source },
                                      .n_images = 1,
                                      .push = &push,
                                      .push_size = sizeof push },
                   target);
}

IvImage *
iv_change_pass_noise (IvChangePass *self, const IvChangeNoise *noise)
{
  IvImage *target = iv_image_new_like (self->passes, noise->difference);
  struct IvPushChangeNoise push = { .width = target ? target->width : 0,
                                    .height = target ? target->height : 0,
                                    .floor = (float) noise->floor,
                                    .limit = (float) noise->limit,
                                    .gradient = (float) noise->slope };
  g_autoptr (IvImage) squares =
      dispatch (self,
                (IvImageDispatch){ .shader = "compare/change-squares",
                                   .images = { noise->difference, noise->area },
                                   .n_images = 2,
                                   .push = &push,
                                   .push_size = sizeof push },
                iv_image_new_like (self->passes, noise->difference));
  g_autoptr (IvImage) local = iv_change_pass_blur (self, squares, NEIGHBOURHOOD_MM);
  g_autoptr (IvImage) share = iv_change_pass_blur (self, noise->area, NEIGHBOURHOOD_MM);
  g_autoptr (IvImage) wide = iv_change_pass_blur (self, noise->gradient, GRADIENT_REACH_MM);
  return dispatch (
      self,
      (IvImageDispatch){ .shader = "compare/change-noise",
                         .images = { noise->difference, local, share, noise->gradient, wide },
                         .n_images = 5,
                         .push = &push,
                         .push_size = sizeof push },
      target);
}

IvImage *
iv_change_pass_texture (IvChangePass *self,
                        const IvImage *a,
                        const IvImage *b,
                        const IvImage *valid)
{
  if (!a || !b || !valid)
    return NULL;
  g_autoptr (IvImage) fine_a = iv_change_pass_blur (self, a, MARKINGS_FINE_MM);
  g_autoptr (IvImage) fine_b = iv_change_pass_blur (self, b, MARKINGS_FINE_MM);
  g_autoptr (IvImage) coarse_a = iv_change_pass_blur (self, a, MARKINGS_COARSE_MM);
  g_autoptr (IvImage) coarse_b = iv_change_pass_blur (self, b, MARKINGS_COARSE_MM);
  struct IvPushChangeTexture push = { .width = a->width,
                                      .height = a->height,
                                      .floor = MARKINGS_FLOOR };
  g_autoptr (IvImage) products =
      dispatch (self,
                (IvImageDispatch){ .shader = "compare/change-markings",
                                   .images = { fine_a, coarse_a, fine_b, coarse_b, valid },
                                   .n_images = 5,
                                   .push = &push,
                                   .push_size = sizeof push },
                iv_image_new (self->passes, a->width, a->height, 3));
  g_autoptr (IvImage) energies = iv_change_pass_blur (self, products, MARKINGS_REACH_MM);
  return dispatch (self,
                   (IvImageDispatch){ .shader = "compare/change-texture",
                                      .images = { energies },
                                      .n_images = 1,
                                      .push = &push,
                                      .push_size = sizeof push },
                   iv_image_new_like (self->passes, energies));
}
