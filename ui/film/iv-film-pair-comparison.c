/* The pair takes its link from a comparison.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-pair.h"

void
iv_film_pair_set_comparison (IvFilmPair *self, IvComparison *comparison)
{
  g_autoptr (IvFilmLink) link = NULL;

  g_return_if_fail (IV_IS_FILM_PAIR (self));
  if (comparison != NULL)
    link = iv_film_link_new_for_comparison (comparison);
  iv_film_pair_set_link (self, link);
}
