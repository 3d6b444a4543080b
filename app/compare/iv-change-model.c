/* Models fitted to the whole pair: how greys map, and how the chest as a whole moved.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-model.h"

#include <math.h>

#define GREY_STEP 5 /* pixels between samples */
#define GREY_REACH_MM 15.0
#define POSTURE_STEP 10
#define POSTURE_ORDER 4
#define POSTURE_TERMS (IV_N_COSINES (POSTURE_ORDER) + 2)
#define POSTURE_REACH_MM 12.0

G_STATIC_ASSERT (IV_GREY_TERMS == IV_GREY_CURVE + IV_N_COSINES (IV_GREY_ORDER));
G_STATIC_ASSERT (IV_GREY_TERMS <= IV_SOLVE_MAX && POSTURE_TERMS <= IV_SOLVE_MAX);

static void
place_model (struct IvPushChangePredict *model, const IvChangeAnatomy *anatomy)
{
  double px = 1 / anatomy->mm;
  double x0 = anatomy->boxes[0].x0 - 15 * px, x1 = anatomy->boxes[1].x1 + 15 * px;
  double y0 = anatomy->top - 15 * px, y1 = anatomy->bottom + 20 * px;

  model->x0 = (float) x0;
  model->y0 = (float) y0;
  model->across = (float) MAX (1.0, x1 - x0);
  model->down = (float) MAX (1.0, y1 - y0);
  model->gain = 1;
  model->width = anatomy->width;
  model->height = anatomy->height;
}

/* The terms at one pixel; change-predict.comp computes the same. */
static void
grey_terms (const struct IvPushChangePredict *model,
            const IvGreySamples *samples,
            gint pixel,
            float *out)
{
  gint width = samples->anatomy->width;
  float m = samples->prior[pixel] - 0.5f,
        detail = samples->prior[pixel] - samples->prior_mean[pixel];
  float x = CLAMP ((pixel % width - model->x0) / model->across, -0.1f, 1.1f);
  float y = CLAMP ((pixel / width - model->y0) / model->down, -0.1f, 1.1f);

  out[0] = m;
  out[1] = m * m;
  out[2] = m * m * m;
  out[3] = detail;
  out[4] = detail * m;
  out[5] = samples->air[pixel];
  out[6] = m * (x - 0.5f);
  out[7] = m * (y - 0.5f);
  iv_cosines (x, y, IV_GREY_ORDER, out + IV_GREY_CURVE);
}

static gboolean
counts (const IvGreySamples *samples, gint x, gint y)
{
  const IvChangeAnatomy *a = samples->anatomy;
  gint pixel = y * a->width + x;
  gboolean between = x > a->boxes[0].x0 && x < a->boxes[1].x1 && y > a->top && y < a->bottom;

  return samples->valid[pixel] && (between || a->distance[pixel] <= GREY_REACH_MM);
}

gboolean
iv_change_fit_greys (const IvGreySamples *samples,
                     struct IvPushChangePredict *model,
                     double *deviation)
{
  gint width = samples->anatomy->width, height = samples->anatomy->height;
  g_autoptr (GArray) basis = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GArray) y_values = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (float));
  double c[IV_GREY_TERMS];

  place_model (model, samples->anatomy);
  for (gint y = GREY_STEP / 2; y < height; y += GREY_STEP)
    for (gint x = GREY_STEP / 2; x < width; x += GREY_STEP) {
      float row[IV_GREY_TERMS], one = 1;
      if (!counts (samples, x, y))
        continue;
      grey_terms (model, samples, y * width + x, row);
      g_array_append_vals (basis, row, IV_GREY_TERMS);
      g_array_append_val (y_values, samples->current[y * width + x]);
      g_array_append_val (weights, one);
    }
  if (weights->len < 4 * IV_GREY_TERMS)
    return FALSE;
  IvSolveParams params = {
    .n_rows = weights->len,
    .n_unknowns = IV_GREY_TERMS,
    .basis = (const float *) (void *) basis->data,
    .y = (const float *) (void *) y_values->data,
    .weights = (const float *) (void *) weights->data,
    .iterations = 10,
    .cut = 1.5,
    .ridge = 1e-5,
  };
  if (!iv_solve_robust (&params, c, deviation))
    return FALSE;
  for (guint i = 0; i < IV_GREY_TERMS; i++)
    model->coefficients[i] = (float) c[i];
  return TRUE;
}

