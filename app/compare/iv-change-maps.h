/* The maps of a registered pair that change candidates are read off.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-anatomy.h"
#include "app/compare/iv-change.h"

G_BEGIN_DECLS

/* Sizes of detail at which differences are looked for: about 0.8, 2 and 4 mm. */
typedef enum { IV_MAP_FINE, IV_MAP_MIDDLE, IV_MAP_COARSE, IV_N_MAP_SCALES } IvMapScale;

/* All [height, width] on the current film's working grid. Differences are current minus prior, in
 * units of the film's contrast between lung and mediastinum. */
typedef struct {
  gint width, height;
  double contrast;       /* density */
  double lung_density;   /* median of `current` over the lungs */
  double noise;          /* deviation that the grey model left over, elastic and posture field */
  double posture_noise;  /* … */
  double posture_spread; /* robust deviation of `posture` over the area */
  double moved_spread;   /* … of `moved` */
  guint8 *area;          /* where changes are looked for: lungs, a margin, inside of both films */
  guint8 *zone;          /* the part of it that the posture field covers too */
  guint8 *valid;         /* both films exposed */
  guint8 *inside;        /* the part of it away from its border */
  guint8 *edge;          /* what of `inside` lies next to that border */

  /* After the elastic field, forgiving small misregistration. */
  float *difference[IV_N_MAP_SCALES];
  float *deviation[IV_N_MAP_SCALES]; /* over what is to be expected there */
  float *peak[IV_N_MAP_SCALES];      /* deviation, blurred: where to look */
  float *flank[IV_N_MAP_SCALES];     /* difference, blurred a little: how far it reaches */
  float *plain;                      /* not forgiving, blurred over 1 mm */
  float *subtraction;                /* as it is */

  /* After the posture field only, and what the elastic field moved on top of it. */
  float *posture, *posture_peak, *posture_flank;
  float *moved, *moved_peak, *moved_flank;
  float *drift_x, *drift_y; /* elastic minus posture field, mm */

  /* Fine markings: log ratio of energies (median over the lungs taken off), agreement, level. */
  float *texture, *agreement, *markings;
  float *edges;   /* gradient of the current film per mm */
  float *current; /* the current film over its contrast */
} IvChangeMaps;

IvChangeMaps *
iv_change_maps_new (const IvChangeInput *input, const IvChangeAnatomy *anatomy, GError **error);
void iv_change_maps_free (IvChangeMaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChangeMaps, iv_change_maps_free)

G_END_DECLS
