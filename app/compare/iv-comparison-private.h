/* How a comparison is put together by the job that makes it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/compare/iv-registration.h"

G_BEGIN_DECLS

/* Everything a comparison holds. Pointers are taken over. */
typedef struct {
  IvRadiograph *current, *prior; /* (transfer full) */
  IvCompareFilm *current_film, *prior_film;
  char *reason; /* NULL when the registration is good */
  double quality;
  double affine[6];   /* of the working grids */
  float *field;       /* [2, height, width] elastic, or NULL */
  GPtrArray *changes; /* IvChange * */
  float *subtraction; /* or NULL */
  char *device_name;
  double seconds;
} IvComparisonContents;

/* (transfer full) Takes over what contents points to, and clears it. */
IvComparison *iv_comparison_new (IvComparisonContents *contents);
/* For contents that became no comparison. */
void iv_comparison_contents_clear (IvComparisonContents *contents);

G_END_DECLS
