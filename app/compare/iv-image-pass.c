/* Records the image passes: sizes checked, push constants filled, shaders named.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-image-pass.h"

#include <math.h>

#include <gio/gio.h>

#include "app/compare/iv-image-private.h"
#include "shaders/include/iv-shared-image.h"

#define KERNEL_REACH 3.0 /* deviations */
/* Moments are blurred on a coarser grid as long as the deviation stays this many pixels of it: the
 * shape of the kernel then differs by less than a percent, and the work by the cube of the factor.
 */
#define MOMENTS_SIGMA 6.0
#define MOMENTS_SHRINK 4

/* One invocation a pixel of the target, line by line, plane by plane. */
static void
dispatch_pixels (IvImagePasses *passes, const IvImage *target, IvImageDispatch dispatch)
{
  if (target == NULL)
    return;
  if (dispatch.groups[2] == 0)
    dispatch.groups[2] = target->planes;
  dispatch.groups[0] = IV_VK_GROUPS (target->width, IV_IMAGE_LOCAL);
  dispatch.groups[1] = target->height;
  iv_image_dispatch (passes, &dispatch);
}

static gboolean
same_size (IvImagePasses *passes, const IvImage *a, const IvImage *b, const char *pass)
{
  if (a == NULL || b == NULL)
    return FALSE;
  if (a->width == b->width && a->height == b->height)
    return TRUE;
  iv_image_passes_fail (passes,
                        g_error_new (G_IO_ERROR,
                                     G_IO_ERROR_INVALID_ARGUMENT,
                                     "%s: images of %ux%u and %ux%u pixels do not fit",
                                     pass,
                                     a->width,
                                     a->height,
                                     b->width,
                                     b->height));
  return FALSE;
}

void
iv_image_area (IvImagePasses *passes,
               const IvImage *source,
               IvImage *target,
               const IvImageArea *area)
{
  if (source == NULL || target == NULL)
    return;
  struct IvPushArea push = {
    .source_width = source->width,
    .source_height = source->height,
    .width = target->width,
    .height = target->height,
    .scale_x = area->scale_x,
    .scale_y = area->scale_y,
    .offset_x = area->offset_x,
    .offset_y = area->offset_y,
  };
  dispatch_pixels (passes,
                   target,
                   (IvImageDispatch){
                       .shader = "compare/image-area",
                       .images = { source, target },
                       .n_images = 2,
                       .push = &push,
                       .push_size = sizeof push,
                   });
}

void
iv_image_shrink (IvImagePasses *passes, const IvImage *source, IvImage *target, guint factor)
{
  iv_image_area (passes, source, target, &(IvImageArea){ .scale_x = factor, .scale_y = factor });
}

void
iv_image_resize (IvImagePasses *passes,
                 const IvImage *source,
                 IvImage *target,
                 const IvImageResize *resize)
{
  if (source == NULL || target == NULL)
    return;
  struct IvPushResize push = {
    .source_width = source->width,
    .source_height = source->height,
    .width = target->width,
    .height = target->height,
    .scale = resize->scale,
    .gain = resize->gain,
  };
  dispatch_pixels (passes,
                   target,
                   (IvImageDispatch){
                       .shader = "compare/image-resize",
                       .images = { source, target },
                       .n_images = 2,
                       .push = &push,
                       .push_size = sizeof push,
                   });
}

static void
blur_direction (IvImagePasses *passes, const IvImageBlur *blur, gboolean vertical)
{
  struct IvPushBlur push = {
    .width = blur->target->width,
    .height = blur->target->height,
    .vertical = vertical,
    .zero_edge = blur->zero_edge,
    .radius = MAX (1, ceil (KERNEL_REACH * blur->sigma)),
    .sigma = blur->sigma,
    .add = blur->second != NULL ? blur->add : 0.0,
  };
  dispatch_pixels (
      passes,
      blur->target,
      (IvImageDispatch){
          .shader = "compare/image-blur",
          .images = { blur->source, push.add != 0 ? blur->second : blur->source, blur->target },
          .n_images = 3,
          .push = &push,
          .push_size = sizeof push,
          .groups = { 0, 0, blur->source->planes },
      });
}

void
iv_image_blur (IvImagePasses *passes, const IvImageBlur *blur)
{
  const IvImage *scratch = iv_image_passes_scratch (passes, blur->target);
  if (scratch == NULL || !same_size (passes, blur->source, blur->target, "blur"))
    return;
  IvImage between = *scratch; /* the scratch buffer seen at this size */
  between.width = blur->target->width;
  between.height = blur->target->height;
  between.planes = blur->target->planes;
  IvImageBlur first = *blur, second = *blur;
  first.target = &between;
  second.source = &between;
  second.second = NULL;
  blur_direction (passes, &first, FALSE);
  blur_direction (passes, &second, TRUE);
}

