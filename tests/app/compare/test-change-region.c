/* Regions, outlines, distances, zones and the robust solver of the change detection.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/compare/iv-change-anatomy.h"
#include "app/compare/iv-change-candidate.h"
#include "app/compare/iv-change-score.h"
#include "app/compare/iv-change-solve.h"

#define WIDTH 60
#define HEIGHT 48

/* '#' is set; rows are separated by '|'. */
static IvChangeRegion *
region_from (const char *picture)
{
  g_auto (GStrv) rows = g_strsplit (picture, "|", -1);
  gint width = strlen (rows[0]), height = g_strv_length (rows);
  g_autofree guint8 *mask = g_malloc ((gsize) width * height);
  for (gint y = 0; y < height; y++)
    for (gint x = 0; x < width; x++)
      mask[y * width + x] = rows[y][x] == '#';
  return iv_change_region_new ((IvMaskView){ width, height, mask });
}

static void
assert_region (const IvChangeRegion *region, gint x, gint y, const char *picture)
{
  GString *got = g_string_new (NULL);
  for (gint v = 0; v < region->height; v++) {
    if (v)
      g_string_append_c (got, '|');
    for (gint u = 0; u < region->width; u++)
      g_string_append_c (got, region->mask[v * region->width + u] ? '#' : '.');
  }
  g_assert_cmpstr (got->str, ==, picture);
  g_assert_cmpint (region->x, ==, x);
  g_assert_cmpint (region->y, ==, y);
  g_string_free (got, TRUE);
}

static guint8 *
disc_mask (double cx, double cy, double radius)
{
  guint8 *mask = g_malloc (WIDTH * HEIGHT);
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x++)
      mask[y * WIDTH + x] = hypot (x - cx, y - cy) <= radius;
  return mask;
}

static void
test_shapes (void)
{
  g_autoptr (IvChangeRegion) ring = region_from ("......|.####.|.#..#.|.####.|......");
  assert_region (ring, 1, 1, "####|#..#|####");
  g_autoptr (IvChangeRegion) full = iv_change_region_fill (ring);
  assert_region (full, 1, 1, "####|####|####");
  g_assert_cmpuint (full->area, ==, 12);
  g_assert_null (iv_change_region_open (ring));
  g_autoptr (IvChangeRegion) hair = region_from ("###...|######|###...");
  g_autoptr (IvChangeRegion) opened = iv_change_region_open (hair);
  assert_region (opened, 0, 0, ".##.|####|.##.");
  g_autoptr (IvChangeRegion) parts = region_from ("##..#|##...|...##");
  g_autoptr (IvChangeRegion) largest = iv_change_region_largest (parts);
  assert_region (largest, 0, 0, "##|##");
  g_autoptr (IvChangeRegion) mirrored = iv_change_region_mirror (hair, 5, 12);
  assert_region (mirrored, 5, 0, "...###|######|...###");
  g_autoptr (IvChangeRegion) cut = iv_change_region_mirror (hair, 5, 9);
  assert_region (cut, 5, 0, "...#|####|...#");
}

static void
test_flood (void)
{
  g_autofree guint8 *allowed = disc_mask (30, 24, 100);
  g_autofree float *values = g_new0 (float, WIDTH *HEIGHT);
  for (gint y = 10; y < 20; y++)
    for (gint x = 10; x < 40; x++)
      values[y * WIDTH + x] = x == 25 ? 0.1f : -1.0f; /* two boxes with a wall between them */
  IvFloodParams params = { .values = values,
                           .sign = -1,
                           .threshold = 0.5f,
                           .allowed = { WIDTH, HEIGHT, allowed },
                           .x = 12,
                           .y = 15 };
  g_autoptr (IvChangeRegion) box = iv_change_region_flood (&params);
  g_assert_cmpuint (box->area, ==, 150);
  g_assert_cmpint (box->x + box->width, ==, 25);
  params.x = 25;
  g_assert_null (iv_change_region_flood (&params));
}

/* Rings and rims by distance, against counting. */
static void
test_distance (void)
{
  g_autofree guint8 *mask = disc_mask (20, 20, 6), *all = disc_mask (0, 0, 1000);
  g_autofree float *distance = iv_distance_squared ((IvMaskView){ WIDTH, HEIGHT, mask });
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x++) {
      float least = G_MAXFLOAT;
      for (gint v = 0; v < HEIGHT; v++)
        for (gint u = 0; u < WIDTH; u++)
          if (mask[v * WIDTH + u])
            least = MIN (least, (x - u) * (x - u) + (y - v) * (y - v));
      g_assert_cmpfloat (distance[y * WIDTH + x], ==, least);
    }
  g_autoptr (IvChangeRegion) disc = iv_change_region_new ((IvMaskView){ WIDTH, HEIGHT, mask });
  g_autoptr (IvChangeRegion) ring =
      iv_change_region_ring (disc, 0, 3, (IvMaskView){ WIDTH, HEIGHT, all });
  guint expected = 0;
  for (gint i = 0; i < WIDTH * HEIGHT; i++)
    expected += distance[i] > 0 && distance[i] <= 9;
  g_assert_cmpuint (ring->area, ==, expected);
  g_assert_cmpuint (iv_change_region_overlap (disc, ring), ==, 0);
  g_autoptr (IvChangeRegion) rim = iv_change_region_rim (disc, 1);
  g_assert_cmpuint (iv_change_region_overlap (disc, rim), ==, rim->area);
  g_assert_cmpuint (rim->area, <, disc->area);
}

