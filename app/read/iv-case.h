/* The facts of a case in words, as a language model and a reader get them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* What is known of a case; everything but current may be missing. Borrowed. */
typedef struct {
  const IvRadiographInfo *current;
  const IvRadiographInfo *prior;
  int days; /* prior minus current, negative for earlier */
  IvComparison *comparison;
  double threshold; /* changes below this score are counted, not listed */
} IvCase;

/* Whole years from one DICOM date (YYYYMMDD) to another; -1 when either is missing or malformed.
 * Thread-safety: any. */
int iv_case_get_age (const char *birth_date, const char *on_date);

/* (transfer full) The facts in plain English, one per line, for a prompt. Names, identifiers, dates
 * and institutions are left out: age, sex, views, interval, registration, changes. Comparison words
 * appear only with a comparison. Thread-safety: any. */
char *iv_case_describe (const IvCase *facts);

/* (transfer full) Changes of at least the threshold as a table, columns parted by tabs, for the
 * clipboard. NULL without a comparison. */
char *iv_case_list_changes (IvComparison *comparison, double threshold);

G_END_DECLS
