/* What the steps of a registration share: image pyramids, affine parameters, sums.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-registration.h"

G_BEGIN_DECLS

#define IV_REGISTER_LEVELS 4 /* shrunk 1, 2, 4 and 8 times */

/* One film at one size: [3, height, width] normalised density and the two lungs; and validity. */
typedef struct {
  IvPlanes *planes, *valid;
} IvRegisterLevel;

typedef struct {
  IvPlanesPasses *passes;
  const IvCompareFilm *current, *prior;
  IvRegisterLevel current_levels[IV_REGISTER_LEVELS], prior_levels[IV_REGISTER_LEVELS];
  IvPlanes *around; /* 1 within about a centimetre of the current's lungs */
  GCancellable *cancellable;
} IvRegister;

/* Affine map in units of half the working side about the films' centres: the prior's position is
 * X + p[0] X + p[1] Y + p[2], Y + p[3] X + p[4] Y + p[5]. */
typedef struct {
  double p[6];
} IvAffine;

/* The map at a level, in its pixels, as IvPlanesWarp takes it. */
void iv_affine_at_level (const IvRegister *self, const IvAffine *affine, guint level, double a[6]);

/* Builds all levels. Recorded. */
void iv_register_build_levels (IvRegister *self);
void iv_register_clear_levels (IvRegister *self);

/* The best affine map from many starts. score (out): 0 … 1.5. */
gboolean iv_register_find_affine (IvRegister *self, IvAffine *best, double *score, GError **error);

/* How two images of one size agree. */
typedef struct {
  const IvPlanes *a, *b;
  const IvPlanes *weight; /* one plane; NULL: 1 everywhere */
  guint plane;            /* of a and b */
  double correlation;     /* (out) */
  double dice;            /* (out) 2 ab / (aa + bb), the Dice of soft masks */
  double mass;            /* (out) mean weight */
} IvStats;

/* Runs what is recorded. */
gboolean iv_register_stats (IvPlanesPasses *passes, IvStats *stats, GError **error);

/* How a stage of the deformation behaves. */
typedef struct {
  guint level;
  guint iterations;
  double fluid, elastic; /* deviations of the blur of force and of field, pixels of the level */
  guint planes;          /* 1: film only, 3: and lungs */
  double lung_weight;
} IvDeformStage;

/* Moves field (on the grid of its level, without the affine part) by one stage. Recorded. */
void iv_register_deform (IvRegister *self,
                         const IvAffine *affine,
                         const IvDeformStage *stage,
                         IvPlanes *field);

G_END_DECLS
