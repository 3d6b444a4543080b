/* Models fitted to the whole pair: how greys map, and how the chest as a whole moved.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-anatomy.h"
#include "app/compare/iv-change-solve.h"
#include "shaders/include/iv-shared-change.h"

G_BEGIN_DECLS

/* Samples of the current film and of the prior brought to it; all [height, width]. */
typedef struct {
  const IvChangeAnatomy *anatomy;
  const guint8 *valid;     /* both films exposed */
  const float *current;    /* slightly blurred density */
  const float *prior;      /* the same, on the current grid */
  const float *prior_mean; /* mean of the prior over about 12 mm */
  const float *air;        /* lung fields, softened */
} IvGreySamples;

/* current ≈ a cubic of the prior's grey + local contrast (also depending on grey) + lungs brighter
 * or darker + contrast differing from side to side and top to bottom + a slow field of cosines
 * over the chest. Robust, so that findings stand out of it instead of bending it.
 * @deviation: (out) of the residuals. FALSE when it cannot be solved. */
gboolean iv_change_fit_greys (const IvGreySamples *samples,
                              struct IvPushChangePredict *model,
                              double *deviation);

/* The part of a displacement field [2, height, width] that a breath and a posture explain: a few
 * cosines and a linear part, fitted around the lungs with the heart left out, so that it does not
 * follow a heart that grew. (transfer full) */
float *
iv_change_fit_posture (const IvChangeAnatomy *anatomy, const guint8 *valid, const float *field);

G_END_DECLS
