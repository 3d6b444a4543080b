/* Regions that may have changed, and what is known about each.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-features.h"
#include "app/compare/iv-change-maps.h"

G_BEGIN_DECLS

/* How a region was proposed; each way has weights of its own. */
typedef enum {
  IV_CANDIDATE_SPOT,     /* around a maximum of the fine and middle differences */
  IV_CANDIDATE_PATCH,    /* around a maximum of the coarse difference */
  IV_CANDIDATE_CRESCENT, /* along the apex and the side of a lung, where free air collects */
  IV_CANDIDATE_BASE,     /* the bottom of a lung up to a meniscus, where fluid collects */
  IV_CANDIDATE_BORDER,   /* along the heart, where the posture field leaves a difference */
  IV_N_CANDIDATE_KINDS
} IvCandidateKind;

typedef struct _IvCandidate {
  IvCandidateKind kind;
  gint sign;              /* +1 more opaque now, -1 less */
  IvMapScale scale;       /* of the difference it is judged by */
  double size_mm;         /* of crescents: depth, of bases: height; else 0 */
  IvChangeRegion *region; /* owned */
  IvChangeRegion *ring;   /* owned; what it is compared with; may be NULL */
  float features[IV_N_CHANGE_FEATURES];
  double score; /* 0 … 1 */
} IvCandidate;

void iv_candidate_free (IvCandidate *candidate);

/* (transfer full) IvCandidate *, with features, without score. Thread-safety: any. */
GPtrArray *iv_change_candidates (const IvChangeMaps *maps, const IvChangeAnatomy *anatomy);

/* Template regions, [height, width] guint8 each, by anatomy alone. They set `region`, which holds
 * `allowed` pixels only, and `ring`, the lung beside it; FALSE when nothing is left. */
typedef struct {
  guint side;
  double size_mm;
} IvTemplate;

gboolean iv_template_crescent (const IvChangeAnatomy *anatomy,
                               const IvTemplate *which,
                               guint8 *region,
                               guint8 *ring);
gboolean iv_template_base (const IvChangeAnatomy *anatomy,
                           const IvTemplate *which,
                           guint8 *region,
                           guint8 *ring);

G_END_DECLS