void
iv_image_warp (IvImagePasses *passes, const IvImageWarp *warp)
{
  static const double none[6] = { 0 };
  const double *a = warp->affine != NULL ? warp->affine : none;
  if (warp->source == NULL || warp->target == NULL)
    return;
  if (warp->field != NULL && !same_size (passes, warp->field, warp->target, "warp"))
    return;
  struct IvPushWarp push = {
    .source_width = warp->source->width,
    .source_height = warp->source->height,
    .width = warp->target->width,
    .height = warp->target->height,
    .has_field = warp->field != NULL,
    .a0 = a[0],
    .a1 = a[1],
    .a2 = a[2],
    .a3 = a[3],
    .a4 = a[4],
    .a5 = a[5],
  };
  dispatch_pixels (passes,
                   warp->target,
                   (IvImageDispatch){
                       .shader = "compare/image-warp",
                       .images = { warp->source,
                                   warp->field != NULL ? warp->field : warp->source,
                                   warp->target },
                       .n_images = 3,
                       .push = &push,
                       .push_size = sizeof push,
                       .groups = { 0, 0, MIN (warp->source->planes, warp->target->planes) },
                   });
}

void
iv_image_point (IvImagePasses *passes, const IvImagePoint *point)
{
  if (!same_size (passes, point->a, point->target, "arithmetic"))
    return;
  if (point->b != NULL && !same_size (passes, point->a, point->b, "arithmetic"))
    return;
  struct IvPushPoint push = {
    .width = point->target->width,
    .height = point->target->height,
    .op = point->op,
    .b_planes = point->b != NULL ? point->b->planes : 0,
    .k0 = point->k[0],
    .k1 = point->k[1],
    .k2 = point->k[2],
  };
  dispatch_pixels (
      passes,
      point->target,
      (IvImageDispatch){
          .shader = "compare/image-point",
          .images = { point->a, point->b != NULL ? point->b : point->a, point->target },
          .n_images = 3,
          .push = &push,
          .push_size = sizeof push,
          .groups = { 0, 0, point->a->planes },
      });
}

/* In place. */
static void
blur_moments (IvImagePasses *passes, IvImage *moments, double sigma)
{
  guint factor = 1;
  if (moments == NULL)
    return;
  while (factor < MOMENTS_SHRINK && sigma / (2 * factor) >= MOMENTS_SIGMA)
    factor *= 2;
  IvImageBlur blur = {
    .source = moments, .target = moments, .sigma = sigma / factor, .zero_edge = TRUE
  };
  if (factor == 1) {
    iv_image_blur (passes, &blur);
    return;
  }
  guint w = (moments->width + factor - 1) / factor, h = (moments->height + factor - 1) / factor;
  g_autoptr (IvImage) small = iv_image_new (passes, w, h, moments->planes);
  blur.source = blur.target = small;
  iv_image_shrink (passes, moments, small, factor);
  iv_image_blur (passes, &blur);
  iv_image_resize (passes, small, moments, &(IvImageResize){ .scale = 1.0 / factor, .gain = 1 });
}

void
iv_image_local_norm (IvImagePasses *passes, const IvImageNorm *norm)
{
  if (!same_size (passes, norm->source, norm->target, "local normalisation") ||
      !same_size (passes, norm->source, norm->valid, "local normalisation"))
    return;
  struct IvPushNorm push = {
    .width = norm->source->width,
    .height = norm->source->height,
    .floor = norm->floor,
    .density_plane = norm->with_density ? 1 : 0,
  };
  g_autoptr (IvImage) moments = iv_image_new (passes, push.width, push.height, 3);
  dispatch_pixels (passes,
                   moments,
                   (IvImageDispatch){
                       .shader = "compare/norm-moments",
                       .images = { norm->source, norm->valid, moments },
                       .n_images = 3,
                       .push = &push,
                       .push_size = sizeof push,
                       .groups = { 0, 0, 1 },
                   });
  blur_moments (passes, moments, norm->sigma);
  dispatch_pixels (passes,
                   norm->target,
                   (IvImageDispatch){
                       .shader = "compare/norm-apply",
                       .images = { norm->source, norm->valid, moments, norm->target },
                       .n_images = 4,
                       .push = &push,
                       .push_size = sizeof push,
                       .groups = { 0, 0, 1 },
                   });
}
