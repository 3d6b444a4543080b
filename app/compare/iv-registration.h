/* Registration of a prior film to the current one: affine, stiff and elastic fields, quality.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-compare-film.h"

G_BEGIN_DECLS

/* Position in the prior's working grid = position in the current's working grid + field there.
 * Fields are [2, height, width] (dx, dy) on the current's grid, in working pixels; the fields hold
 * the affine part. The stiff field bends only over a lung's width: it follows posture and breath,
 * not a growing heart or an effusion. The elastic one follows vessels and ribs, and with them
 * borders that really moved. */
typedef struct {
  gboolean ok;
  char *reason;     /* why not, a sentence without full stop, or NULL */
  double quality;   /* 0 … 1 */
  double affine[6]; /* as in IvImageWarp */
  IvImage *stiff, *elastic;
  float *stiff_host, *elastic_host;
  /* The prior on the current's grid, [3, height, width]: density, normalised, valid (0 … 1). */
  IvImage *prior_stiff, *prior_elastic;
} IvRegistration;

void iv_registration_free (IvRegistration *registration);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvRegistration, iv_registration_free)

G_END_DECLS
