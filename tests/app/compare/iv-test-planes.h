/* Random images on device and host for the tests of the image passes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <math.h>
#include <string.h>

#include <gio/gio.h>

#include "app/compare/iv-planes-pass.h"
#include "tests/vulkan/iv-test-vulkan.h"

G_BEGIN_DECLS

/* One image on both sides. */
typedef struct {
  guint width, height, planes;
  float *values; /* [planes, height, width] */
  IvPlanes *image;
} TestImage;

static inline float *
test_pixel (const TestImage *image, guint plane, guint y, guint x)
{
  return &image->values[((gsize) plane * image->height + y) * image->width + x];
}

/* 0 outside. */
static inline double
test_tap (const TestImage *image, guint plane, int y, int x)
{
  if (x < 0 || y < 0 || x >= (int) image->width || y >= (int) image->height)
    return 0;
  return *test_pixel (image, plane, y, x);
}

/* Values even in low … high, from a fixed seed. */
static inline TestImage
test_image_random (IvPlanesPasses *passes, GRand *rand, const guint size[3], const double range[2])
{
  TestImage image = { size[0], size[1], size[2] };
  gsize n = (gsize) size[0] * size[1] * size[2];
  image.values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    image.values[i] = g_rand_double_range (rand, range[0], range[1]);
  image.image =
      iv_planes_new_from (passes, &(IvPlanesValues){ size[0], size[1], size[2], image.values });
  return image;
}

static inline void
test_image_clear (TestImage *image)
{
  g_clear_pointer (&image->values, g_free);
  g_clear_pointer (&image->image, iv_planes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestImage, test_image_clear)

/* The device's image against the expected values; bound: largest allowed difference. */
static inline void
test_assert_near (IvPlanesPasses *passes, const IvPlanes *got, const float *expected, double bound)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *values = iv_planes_read (passes, got, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < (gsize) got->width * got->height * got->planes; i++)
    g_assert_cmpfloat_with_epsilon (values[i], expected[i], bound);
}

G_END_DECLS
