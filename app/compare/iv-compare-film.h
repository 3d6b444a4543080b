/* One film made ready for comparison: density on the working grid, what is film, where lungs are.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-film-measure.h"
#include "app/compare/iv-lung-net.h"
#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* Longer side of the working grid, pixels. */
#define IV_COMPARE_SIDE 640

/* Box of a lung field in working pixels; empty when width is 0. */
typedef struct {
  double x, y, width, height;
} IvLungBox;

typedef struct {
  guint width, height; /* of the working grid; the longer is IV_COMPARE_SIDE */
  double pitch;        /* film pixels per working pixel: film = (work + 0.5) * pitch - 0.5 */
  double mm;           /* per working pixel: from the spacing, or assuming a 300 mm wide chest */
  gboolean mm_is_measured;
  IvView view; /* as the file says */
  /* On the device, [1, height, width] each. */
  IvPlanes *density;    /* 0 … 1, dense is high */
  IvPlanes *valid;      /* 1 on exposed film, 0 on collimated or empty border */
  IvPlanes *normalised; /* density, locally normalised, -3 … 3 */
  IvPlanes *lungs;      /* [2, height, width] probability of the patient's right and left lung */
  /* On the host, [height, width]. */
  float *density_host;
  guint8 *valid_host;
  guint8 *lung_labels; /* 0 none, 1 patient's right, 2 left */
  IvLungBox lung_boxes[2];
  double contrast; /* of density: 95th less 5th percentile of the film */
  IvFilmMeasure measure;
  double lung_quality; /* 0 … 1: how much like two lungs what was found looks */
} IvCompareFilm;

/* (transfer full) Runs what it records. Errors: IV_COMPARE_ERROR_FILM, those of vulkan/.
 * Thread-safety: engine thread. */
IvCompareFilm *iv_compare_film_new (IvPlanesPasses *passes,
                                    IvLungNet *net,
                                    IvRadiograph *radiograph,
                                    GError **error);
void iv_compare_film_free (IvCompareFilm *film);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvCompareFilm, iv_compare_film_free)

G_END_DECLS
