/* The passes of the registration and of the lung network against plain loops in C.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "shaders/include/iv-shared-image.h"
#include "tests/app/compare/iv-test-planes.h"

typedef struct {
  IvVkDevice *device;
  IvPlanesPasses *passes;
  GRand *rand;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  f->device = iv_test_device_new ();
  f->passes = iv_planes_passes_new (f->device, &error);
  g_assert_no_error (error);
  f->rand = g_rand_new_with_seed (11);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_rand_free (f->rand);
  iv_planes_passes_free (f->passes);
  iv_test_assert_silent (f->device);
  iv_vk_device_unref (f->device);
}

static const guint kCurrent[3] = { 41, 29, 3 }, kPrior[3] = { 37, 33, 3 };
static const guint kCurrentOne[3] = { 41, 29, 1 }, kPriorOne[3] = { 37, 33, 1 };
static const double kGrey[2] = { -2, 2 }, kUnit[2] = { 0, 1 };
static const double kAffine[6] = { -1.4137, 0.0411, -0.0607, 2.3071, 0.0517, -0.0203 };

/* Value and gradient of the prior at a position, FALSE outside. */
static gboolean
sample_prior (const TestImage *prior, guint plane, const double at[2], double result[3])
{
  int i = floor (at[0]), j = floor (at[1]);
  double u = at[0] - i, v = at[1] - j;
  if (at[0] < 0 || at[1] < 0 || at[0] > prior->width - 1.001 || at[1] > prior->height - 1.001)
    return FALSE;
  double a = test_tap (prior, plane, j, i), b = test_tap (prior, plane, j, i + 1);
  double c = test_tap (prior, plane, j + 1, i), d = test_tap (prior, plane, j + 1, i + 1);
  result[0] = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d);
  result[1] = (1 - v) * (b - a) + v * (d - c);
  result[2] = (1 - u) * (c - a) + u * (d - b);
  return TRUE;
}

static void
position (guint x, guint y, double at[2])
{
  at[0] = x + kAffine[0] + kAffine[1] * x + kAffine[2] * y;
  at[1] = y + kAffine[3] + kAffine[4] * x + kAffine[5] * y;
}

/* The same on the other side of a hair: such pixels may fall either way in single precision. */
static gboolean
near_edge (const double at[2], const guint size[3])
{
  return fabs (at[0]) < 2e-5 || fabs (at[1]) < 2e-5 || fabs (at[0] - size[0] + 1.001) < 2e-5 ||
         fabs (at[1] - size[1] + 1.001) < 2e-5;
}

static void
test_force (Fixture *f, gconstpointer data)
{
  const guint two[3] = { 41, 29, 2 };
  const double small[2] = { -0.5, 0.5 };
  g_auto (TestImage) c = test_image_random (f->passes, f->rand, kCurrent, kGrey);
  g_auto (TestImage) p = test_image_random (f->passes, f->rand, kPrior, kGrey);
  g_auto (TestImage) vc = test_image_random (f->passes, f->rand, kCurrentOne, kUnit);
  g_auto (TestImage) vp = test_image_random (f->passes, f->rand, kPriorOne, kUnit);
  g_auto (TestImage) field = test_image_random (f->passes, f->rand, two, small);
  g_auto (TestImage) force = test_image_random (f->passes, f->rand, two, kUnit);
  struct IvPushForce push = {
    .width = 41,
    .height = 29,
    .prior_width = 37,
    .prior_height = 33,
    .planes = 3,
    .lung_weight = 0.7,
    .clip = 1.5,
    .alpha = 0.25,
    .a0 = kAffine[0],
    .a1 = kAffine[1],
    .a2 = kAffine[2],
    .a3 = kAffine[3],
    .a4 = kAffine[4],
    .a5 = kAffine[5],
  };
  for (guint y = 0; y < 29; y++)
    for (guint x = 0; x < 41; x++) {
      double at[2], den = 1e-3, sum[2] = { 0 }, s[3];
      position (x, y, at);
      at[0] += *test_pixel (&field, 0, y, x);
      at[1] += *test_pixel (&field, 1, y, x);
      g_assert_false (near_edge (at, kPrior));
      for (guint k = 0; k < 3 && sample_prior (&p, k, at, s); k++) {
        double w = k > 0 ? 0.7 : *test_pixel (&vc, 0, y, x);
        if (k == 0 && *test_pixel (&vp, 0, floor (at[1]), floor (at[0])) <= 0.5)
          w = 0;
        double e = CLAMP (*test_pixel (&c, k, y, x) - s[0], -1.5, 1.5);
        double gx = 0.5 * s[1] + 0.25 * (*test_pixel (&c, k, y, MIN (x + 1, 40)) -
                                         *test_pixel (&c, k, y, x > 0 ? x - 1 : 0));
        double gy = 0.5 * s[2] + 0.25 * (*test_pixel (&c, k, MIN (y + 1, 28), x) -
                                         *test_pixel (&c, k, y > 0 ? y - 1 : 0, x));
        sum[0] += w * e * gx;
        sum[1] += w * e * gy;
        den += w * (gx * gx + gy * gy + 0.25 * e * e);
      }
      *test_pixel (&force, 0, y, x) = sum[0] / den;
      *test_pixel (&force, 1, y, x) = sum[1] / den;
    }
  iv_planes_dispatch (
      f->passes,
      &(IvPlanesDispatch){
          .shader = "compare/reg-force",
          .images = { c.image, p.image, vc.image, vp.image, field.image, force.image },
          .n_images = 6,
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (41, IV_IMAGE_LOCAL), 29 },
      });
  test_assert_near (f->passes, force.image, force.values, 1e-3);
}