/* The outline of a disc is closed, runs near its edge and encloses its area. */
static void
test_outline (void)
{
  g_autofree guint8 *mask = disc_mask (31, 22, 12);
  g_autoptr (IvChangeRegion) disc = iv_change_region_new ((IvMaskView){ WIDTH, HEIGHT, mask });
  g_autoptr (GArray) outline = iv_change_region_outline (disc);
  double twice = 0;
  for (guint i = 0; i < outline->len; i++) {
    IvPoint p = g_array_index (outline, IvPoint, i);
    IvPoint q = g_array_index (outline, IvPoint, (i + 1) % outline->len);
    g_assert_cmpfloat_with_epsilon (hypot (p.x - 31, p.y - 22), 12, 1);
    g_assert_cmpfloat (hypot (p.x - q.x, p.y - q.y), <, 3);
    twice += p.x * q.y - q.x * p.y;
  }
  g_assert_cmpfloat_with_epsilon (fabs (twice) / 2, disc->area, 0.04 * disc->area);
  IvPoint centre = iv_change_region_centroid (disc);
  g_assert_cmpfloat_with_epsilon (centre.x, 31, 1e-9);
  g_assert_cmpfloat_with_epsilon (centre.y, 22, 1e-9);
  g_autoptr (IvChangeRegion) dot = region_from ("...|.#.|...");
  g_autoptr (GArray) around = iv_change_region_outline (dot);
  g_assert_cmpuint (around->len, ==, 4);
}

/* Two boxes of lung: patient's right on the left of the image. */
static IvChangeAnatomy *
make_anatomy (void)
{
  g_autofree guint8 *lungs = g_malloc0 (WIDTH * HEIGHT);
  for (gint y = 6; y < 36; y++)
    for (gint x = 0; x < WIDTH; x++)
      lungs[y * WIDTH + x] = x >= 5 && x < 25 ? 1 : x >= 33 && x < 55 ? 2 : 0;
  return iv_change_anatomy_new ((IvMaskView){ WIDTH, HEIGHT, lungs });
}

