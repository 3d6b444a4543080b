/* The maps of a registered pair that change candidates are read off.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-maps.h"

#include <math.h>
#include <string.h>

#include "app/compare/iv-change-model.h"
#include "app/compare/iv-change-pass.h"

#define AREA_MARGIN_MM 4.0 /* around the lungs */
#define EDGE_MM 3.0        /* left out along the border of the exposed films */
#define EDGE_PIXELS 2      /* what lies next to that */
#define DETAIL_MM 12.0     /* what local contrast processing calls detail */
#define AIR_MM 6.0
#define SAMPLE_MM 0.8
#define LEAST_CONTRAST 0.05
#define LEAST_DEVIATION 0.012

/* Detail looked for, and the blurs of what is read off. */
static const double scale_mm[IV_N_MAP_SCALES] = { 0.8, 2.0, 4.0 };
static const double peak_mm[IV_N_MAP_SCALES] = { 1.0, 2.0, 3.0 };
static const double flank_mm[IV_N_MAP_SCALES] = { 0.6, 1.2, 2.0 };

/* What is at hand while the maps are made. */
typedef struct {
  IvChangePass pass;
  const IvChangeInput *input;
  const IvChangeAnatomy *anatomy;
  IvChangeMaps *maps;
  IvPlanes *air;
  IvPlanes *current; /* over its contrast */
  IvPlanes *area;
  IvPlanes *elastic_fit, *elastic_valid; /* the current film as predicted from the prior */
  IvPlanes *posture_fit, *posture_valid;
} Build;

