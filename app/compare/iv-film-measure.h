/* What is measured on one frontal film: cardiothoracic ratio, areas of the lung fields.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

typedef struct {
  double x, y; /* pixels of the full film, (0, 0) is the centre of the first pixel */
} IvPoint;

/* Why the ratio is to be read with care. Those from IV_DOUBT_LATERAL on refuse it. */
typedef enum {
  IV_DOUBT_NONE = 0,
  IV_DOUBT_AP = 1 << 0,      /* the heart is magnified */
  IV_DOUBT_VIEW = 1 << 1,    /* the file does not say PA or AP */
  IV_DOUBT_ROTATED = 1 << 2, /* one lung is much wider than the other in the upper chest */
  IV_DOUBT_LUNGS = 1 << 3,   /* the lung fields are uncertain */
  IV_DOUBT_CUT = 1 << 4,     /* a lung reaches the edge of the film where the chest is widest */
  IV_DOUBT_HEART = 1 << 5,   /* weak heart borders */
  IV_DOUBT_LATERAL = 1 << 6,
  IV_DOUBT_NO_LUNGS = 1 << 7,
  IV_DOUBT_NO_HEART = 1 << 8, /* no heart border was found */
} IvMeasureDoubt;
#define IV_DOUBT_REFUSES (IV_DOUBT_LATERAL | IV_DOUBT_NO_LUNGS | IV_DOUBT_NO_HEART)

/* Plain data. "Right" and "left" are the patient's, index 0 is the right. */
typedef struct {
  guint doubts;       /* IvMeasureDoubt */
  double ratio;       /* transverse cardiac by maximal internal thoracic diameter; NAN refused */
  IvPoint heart[2];   /* where the heart reaches farthest to the right and to the left */
  IvPoint thorax[2];  /* inner chest wall in the row where the lungs reach widest */
  double middle;      /* x between the lungs above the heart */
  double heart_mm;    /* NAN without spacing */
  double thorax_mm;   /* NAN without spacing */
  double lung_px[2];  /* area of the lung field, film pixels; 0 when not found */
  double lung_mm2[2]; /* NAN without spacing */
  double asymmetry;   /* of the lungs' widths above the heart: (right - left) / sum; NAN */
  IvSpacingSource source; /* of all lengths and areas in mm */
} IvFilmMeasure;

/* One film on its working grid, all borrowed. */
typedef struct {
  guint width, height;
  const float *density; /* [height, width] dense is high */
  const guint8 *lungs;  /* [height, width] 0 none, 1 patient's right, 2 left; the left field holds
                           the lung behind the heart too */
  double lung_quality;  /* 0 … 1 */
  double pitch;         /* film pixels per working pixel */
  const IvRadiographInfo *info;
} IvFilmMeasureInput;

/* Diameters as defined by Danzer (1919): the heart's is the sum of the farthest extents of its
 * right and left border from the middle, each at its own height; the chest's is the largest
 * distance of the inner chest walls in one row. The heart's borders are the paths of the strongest
 * step from dense to lucent between the hila and the diaphragm. Thread-safety: any. */
IvFilmMeasure iv_film_measure (const IvFilmMeasureInput *input);

/* The doubts as translated sentences without full stop, joined with "; ". (transfer full) NULL when
 * there are none. */
char *iv_film_measure_describe_doubts (guint doubts);
/* Stable, untranslated: "ap", "view", "rotated", "lungs", "cut", "heart", "lateral", "no-lungs",
 * "no-heart". doubt: one bit. */
const char *iv_measure_doubt_to_string (IvMeasureDoubt doubt);

G_END_DECLS
