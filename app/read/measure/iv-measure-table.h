/* The measures of a comparison as a table in the reader's language, on screen and to copy.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-swap-check.h"

G_BEGIN_DECLS

typedef enum {
  IV_MEASURE_ROW_RATIO,
  IV_MEASURE_ROW_HEART,
  IV_MEASURE_ROW_CHEST,
  IV_MEASURE_ROW_RIGHT_LUNG,
  IV_MEASURE_ROW_LEFT_LUNG,
} IvMeasureRowKind;

/* One measure of both films. Strings are translated and owned; "–" where there is no value. */
typedef struct {
  IvMeasureRowKind kind;
  char *name;
  char *current, *prior, *difference; /* difference: current minus prior, signed */
  char *unit;                         /* "" for a ratio */
  char *note;                         /* where the values come from, and what makes them doubtful */
  gboolean is_doubtful;
} IvMeasureRow;

/* (transfer full) IvMeasureRow *; also of films that were not registered. A difference is given
 * only where both films have the same unit; lengths and areas in pixels of two films are not
 * subtracted. Thread-safety: any. */
GPtrArray *iv_measure_table_list (IvComparison *comparison);

typedef enum { IV_TABLE_TABS, IV_TABLE_MARKDOWN } IvTableForm;
/* What to copy: both films, then the changes of at least the threshold. */
typedef struct {
  IvComparison *comparison;
  const IvSwapCheck *check; /* of that comparison, or NULL */
  double threshold;
  IvTableForm form;
} IvMeasureTableParams;
/* (transfer full) With a header line each, and the notes below. */
char *iv_measure_table_format (const IvMeasureTableParams *params);

/* Where a length comes from, translated: "measured at the detector". */
const char *iv_measure_source_to_string (IvSpacingSource source);

G_END_DECLS
