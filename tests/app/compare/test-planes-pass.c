/* Every image pass against a plain loop in C.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/app/compare/iv-test-planes.h"

/* Sizes that are no multiple of a work-group. */
static const guint kSize[3] = { 77, 53, 2 };
static const double kRange[2] = { -1, 2 };

typedef struct {
  IvVkDevice *device;
  IvPlanesPasses *passes;
  GRand *rand;
  TestImage a, b;
  TestImage target; /* its values are the expected ones */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  f->device = iv_test_device_new ();
  f->passes = iv_planes_passes_new (f->device, &error);
  g_assert_no_error (error);
  f->rand = g_rand_new_with_seed (7);
  f->a = test_image_random (f->passes, f->rand, kSize, kRange);
  f->b = test_image_random (f->passes, f->rand, kSize, kRange);
  f->target = test_image_random (f->passes, f->rand, kSize, kRange);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_image_clear (&f->a);
  test_image_clear (&f->b);
  test_image_clear (&f->target);
  g_rand_free (f->rand);
  iv_planes_passes_free (f->passes);
  iv_test_assert_silent (f->device);
  iv_vk_device_unref (f->device);
}

/* Sums over cells of a sixteenth of a source pixel, of which every overlap here is made up. */
static void
test_area (Fixture *f, gconstpointer data)
{
  const guint size[3] = { 21, 17, 2 }, nx = 52, ny = 56; /* 16 scale */
  IvPlanesArea area = { 3.25, 3.5, 1.5, -0.75 };
  g_auto (TestImage) small = test_image_random (f->passes, f->rand, size, kRange);
  for (guint p = 0; p < 2; p++)
    for (guint y = 0; y < size[1]; y++)
      for (guint x = 0; x < size[0]; x++) {
        double sum = 0;
        for (guint j = 0; j < ny; j++)
          for (guint i = 0; i < nx; i++)
            sum += test_tap (&f->a,
                             p,
                             floor ((y + (j + 0.5) / ny - area.offset_y) * area.scale_y),
                             floor ((x + (i + 0.5) / nx - area.offset_x) * area.scale_x));
        *test_pixel (&small, p, y, x) = sum / (nx * ny);
      }
  iv_planes_area (f->passes, f->a.image, small.image, &area);
  test_assert_near (f->passes, small.image, small.values, 1e-4);
}

static void
test_shrink (Fixture *f, gconstpointer data)
{
  const guint size[3] = { 20, 14, 2 };
  g_auto (TestImage) small = test_image_random (f->passes, f->rand, size, kRange);
  for (guint p = 0; p < 2; p++)
    for (guint y = 0; y < size[1]; y++)
      for (guint x = 0; x < size[0]; x++) {
        double sum = 0;
        for (guint k = 0; k < 16; k++)
          sum += test_tap (&f->a, p, 4 * y + k / 4, 4 * x + k % 4);
        *test_pixel (&small, p, y, x) = sum / 16;
      }
  iv_planes_shrink (f->passes, f->a.image, small.image, 4);
  test_assert_near (f->passes, small.image, small.values, 1e-5);
}

static void
test_resize (Fixture *f, gconstpointer data)
{
  const double scale = 0.37, gain = 2.5;
  for (guint p = 0; p < 2; p++)
    for (guint y = 0; y < kSize[1]; y++)
      for (guint x = 0; x < kSize[0]; x++) {
        double at[2] = { CLAMP ((x + 0.5) * scale - 0.5, 0, kSize[0] - 1.0),
                         CLAMP ((y + 0.5) * scale - 0.5, 0, kSize[1] - 1.0) };
        int i = at[0], j = at[1];
        double u = at[0] - i, v = at[1] - j;
        *test_pixel (&f->target, p, y, x) =
            gain *
            ((1 - v) * ((1 - u) * test_tap (&f->a, p, j, i) + u * test_tap (&f->a, p, j, i + 1)) +
             v * ((1 - u) * test_tap (&f->a, p, j + 1, i) + u * test_tap (&f->a, p, j + 1, i + 1)));
      }
  iv_planes_resize (f->passes, f->a.image, f->target.image, &(IvPlanesResize){ scale, gain });
  test_assert_near (f->passes, f->target.image, f->target.values, 1e-4);
}

