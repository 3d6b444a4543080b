/* The change detector: regions of a registered pair that differ.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/compare/iv-registration.h"

G_BEGIN_DECLS

typedef struct {
  IvPlanesPasses *passes;
  const IvCompareFilm *current, *prior;
  const IvRegistration *registration; /* ok */
  GCancellable *cancellable;
} IvChangeInput;

/* (transfer full) IvChange *, best score first. subtraction (out, transfer full): [height, width]
 * floats as of iv_comparison_get_subtraction(). NULL with error. Thread-safety: engine thread. */
GPtrArray *iv_change_detect (const IvChangeInput *input, float **subtraction, GError **error);

/* For lists of changes. */
void iv_change_free (IvChange *change);

G_END_DECLS
