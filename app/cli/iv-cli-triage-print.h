/* What the command triage prints: studies in their order, and what each score rests on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/triage/iv-triage-setup.h"
#include "app/read/triage/iv-triage.h"
#include "app/study/iv-prior.h"

G_BEGIN_DECLS

/* One study and what became of it. */
typedef struct {
  IvPatient *patient;
  IvImage *image;   /* the film that was asked about */
  IvPrior *prior;   /* never NULL */
  const char *uid;  /* of the study, or NULL; the image's */
  IvTriage *triage; /* NULL: see error */
  GError *error;
  gboolean is_kept; /* found in the library, not computed */
  double urgency;   /* -2 without a result */
} IvCliTriageStudy;
void iv_cli_triage_study_free (IvCliTriageStudy *study);
/* GCompareFunc of pointers to studies: most urgent first, then by file. */
int iv_cli_triage_study_compare (gconstpointer a, gconstpointer b);

void iv_cli_triage_print_json (const IvTriageSetup *setup, GPtrArray *studies, GPtrArray *refusals);
void iv_cli_triage_print_text (const IvTriageSetup *setup, GPtrArray *studies, GPtrArray *refusals);

G_END_DECLS
