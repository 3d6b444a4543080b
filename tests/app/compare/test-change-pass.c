/* The change detection's shaders against plain loops in C.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-pass.h"
#include "tests/app/compare/iv-test-planes.h"

#define N_INPUTS 5

static const guint kSize[3] = { 77, 53, 1 }; /* no multiple of a work-group */
static const double kRange[2] = { 0.1, 1 };

typedef struct {
  IvVkDevice *device;
  IvChangePass pass;
  TestImage in[N_INPUTS];
  float *expected; /* [3, height, width] */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  f->device = iv_test_device_new ();
  f->pass = (IvChangePass){ .passes = iv_planes_passes_new (f->device, &error), .mm = 0.5 };
  g_assert_no_error (error);
  for (guint i = 0; i < N_INPUTS; i++)
    f->in[i] = test_image_random (f->pass.passes, rand, kSize, kRange);
  f->expected = g_new0 (float, 3 * kSize[0] * kSize[1]);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < N_INPUTS; i++)
    test_image_clear (&f->in[i]);
  g_free (f->expected);
  iv_planes_passes_free (f->pass.passes);
  iv_test_assert_silent (f->device);
  iv_vk_device_unref (f->device);
}

static float
at (const TestImage *image, gint x, gint y)
{
  return *test_pixel (
      image, 0, CLAMP (y, 0, (gint) kSize[1] - 1), CLAMP (x, 0, (gint) kSize[0] - 1));
}

static float *
read_back (Fixture *f, const IvPlanes *image)
{
  g_autoptr (GError) error = NULL;
  float *values = iv_planes_read (f->pass.passes, image, &error);
  g_assert_no_error (error);
  return values;
}

static void
test_predict (Fixture *f, gconstpointer data)
{
  struct IvPushChangePredict model = {
    .width = kSize[0], .height = kSize[1], .x0 = 10, .y0 = 5, .across = 50, .down = 40, .gain = 1.5f
  };
  for (guint k = 0; k < IV_GREY_TERMS; k++)
    model.coefficients[k] = 0.3f * sinf (1.7f * k + 1);
  for (gint y = 0; y < (gint) kSize[1]; y++)
    for (gint x = 0; x < (gint) kSize[0]; x++) {
      double u = CLAMP ((x - 10) / 50.0, -0.1, 1.1), v = CLAMP ((y - 5) / 40.0, -0.1, 1.1);
      double m = at (&f->in[0], x, y) - 0.5;
      double detail = at (&f->in[0], x, y) - at (&f->in[1], x, y) / (at (&f->in[2], x, y) + 1e-3);
      const double curve[] = {
        m, m * m, m * m * m, detail, detail * m, at (&f->in[3], x, y), m * (u - 0.5), m * (v - 0.5)
      };
      double sum = 0;
      guint k = 0;
      for (; k < IV_GREY_CURVE; k++)
        sum += model.coefficients[k] * curve[k];
      for (guint i = 0; i <= IV_GREY_ORDER; i++)
        for (guint j = 0; i + j <= IV_GREY_ORDER; j++)
          sum += model.coefficients[k++] * cos (G_PI * i * u) * cos (G_PI * j * v);
      f->expected[y * kSize[0] + x] = (float) (1.5 * sum);
    }
  g_autoptr (IvPlanes) got = iv_change_pass_predict (&f->pass,
                                                     &(IvChangePredict){ .prior = f->in[0].image,
                                                                         .mean = f->in[1].image,
                                                                         .share = f->in[2].image,
                                                                         .air = f->in[3].image,
                                                                         .model = &model });
  test_assert_near (f->pass.passes, got, f->expected, 1e-4); /* 23 products, cosines of the GPU */
}

