/* The affine part: many starts on the coarsest level, Gauss-Newton, the best one refined.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/compare/iv-register-private.h"
#include "shaders/include/iv-shared-image.h"

#define UNIT (0.5 * IV_COMPARE_SIDE)
#define COARSE 3
#define FINE 2
#define LUNG_WEIGHT 4.0
#define LONGEST_STEP 0.2
#define ENOUGH_OVERLAP 0.45
#define LUNG_SCORE 0.5 /* of the lungs' Dice, beside the correlation */

void
iv_affine_at_level (const IvRegister *self, const IvAffine *affine, guint level, double a[6])
{
  double s = 1u << level, unit = UNIT / s;
  double cx = 0.5 * self->current->width / s, cy = 0.5 * self->current->height / s;
  double mx = 0.5 * self->prior->width / s - cx, my = 0.5 * self->prior->height / s - cy;
  const double *p = affine->p;
  a[1] = p[0];
  a[2] = p[1];
  a[0] = mx + unit * p[2] + p[0] * (0.5 - cx) + p[1] * (0.5 - cy);
  a[4] = p[3];
  a[5] = p[4];
  a[3] = my + unit * p[5] + p[3] * (0.5 - cx) + p[4] * (0.5 - cy);
}

/* Solves the n x n system in place by Gauss elimination; small and positive definite. */
static void
solve (double *m, double *b, guint n)
{
  for (guint k = 0; k < n; k++)
    for (guint i = k + 1; i < n; i++) {
      double f = m[i * n + k] / m[k * n + k];
      for (guint j = k; j < n; j++)
        m[i * n + j] -= f * m[k * n + j];
      b[i] -= f * b[k];
    }
  for (guint k = n; k-- > 0;) {
    for (guint j = k + 1; j < n; j++)
      b[k] -= m[k * n + j] * b[j];
    b[k] /= m[k * n + k];
  }
}

/* From the upper triangle of J'J over six parameters to the step; with similar, only shift, turn
 * and one scale are free. */
static void
solve_step (const double *sums, gboolean similar, double step[6])
{
  /* Columns: the free parameters in terms of the six. */
  static const double kSimilar[4][6] = {
    { 1, 0, 0, 0, 1, 0 }, { 0, -1, 0, 1, 0, 0 }, { 0, 0, 1, 0, 0, 0 }, { 0, 0, 0, 0, 0, 1 }
  };
  double full[6][6], m[36] = { 0 }, b[6] = { 0 }, trace = 0;
  guint n = similar ? 4 : 6, at = 0;
  for (guint i = 0; i < 6; i++)
    for (guint j = i; j < 6; j++)
      full[i][j] = full[j][i] = sums[at++];
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < 6; k++) {
      double c = similar ? kSimilar[i][k] : i == k;
      b[i] += c * sums[21 + k];
      for (guint j = 0; j < n; j++)
        for (guint l = 0; l < 6; l++)
          m[i * n + j] += c * full[k][l] * (similar ? kSimilar[j][l] : j == l);
    }
  for (guint i = 0; i < n; i++)
    trace += m[i * n + i];
  for (guint i = 0; i < n; i++)
    m[i * n + i] += 1e-3 * trace / n + 1e-9;
  solve (m, b, n);
  for (guint k = 0; k < 6; k++) {
    step[k] = 0;
    for (guint i = 0; i < n; i++)
      step[k] += b[i] * (similar ? kSimilar[i][k] : i == k);
  }
}

/* Sums of the normal equations over all lines. */
static gboolean
sum_normal (IvRegister *self,
            const IvAffine *affine,
            guint level,
            double sums[IV_NORMAL_SUMS],
            GError **error)
{
  const IvRegisterLevel *c = &self->current_levels[level], *p = &self->prior_levels[level];
  g_autoptr (IvPlanes) lines =
      iv_planes_new (self->passes, IV_NORMAL_SUMS, c->planes != NULL ? c->planes->height : 1, 1);
  if (lines == NULL || p->planes == NULL)
    return iv_planes_passes_run (self->passes, error);
  double a[6], s = 1u << level;
  iv_affine_at_level (self, affine, level, a);
  struct IvPushNormal push = {
    .width = c->planes->width,
    .height = c->planes->height,
    .prior_width = p->planes->width,
    .prior_height = p->planes->height,
    .planes = c->planes->planes,
    .unit = UNIT / s,
    .center_x = 0.5 * self->current->width / s,
    .center_y = 0.5 * self->current->height / s,
    .lung_weight = LUNG_WEIGHT,
    .a0 = a[0],
    .a1 = a[1],
    .a2 = a[2],
    .a3 = a[3],
    .a4 = a[4],
    .a5 = a[5],
  };
  iv_planes_dispatch (self->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/reg-normal",
                          .images = { c->planes, p->planes, c->valid, p->valid, lines },
                          .n_images = 5,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (push.height, IV_LINE_LOCAL) },
                      });
  g_autofree float *values = iv_planes_read (self->passes, lines, error);
  if (values == NULL)
    return FALSE;
  memset (sums, 0, IV_NORMAL_SUMS * sizeof (double));
  for (guint y = 0; y < push.height; y++)
    for (guint k = 0; k < IV_NORMAL_SUMS; k++)
      sums[k] += values[y * IV_NORMAL_SUMS + k];
  return TRUE;
}