/* Adds one pixel to the sums of its line; rows and columns as reg-normal orders them. */
static void
add_normal (double sums[IV_NORMAL_SUMS], const double j[6], double weight, double e)
{
  guint at = 0;
  for (guint a = 0; a < 6; a++)
    for (guint b = a; b < 6; b++)
      sums[at++] += weight * j[a] * j[b];
  for (guint a = 0; a < 6; a++)
    sums[21 + a] += weight * j[a] * e;
}

static void
test_normal (Fixture *f, gconstpointer data)
{
  const double unit = 20, center[2] = { 20.5, 14.5 };
  const guint lines[3] = { IV_NORMAL_SUMS, 29, 1 };
  g_auto (TestImage) c = test_image_random (f->passes, f->rand, kCurrent, kGrey);
  g_auto (TestImage) p = test_image_random (f->passes, f->rand, kPrior, kGrey);
  g_auto (TestImage) vc = test_image_random (f->passes, f->rand, kCurrentOne, kUnit);
  g_auto (TestImage) vp = test_image_random (f->passes, f->rand, kPriorOne, kUnit);
  g_auto (TestImage) sums = test_image_random (f->passes, f->rand, lines, kUnit);
  struct IvPushNormal push = { 41,         29,         37,         33,         3,
                               unit,       center[0],  center[1],  0.7,        kAffine[0],
                               kAffine[1], kAffine[2], kAffine[3], kAffine[4], kAffine[5] };
  for (guint y = 0; y < 29; y++) {
    double line[IV_NORMAL_SUMS] = { 0 };
    for (guint x = 0; x < 41; x++) {
      double at[2], s[3], wc = *test_pixel (&vc, 0, y, x);
      double X = (x + 0.5 - center[0]) / unit, Y = (y + 0.5 - center[1]) / unit;
      line[29] += wc;
      position (x, y, at);
      g_assert_false (near_edge (at, kPrior));
      for (guint k = 0; k < 3 && sample_prior (&p, k, at, s); k++) {
        double e = *test_pixel (&c, k, y, x) - s[0], gx = s[1] * unit, gy = s[2] * unit;
        double wp = *test_pixel (&vp, 0, floor (at[1]), floor (at[0]));
        double w = k == 0 ? wc * wp / (1 + e * e) : 0.7;
        const double j[6] = { gx * X, gx * Y, gx, gy * X, gy * Y, gy };
        line[27] += k == 0 ? w : 0;
        line[28] += k == 0 ? w * e * e : 0;
        add_normal (line, j, w, e);
      }
    }
    for (guint k = 0; k < IV_NORMAL_SUMS; k++)
      *test_pixel (&sums, 0, y, k) = line[k];
  }
  iv_planes_dispatch (f->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/reg-normal",
                          .images = { c.image, p.image, vc.image, vp.image, sums.image },
                          .n_images = 5,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (29, IV_LINE_LOCAL) },
                      });
  /* Sums of 120 terms of up to unit² * 16: single precision keeps six digits of them. */
  test_assert_near (f->passes, sums.image, sums.values, 0.2);
}

