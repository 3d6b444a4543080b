/* Writes chest reports whose Findings and Impression agree, or differ in one seeded point.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { IV_SWAP_NONE, IV_SWAP_SIDE, IV_SWAP_NEGATION, IV_SWAP_SEVERITY } IvSwap;

typedef struct {
  char *text;
  char *changed; /* the sentence of the Impression that no longer agrees, or NULL */
} IvMadeReport;

/* The same random state gives the same report. */
IvMadeReport iv_report_make (GRand *random, IvSwap swap);
void iv_made_report_clear (IvMadeReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvMadeReport, iv_made_report_clear)

G_END_DECLS