/* One value of the two-dimensional kernel sum. */
static double
blurred (const Fixture *f, const IvPlanesBlur *blur, guint p, int y, int x)
{
  int r = ceil (3 * blur->sigma), w = kSize[0], h = kSize[1];
  double sum = 0, total = 0;
  for (int j = -r; j <= r; j++)
    for (int i = -r; i <= r; i++) {
      double g = exp (-0.5 * (i * i + j * j) / (blur->sigma * blur->sigma));
      int yy = y + j, xx = x + i;
      total += g;
      if (!blur->zero_edge) {
        yy = CLAMP (yy, 0, h - 1);
        xx = CLAMP (xx, 0, w - 1);
      }
      sum += g * (test_tap (&f->a, p, yy, xx) + blur->add * test_tap (&f->b, p, yy, xx));
    }
  return sum / total;
}

static void
test_blur (Fixture *f, gconstpointer data)
{
  const IvPlanesBlur blurs[] = { { .sigma = 1.3 },
                                 { .sigma = 4.0, .zero_edge = TRUE },
                                 { .sigma = 2.2, .second = f->b.image, .add = 0.7 } };
  for (guint k = 0; k < G_N_ELEMENTS (blurs); k++) {
    IvPlanesBlur blur = blurs[k];
    blur.source = f->a.image;
    blur.target = f->target.image;
    for (guint p = 0; p < 2; p++)
      for (guint y = 0; y < kSize[1]; y++)
        for (guint x = 0; x < kSize[0]; x++)
          *test_pixel (&f->target, p, y, x) = blurred (f, &blur, p, y, x);
    iv_planes_blur (f->passes, &blur);
    test_assert_near (f->passes, f->target.image, f->target.values, 1e-4);
  }
}

static void
test_blur_in_place (Fixture *f, gconstpointer data)
{
  IvPlanesBlur blur = { .sigma = 3, .source = f->a.image, .target = f->a.image };
  for (guint p = 0; p < 2; p++)
    for (guint y = 0; y < kSize[1]; y++)
      for (guint x = 0; x < kSize[0]; x++)
        *test_pixel (&f->target, p, y, x) = blurred (f, &blur, p, y, x);
  iv_planes_blur (f->passes, &blur);
  test_assert_near (f->passes, f->a.image, f->target.values, 1e-4);
}

static void
test_warp (Fixture *f, gconstpointer data)
{
  const double a[6] = { 3.2, 0.05, -0.1, -2.1, 0.08, -0.03 };
  for (guint p = 0; p < 2; p++)
    for (guint y = 0; y < kSize[1]; y++)
      for (guint x = 0; x < kSize[0]; x++) {
        double u = x + a[0] + a[1] * x + a[2] * y + *test_pixel (&f->b, 0, y, x);
        double v = y + a[3] + a[4] * x + a[5] * y + *test_pixel (&f->b, 1, y, x);
        int i = floor (u), j = floor (v);
        u -= i;
        v -= j;
        *test_pixel (&f->target, p, y, x) =
            (1 - v) * ((1 - u) * test_tap (&f->a, p, j, i) + u * test_tap (&f->a, p, j, i + 1)) +
            v * ((1 - u) * test_tap (&f->a, p, j + 1, i) + u * test_tap (&f->a, p, j + 1, i + 1));
      }
  iv_planes_warp (
      f->passes,
      &(IvPlanesWarp){
          .source = f->a.image, .affine = a, .field = f->b.image, .target = f->target.image });
  /* Positions are floats of up to 80: 1e-5 of a pixel, times a step of 3 in grey. */
  test_assert_near (f->passes, f->target.image, f->target.values, 2e-4);
}

static double
point_value (const IvPlanesPoint *point, double a, double b)
{
  const double *k = point->k;
  switch (point->op) {
  case IV_PLANES_LINEAR:
    return k[0] * a + k[1] * b + k[2];
  case IV_PLANES_MULTIPLY:
    return k[0] * a * b + k[2];
  case IV_PLANES_STEP:
    return a > k[0];
  case IV_PLANES_CLAMP:
    return CLAMP (a, k[0], k[1]);
  case IV_PLANES_MAX:
    return MAX (a, b);
  case IV_PLANES_MIN:
    return MIN (a, b);
  default:
    return fabs (a);
  }
}

static void
test_point (Fixture *f, gconstpointer data)
{
  for (IvPlanesOp op = IV_PLANES_LINEAR; op <= IV_PLANES_ABS; op++) {
    IvPlanesPoint point = { .op = op,
                            .a = f->a.image,
                            .b = f->b.image,
                            .k = { 0.25, 1.5, -0.5 },
                            .target = f->target.image };
    for (guint p = 0; p < 2; p++)
      for (guint y = 0; y < kSize[1]; y++)
        for (guint x = 0; x < kSize[0]; x++)
          *test_pixel (&f->target, p, y, x) =
              point_value (&point, *test_pixel (&f->a, p, y, x), *test_pixel (&f->b, p, y, x));
    iv_planes_point (f->passes, &point);
    test_assert_near (f->passes, f->target.image, f->target.values, 1e-5);
  }
}

