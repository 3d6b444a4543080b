/* How likely a candidate is a change worth showing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-change-candidate.h"

G_BEGIN_DECLS

/* One term of a logistic regression: weight * clamp ((feature - mean) / deviation, -4, 4). */
typedef struct {
  guint feature;
  float mean, deviation, weight;
} IvChangeTerm;

typedef struct {
  float bias;
  guint n_terms;
  const IvChangeTerm *terms;
} IvChangeWeights;

/* Made by data/compare/train-changes.py; docs/COMPARE.md says from what. */
extern const IvChangeWeights iv_change_weights[IV_N_CANDIDATE_KINDS];

/* Probability that the candidate lies on a real change, 0 … 1. Thread-safety: any. */
double iv_change_score (const IvCandidate *candidate);

/* Scores all candidates and leaves the best of each group that overlaps, or that goes on in one
 * direction beside a template, best first, at most `most`. mm: of a pixel. */
void iv_change_select (GPtrArray *candidates, guint most, double mm);

G_END_DECLS
