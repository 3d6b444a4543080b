/* Regions that may have changed: around maxima of the difference maps, and where anatomy says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-candidate.h"

#include <math.h>

#define LEAST_MM2 35.0
#define MOST_MM2 16000.0
#define LEAST_TEMPLATE_MM2 120.0
#define LEAST_SHARE 0.67  /* of a template that both films must show */
#define SAME 0.7          /* intersection over union of regions that are one candidate */
#define SAME_TEMPLATE 0.9 /* … of neighbouring templates */
#define BORDER_FLANK 0.3  /* of the maximum */
#define EDGE_SHARE 0.25   /* of the rim: the region follows the edge of a film, not a change */
#define RING_INNER_MM 1.5
#define RING_OUTER_MM 7.0

typedef struct {
  IvCandidateKind kind;
  IvMapScale scale;
  guint most;       /* maxima looked at, for each sign */
  double apart_mm;  /* least distance between them */
  double least;     /* value of the maximum */
  double flanks[2]; /* of the maximum: how far the region reaches; 0: none */
} Search;

static const Search searches[] = {
  { IV_CANDIDATE_SPOT, IV_MAP_FINE, 8, 4, 1.2, { 0.4, 0 } },
  { IV_CANDIDATE_SPOT, IV_MAP_MIDDLE, 8, 7, 1.0, { 0.4, 0 } },
  { IV_CANDIDATE_PATCH, IV_MAP_COARSE, 6, 10, 0.8, { 0.35, 0.55 } },
};

static const double crescent_mm[] = { 9, 13, 18, 24, 31 };
static const double base_mm[] = { 15, 24, 36, 52 };

/* What the functions below share. */
typedef struct {
  const IvChangeMaps *maps;
  const IvChangeAnatomy *anatomy;
  GPtrArray *out;
} Finder;

void
iv_candidate_free (IvCandidate *candidate)
{
  if (!candidate)
    return;
  iv_change_region_free (candidate->region);
  iv_change_region_free (candidate->ring);
  g_free (candidate);
}

static gboolean
is_known (const Finder *finder, const IvCandidate *candidate, double same)
{
  for (guint i = 0; i < finder->out->len; i++) {
    const IvCandidate *other = g_ptr_array_index (finder->out, i);
    if (other->kind != candidate->kind || other->sign != candidate->sign)
      continue;
    guint both = iv_change_region_overlap (other->region, candidate->region);
    if (both > same * (other->region->area + candidate->region->area - both))
      return TRUE;
  }
  return FALSE;
}

/* Where a film ends, warping and processing leave strips that look like changes. */
static gboolean
follows_edge (const Finder *finder, const IvChangeRegion *region)
{
  g_autoptr (IvChangeRegion) rim = iv_change_region_rim (region, 1);
  guint n = 0;

  for (gint y = 0; y < rim->height; y++)
    for (gint x = 0; x < rim->width; x++)
      n += rim->mask[y * rim->width + x] &&
           finder->maps->edge[(y + rim->y) * finder->maps->width + x + rim->x];
  return n > EDGE_SHARE * rim->area;
}

/* Takes the region and the ring of the candidate over. */
static void
add (Finder *finder, IvCandidate candidate, double least_mm2, double same)
{
  double pixel_mm2 = finder->anatomy->mm * finder->anatomy->mm;
  double area = candidate.region ? candidate.region->area * pixel_mm2 : 0;

  if (area < least_mm2 || area > MOST_MM2 || follows_edge (finder, candidate.region) ||
      is_known (finder, &candidate, same)) {
    iv_change_region_free (candidate.region);
    iv_change_region_free (candidate.ring);
    return;
  }
  if (!candidate.ring)
    candidate.ring = iv_change_region_ring (
        candidate.region,
        (float) (RING_INNER_MM / finder->anatomy->mm),
        (float) (RING_OUTER_MM / finder->anatomy->mm),
        (IvMaskView){ finder->maps->width, finder->maps->height, finder->maps->zone });
  g_ptr_array_add (finder->out, g_memdup2 (&candidate, sizeof candidate));
}

typedef struct {
  gint x, y;
  float value;
} Maximum;

static gint
compare_maxima (gconstpointer a, gconstpointer b)
{
  float u = ((const Maximum *) a)->value, v = ((const Maximum *) b)->value;
  return u < v ? 1 : u > v ? -1 : 0;
}

