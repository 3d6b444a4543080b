/* What is measured on a candidate region, by name.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-maps.h"

G_BEGIN_DECLS

/* X (NAME, "name"). Differences carry the candidate's sign: positive speaks for it. "Ring" is the
 * lung around the region, or beside it. log: log (1 + v), root: √v, both of v > 0 only. */
#define IV_CHANGE_FEATURES(X)                                                                 \
  X (AREA, "area")                       /* log of mm² */                                    \
  X (AREA_LARGE, "area_large")           /* log of mm² above 400 mm² */                     \
  X (PEAK, "peak")                       /* log, greatest deviation */                        \
  X (DEVIATION, "deviation")             /* log, mean deviation */                            \
  X (DEVIATION_FINE, "deviation_fine")   /* mean deviation in the fine map */                 \
  X (DIFFERENCE, "difference")           /* mean, in its own scale's map */                   \
  X (DIFFERENCE_RING, "difference_ring") /* … in the ring */                                \
  X (PLAIN, "plain")                     /* mean plain difference */                          \
  X (PLAIN_RING, "plain_ring")                                                                \
  X (PLAIN_RING_SQUARE, "plain_ring_square")                                                  \
  X (CONTRAST, "contrast") /* plain: region minus ring */                                     \
  X (CONTRAST_ROOT, "contrast_root")                                                          \
  X (CONTRAST_SQUARE, "contrast_square")                                                      \
  X (CONTRAST_NOISE, "contrast_noise") /* over the film pair's noise, at most 12 */           \
  X (PLAIN_NOISE, "plain_noise")                                                              \
  X (CONTRAST_AREA, "contrast_area")   /* contrast × area */                                 \
  X (CONTRAST_EDGES, "contrast_edges") /* contrast × edges */                                \
  X (CONTRAST_DRIFT, "contrast_drift") /* contrast × drift_spread */                         \
  X (COHERENCE, "coherence")           /* mean over deviation within the region */            \
  X (COHERENCE_SQUARE, "coherence_square")                                                    \
  X (AGREEING, "agreeing") /* share of pixels with the sign */                                \
  X (STEP, "step")         /* across the outline */                                           \
  X (STEP_ROOT, "step_root")                                                                  \
  X (POSTURE, "posture") /* mean difference by the posture field */                           \
  X (POSTURE_ROOT, "posture_root")                                                            \
  X (POSTURE_RING, "posture_ring")                                                            \
  X (POSTURE_SPREAD, "posture_spread") /* of the whole pair */                                \
  X (MOVED, "moved")                   /* mean of what the elastic field explains */          \
  X (MOVED_ROOT, "moved_root")                                                                \
  X (DRIFT_OUT, "drift_out") /* mm, outwards from the middle, elastic minus posture field */  \
  X (DRIFT_OUT_ROOT, "drift_out_root")                                                        \
  X (DRIFT_SIZE, "drift_size")       /* absolute */                                           \
  X (DRIFT_BOTH, "drift_both")       /* with the mirrored place: both borders of the heart */ \
  X (DRIFT_SPREAD, "drift_spread")   /* deviation within the region */                        \
  X (TEXTURE, "texture")             /* log ratio of fine markings */                         \
  X (TEXTURE_STEP, "texture_step")   /* … minus the ring's */                               \
  X (TEXTURE_LEVEL, "texture_level") /* texture × markings */                                \
  X (AGREEMENT_RING, "agreement_ring")                                                        \
  X (AGREEMENT_STEP, "agreement_step")                                                        \
  X (MARKINGS, "markings") /* log of how much fine marking there is */                        \
  X (DEPTH, "depth")       /* mm inside the lung */                                           \
  X (OUTSIDE, "outside")   /* mm outside of the lung */                                       \
  X (IN_LUNG, "in_lung")   /* share */                                                        \
  X (LEVEL, "level")       /* height in the lung, 0 apex, 1 base */                           \
  X (SIDEWAYS, "sideways") /* mm from the middle */                                           \
  X (EDGES, "edges")       /* mean gradient of the current film */                            \
  X (EDGES_ROOT, "edges_root")                                                                \
  X (DENSITY, "density") /* over the lungs' median */                                         \
  X (NOISE, "noise")     /* of the pair, elastic field */                                     \
  X (POSTURE_NOISE, "posture_noise")                                                          \
  X (COMPACT, "compact") /* 4π area / outline² */                                           \
  X (SIZE, "size")       /* of a template, mm */

enum {
#define X(NAME, name) IV_FEATURE_##NAME,
  IV_CHANGE_FEATURES (X)
#undef X
      IV_N_CHANGE_FEATURES
};

const char *iv_change_feature_name (guint feature);

struct _IvCandidate;
/* Fills in the features of a candidate whose region is set. */
void iv_change_measure (const IvChangeMaps *maps,
                        const IvChangeAnatomy *anatomy,
                        struct _IvCandidate *candidate);

G_END_DECLS