typedef struct {
  guint level;
  guint iterations;
  gboolean similar;
} Descent;

static gboolean
descend (IvRegister *self, const Descent *descent, IvAffine *affine, GError **error)
{
  for (guint i = 0; i < descent->iterations; i++) {
    double sums[IV_NORMAL_SUMS] = { 0 }, step[6], longest = 0;
    if (!sum_normal (self, affine, descent->level, sums, error))
      return FALSE;
    solve_step (sums, descent->similar, step);
    for (guint k = 0; k < 6; k++)
      longest = MAX (longest, fabs (step[k]));
    if (!isfinite (longest))
      return TRUE; /* nothing to hold on to; the score will say so */
    for (guint k = 0; k < 6; k++)
      affine->p[k] += step[k] * MIN (1.0, LONGEST_STEP / (longest + 1e-12));
    if (longest < 2e-4)
      break;
  }
  return TRUE;
}

gboolean
iv_register_stats (IvPlanesPasses *passes, IvStats *stats, GError **error)
{
  if (stats->a == NULL || stats->b == NULL)
    return iv_planes_passes_run (passes, error);
  struct IvPushStats push = { .width = stats->a->width,
                              .height = stats->a->height,
                              .plane = stats->plane,
                              .weighted = stats->weight != NULL };
  g_autoptr (IvPlanes) lines = iv_planes_new (passes, IV_STATS_SUMS, push.height, 1);
  iv_planes_dispatch (
      passes,
      &(IvPlanesDispatch){
          .shader = "compare/reg-stats",
          .images = { stats->a, stats->b, stats->weight != NULL ? stats->weight : stats->a, lines },
          .n_images = 4,
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (push.height, IV_LINE_LOCAL) },
      });
  g_autofree float *values = lines != NULL ? iv_planes_read (passes, lines, error) : NULL;
  if (values == NULL)
    return lines == NULL ? iv_planes_passes_run (passes, error) : FALSE;
  double s[IV_STATS_SUMS] = { 0 };
  for (guint i = 0; i < push.height * IV_STATS_SUMS; i++)
    s[i % IV_STATS_SUMS] += values[i];
  double n = s[0] + 1e-9, va = s[3] - s[1] * s[1] / n, vb = s[4] - s[2] * s[2] / n;
  stats->mass = s[0] / ((double) push.width * push.height);
  stats->correlation = (s[5] - s[1] * s[2] / n) / sqrt (MAX (va, 1e-9) * MAX (vb, 1e-9) + 1e-12);
  stats->dice = 2 * s[5] / (s[3] + s[4] + 1e-9);
  return TRUE;
}

/* How well the films agree under the map: correlation, times a penalty for little overlap, and the
 * lungs' Dice. */
static gboolean
score_affine (IvRegister *self, const IvAffine *affine, guint level, double *score, GError **error)
{
  const IvRegisterLevel *c = &self->current_levels[level], *p = &self->prior_levels[level];
  IvPlanesPasses *passes = self->passes;
  double a[6];
  iv_affine_at_level (self, affine, level, a);
  g_autoptr (IvPlanes) planes = iv_planes_new_like (passes, c->planes);
  g_autoptr (IvPlanes) valid = iv_planes_new_like (passes, c->valid);
  iv_planes_warp (passes, &(IvPlanesWarp){ .source = p->planes, .affine = a, .target = planes });
  iv_planes_warp (passes, &(IvPlanesWarp){ .source = p->valid, .affine = a, .target = valid });
  iv_planes_point (
      passes,
      &(IvPlanesPoint){
          .op = IV_PLANES_MULTIPLY, .a = valid, .b = c->valid, .k = { 1 }, .target = valid });
  IvStats film = { .a = c->planes, .b = planes, .weight = valid };
  if (!iv_register_stats (passes, &film, error))
    return FALSE;
  *score = film.correlation * MIN (1.0, film.mass / ENOUGH_OVERLAP);
  for (guint side = 1; side <= 2; side++) {
    IvStats lung = { .a = c->planes, .b = planes, .plane = side };
    if (!iv_register_stats (passes, &lung, error))
      return FALSE;
    *score += 0.5 * LUNG_SCORE * lung.dice;
  }
  return TRUE;
}