/* The greatest values along each line within `reach` to each side, one direction. */
static void
maxima_along (const float *in,
              float *out,
              gint n,
              gint lines,
              gint step,
              gint line_step,
              gint reach)
{
  for (gint line = 0; line < lines; line++)
    for (gint i = 0; i < n; i++) {
      float most = -G_MAXFLOAT;
      for (gint k = MAX (0, i - reach); k <= MIN (n - 1, i + reach); k++)
        most = MAX (most, in[line * line_step + k * step]);
      out[line * line_step + i * step] = most;
    }
}

typedef struct {
  const float *map;
  gint sign;
  const guint8 *mask;
  double least, apart_mm;
  guint most;
} MaximaParams;

/* Maxima of sign * map within the mask, greatest first. (element-type Maximum) */
static GArray *
find_maxima (const Finder *finder, const MaximaParams *params)
{
  gint width = finder->maps->width, height = finder->maps->height;
  gsize n = (gsize) width * height;
  gint reach = MAX (1, (gint) (params->apart_mm / finder->anatomy->mm));
  g_autofree float *values = g_new (float, n);
  g_autofree float *rows = g_new (float, n);
  g_autofree float *most = g_new (float, n);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (Maximum));

  for (gsize i = 0; i < n; i++)
    values[i] = params->sign * params->map[i];
  maxima_along (values, rows, width, height, 1, width, reach);
  maxima_along (rows, most, height, width, width, 1, reach);
  for (gint y = 0; y < height; y++)
    for (gint x = 0; x < width; x++) {
      gint i = y * width + x;
      Maximum maximum = { x, y, values[i] };
      if (params->mask[i] && values[i] == most[i] && values[i] > params->least)
        g_array_append_val (out, maximum);
    }
  g_array_sort (out, compare_maxima);
  if (out->len > params->most)
    g_array_set_size (out, params->most);
  return out;
}

/* The region around a maximum down to a part of its value, without hairs and holes. */
static IvChangeRegion *
grow (IvFloodParams flood, double flank, gboolean open)
{
  gint at = flood.y * flood.allowed.width + flood.x;
  flood.threshold = (float) (flank * flood.sign * flood.values[at]);
  if (flood.threshold <= 0)
    return NULL;
  g_autoptr (IvChangeRegion) region = iv_change_region_flood (&flood);
  if (region && open) {
    g_autoptr (IvChangeRegion) opened = iv_change_region_open (region);
    g_clear_pointer (&region, iv_change_region_free);
    region = opened ? iv_change_region_largest (opened) : NULL;
  }
  return region ? iv_change_region_fill (region) : NULL;
}

static void
find_peaks (Finder *finder, const Search *search, gint sign)
{
  const IvChangeMaps *maps = finder->maps;
  MaximaParams params = { .map = maps->peak[search->scale],
                          .sign = sign,
                          .mask = maps->area,
                          .least = search->least,
                          .apart_mm = search->apart_mm,
                          .most = search->most };
  g_autoptr (GArray) maxima = find_maxima (finder, &params);

  for (guint i = 0; i < maxima->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (search->flanks) && search->flanks[k] > 0; k++) {
      IvCandidate candidate = { .kind = search->kind, .sign = sign, .scale = search->scale };
      const Maximum *at = &g_array_index (maxima, Maximum, i);
      IvFloodParams flood = { .values = maps->flank[search->scale],
                              .sign = sign,
                              .allowed = { maps->width, maps->height, maps->area },
                              .x = at->x,
                              .y = at->y };
      candidate.region = grow (flood, search->flanks[k], search->scale != IV_MAP_FINE);
      add (finder, candidate, LEAST_MM2, SAME);
    }
}

/* Around the left heart border: the side of the heart that enlarges. */
static guint8 *
heart_zone (const Finder *finder)
{
  const IvChangeAnatomy *a = finder->anatomy;
  double px = 1 / a->mm, height = a->bottom - a->top;
  guint8 *out = g_malloc0 ((gsize) a->width * a->height);

  for (gint y = 0; y < a->height; y++)
    for (gint x = 0; x < a->width; x++)
      out[y * a->width + x] = finder->maps->zone[y * a->width + x] && x > a->middle + 12 * px &&
                              x < MIN (a->middle + 120 * px, a->boxes[1].x1 + 3 * px) &&
                              y > a->top + 0.40 * height && y < a->bottom + 0.05 * height;
  return out;
}

