/* Makes a film ready: shrinks it, finds its border, normalises it, finds the lungs.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-compare-film.h"

#include <math.h>
#include <stdlib.h>

#include "app/compare/iv-compare-error.h"
#include "app/compare/iv-labels.h"

#define SMALLEST_SIDE 64  /* film pixels */
#define BORDER_SHRINK 4   /* the border is looked for on a coarser grid */
#define BORDER_DARK 0.02  /* of the film's range */
#define BORDER_STEP 0.005 /* change a pixel, of the film's range */
#define BORDER_PART 0.005 /* of the film's area */
#define BORDER_GROW 2     /* pixels of that grid */
#define NORM_SIGMA 40.0   /* working pixels, about 22 mm */
#define NORM_FLOOR 0.02
#define CHEST_MM 300.0 /* outer width of the rib cage, assumed when there is no spacing */
#define CHEST_PER_LUNGS 1.06
#define LEAST_LUNG 0.02 /* of the film's area */

void
iv_compare_film_free (IvCompareFilm *film)
{
  if (film == NULL)
    return;
  g_clear_pointer (&film->density, iv_planes_unref);
  g_clear_pointer (&film->valid, iv_planes_unref);
  g_clear_pointer (&film->normalised, iv_planes_unref);
  g_clear_pointer (&film->lungs, iv_planes_unref);
  g_free (film->density_host);
  g_free (film->valid_host);
  g_free (film->lung_labels);
  g_free (film);
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;
  return (x > y) - (x < y);
}

/* Density at two fractions of all pixels. */
static void
percentiles (const float *values, gsize n, const double fractions[2], float result[2])
{
  g_autofree float *sorted = g_memdup2 (values, n * sizeof (float));
  qsort (sorted, n, sizeof (float), compare_floats);
  for (guint i = 0; i < 2; i++)
    result[i] = sorted[(gsize) (fractions[i] * (n - 1))];
}

/* Density of the whole film onto the working grid. */
static gboolean
load_density (IvCompareFilm *film, IvPlanesPasses *passes, IvRadiograph *radiograph, GError **error)
{
  guint columns = iv_radiograph_get_columns (radiograph);
  guint rows = iv_radiograph_get_rows (radiograph);
  if (MIN (columns, rows) < SMALLEST_SIDE) {
    g_set_error (error,
                 IV_COMPARE_ERROR,
                 IV_COMPARE_ERROR_FILM,
                 "The film of %ux%u pixels is too small to be compared (at least %u)",
                 columns,
                 rows,
                 SMALLEST_SIDE);
    return FALSE;
  }
  film->pitch = MAX (columns, rows) / (double) IV_COMPARE_SIDE;
  film->width = CLAMP (round (columns / film->pitch), 1, IV_COMPARE_SIDE);
  film->height = CLAMP (round (rows / film->pitch), 1, IV_COMPARE_SIDE);
  g_autofree float *density = iv_radiograph_get_density (radiograph);
  g_autoptr (IvPlanes) full =
      iv_planes_new_from (passes, &(IvPlanesValues){ columns, rows, 1, density });
  film->density = iv_planes_new (passes, film->width, film->height, 1);
  if (film->pitch >= 1)
    iv_planes_area (passes,
                    full,
                    film->density,
                    &(IvPlanesArea){ .scale_x = film->pitch, .scale_y = film->pitch });
  else
    iv_planes_resize (
        passes, full, film->density, &(IvPlanesResize){ .scale = film->pitch, .gain = 1 });
  film->density_host = iv_planes_read (passes, film->density, error);
  return film->density_host != NULL;
}

/* Dark, flat parts of the coarse image that touch its edge: collimation or empty corners. */
static void
mark_border (IvMask *border, const float *v)
{
  guint w = border->width, h = border->height;
  float range[2];
  percentiles (v, (gsize) w * h, (const double[]){ 0.005, 0.99 }, range);
  float span = MAX (1e-3f, range[1] - range[0]);
  for (guint y = 0; y < h; y++)
    for (guint x = 0; x < w; x++) {
      guint i = y * w + x;
      float dx = v[i + (x + 1 < w ? 1 : 0)] - v[i - (x > 0 ? 1 : 0)];
      float dy = v[i + (y + 1 < h ? w : 0)] - v[i - (y > 0 ? w : 0)];
      border->pixels[i] =
          v[i] < range[0] + BORDER_DARK * span && hypotf (dx, dy) < 2 * BORDER_STEP * span;
    }
  iv_mask_keep_border (border, BORDER_PART * w * h);
  iv_mask_grow (border, BORDER_GROW);
}

static gboolean
find_valid (IvCompareFilm *film, IvPlanesPasses *passes, GError **error)
{
  guint w = (film->width + BORDER_SHRINK - 1) / BORDER_SHRINK;
  guint h = (film->height + BORDER_SHRINK - 1) / BORDER_SHRINK;
  g_autoptr (IvPlanes) coarse = iv_planes_new (passes, w, h, 1);
  iv_planes_shrink (passes, film->density, coarse, BORDER_SHRINK);
  iv_planes_blur (passes, &(IvPlanesBlur){ .source = coarse, .target = coarse, .sigma = 1 });
  g_autofree float *values = iv_planes_read (passes, coarse, error);
  if (values == NULL)
    return FALSE;
  g_autofree guint8 *pixels = g_new0 (guint8, (gsize) w * h);
  mark_border (&(IvMask){ w, h, pixels }, values);
  for (guint i = 0; i < w * h; i++)
    values[i] = pixels[i] == 0;
  g_autoptr (IvPlanes) mask = iv_planes_new_from (passes, &(IvPlanesValues){ w, h, 1, values });
  film->valid = iv_planes_new_like (passes, film->density);
  iv_planes_resize (
      passes, mask, film->valid, &(IvPlanesResize){ .scale = 1.0 / BORDER_SHRINK, .gain = 1 });
  iv_planes_point (
      passes,
      &(IvPlanesPoint){
          .op = IV_PLANES_STEP, .a = film->valid, .k = { 0.99 }, .target = film->valid });
  g_autofree float *valid = iv_planes_read (passes, film->valid, error);
  if (valid == NULL)
    return FALSE;
  film->valid_host = g_new (guint8, (gsize) film->width * film->height);
  for (gsize i = 0; i < (gsize) film->width * film->height; i++)
    film->valid_host[i] = valid[i] > 0;
  return TRUE;
}

