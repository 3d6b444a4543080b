/* The link of two films from their comparison.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-link.h"

typedef struct {
  IvComparison *comparison; /* (owned) */
  IvFilmLink *plain; /* (owned) when refused: a registration that is not trusted is not followed */
} ComparisonMap;

static IvPoint
to_prior (gpointer user_data, IvPoint point)
{
  const ComparisonMap *map = user_data;

  return map->plain != NULL ? iv_film_link_to_prior (map->plain, point)
                            : iv_comparison_current_to_prior (map->comparison, point);
}

static IvPoint
to_current (gpointer user_data, IvPoint point)
{
  const ComparisonMap *map = user_data;

  return map->plain != NULL ? iv_film_link_to_current (map->plain, point)
                            : iv_comparison_prior_to_current (map->comparison, point);
}

static void
comparison_map_free (gpointer data)
{
  ComparisonMap *map = data;

  g_object_unref (map->comparison);
  g_clear_pointer (&map->plain, iv_film_link_unref);
  g_free (map);
}

IvFilmLink *
iv_film_link_new_for_comparison (IvComparison *comparison)
{
  IvRadiograph *current = iv_comparison_get_current (comparison);
  IvRadiograph *prior = iv_comparison_get_prior (comparison);
  ComparisonMap *map = g_new0 (ComparisonMap, 1);
  IvFilmLinkParams params = {
    .current_columns = iv_radiograph_get_columns (current),
    .current_rows = iv_radiograph_get_rows (current),
    .prior_columns = iv_radiograph_get_columns (prior),
    .prior_rows = iv_radiograph_get_rows (prior),
    .current_to_prior = to_prior,
    .prior_to_current = to_current,
    .is_registered = iv_comparison_is_ok (comparison),
    .user_data = map,
    .destroy = comparison_map_free,
  };

  map->comparison = g_object_ref (comparison);
  params.lungs = iv_comparison_get_lungs (comparison, &params.lungs_width, &params.lungs_height);
  if (params.is_registered) {
    params.changes = iv_comparison_get_changes (comparison);
    params.subtraction = iv_comparison_get_subtraction (
        comparison, &params.subtraction_width, &params.subtraction_height);
  } else {
    params.reason = iv_comparison_get_reason (comparison);
    map->plain =
        iv_film_link_new_by_size (iv_radiograph_get_info (current), iv_radiograph_get_info (prior));
  }
  return iv_film_link_new (&params);
}