static void
test_stats (Fixture *f, gconstpointer data)
{
  const guint lines[3] = { IV_STATS_SUMS, 29, 1 };
  g_auto (TestImage) a = test_image_random (f->passes, f->rand, kCurrent, kGrey);
  g_auto (TestImage) b = test_image_random (f->passes, f->rand, kCurrent, kGrey);
  g_auto (TestImage) w = test_image_random (f->passes, f->rand, kCurrentOne, kUnit);
  g_auto (TestImage) sums = test_image_random (f->passes, f->rand, lines, kUnit);
  for (guint weighted = 0; weighted <= 1; weighted++) {
    struct IvPushStats push = { 41, 29, 2, weighted };
    for (guint y = 0; y < 29; y++) {
      double s[IV_STATS_SUMS] = { 0 };
      for (guint x = 0; x < 41; x++) {
        double u = *test_pixel (&a, 2, y, x), v = *test_pixel (&b, 2, y, x);
        double t = weighted ? *test_pixel (&w, 0, y, x) : 1;
        const double terms[IV_STATS_SUMS] = { t, t * u, t * v, t * u * u, t * v * v, t * u * v };
        for (guint k = 0; k < IV_STATS_SUMS; k++)
          s[k] += terms[k];
      }
      for (guint k = 0; k < IV_STATS_SUMS; k++)
        *test_pixel (&sums, 0, y, k) = s[k];
    }
    iv_planes_dispatch (f->passes,
                        &(IvPlanesDispatch){
                            .shader = "compare/reg-stats",
                            .images = { a.image, b.image, w.image, sums.image },
                            .n_images = 4,
                            .push = &push,
                            .push_size = sizeof push,
                            .groups = { IV_VK_GROUPS (29, IV_LINE_LOCAL) },
                        });
    test_assert_near (f->passes, sums.image, sums.values, 1e-3);
  }
}

static void
test_field (Fixture *f, gconstpointer data)
{
  const guint two[3] = { 41, 29, 2 };
  g_auto (TestImage) field = test_image_random (f->passes, f->rand, two, kGrey);
  g_auto (TestImage) whole = test_image_random (f->passes, f->rand, two, kGrey);
  const double *a = kAffine;
  struct IvPushField push = { 41, 29, a[0], a[1], a[2], a[3], a[4], a[5] };
  for (guint y = 0; y < 29; y++)
    for (guint x = 0; x < 41; x++) {
      *test_pixel (&whole, 0, y, x) = *test_pixel (&field, 0, y, x) + a[0] + a[1] * x + a[2] * y;
      *test_pixel (&whole, 1, y, x) = *test_pixel (&field, 1, y, x) + a[3] + a[4] * x + a[5] * y;
    }
  iv_planes_dispatch (f->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/reg-field",
                          .images = { field.image, whole.image },
                          .n_images = 2,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (41, IV_IMAGE_LOCAL), 29 },
                      });
  test_assert_near (f->passes, whole.image, whole.values, 1e-4);
}

/* planes_out is no multiple of the eight that an invocation makes. */
static void
run_conv (Fixture *f, guint kernel, gboolean sigmoid)
{
  const guint out = 11, n = out * 5 * kernel * kernel + out + 3;
  const guint two[3] = { 41, 29, 2 }, made[3] = { 41, 29, 11 }, flat[3] = { n, 1, 1 };
  const double small[2] = { -0.4, 0.4 };
  g_auto (TestImage) a = test_image_random (f->passes, f->rand, kCurrent, kGrey);
  g_auto (TestImage) b = test_image_random (f->passes, f->rand, two, kGrey);
  g_auto (TestImage) weights = test_image_random (f->passes, f->rand, flat, small);
  g_auto (TestImage) target = test_image_random (f->passes, f->rand, made, kGrey);
  struct IvPushConv push = { 41, 29, 3, 2, out, kernel, 3, sigmoid };
  const float *w = weights.values + 3;
  int r = kernel / 2;
  for (guint o = 0; o < out; o++)
    for (int y = 0; y < 29; y++)
      for (int x = 0; x < 41; x++) {
        double z = w[out * 5 * kernel * kernel + o];
        for (guint i = 0; i < 5; i++)
          for (guint t = 0; t < kernel * kernel; t++) {
            int yy = y + (int) (t / kernel) - r, xx = x + (int) (t % kernel) - r;
            double v = i < 3 ? test_tap (&a, i, yy, xx) : test_tap (&b, i - 3, yy, xx);
            z += w[(o * 5 + i) * kernel * kernel + t] * v;
          }
        *test_pixel (&target, o, y, x) = sigmoid ? 1 / (1 + exp (-z)) : MAX (z, 0.1 * z);
      }
  iv_planes_dispatch (f->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/lung-conv",
                          .images = { a.image, b.image, weights.image, target.image },
                          .n_images = 4,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (41, IV_IMAGE_LOCAL), 29, 2 },
                      });
  test_assert_near (f->passes, target.image, target.values, 1e-4);
}

static void
test_conv (Fixture *f, gconstpointer data)
{
  run_conv (f, 3, FALSE);
  run_conv (f, 1, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } kTests[] = {
    { "/compare/registration/force", test_force },
    { "/compare/registration/normal", test_normal },
    { "/compare/registration/stats", test_stats },
    { "/compare/registration/field", test_field },
    { "/compare/registration/lung-conv", test_conv },
  };
  for (guint k = 0; k < G_N_ELEMENTS (kTests); k++)
    g_test_add (kTests[k].path, Fixture, NULL, set_up, kTests[k].run, tear_down);
  return g_test_run ();
}