static IvLungBox
box_of (const IvMask *mask)
{
  guint x0 = mask->width, y0 = mask->height, x1 = 0, y1 = 0;
  for (guint y = 0; y < mask->height; y++)
    for (guint x = 0; x < mask->width; x++)
      if (mask->pixels[y * mask->width + x] != 0) {
        x0 = MIN (x0, x);
        x1 = MAX (x1, x);
        y0 = MIN (y0, y);
        y1 = MAX (y1, y);
      }
  if (x0 > x1)
    return (IvLungBox){ 0 };
  return (IvLungBox){ x0 - 0.5, y0 - 0.5, x1 - x0 + 1.0, y1 - y0 + 1.0 };
}

/* Two lungs are each large enough, of similar size, and the right one lies on the image's left.
 * confidence: mean probability inside. */
static double
judge_lungs (const IvCompareFilm *film, const guint area[2], double confidence)
{
  double least = LEAST_LUNG * film->width * film->height;
  double small = MIN (area[0], area[1]), large = MAX (area[0], area[1]);
  if (small < 1)
    return 0;
  const IvLungBox *right = &film->lung_boxes[0], *left = &film->lung_boxes[1];
  if (right->x + 0.5 * right->width >= left->x + 0.5 * left->width)
    return 0;
  double size = CLAMP (small / least, 0, 1), balance = CLAMP (4 * small / large, 0, 1);
  return size * balance * CLAMP (2.5 * confidence - 1.5, 0, 1);
}

/* From probabilities to labels, boxes and their quality. */
static void
label_lungs (IvCompareFilm *film, const float *lungs)
{
  gsize n = (gsize) film->width * film->height;
  g_autofree guint8 *pixels = g_new (guint8, n);
  IvMask mask = { film->width, film->height, pixels };
  guint area[2];
  double sum = 0;
  film->lung_labels = g_new0 (guint8, n);
  for (guint side = 0; side < 2; side++) {
    const float *own = lungs + side * n, *other = lungs + (1 - side) * n;
    for (gsize i = 0; i < n; i++)
      pixels[i] = own[i] > 0.5f && own[i] >= other[i];
    area[side] = iv_mask_keep_largest (&mask);
    iv_mask_fill_holes (&mask);
    film->lung_boxes[side] = area[side] > 0 ? box_of (&mask) : (IvLungBox){ 0 };
    for (gsize i = 0; area[side] > 0 && i < n; i++)
      if (pixels[i] != 0) {
        film->lung_labels[i] = side + 1;
        sum += own[i];
      }
  }
  film->lung_quality = judge_lungs (film, area, sum / MAX (1, area[0] + area[1]));
}

/* Millimetres of a working pixel, by the file or by the width of the lungs. */
static void
find_scale (IvCompareFilm *film, IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const IvLungBox *a = &film->lung_boxes[0], *b = &film->lung_boxes[1];
  film->mm_is_measured = info->spacing_source != IV_SPACING_NONE && info->row_spacing > 0;
  if (film->mm_is_measured)
    film->mm = film->pitch * 0.5 * (info->row_spacing + info->column_spacing);
  else if (a->width > 0 && b->width > 0)
    film->mm =
        CHEST_MM / CHEST_PER_LUNGS / (MAX (a->x + a->width, b->x + b->width) - MIN (a->x, b->x));
  else
    film->mm = CHEST_MM / (0.85 * IV_COMPARE_SIDE);
}

IvCompareFilm *
iv_compare_film_new (IvPlanesPasses *passes,
                     IvLungNet *net,
                     IvRadiograph *radiograph,
                     GError **error)
{
  g_autoptr (IvCompareFilm) film = g_new0 (IvCompareFilm, 1);
  float range[2];
  film->view = iv_radiograph_get_info (radiograph)->view;
  if (!load_density (film, passes, radiograph, error) || !find_valid (film, passes, error))
    return NULL;
  film->normalised = iv_planes_new_like (passes, film->density);
  iv_planes_local_norm (passes,
                        &(IvPlanesNorm){
                            .source = film->density,
                            .valid = film->valid,
                            .sigma = NORM_SIGMA,
                            .floor = NORM_FLOOR,
                            .target = film->normalised,
                        });
  film->lungs = iv_planes_new (passes, film->width, film->height, 2);
  iv_lung_net_find (net, passes, film->density, film->lungs);
  g_autofree float *lungs = iv_planes_read (passes, film->lungs, error);
  if (lungs == NULL)
    return NULL;
  label_lungs (film, lungs);
  find_scale (film, radiograph);
  percentiles (film->density_host,
               (gsize) film->width * film->height,
               (const double[]){ 0.05, 0.95 },
               range);
  film->contrast = range[1] - range[0];
  film->measure = iv_film_measure (&(IvFilmMeasureInput){
      .width = film->width,
      .height = film->height,
      .density = film->density_host,
      .lungs = film->lung_labels,
      .lung_quality = film->lung_quality,
      .pitch = film->pitch,
      .info = iv_radiograph_get_info (radiograph),
  });
  return g_steal_pointer (&film);
}