static void
test_zones (void)
{
  g_autoptr (IvChangeAnatomy) anatomy = make_anatomy ();
  const struct {
    IvPoint point;
    const char *zone;
  } cases[] = {
    { { 10, 8 }, "right upper" }, { { 10, 20 }, "right mid" }, { { 28, 34 }, "right lower" },
    { { 29, 10 }, "left upper" }, { { 50, 25 }, "left mid" },  { { 50, 47 }, "left lower" },
    { { 40, 0 }, "left upper" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    IvZone zone = iv_change_anatomy_zone (anatomy, cases[i].point);
    g_assert_cmpstr (iv_zone_to_string (zone), ==, cases[i].zone);
  }
  g_assert_cmpfloat_with_epsilon (anatomy->middle, 28.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (anatomy->mm, 300 / 1.06 / 49, 1e-9);
  g_assert_cmpfloat_with_epsilon (anatomy->depth[20 * WIDTH + 5], anatomy->mm, 1e-4);
  g_assert_cmpfloat_with_epsilon (anatomy->distance[20 * WIDTH + 2], 3 * anatomy->mm, 1e-4);
  guint8 none[WIDTH * HEIGHT] = { 0 };
  g_assert_null (iv_change_anatomy_new ((IvMaskView){ WIDTH, HEIGHT, none }));
}

/* Air lies along apex and side, fluid at the base; both mirror from side to side. */
static void
test_templates (void)
{
  g_autoptr (IvChangeAnatomy) anatomy = make_anatomy ();
  g_autofree guint8 *region = g_malloc (WIDTH * HEIGHT), *ring = g_malloc (WIDTH * HEIGHT);

  for (guint side = 0; side < 2; side++) {
    IvTemplate which = { side, 25 };
    gint outer = side ? 53 : 6, inner = side ? 35 : 23;
    g_assert_true (iv_template_crescent (anatomy, &which, region, ring));
    g_assert_true (region[12 * WIDTH + outer]);
    g_assert_false (region[12 * WIDTH + inner]);
    g_assert_false (region[34 * WIDTH + outer]);
    g_assert_true (iv_template_base (anatomy, &which, region, ring));
    g_assert_true (region[34 * WIDTH + outer]);
    g_assert_true (region[35 * WIDTH + inner]);
    g_assert_false (region[20 * WIDTH + outer]);
    for (gint i = 0; i < WIDTH * HEIGHT; i++) {
      g_assert_false (region[i] && ring[i]);
      g_assert_false (region[i] && (i % WIDTH > anatomy->middle) != (side == IV_LUNG_LEFT));
    }
  }
}

/* A line with a third of its points far off is found again. */
static void
test_robust (void)
{
  float basis[2 * 90], y[90], weights[90];
  double c[2], deviation;
  for (guint i = 0; i < 90; i++) {
    basis[2 * i] = 1;
    basis[2 * i + 1] = i / 90.0f;
    y[i] = 2 - 3 * basis[2 * i + 1] + (i % 3 == 1 ? 5 : 0) + 0.001f * (i % 7);
    weights[i] = 1;
  }
  IvSolveParams params = { .n_rows = 90,
                           .n_unknowns = 2,
                           .basis = basis,
                           .y = y,
                           .weights = weights,
                           .iterations = 30,
                           .cut = 2,
                           .ridge = 1e-9 };
  g_assert_true (iv_solve_robust (&params, c, &deviation));
  g_assert_cmpfloat_with_epsilon (c[0], 2, 0.05);
  g_assert_cmpfloat_with_epsilon (c[1], -3, 0.05);
}

static void
test_quantile (void)
{
  for (guint n = 1; n < 40; n++)
    for (guint k = 0; k < n; k++) {
      float values[40];
      for (guint i = 0; i < n; i++)
        values[i] = (i * 17 + 5) % n / 2; /* with ties */
      float sorted[40];
      for (guint i = 0; i < n; i++) {
        guint at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--)
          sorted[at] = sorted[at - 1];
        sorted[at] = values[i];
      }
      double q = n > 1 ? (k + 1e-6) / (n - 1) : 0;
      g_assert_cmpfloat (iv_quantile (values, n, q), ==, sorted[MIN (k, n - 1)]);
    }
}

typedef struct {
  IvCandidateKind kind;
  gint sign;
  double x, y, radius;
} Disc;

/* (transfer full) A candidate on a disc. */
static IvCandidate *
disc_candidate (const Disc *disc)
{
  g_autofree guint8 *mask = disc_mask (disc->x, disc->y, disc->radius);
  IvCandidate *candidate = g_new0 (IvCandidate, 1);
  candidate->kind = disc->kind;
  candidate->sign = disc->sign;
  candidate->region = iv_change_region_new ((IvMaskView){ WIDTH, HEIGHT, mask });
  return candidate;
}

/* How many of two stay, with pixels of 1 mm. */
static guint
n_selected (const Disc *better, const Disc *weaker)
{
  g_autoptr (GPtrArray) both = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_candidate_free);
  g_ptr_array_add (both, disc_candidate (better));
  g_ptr_array_add (both, disc_candidate (weaker));
  double scores[2];
  for (guint i = 0; i < 2; i++) {
    /* Every term speaks for it, and louder for the better one. */
    IvCandidate *candidate = g_ptr_array_index (both, i);
    const IvChangeWeights *weights = &iv_change_weights[candidate->kind];
    for (guint k = 0; k < weights->n_terms; k++) {
      const IvChangeTerm *term = &weights->terms[k];
      candidate->features[term->feature] =
          term->mean + (term->weight > 0 ? 1 : -1) * (i == 0 ? 3 : 1) * term->deviation;
    }
    scores[i] = iv_change_score (candidate);
  }
  g_assert_cmpfloat (scores[0], >, scores[1]);
  g_assert_cmpfloat (scores[1], >, 0.5);
  iv_change_select (both, 10, 1);
  return both->len;
}

/* One change is shown once, whichever ways found it; different changes are all shown. */
static void
test_selected (void)
{
  const Disc crescent = { IV_CANDIDATE_CRESCENT, -1, 20, 20, 10 };
  const Disc within = { IV_CANDIDATE_SPOT, -1, 22, 20, 4 };
  const Disc beside = { IV_CANDIDATE_PATCH, -1, 34, 20, 5 };
  const Disc denser = { IV_CANDIDATE_PATCH, 1, 34, 20, 5 };
  const Disc apart = { IV_CANDIDATE_PATCH, -1, 42, 20, 5 };
  const Disc neighbour = { IV_CANDIDATE_SPOT, -1, 42, 30, 5 };
  g_assert_cmpuint (n_selected (&crescent, &within), ==, 1);
  g_assert_cmpuint (n_selected (&crescent, &beside), ==, 1);
  g_assert_cmpuint (n_selected (&crescent, &denser), ==, 2);
  g_assert_cmpuint (n_selected (&crescent, &apart), ==, 2);
  g_assert_cmpuint (n_selected (&apart, &neighbour), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/change-region/shapes", test_shapes);
  g_test_add_func ("/compare/change-region/flood", test_flood);
  g_test_add_func ("/compare/change-region/distance", test_distance);
  g_test_add_func ("/compare/change-region/outline", test_outline);
  g_test_add_func ("/compare/change-region/zones", test_zones);
  g_test_add_func ("/compare/change-region/templates", test_templates);
  g_test_add_func ("/compare/change-region/selected", test_selected);
  g_test_add_func ("/compare/change-region/robust", test_robust);
  g_test_add_func ("/compare/change-region/quantile", test_quantile);
  return g_test_run ();
}
