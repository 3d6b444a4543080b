/* Registration of a prior film to the current one: affine, stiff and elastic fields, quality.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-compare-film.h"

G_BEGIN_DECLS

/* The prior on the current's working grid: one plane each, the last with two. */
typedef struct {
  IvPlanes *field; /* [2, height, width] dx, dy in working pixels, the affine part included */
  IvPlanes *density, *normalised, *valid, *lungs;
  double correlation; /* of normalised density around the lungs, where both are film */
  double detail;      /* the same of ribs and vessels alone */
  double overlap;     /* Dice of the lung fields */
} IvWarpedPrior;

/* Position in the prior's working grid = position in the current's + field there. The stiff field
 * bends only over about a lung's width: it follows posture and breath, not a growing heart or an
 * effusion. The elastic one follows vessels and ribs, and with them borders that really moved. */
typedef struct {
  gboolean ok;
  char *reason;     /* why not, translated, a sentence without full stop; or NULL */
  double quality;   /* 0 … 1 */
  double affine[6]; /* as in IvPlanesWarp */
  IvWarpedPrior stiff, elastic;
} IvRegistration;

typedef struct {
  IvPlanesPasses *passes;
  const IvCompareFilm *current, *prior;
  GCancellable *cancellable;
} IvRegistrationParams;

/* (transfer full) Films that do not fit are no error: ok is FALSE, and reason says why. Errors:
 * those of vulkan/, G_IO_ERROR_CANCELLED. Thread-safety: engine thread. */
IvRegistration *iv_registration_new (const IvRegistrationParams *params, GError **error);
void iv_registration_free (IvRegistration *registration);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvRegistration, iv_registration_free)

G_END_DECLS