/* A pixel of b within reach of a's value, or the other way round, forgives. */
static void
test_tolerant (Fixture *f, gconstpointer data)
{
  const gint reach = 2; /* 0.8 mm of 0.5 mm pixels */
  for (gint y = 0; y < (gint) kSize[1]; y++)
    for (gint x = 0; x < (gint) kSize[0]; x++) {
      float a = at (&f->in[0], x, y), b = at (&f->in[1], x, y);
      float low_a = a, high_a = a, low_b = b, high_b = b;
      for (gint v = -reach; v <= reach; v++)
        for (gint u = -reach; u <= reach; u++) {
          low_a = MIN (low_a, at (&f->in[0], x + u, y + v));
          high_a = MAX (high_a, at (&f->in[0], x + u, y + v));
          low_b = MIN (low_b, at (&f->in[1], x + u, y + v));
          high_b = MAX (high_b, at (&f->in[1], x + u, y + v));
        }
      float d = a > high_b ? a - high_b : a < low_b ? a - low_b : 0;
      float e = b < low_a ? low_a - b : b > high_a ? high_a - b : 0;
      f->expected[y * kSize[0] + x] = at (&f->in[2], x, y) * (fabsf (d) < fabsf (e) ? d : e);
    }
  g_autoptr (IvPlanes) got =
      iv_change_pass_tolerant (&f->pass, f->in[0].image, f->in[1].image, f->in[2].image);
  test_assert_near (f->pass.passes, got, f->expected, 1e-6);
  g_autoptr (IvPlanes) back =
      iv_change_pass_tolerant (&f->pass, f->in[1].image, f->in[0].image, f->in[2].image);
  for (guint i = 0; i < kSize[0] * kSize[1]; i++)
    f->expected[i] = -f->expected[i];
  test_assert_near (f->pass.passes, back, f->expected, 1e-6);
}

static void
fill_gradient (const Fixture *f, const TestImage *image, float *out)
{
  for (gint y = 0; y < (gint) kSize[1]; y++)
    for (gint x = 0; x < (gint) kSize[0]; x++) {
      double wide = x > 0 && x < (gint) kSize[0] - 1 ? 2 : 1;
      double tall = y > 0 && y < (gint) kSize[1] - 1 ? 2 : 1;
      double gx = (at (image, x + 1, y) - at (image, x - 1, y)) / wide;
      double gy = (at (image, x, y + 1) - at (image, x, y - 1)) / tall;
      out[y * kSize[0] + x] = (float) (hypot (gx, gy) / f->pass.mm);
    }
}

static void
test_gradient (Fixture *f, gconstpointer data)
{
  fill_gradient (f, &f->in[0], f->expected);
  g_autoptr (IvPlanes) got = iv_change_pass_gradient (&f->pass, f->in[0].image);
  test_assert_near (f->pass.passes, got, f->expected, 1e-5);
}

/* The blurs are taken as they are; test-planes-pass holds those to account. */
static void
test_noise (Fixture *f, gconstpointer data)
{
  IvChangeNoise noise = { .difference = f->in[0].image,
                          .area = f->in[1].image,
                          .gradient = f->in[2].image,
                          .floor = 0.2,
                          .limit = 0.6,
                          .slope = 0.4 };
  TestImage squares = { kSize[0], kSize[1], 1, g_new (float, kSize[0] * kSize[1]), NULL };
  for (guint i = 0; i < kSize[0] * kSize[1]; i++)
    squares.values[i] =
        f->in[1].values[i] * MIN (f->in[0].values[i], 0.6f) * MIN (f->in[0].values[i], 0.6f);
  squares.image = iv_planes_new_from (f->pass.passes,
                                      &(IvPlanesValues){ kSize[0], kSize[1], 1, squares.values });
  g_autoptr (IvPlanes) local = iv_change_pass_blur (&f->pass, squares.image, 15);
  g_autoptr (IvPlanes) share = iv_change_pass_blur (&f->pass, f->in[1].image, 15);
  g_autoptr (IvPlanes) wide = iv_change_pass_blur (&f->pass, f->in[2].image, 2);
  g_autofree float *l = read_back (f, local), *s = read_back (f, share), *w = read_back (f, wide);
  for (guint i = 0; i < kSize[0] * kSize[1]; i++) {
    double edge = 0.4 * MAX (f->in[2].values[i], w[i]);
    f->expected[i] =
        (float) (f->in[0].values[i] / sqrt (0.04 + l[i] / (s[i] + 1e-3) + edge * edge));
  }
  g_autoptr (IvPlanes) got = iv_change_pass_noise (&f->pass, &noise);
  test_assert_near (f->pass.passes, got, f->expected, 1e-4);
  test_image_clear (&squares);
}

