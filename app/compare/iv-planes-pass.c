/* Records the image passes: sizes checked, push constants filled, shaders named.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-planes-pass.h"

#include <math.h>

#include <gio/gio.h>

#include "app/compare/iv-planes-private.h"
#include "shaders/include/iv-shared-image.h"

#define KERNEL_REACH 3.0 /* deviations */
/* Moments are blurred on a coarser grid as long as the deviation stays this many pixels of it: the
 * shape of the kernel then differs by less than a percent, and the work by the cube of the factor.
 */
#define MOMENTS_SIGMA 6.0
#define MOMENTS_SHRINK 4

/* One invocation a pixel of the target, line by line, plane by plane. */
static void
dispatch_pixels (IvPlanesPasses *passes, const IvPlanes *target, IvPlanesDispatch dispatch)
{
  if (target == NULL)
    return;
  if (dispatch.groups[2] == 0)
    dispatch.groups[2] = target->planes;
  dispatch.groups[0] = IV_VK_GROUPS (target->width, IV_IMAGE_LOCAL);
  dispatch.groups[1] = target->height;
  iv_planes_dispatch (passes, &dispatch);
}

static gboolean
same_size (IvPlanesPasses *passes, const IvPlanes *a, const IvPlanes *b, const char *pass)
{
  if (a == NULL || b == NULL)
    return FALSE;
  if (a->width == b->width && a->height == b->height)
    return TRUE;
  iv_planes_passes_fail (passes,
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
iv_planes_area (IvPlanesPasses *passes,
                const IvPlanes *source,
                IvPlanes *target,
                const IvPlanesArea *area)
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
                   (IvPlanesDispatch){
                       .shader = "compare/image-area",
                       .images = { source, target },
                       .n_images = 2,
                       .push = &push,
                       .push_size = sizeof push,
                   });
}

void
iv_planes_shrink (IvPlanesPasses *passes, const IvPlanes *source, IvPlanes *target, guint factor)
{
  iv_planes_area (passes, source, target, &(IvPlanesArea){ .scale_x = factor, .scale_y = factor });
}

void
iv_planes_resize (IvPlanesPasses *passes,
                  const IvPlanes *source,
                  IvPlanes *target,
                  const IvPlanesResize *resize)
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
                   (IvPlanesDispatch){
                       .shader = "compare/image-resize",
                       .images = { source, target },
                       .n_images = 2,
                       .push = &push,
                       .push_size = sizeof push,
                   });
}

static void
blur_direction (IvPlanesPasses *passes, const IvPlanesBlur *blur, gboolean vertical)
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
      (IvPlanesDispatch){
          .shader = "compare/image-blur",
          .images = { blur->source, push.add != 0 ? blur->second : blur->source, blur->target },
          .n_images = 3,
          .push = &push,
          .push_size = sizeof push,
          .groups = { 0, 0, blur->source->planes },
      });
}

void
iv_planes_blur (IvPlanesPasses *passes, const IvPlanesBlur *blur)
{
  const IvPlanes *scratch = iv_planes_passes_scratch (passes, blur->target);
  if (scratch == NULL || !same_size (passes, blur->source, blur->target, "blur"))
    return;
  IvPlanes between = *scratch; /* the scratch buffer seen at this size */
  between.width = blur->target->width;
  between.height = blur->target->height;
  between.planes = blur->target->planes;
  IvPlanesBlur first = *blur, second = *blur;
  first.target = &between;
  second.source = &between;
  second.second = NULL;
  blur_direction (passes, &first, FALSE);
  blur_direction (passes, &second, TRUE);
}

void
iv_planes_warp (IvPlanesPasses *passes, const IvPlanesWarp *warp)
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
                   (IvPlanesDispatch){
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
iv_planes_point (IvPlanesPasses *passes, const IvPlanesPoint *point)
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
      (IvPlanesDispatch){
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
blur_moments (IvPlanesPasses *passes, IvPlanes *moments, double sigma)
{
  guint factor = 1;
  if (moments == NULL)
    return;
  while (factor < MOMENTS_SHRINK && sigma / (2 * factor) >= MOMENTS_SIGMA)
    factor *= 2;
  IvPlanesBlur blur = {
    .source = moments, .target = moments, .sigma = sigma / factor, .zero_edge = TRUE
  };
  if (factor == 1) {
    iv_planes_blur (passes, &blur);
    return;
  }
  guint w = (moments->width + factor - 1) / factor, h = (moments->height + factor - 1) / factor;
  g_autoptr (IvPlanes) small = iv_planes_new (passes, w, h, moments->planes);
  blur.source = blur.target = small;
  iv_planes_shrink (passes, moments, small, factor);
  iv_planes_blur (passes, &blur);
  iv_planes_resize (passes, small, moments, &(IvPlanesResize){ .scale = 1.0 / factor, .gain = 1 });
}

void
iv_planes_local_norm (IvPlanesPasses *passes, const IvPlanesNorm *norm)
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
  g_autoptr (IvPlanes) moments = iv_planes_new (passes, push.width, push.height, 3);
  dispatch_pixels (passes,
                   moments,
                   (IvPlanesDispatch){
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
                   (IvPlanesDispatch){
                       .shader = "compare/norm-apply",
                       .images = { norm->source, norm->valid, moments, norm->target },
                       .n_images = 4,
                       .push = &push,
                       .push_size = sizeof push,
                       .groups = { 0, 0, 1 },
                   });
}
