/* How scores are printed, by the commands score and evaluate.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/score/iv-scores.h"

G_BEGIN_DECLS

/* Borrowed. */
typedef struct {
  const IvScores *scores;
  const IvScores *other;     /* the system compared with, or NULL */
  const GArray *differences; /* of iv_scores_compare (), or NULL */
  const IvResampling *resampling;
  guint n_references;
} IvCliScores;

void iv_cli_scores_print (const IvCliScores *result);
void iv_cli_scores_print_json (const IvCliScores *result);

G_END_DECLS
