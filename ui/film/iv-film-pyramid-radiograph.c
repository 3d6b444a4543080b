/* The pyramid of a radiograph; apart, so that the drawing stands on plain memory alone.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-pyramid.h"

IvFilmPyramid *
iv_film_pyramid_new_for_radiograph (IvRadiograph *radiograph)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  IvFilmPyramidParams params = {
    .pixels = iv_radiograph_get_pixels (radiograph),
    .columns = iv_radiograph_get_columns (radiograph),
    .rows = iv_radiograph_get_rows (radiograph),
    .is_signed = info->is_signed,
    .has_padding = info->has_padding,
    .padding_low = MIN (info->padding_low, info->padding_high),
    .padding_high = MAX (info->padding_low, info->padding_high),
  };

  iv_radiograph_get_range (radiograph, &params.min, &params.max);
  return iv_film_pyramid_new (&params);
}
