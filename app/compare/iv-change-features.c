/* Measures a candidate region on the maps.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-features.h"

#include <math.h>

#include "app/compare/iv-change-candidate.h"

#define RIM_MM 1.5
#define LARGE_LOG_MM2 6.0
#define MOST_NOISE 12.0

typedef struct {
  const IvChangeMaps *maps;
  const IvChangeAnatomy *anatomy;
  const IvCandidate *candidate;
  float *out;
} Measure;

const char *
iv_change_feature_name (guint feature)
{
  static const char *const names[] = {
#define X(NAME, name) name,
    IV_CHANGE_FEATURES (X)
#undef X
  };
  return feature < G_N_ELEMENTS (names) ? names[feature] : NULL;
}

static double
mean (const Measure *m, const float *map)
{
  return iv_change_region_mean (m->candidate->region, map, m->maps->width);
}

static double
ring_mean (const Measure *m, const float *map)
{
  const IvChangeRegion *ring = m->candidate->ring;
  return ring && ring->area > 10 ? iv_change_region_mean (ring, map, m->maps->width) : 0;
}

static double
positive_root (double v)
{
  return sqrt (MAX (v, 0.0));
}

static double
positive_log (double v)
{
  return log1p (MAX (v, 0.0));
}

/* Greatest of sign * map, and the share of pixels where it is positive. */
static double
greatest (const Measure *m, const float *map, double *share)
{
  const IvChangeRegion *r = m->candidate->region;
  double most = -G_MAXDOUBLE, positive = 0;

  for (gint y = 0; y < r->height; y++)
    for (gint x = 0; x < r->width; x++)
      if (r->mask[y * r->width + x]) {
        double v = m->candidate->sign * map[(y + r->y) * m->maps->width + x + r->x];
        most = MAX (most, v);
        positive += v > 0;
      }
  *share = positive / r->area;
  return most;
}

/* Mean just inside of the outline minus mean just outside. */
static double
step_across (const Measure *m, const float *map)
{
  float width = (float) (RIM_MM / m->anatomy->mm);
  IvMaskView all = { m->maps->width, m->maps->height, m->maps->valid };
  g_autoptr (IvChangeRegion) inner = iv_change_region_rim (m->candidate->region, MAX (1, width));
  g_autoptr (IvChangeRegion) outer =
      iv_change_region_ring (m->candidate->region, 0, MAX (1, width), all);
  double inside = inner ? iv_change_region_mean (inner, map, m->maps->width) : 0;
  return inside - (outer ? iv_change_region_mean (outer, map, m->maps->width) : 0);
}

static void
measure_difference (const Measure *m)
{
  const IvChangeMaps *maps = m->maps;
  const IvCandidate *c = m->candidate;
  float *f = m->out;
  double share, sign = c->sign;
  double pixel_mm2 = m->anatomy->mm * m->anatomy->mm, area = log (c->region->area * pixel_mm2);
  double plain = sign * mean (m, maps->plain), plain_ring = sign * ring_mean (m, maps->plain);
  double contrast = plain - plain_ring;
  double spread = iv_change_region_deviation (c->region, maps->plain, maps->width);
  double coherence = plain / (spread + 0.02), step = sign * step_across (m, maps->plain);

  f[IV_FEATURE_AREA] = (float) area;
  f[IV_FEATURE_AREA_LARGE] = (float) MAX (area - LARGE_LOG_MM2, 0.0);
  f[IV_FEATURE_PEAK] = (float) positive_log (greatest (m, maps->deviation[c->scale], &share));
  f[IV_FEATURE_DEVIATION] = (float) positive_log (sign * mean (m, maps->deviation[c->scale]));
  f[IV_FEATURE_DEVIATION_FINE] = (float) (sign * mean (m, maps->deviation[IV_MAP_FINE]));
  f[IV_FEATURE_DIFFERENCE] = (float) (sign * mean (m, maps->difference[c->scale]));
  f[IV_FEATURE_DIFFERENCE_RING] = (float) (sign * ring_mean (m, maps->difference[c->scale]));
  f[IV_FEATURE_PLAIN] = (float) plain;
  f[IV_FEATURE_PLAIN_RING] = (float) plain_ring;
  f[IV_FEATURE_PLAIN_RING_SQUARE] = (float) (plain_ring * plain_ring);
  f[IV_FEATURE_CONTRAST] = (float) contrast;
  f[IV_FEATURE_CONTRAST_ROOT] = (float) positive_root (contrast);
  f[IV_FEATURE_CONTRAST_SQUARE] = (float) (contrast * contrast);
  f[IV_FEATURE_CONTRAST_NOISE] = (float) MIN (contrast / (maps->noise + 0.005), MOST_NOISE);
  f[IV_FEATURE_PLAIN_NOISE] = (float) MIN (plain / (maps->noise + 0.005), MOST_NOISE);
  f[IV_FEATURE_CONTRAST_AREA] = (float) (contrast * area);
  f[IV_FEATURE_COHERENCE] = (float) coherence;
  f[IV_FEATURE_COHERENCE_SQUARE] = (float) (coherence * coherence);
  greatest (m, maps->plain, &share);
  f[IV_FEATURE_AGREEING] = (float) share;
  f[IV_FEATURE_STEP] = (float) step;
  f[IV_FEATURE_STEP_ROOT] = (float) positive_root (step);
}