/* Centroids of the two lungs in units, and the root of their area. */
static gboolean
lung_frame (const IvCompareFilm *film, double center[2][2], double *size)
{
  double n[2] = { 0 }, sum[2][2] = { { 0 } };
  for (guint y = 0; y < film->height; y++)
    for (guint x = 0; x < film->width; x++) {
      guint8 label = film->lung_labels[y * film->width + x];
      if (label == 0)
        continue;
      n[label - 1]++;
      sum[label - 1][0] += x + 0.5;
      sum[label - 1][1] += y + 0.5;
    }
  if (n[0] < 1 || n[1] < 1)
    return FALSE;
  for (guint k = 0; k < 2; k++) {
    center[k][0] = (sum[k][0] / n[k] - 0.5 * film->width) / UNIT;
    center[k][1] = (sum[k][1] / n[k] - 0.5 * film->height) / UNIT;
  }
  *size = sqrt (n[0] + n[1]) / UNIT;
  return TRUE;
}

/* The similarity that lays the current's lungs on the prior's. */
static gboolean
start_from_lungs (const IvRegister *self, IvAffine *affine)
{
  double c[2][2], p[2][2], size_c, size_p;
  if (!lung_frame (self->current, c, &size_c) || !lung_frame (self->prior, p, &size_p))
    return FALSE;
  double cx = c[1][0] - c[0][0], cy = c[1][1] - c[0][1];
  double px = p[1][0] - p[0][0], py = p[1][1] - p[0][1];
  double turn = atan2 (py, px) - atan2 (cy, cx);
  double scale = sqrt (hypot (px, py) / MAX (hypot (cx, cy), 1e-3) * size_p / size_c);
  double co = scale * cos (turn), si = scale * sin (turn);
  double mx = 0.5 * (c[0][0] + c[1][0]), my = 0.5 * (c[0][1] + c[1][1]);
  *affine = (IvAffine){ { co - 1, -si, 0, si, co - 1, 0 } };
  affine->p[2] = 0.5 * (p[0][0] + p[1][0]) - (co * mx - si * my);
  affine->p[5] = 0.5 * (p[0][1] + p[1][1]) - (si * mx + co * my);
  return TRUE;
}

/* Centre on centre, shifted, turned; and the lungs on the lungs. */
static GArray *
list_starts (const IvRegister *self)
{
  static const double kTurns[] = { -0.21, -0.09, 0.09, 0.21 };
  GArray *starts = g_array_new (FALSE, TRUE, sizeof (IvAffine));
  IvAffine start;
  if (start_from_lungs (self, &start))
    g_array_append_val (starts, start);
  for (int dx = -1; dx <= 1; dx++)
    for (int dy = -1; dy <= 1; dy++) {
      start = (IvAffine){ { 0, 0, 0.12 * dx, 0, 0, 0.12 * dy } };
      g_array_append_val (starts, start);
    }
  for (guint k = 0; k < G_N_ELEMENTS (kTurns); k++) {
    double c = cos (kTurns[k]) - 1, s = sin (kTurns[k]);
    start = (IvAffine){ { c, -s, 0, s, c, 0 } };
    g_array_append_val (starts, start);
  }
  return starts;
}

gboolean
iv_register_find_affine (IvRegister *self, IvAffine *best, double *score, GError **error)
{
  g_autoptr (GArray) starts = list_starts (self);
  *score = -G_MAXDOUBLE;
  for (guint k = 0; k < starts->len; k++) {
    IvAffine affine = g_array_index (starts, IvAffine, k);
    double reached;
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
      return FALSE;
    if (!descend (self, &(Descent){ COARSE, 10, TRUE }, &affine, error) ||
        !descend (self, &(Descent){ COARSE, 20, FALSE }, &affine, error) ||
        !score_affine (self, &affine, COARSE, &reached, error))
      return FALSE;
    if (reached > *score) {
      *score = reached;
      *best = affine;
    }
  }
  return descend (self, &(Descent){ FINE, 15, FALSE }, best, error) &&
         score_affine (self, best, FINE, score, error);
}