/* All within bound of the plain loop. */
static void
run_local_norm (Fixture *f, double sigma, double bound)
{
  const guint size[3] = { 61, 40, 1 }, both[3] = { 61, 40, 2 };
  const double floor_value = 0.05;
  const int reach = ceil (3 * sigma);
  g_auto (TestImage) source = test_image_random (f->passes, f->rand, size, kRange);
  g_auto (TestImage) valid = test_image_random (f->passes, f->rand, size, kRange);
  g_auto (TestImage) expected = test_image_random (f->passes, f->rand, both, kRange);
  for (guint i = 0; i < size[0] * size[1]; i++)
    valid.values[i] = valid.values[i] > -0.5;
  g_clear_pointer (&valid.image, iv_planes_unref);
  valid.image =
      iv_planes_new_from (f->passes, &(IvPlanesValues){ size[0], size[1], 1, valid.values });
  for (int y = 0; y < (int) size[1]; y++)
    for (int x = 0; x < (int) size[0]; x++) {
      double n = 0, s = 0, q = 0, total = 0, v = *test_pixel (&valid, 0, y, x);
      double d = *test_pixel (&source, 0, y, x);
      for (int j = -reach; j <= reach; j++)
        for (int i = -reach; i <= reach; i++) {
          double g = exp (-0.5 * (i * i + j * j) / (sigma * sigma));
          double w = g * test_tap (&valid, 0, y + j, x + i);
          double t = test_tap (&source, 0, y + j, x + i);
          total += g;
          n += w;
          s += w * t;
          q += w * t * t;
        }
      n = n / total + 1e-4;
      double mean = s / total / n, variance = q / total / n - mean * mean;
      double z = (d - mean) / (sqrt (MAX (variance, 0)) + floor_value);
      *test_pixel (&expected, 0, y, x) = (2 * CLAMP (d, -0.2, 1.2) - 1) * v;
      *test_pixel (&expected, 1, y, x) = CLAMP (z, -3, 3) * v;
    }
  iv_planes_local_norm (f->passes,
                        &(IvPlanesNorm){ .source = source.image,
                                         .valid = valid.image,
                                         .sigma = sigma,
                                         .floor = floor_value,
                                         .with_density = TRUE,
                                         .target = expected.image });
  test_assert_near (f->passes, expected.image, expected.values, bound);
}

/* Wide kernels are blurred on a coarser grid; a hundredth of a deviation does not matter. */
static void
test_local_norm (Fixture *f, gconstpointer data)
{
  run_local_norm (f, 3, 1e-3);
  run_local_norm (f, 13, 0.02);
}

static void
test_planes (Fixture *f, gconstpointer data)
{
  const gsize n = kSize[0] * kSize[1];
  memcpy (f->target.values, f->a.values + n, n * sizeof (float));
  memset (f->target.values + n, 0, n * sizeof (float));
  iv_planes_clear (f->passes, f->target.image);
  iv_planes_copy_plane (f->passes, f->a.image, 1, f->target.image, 0);
  test_assert_near (f->passes, f->target.image, f->target.values, 1e-9);
}

/* The first thing that goes wrong is kept and told; the passes work again afterwards. */
static void
test_error_is_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPlanes) small = iv_planes_new (f->passes, 5, 5, 2);
  iv_planes_blur (f->passes, &(IvPlanesBlur){ .source = f->a.image, .target = small, .sigma = 2 });
  iv_planes_resize (f->passes, f->a.image, NULL, &(IvPlanesResize){ 1, 1 });
  g_assert_false (iv_planes_passes_run (f->passes, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "77x53"));
  test_assert_near (f->passes, f->a.image, f->a.values, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } kTests[] = {
    { "/compare/image/area", test_area },
    { "/compare/image/shrink", test_shrink },
    { "/compare/image/resize", test_resize },
    { "/compare/image/blur", test_blur },
    { "/compare/image/blur-in-place", test_blur_in_place },
    { "/compare/image/warp", test_warp },
    { "/compare/image/point", test_point },
    { "/compare/image/local-norm", test_local_norm },
    { "/compare/image/planes", test_planes },
    { "/compare/image/error-is-kept", test_error_is_kept },
  };
  for (guint k = 0; k < G_N_ELEMENTS (kTests); k++)
    g_test_add (kTests[k].path, Fixture, NULL, set_up, kTests[k].run, tear_down);
  return g_test_run ();
}