/* What the posture field leaves and what the elastic field did about it. */
static void
measure_motion (const Measure *m)
{
  const IvChangeMaps *maps = m->maps;
  const IvChangeRegion *region = m->candidate->region;
  float *f = m->out;
  IvPoint centre = iv_change_region_centroid (region);
  double sign = m->candidate->sign, outwards = centre.x < m->anatomy->middle ? 1 : -1;
  double drift = sign * outwards * mean (m, maps->drift_x), other = 0;
  double posture = sign * mean (m, maps->posture), moved = sign * mean (m, maps->moved);
  g_autoptr (IvChangeRegion) mirror =
      iv_change_region_mirror (region, (float) m->anatomy->middle, maps->width);

  if (mirror)
    other = -sign * outwards * iv_change_region_mean (mirror, maps->drift_x, maps->width);
  f[IV_FEATURE_POSTURE] = (float) posture;
  f[IV_FEATURE_POSTURE_ROOT] = (float) positive_root (posture);
  f[IV_FEATURE_POSTURE_RING] = (float) (sign * ring_mean (m, maps->posture));
  f[IV_FEATURE_POSTURE_SPREAD] = (float) maps->posture_spread;
  f[IV_FEATURE_MOVED] = (float) moved;
  f[IV_FEATURE_MOVED_ROOT] = (float) positive_root (moved);
  f[IV_FEATURE_DRIFT_OUT] = (float) drift;
  f[IV_FEATURE_DRIFT_OUT_ROOT] = (float) positive_root (drift);
  f[IV_FEATURE_DRIFT_SIZE] = (float) fabs (drift);
  f[IV_FEATURE_DRIFT_BOTH] = (float) (drift + other);
  f[IV_FEATURE_DRIFT_SPREAD] =
      (float) hypot (iv_change_region_deviation (region, maps->drift_x, maps->width),
                     iv_change_region_deviation (region, maps->drift_y, maps->width));
  f[IV_FEATURE_CONTRAST_DRIFT] = f[IV_FEATURE_CONTRAST] * f[IV_FEATURE_DRIFT_SPREAD];
}

static void
measure_texture (const Measure *m)
{
  const IvChangeMaps *maps = m->maps;
  float *f = m->out;
  double sign = m->candidate->sign, texture = sign * mean (m, maps->texture);
  double agreement = ring_mean (m, maps->agreement);
  double markings = log (mean (m, maps->markings) + 1e-3);

  f[IV_FEATURE_TEXTURE] = (float) texture;
  f[IV_FEATURE_TEXTURE_STEP] = (float) (texture - sign * ring_mean (m, maps->texture));
  f[IV_FEATURE_TEXTURE_LEVEL] = (float) (texture * markings);
  f[IV_FEATURE_AGREEMENT_RING] = (float) agreement;
  f[IV_FEATURE_AGREEMENT_STEP] = (float) (mean (m, maps->agreement) - agreement);
  f[IV_FEATURE_MARKINGS] = (float) markings;
}

static double
lung_share (const Measure *m)
{
  const IvChangeRegion *r = m->candidate->region;
  guint n = 0;
  for (gint y = 0; y < r->height; y++)
    for (gint x = 0; x < r->width; x++)
      n += r->mask[y * r->width + x] & m->anatomy->lungs[(y + r->y) * m->maps->width + x + r->x];
  return (double) n / r->area;
}

/* Pixels of the region with an unset neighbour: a measure of its outline. */
static double
outline_length (const IvChangeRegion *r)
{
  guint n = 0;
  for (gint y = 0; y < r->height; y++)
    for (gint x = 0; x < r->width; x++) {
      const guint8 *p = r->mask + y * r->width + x;
      gboolean inner = x > 0 && y > 0 && x < r->width - 1 && y < r->height - 1 && p[-1] && p[1] &&
                       p[-r->width] && p[r->width];
      n += *p && !inner;
    }
  return n + 1.0;
}

static void
measure_place (const Measure *m)
{
  const IvChangeMaps *maps = m->maps;
  const IvChangeRegion *region = m->candidate->region;
  float *f = m->out;
  IvPoint centre = iv_change_region_centroid (region);
  double edges = mean (m, maps->edges), outline = outline_length (region);

  f[IV_FEATURE_DEPTH] = (float) mean (m, m->anatomy->depth);
  f[IV_FEATURE_OUTSIDE] = (float) mean (m, m->anatomy->distance);
  f[IV_FEATURE_IN_LUNG] = (float) lung_share (m);
  f[IV_FEATURE_LEVEL] = (float) iv_change_anatomy_level (m->anatomy, centre);
  f[IV_FEATURE_SIDEWAYS] = (float) (fabs (centre.x - m->anatomy->middle) * m->anatomy->mm);
  f[IV_FEATURE_EDGES] = (float) edges;
  f[IV_FEATURE_EDGES_ROOT] = (float) positive_root (edges);
  f[IV_FEATURE_CONTRAST_EDGES] = (float) (f[IV_FEATURE_CONTRAST] * edges);
  f[IV_FEATURE_DENSITY] = (float) (mean (m, maps->current) - maps->lung_density);
  f[IV_FEATURE_NOISE] = (float) maps->noise;
  f[IV_FEATURE_POSTURE_NOISE] = (float) maps->posture_noise;
  f[IV_FEATURE_COMPACT] = (float) (4 * G_PI * region->area / (outline * outline));
  f[IV_FEATURE_SIZE] = (float) m->candidate->size_mm;
}

void
iv_change_measure (const IvChangeMaps *maps, const IvChangeAnatomy *anatomy, IvCandidate *candidate)
{
  Measure measure = { maps, anatomy, candidate, candidate->features };

  measure_difference (&measure);
  measure_motion (&measure);
  measure_texture (&measure);
  measure_place (&measure);
}