/* How much a place says about posture: lungs and rib cage, not the heart and what it pushes. */
static float
posture_weight (const IvChangeAnatomy *a, const guint8 *valid, gint x, gint y)
{
  gint pixel = y * a->width + x;
  double px = 1 / a->mm, height = a->bottom - a->top;
  gboolean heart = x > a->middle - 45 * px && x < a->middle + 105 * px &&
                   x < a->boxes[1].x1 - 14 * px && y > a->top + 0.42 * height &&
                   y < a->bottom + 0.1 * height;
  float weight = valid[pixel] && a->distance[pixel] <= POSTURE_REACH_MM ? 1.0f : 0.0f;

  return (heart ? 0.03f * weight : weight) + 0.002f;
}

static void
posture_terms (const IvChangeAnatomy *a, gint x, gint y, float *out)
{
  double u = (double) x / a->width, v = (double) y / a->height;

  iv_cosines (u, v, POSTURE_ORDER, out);
  out[POSTURE_TERMS - 2] = (float) (u - 0.5);
  out[POSTURE_TERMS - 1] = (float) (v - 0.5);
}

static void
evaluate_posture (const IvChangeAnatomy *a, const double c[2][POSTURE_TERMS], float *out)
{
  gsize n = (gsize) a->width * a->height;
  gint across = a->width, down = a->height;
  g_autofree double *cos_x = g_new (double, across *(POSTURE_ORDER + 1));
  g_autofree double *cos_y = g_new (double, down *(POSTURE_ORDER + 1));

  for (gint x = 0; x < across; x++)
    for (gint i = 0; i <= POSTURE_ORDER; i++)
      cos_x[x * (POSTURE_ORDER + 1) + i] = cos (G_PI * i * x / across);
  for (gint y = 0; y < down; y++)
    for (gint j = 0; j <= POSTURE_ORDER; j++)
      cos_y[y * (POSTURE_ORDER + 1) + j] = cos (G_PI * j * y / down);
  for (gint y = 0; y < down; y++)
    for (gint x = 0; x < across; x++)
      for (guint plane = 0; plane < 2; plane++) {
        const double *k = c[plane];
        double sum = 0;
        for (gint i = 0; i <= POSTURE_ORDER; i++)
          for (gint j = 0; i + j <= POSTURE_ORDER; j++)
            sum += *k++ * cos_x[x * (POSTURE_ORDER + 1) + i] * cos_y[y * (POSTURE_ORDER + 1) + j];
        sum += k[0] * ((double) x / across - 0.5) + k[1] * ((double) y / down - 0.5);
        out[plane * n + y * across + x] = (float) sum;
      }
}

float *
iv_change_fit_posture (const IvChangeAnatomy *anatomy, const guint8 *valid, const float *field)
{
  gint width = anatomy->width, height = anatomy->height;
  gsize n = (gsize) width * height, rows = 0;
  gsize most = (gsize) (width / POSTURE_STEP + 1) * (height / POSTURE_STEP + 1);
  g_autofree float *basis = g_new (float, most *POSTURE_TERMS);
  g_autofree float *y_values = g_new (float, most * 2);
  g_autofree float *weights = g_new (float, most);
  double c[2][POSTURE_TERMS], deviation;

  for (gint y = POSTURE_STEP / 2; y < height; y += POSTURE_STEP)
    for (gint x = POSTURE_STEP / 2; x < width; x += POSTURE_STEP) {
      posture_terms (anatomy, x, y, basis + rows * POSTURE_TERMS);
      weights[rows] = posture_weight (anatomy, valid, x, y);
      y_values[rows] = field[y * width + x];
      y_values[most + rows] = field[n + y * width + x];
      rows++;
    }
  for (guint plane = 0; plane < 2; plane++) {
    IvSolveParams params = { .n_rows = rows,
                             .n_unknowns = POSTURE_TERMS,
                             .basis = basis,
                             .y = y_values + plane * most,
                             .weights = weights,
                             .iterations = 6,
                             .cut = 2.0,
                             .ridge = 1e-8 };
    if (!iv_solve_robust (&params, c[plane], &deviation))
      return NULL;
  }
  float *out = g_new (float, 2 * n);
  evaluate_posture (anatomy, c, out);
  return out;
}