static void
find_borders (Finder *finder, gint sign)
{
  const IvChangeMaps *maps = finder->maps;
  g_autofree guint8 *zone = heart_zone (finder);
  const float *peaks[2] = { maps->moved_peak, maps->posture_peak };
  const float *flanks[2] = { maps->moved_flank, maps->posture_flank };
  const double spreads[2] = { maps->moved_spread, maps->posture_spread };

  for (guint k = 0; k < 2; k++) {
    MaximaParams params = { .map = peaks[k],
                            .sign = sign,
                            .mask = zone,
                            .least = 0.5 * spreads[k],
                            .apart_mm = 12,
                            .most = 3 };
    g_autoptr (GArray) maxima = find_maxima (finder, &params);
    for (guint i = 0; i < maxima->len; i++) {
      IvCandidate candidate = { .kind = IV_CANDIDATE_BORDER, .sign = sign, .scale = IV_MAP_COARSE };
      const Maximum *at = &g_array_index (maxima, Maximum, i);
      IvFloodParams flood = { .values = flanks[k],
                              .sign = sign,
                              .allowed = { maps->width, maps->height, zone },
                              .x = at->x,
                              .y = at->y };
      candidate.region = grow (flood, BORDER_FLANK, TRUE);
      add (finder, candidate, LEAST_MM2, SAME);
    }
  }
}

typedef gboolean (*TemplateFunc) (const IvChangeAnatomy *anatomy,
                                  const IvTemplate *which,
                                  guint8 *region,
                                  guint8 *ring);

static void
add_template (Finder *finder, TemplateFunc make, const IvTemplate *which, IvCandidate candidate)
{
  gsize n = (gsize) finder->maps->width * finder->maps->height;
  g_autofree guint8 *region = g_malloc (n);
  g_autofree guint8 *ring = g_malloc (n);
  IvMaskView view = { finder->maps->width, finder->maps->height, region };

  if (!finder->anatomy->boxes[which->side].found || !make (finder->anatomy, which, region, ring))
    return;
  guint whole = 0;
  for (gsize i = 0; i < n; i++) {
    whole += region[i];
    region[i] = region[i] && finder->maps->inside[i];
    ring[i] = ring[i] && finder->maps->inside[i];
  }
  g_autoptr (IvChangeRegion) all = iv_change_region_new (view);
  if (!all || all->area < LEAST_SHARE * whole)
    return;
  view.data = ring;
  candidate.size_mm = which->size_mm;
  for (gint sign = -1; sign <= 1; sign += 2) {
    candidate.sign = sign;
    candidate.region = iv_change_region_largest (all);
    candidate.ring = iv_change_region_new (view);
    add (finder, candidate, LEAST_TEMPLATE_MM2, SAME_TEMPLATE);
  }
}

static void
find_templates (Finder *finder)
{
  IvCandidate crescent = { .kind = IV_CANDIDATE_CRESCENT, .scale = IV_MAP_MIDDLE };
  IvCandidate base = { .kind = IV_CANDIDATE_BASE, .scale = IV_MAP_COARSE };

  for (guint side = 0; side < 2; side++) {
    for (guint i = 0; i < G_N_ELEMENTS (crescent_mm); i++)
      add_template (finder, iv_template_crescent, &(IvTemplate){ side, crescent_mm[i] }, crescent);
    for (guint i = 0; i < G_N_ELEMENTS (base_mm); i++)
      add_template (finder, iv_template_base, &(IvTemplate){ side, base_mm[i] }, base);
  }
}

GPtrArray *
iv_change_candidates (const IvChangeMaps *maps, const IvChangeAnatomy *anatomy)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_candidate_free);
  Finder finder = { maps, anatomy, out };

  for (gint sign = -1; sign <= 1; sign += 2) {
    for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
      find_peaks (&finder, &searches[i], sign);
    find_borders (&finder, sign);
  }
  find_templates (&finder);
  for (guint i = 0; i < out->len; i++)
    iv_change_measure (maps, anatomy, g_ptr_array_index (out, i));
  return out;
}