static void
test_texture (Fixture *f, gconstpointer data)
{
  gsize n = kSize[0] * kSize[1];
  g_autoptr (IvPlanes) fine_a = iv_change_pass_blur (&f->pass, f->in[0].image, 0.55);
  g_autoptr (IvPlanes) fine_b = iv_change_pass_blur (&f->pass, f->in[1].image, 0.55);
  g_autoptr (IvPlanes) coarse_a = iv_change_pass_blur (&f->pass, f->in[0].image, 2.2);
  g_autoptr (IvPlanes) coarse_b = iv_change_pass_blur (&f->pass, f->in[1].image, 2.2);
  g_autofree float *fa = read_back (f, fine_a), *fb = read_back (f, fine_b);
  g_autofree float *ca = read_back (f, coarse_a), *cb = read_back (f, coarse_b);
  g_autofree float *products = g_new (float, 3 * n);
  for (gsize i = 0; i < n; i++) {
    float p = fa[i] - ca[i], q = fb[i] - cb[i], valid = f->in[2].values[i];
    products[i] = valid * p * p;
    products[n + i] = valid * q * q;
    products[2 * n + i] = valid * p * q;
  }
  g_autoptr (IvPlanes) sharp =
      iv_planes_new_from (f->pass.passes, &(IvPlanesValues){ kSize[0], kSize[1], 3, products });
  g_autoptr (IvPlanes) energies = iv_change_pass_blur (&f->pass, sharp, 3);
  g_autofree float *e = read_back (f, energies);
  for (gsize i = 0; i < n; i++) {
    f->expected[i] = 0.5f * logf ((e[i] + 2e-4f) / (e[n + i] + 2e-4f));
    f->expected[n + i] = e[2 * n + i] / sqrtf (e[i] * e[n + i] + 1e-8f);
    f->expected[2 * n + i] = sqrtf (MAX (e[i], e[n + i]));
  }
  g_autoptr (IvPlanes) got =
      iv_change_pass_texture (&f->pass, f->in[0].image, f->in[1].image, f->in[2].image);
  test_assert_near (f->pass.passes, got, f->expected, 1e-4);
}

/* The reduced-resolution blur against the whole sum: what the bilinear way back costs. */
static void
test_blur (Fixture *f, gconstpointer data)
{
  for (guint pass = 0; pass < 2; pass++) {
    double sigma = pass ? 9 : 3, mm = sigma * f->pass.mm;
    gint reach = (gint) ceil (4 * sigma);
    for (gint y = 0; y < (gint) kSize[1]; y++)
      for (gint x = 0; x < (gint) kSize[0]; x++) {
        double sum = 0, total = 0;
        for (gint v = -reach; v <= reach; v++)
          for (gint u = -reach; u <= reach; u++) {
            double g = exp (-0.5 * (u * u + v * v) / (sigma * sigma));
            sum += g * at (&f->in[0], x + u, y + v);
            total += g;
          }
        f->expected[y * kSize[0] + x] = (float) (sum / total);
      }
    g_autoptr (IvPlanes) got = iv_change_pass_blur (&f->pass, f->in[0].image, mm);
    g_autofree float *values = read_back (f, got);
    gint edge = 20; /* pixels at the border are carried on at the small resolution */
    for (gint y = edge; y < (gint) kSize[1] - edge; y++)
      for (gint x = edge; x < (gint) kSize[0] - edge; x++)
        g_assert_cmpfloat_with_epsilon (
            values[y * kSize[0] + x], f->expected[y * kSize[0] + x], 0.015);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/compare/change-pass/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("predict", test_predict);
  ADD ("tolerant", test_tolerant);
  ADD ("gradient", test_gradient);
  ADD ("noise", test_noise);
  ADD ("texture", test_texture);
  ADD ("blur", test_blur);
  return g_test_run ();
}