static void
build_clear (Build *build)
{
  g_clear_pointer (&build->air, iv_planes_unref);
  g_clear_pointer (&build->current, iv_planes_unref);
  g_clear_pointer (&build->area, iv_planes_unref);
  g_clear_pointer (&build->elastic_fit, iv_planes_unref);
  g_clear_pointer (&build->elastic_valid, iv_planes_unref);
  g_clear_pointer (&build->posture_fit, iv_planes_unref);
  g_clear_pointer (&build->posture_valid, iv_planes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

void
iv_change_maps_free (IvChangeMaps *self)
{
  if (!self)
    return;
  g_free (self->area);
  g_free (self->zone);
  g_free (self->valid);
  g_free (self->inside);
  g_free (self->edge);
  for (guint i = 0; i < IV_N_MAP_SCALES; i++) {
    g_free (self->difference[i]);
    g_free (self->deviation[i]);
    g_free (self->peak[i]);
    g_free (self->flank[i]);
  }
  float *const maps[] = { self->plain,        self->subtraction,   self->posture,
                          self->posture_peak, self->posture_flank, self->moved,
                          self->moved_peak,   self->moved_flank,   self->drift_x,
                          self->drift_y,      self->texture,       self->agreement,
                          self->markings,     self->edges,         self->current };
  for (guint i = 0; i < G_N_ELEMENTS (maps); i++)
    g_free (maps[i]);
  g_free (self);
}

static gsize
n_pixels (const Build *build)
{
  return (gsize) build->anatomy->width * build->anatomy->height;
}

static IvPlanes *
upload (Build *build, const float *values, guint planes)
{
  return iv_planes_new_from (build->pass.passes,
                             &(IvPlanesValues){ .width = build->anatomy->width,
                                                .height = build->anatomy->height,
                                                .planes = planes,
                                                .values = values });
}

static IvPlanes *
upload_mask (Build *build, const guint8 *mask)
{
  g_autofree float *values = g_new (float, n_pixels (build));
  for (gsize i = 0; i < n_pixels (build); i++)
    values[i] = mask[i];
  return upload (build, values, 1);
}

/* Quantile of |values| where the mask is set. */
static double
spread_of (const float *values, const guint8 *mask, gsize n, double quantile)
{
  g_autofree float *kept = g_new (float, n);
  gsize m = 0;
  for (gsize i = 0; i < n; i++)
    if (mask[i])
      kept[m++] = fabsf (values[i]);
  return iv_quantile (kept, m, quantile);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "change detection: %s", why);
  return FALSE;
}

typedef struct {
  const IvPlanes *density, *inside; /* the prior and its exposed part, on the current grid */
  IvPlanes **fit, **valid;          /* out */
  guint8 **valid_host;              /* out */
  double *noise;                    /* out */
} Bring;

/* The prior seen through a field, then as the current film's greys: what the current film would
 * look like if nothing had changed. */
static gboolean
bring_prior (Build *build, const Bring *bring, GError **error)
{
  IvChangePass *pass = &build->pass;
  const IvCompareFilm *current = build->input->current;
  gsize n = n_pixels (build);

  g_autofree float *inside_host = iv_planes_read (pass->passes, bring->inside, error);
  if (!inside_host)
    return FALSE;
  *bring->valid_host = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    (*bring->valid_host)[i] = current->valid_host[i] && inside_host[i] > 0.99f;
  *bring->valid = upload_mask (build, *bring->valid_host);

  g_autoptr (IvPlanes) masked = iv_change_pass_product (pass, bring->density, *bring->valid);
  g_autoptr (IvPlanes) mean = iv_change_pass_blur (pass, masked, DETAIL_MM);
  g_autoptr (IvPlanes) share = iv_change_pass_blur (pass, *bring->valid, DETAIL_MM);
  g_autoptr (IvPlanes) current_soft = iv_change_pass_blur (pass, current->density, SAMPLE_MM);
  g_autoptr (IvPlanes) prior_soft = iv_change_pass_blur (pass, bring->density, SAMPLE_MM);
  g_autofree float *current_host = iv_planes_read (pass->passes, current_soft, error);
  g_autofree float *prior_host =
      current_host ? iv_planes_read (pass->passes, prior_soft, error) : NULL;
  g_autofree float *mean_host = prior_host ? iv_planes_read (pass->passes, mean, error) : NULL;
  g_autofree float *share_host = mean_host ? iv_planes_read (pass->passes, share, error) : NULL;
  g_autofree float *air_host = share_host ? iv_planes_read (pass->passes, build->air, error) : NULL;
  if (!air_host)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    mean_host[i] /= share_host[i] + 1e-3f;

  IvGreySamples samples = { .anatomy = build->anatomy,
                            .valid = *bring->valid_host,
                            .current = current_host,
                            .prior = prior_host,
                            .prior_mean = mean_host,
                            .air = air_host };
  struct IvPushChangePredict model;
  if (!iv_change_fit_greys (&samples, &model, bring->noise))
    return refuse (error, "the films hardly overlap");
  *bring->noise /= build->maps->contrast;
  model.gain = (float) (1 / build->maps->contrast);
  *bring->fit = iv_change_pass_predict (pass,
                                        &(IvChangePredict){ .prior = bring->density,
                                                            .mean = mean,
                                                            .share = share,
                                                            .air = build->air,
                                                            .model = &model });
  return TRUE;
}

/* Squared distance of each pixel, in pixels, to the border of the exposed part or of the image. */
static float *
distance_to_edge (const guint8 *valid, gint width, gint height)
{
  gsize n = (gsize) width * height;
  g_autofree guint8 *outside = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    outside[i] = !valid[i];
  for (gint x = 0; x < width; x++)
    outside[x] = outside[(gsize) (height - 1) * width + x] = 1;
  for (gint y = 0; y < height; y++)
    outside[(gsize) y * width] = outside[(gsize) y * width + width - 1] = 1;
  return iv_distance_squared ((IvMaskView){ width, height, outside });
}

static void
find_area (Build *build, const guint8 *posture_valid)
{
  IvChangeMaps *maps = build->maps;
  gsize n = n_pixels (build);
  double least = EDGE_MM / build->anatomy->mm, next = least + EDGE_PIXELS;
  g_autofree float *distance = distance_to_edge (maps->valid, maps->width, maps->height);
  g_autofree float *posture = distance_to_edge (posture_valid, maps->width, maps->height);

  maps->inside = g_malloc (n);
  maps->edge = g_malloc (n);
  maps->area = g_malloc (n);
  maps->zone = g_malloc (n);
  for (gsize i = 0; i < n; i++) {
    maps->inside[i] = distance[i] > least * least;
    maps->edge[i] = maps->inside[i] && distance[i] <= next * next;
    maps->area[i] = maps->inside[i] && build->anatomy->distance[i] <= AREA_MARGIN_MM;
    maps->zone[i] = maps->area[i] && posture[i] > least * least;
  }
}

/* Both fields: elastic, and posture with what the elastic one added to it. */
static gboolean
bring_both (Build *build, GError **error)
{
  IvChangeMaps *maps = build->maps;
  const IvRegistration *registration = build->input->registration;
  gsize n = n_pixels (build);
  g_autofree guint8 *posture_valid = NULL;

  Bring elastic = { .density = registration->elastic.density,
                    .inside = registration->elastic.valid,
                    .fit = &build->elastic_fit,
                    .valid = &build->elastic_valid,
                    .valid_host = &maps->valid,
                    .noise = &maps->noise };
  if (!bring_prior (build, &elastic, error))
    return FALSE;
  g_autofree float *elastic_field =
      iv_planes_read (build->pass.passes, registration->elastic.field, error);
  if (!elastic_field)
    return FALSE;
  g_autofree float *field = iv_change_fit_posture (build->anatomy, maps->valid, elastic_field);
  if (!field)
    return refuse (error, "the displacement has no smooth part");
  g_autoptr (IvPlanes) posture = upload (build, field, 2);
  g_autoptr (IvPlanes) density =
      iv_change_pass_warp (&build->pass, build->input->prior->density, posture);
  g_autoptr (IvPlanes) inside =
      iv_change_pass_warp (&build->pass, build->input->prior->valid, posture);
  Bring stiff = { .density = density,
                  .inside = inside,
                  .fit = &build->posture_fit,
                  .valid = &build->posture_valid,
                  .valid_host = &posture_valid,
                  .noise = &maps->posture_noise };
  if (!bring_prior (build, &stiff, error))
    return FALSE;
  find_area (build, posture_valid);
  maps->drift_x = g_new (float, n);
  maps->drift_y = g_new (float, n);
  for (gsize i = 0; i < n; i++) {
    maps->drift_x[i] = (float) ((elastic_field[i] - field[i]) * build->pass.mm);
    maps->drift_y[i] = (float) ((elastic_field[n + i] - field[n + i]) * build->pass.mm);
  }
  return TRUE;
}

/* Ratio of |difference| to gradient that half of the pixels stay below. */
static double
edge_slope (const float *difference, const float *gradient, const guint8 *area, gsize n)
{
  g_autofree float *ratio = g_new (float, n);
  float middle = (float) spread_of (gradient, area, n, 0.5);
  gsize m = 0;
  for (gsize i = 0; i < n; i++)
    if (area[i])
      ratio[m++] = fabsf (difference[i]) / (gradient[i] + middle + 1e-6f);
  return iv_quantile (ratio, m, 0.5);
}

static gboolean
make_scale (Build *build, IvMapScale scale, GError **error)
{
  IvChangePass *pass = &build->pass;
  IvChangeMaps *maps = build->maps;
  gsize n = n_pixels (build);
  double size = scale_mm[scale];

  g_autoptr (IvPlanes) a = iv_change_pass_blur (pass, build->current, size);
  g_autoptr (IvPlanes) b = iv_change_pass_blur (pass, build->elastic_fit, size);
  g_autoptr (IvPlanes) apart = iv_change_pass_tolerant (pass, a, b, build->elastic_valid);
  g_autoptr (IvPlanes) difference = iv_change_pass_blur (pass, apart, 0.5 * size);
  g_autoptr (IvPlanes) gradient = iv_change_pass_gradient (pass, b);
  g_autofree float *gradient_host = iv_planes_read (pass->passes, gradient, error);
  if (!gradient_host)
    return FALSE;
  maps->difference[scale] = iv_planes_read (pass->passes, difference, error);
  if (!maps->difference[scale])
    return FALSE;

  double middle = 1.4826 * spread_of (maps->difference[scale], maps->area, n, 0.5) + 1e-4;
  IvChangeNoise noise = { .difference = difference,
                          .area = build->area,
                          .gradient = gradient,
                          .floor =
                              sqrt (0.25 * middle * middle + LEAST_DEVIATION * LEAST_DEVIATION),
                          .limit = 2.5 * middle,
                          .slope =
                              edge_slope (maps->difference[scale], gradient_host, maps->area, n) };
  g_autoptr (IvPlanes) deviation = iv_change_pass_noise (pass, &noise);
  g_autoptr (IvPlanes) peak = iv_change_pass_blur (pass, deviation, peak_mm[scale]);
  g_autoptr (IvPlanes) flank = iv_change_pass_blur (pass, difference, flank_mm[scale]);
  return (maps->deviation[scale] = iv_planes_read (pass->passes, deviation, error)) &&
         (maps->peak[scale] = iv_planes_read (pass->passes, peak, error)) &&
         (maps->flank[scale] = iv_planes_read (pass->passes, flank, error));
}

/* A difference by the posture field: the map, where to look in it and how far it reaches. */
typedef struct {
  const IvPlanes *difference;
  float **map, **peak, **flank; /* out */
  double *spread;               /* out */
} Border;

static gboolean
make_border (Build *build, const Border *border, GError **error)
{
  IvChangePass *pass = &build->pass;
  g_autoptr (IvPlanes) map = iv_change_pass_blur (pass, border->difference, 2.0);
  g_autoptr (IvPlanes) peak = iv_change_pass_blur (pass, map, 2.0);
  g_autoptr (IvPlanes) flank = iv_change_pass_blur (pass, map, 1.0);

  if (!(*border->map = iv_planes_read (pass->passes, map, error)) ||
      !(*border->peak = iv_planes_read (pass->passes, peak, error)) ||
      !(*border->flank = iv_planes_read (pass->passes, flank, error)))
    return FALSE;
  *border->spread =
      1.4826 * spread_of (*border->map, build->maps->area, n_pixels (build), 0.5) + 0.01;
  return TRUE;
}

static gboolean
make_borders (Build *build, GError **error)
{
  IvChangePass *pass = &build->pass;
  IvChangeMaps *maps = build->maps;
  g_autoptr (IvPlanes) both =
      iv_change_pass_product (pass, build->posture_valid, build->elastic_valid);
  g_autoptr (IvPlanes) stays = iv_change_pass_sum (pass, build->current, 1, build->posture_fit, -1);
  g_autoptr (IvPlanes) moves =
      iv_change_pass_sum (pass, build->elastic_fit, 1, build->posture_fit, -1);
  g_autoptr (IvPlanes) posture = iv_change_pass_product (pass, stays, build->posture_valid);
  g_autoptr (IvPlanes) moved = iv_change_pass_product (pass, moves, both);
  Border by_posture = {
    posture, &maps->posture, &maps->posture_peak, &maps->posture_flank, &maps->posture_spread
  };
  Border by_field = {
    moved, &maps->moved, &maps->moved_peak, &maps->moved_flank, &maps->moved_spread
  };

  return make_border (build, &by_posture, error) && make_border (build, &by_field, error);
}

/* Splits the planes; the log ratio loses its median over the lungs, which is the films' own
 * sharpness and noise. */
static void
take_texture (Build *build, const float *planes)
{
  IvChangeMaps *maps = build->maps;
  gsize n = n_pixels (build), m = 0;
  g_autofree float *kept = g_new (float, n);

  maps->texture = g_memdup2 (planes, n * sizeof (float));
  maps->agreement = g_memdup2 (planes + n, n * sizeof (float));
  maps->markings = g_memdup2 (planes + 2 * n, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    if (build->anatomy->lungs[i] && maps->valid[i])
      kept[m++] = planes[i];
  float middle = iv_quantile (kept, m, 0.5);
  for (gsize i = 0; i < n; i++)
    maps->texture[i] -= middle;
}

static gboolean
make_others (Build *build, GError **error)
{
  IvChangePass *pass = &build->pass;
  IvChangeMaps *maps = build->maps;
  g_autoptr (IvPlanes) apart = iv_change_pass_sum (pass, build->current, 1, build->elastic_fit, -1);
  g_autoptr (IvPlanes) subtraction = iv_change_pass_product (pass, apart, build->elastic_valid);
  g_autoptr (IvPlanes) plain = iv_change_pass_blur (pass, subtraction, 1.0);
  g_autoptr (IvPlanes) texture =
      iv_change_pass_texture (pass, build->current, build->elastic_fit, build->elastic_valid);
  g_autoptr (IvPlanes) soft = iv_change_pass_blur (pass, build->current, 1.5);
  g_autoptr (IvPlanes) edges = iv_change_pass_gradient (pass, soft);
  g_autofree float *planes = iv_planes_read (pass->passes, texture, error);

  if (!planes)
    return FALSE;
  take_texture (build, planes);
  return (maps->subtraction = iv_planes_read (pass->passes, subtraction, error)) &&
         (maps->plain = iv_planes_read (pass->passes, plain, error)) &&
         (maps->edges = iv_planes_read (pass->passes, edges, error)) &&
         (maps->current = iv_planes_read (pass->passes, build->current, error));
}

/* Spread of density between the dark and the dense parts of the lungs. */
static void
measure_film (IvChangeMaps *maps, const float *density, const IvChangeAnatomy *anatomy)
{
  gsize n = (gsize) anatomy->width * anatomy->height, m = 0;
  g_autofree float *kept = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    if (anatomy->lungs[i])
      kept[m++] = density[i];
  float low = iv_quantile (kept, m, 0.1), high = iv_quantile (kept, m, 0.9);
  maps->contrast = MAX (LEAST_CONTRAST, high - low);
  maps->lung_density = iv_quantile (kept, m, 0.5) / maps->contrast;
}

IvChangeMaps *
iv_change_maps_new (const IvChangeInput *input, const IvChangeAnatomy *anatomy, GError **error)
{
  g_autoptr (IvChangeMaps) maps = g_new0 (IvChangeMaps, 1);
  g_auto (Build) build = { .pass = { .passes = input->passes, .mm = anatomy->mm },
                           .input = input,
                           .anatomy = anatomy,
                           .maps = maps };

  maps->width = anatomy->width;
  maps->height = anatomy->height;
  measure_film (maps, input->current->density_host, anatomy);
  g_autoptr (IvPlanes) lungs = upload_mask (&build, anatomy->lungs);
  build.air = iv_change_pass_blur (&build.pass, lungs, AIR_MM);
  build.current =
      iv_change_pass_sum (&build.pass, input->current->density, 1 / maps->contrast, NULL, 0);
  if (!bring_both (&build, error))
    return NULL;
  build.area = upload_mask (&build, maps->area);
  for (guint scale = 0; scale < IV_N_MAP_SCALES; scale++)
    if (g_cancellable_set_error_if_cancelled (input->cancellable, error) ||
        !make_scale (&build, scale, error))
      return NULL;
  if (!make_borders (&build, error) || !make_others (&build, error))
    return NULL;
  return g_steal_pointer (&maps);
}
