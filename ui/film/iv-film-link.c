/* How two films correspond and what changed between them, as the views need it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-link.h"

#include <math.h>

struct _IvFilmLink {
  gatomicrefcount ref_count;
  IvFilmLinkParams params;
  char *reason; /* (owned) */
};

IvFilmLink *
iv_film_link_new (const IvFilmLinkParams *params)
{
  IvFilmLink *self = g_new0 (IvFilmLink, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->params = *params;
  self->reason = g_strdup (params->reason);
  self->params.reason = self->reason;
  return self;
}

/* Without a registration: middle to middle. */
typedef struct {
  IvPoint current, prior; /* centres */
  double scale;           /* prior pixels per current pixel */
} SizeMap;

static IvPoint
size_to_prior (gpointer user_data, IvPoint point)
{
  const SizeMap *map = user_data;

  return (IvPoint){ map->prior.x + (point.x - map->current.x) * map->scale,
                    map->prior.y + (point.y - map->current.y) * map->scale };
}

static IvPoint
size_to_current (gpointer user_data, IvPoint point)
{
  const SizeMap *map = user_data;

  return (IvPoint){ map->current.x + (point.x - map->prior.x) / map->scale,
                    map->current.y + (point.y - map->prior.y) / map->scale };
}

IvFilmLink *
iv_film_link_new_by_size (const IvRadiographInfo *current, const IvRadiographInfo *prior)
{
  SizeMap *map = g_new (SizeMap, 1);

  map->current = (IvPoint){ (current->columns - 1.0) / 2, (current->rows - 1.0) / 2 };
  map->prior = (IvPoint){ (prior->columns - 1.0) / 2, (prior->rows - 1.0) / 2 };
  if (current->column_spacing > 0 && prior->column_spacing > 0)
    map->scale = current->column_spacing / prior->column_spacing;
  else
    map->scale = (double) MAX (prior->columns, 1) / MAX (current->columns, 1);

  return iv_film_link_new (&(IvFilmLinkParams){ .current_columns = current->columns,
                                                .current_rows = current->rows,
                                                .prior_columns = prior->columns,
                                                .prior_rows = prior->rows,
                                                .current_to_prior = size_to_prior,
                                                .prior_to_current = size_to_current,
                                                .user_data = map,
                                                .destroy = g_free });
}

IvFilmLink *
iv_film_link_ref (IvFilmLink *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
iv_film_link_unref (IvFilmLink *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->params.destroy != NULL)
    self->params.destroy (self->params.user_data);
  g_free (self->reason);
  g_free (self);
}

const IvFilmLinkParams *
iv_film_link_get_params (IvFilmLink *self)
{
  return &self->params;
}

IvPoint
iv_film_link_to_prior (IvFilmLink *self, IvPoint current)
{
  return self->params.current_to_prior (self->params.user_data, current);
}

IvPoint
iv_film_link_to_current (IvFilmLink *self, IvPoint prior)
{
  return self->params.prior_to_current (self->params.user_data, prior);
}

double
iv_film_link_prior_scale (IvFilmLink *self, IvPoint current)
{
  /* A wide base, so that zooming follows the bodies' sizes and not the local deformation. */
  const double arm = MAX (self->params.current_columns / 4.0, 1);
  const IvPoint left = iv_film_link_to_prior (self, (IvPoint){ current.x - arm, current.y });
  const IvPoint right = iv_film_link_to_prior (self, (IvPoint){ current.x + arm, current.y });
  const IvPoint above = iv_film_link_to_prior (self, (IvPoint){ current.x, current.y - arm });
  const IvPoint below = iv_film_link_to_prior (self, (IvPoint){ current.x, current.y + arm });
  const double scale =
      (hypot (right.x - left.x, right.y - left.y) + hypot (below.x - above.x, below.y - above.y)) /
      (4 * arm);

  /* A registration gone wrong must not take the other film off the screen. */
  return isfinite (scale) ? CLAMP (scale, 0.05, 20) : 1;
}
