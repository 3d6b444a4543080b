/* The fourteen CheXpert labels of a report, by rules over the parsed report.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-report.h"

G_BEGIN_DECLS

#define IV_N_LABELS 14

typedef enum {
  IV_LABEL_BLANK, /* not mentioned */
  IV_LABEL_POSITIVE,
  IV_LABEL_NEGATIVE,
  IV_LABEL_UNCERTAIN,
} IvLabelValue;

/* Names in the order of Irvin et al. 2019: "No Finding", "Enlarged Cardiomediastinum" … "Support
 * Devices". */
const char *iv_label_get_name (guint label);

/* values[IV_N_LABELS]: from the sentences that describe the film. A label that is asserted anywhere
 * is positive, else one that is doubted uncertain, else one that is denied negative. "No Finding"
 * is positive when no other but "Support Devices" is positive or uncertain. Thread-safety: any. */
void iv_labels_find (const IvReport *report, IvLabelValue *values);

/* How often one class of one label was right, invented and missed. */
typedef struct {
  double hits, inventions, misses;
} IvLabelCounts;

/* counts[IV_N_LABELS, 3], for the classes positive, negative, uncertain in this order; adds one
 * report. */
typedef IvLabelCounts IvLabelTable[IV_N_LABELS][3];
void
iv_labels_count (IvLabelTable counts, const IvLabelValue *found, const IvLabelValue *reference);

/* 2 hits / (2 hits + inventions + misses); 0 when the class never occurs. */
double iv_label_f1 (const IvLabelCounts *counts);

G_END_DECLS
