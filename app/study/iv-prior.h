/* Which earlier film to compare with, and why that one.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-patient.h"

G_BEGIN_DECLS

/* A prior and why it was chosen. */
typedef struct {
  IvImage *image; /* (owned) NULL when there is none */
  char *reason;   /* "PA, 22 days earlier, same patient ID", or why there is none; translated */
  gint days;      /* prior minus current, negative for earlier */
  gboolean is_exact_view; /* FALSE: AP against PA and the like, said in the reason */
} IvPrior;
void iv_prior_free (IvPrior *prior);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPrior, iv_prior_free)

/* The most recent earlier chest film of the same patient with a comparable view: frontal with
 * frontal, lateral with lateral, of another study. Never NULL. */
IvPrior *iv_prior_choose (IvPatient *patient, IvImage *current);

/* The reason text for a prior that the reader chose. Never NULL. */
IvPrior *iv_prior_describe (IvPatient *patient, IvImage *current, IvImage *chosen);

/* Whether the file may show a chest film: a projection radiograph or picture whose body part or
 * description says chest, or says nothing. */
gboolean iv_prior_is_chest_film (const IvRadiographInfo *info);

G_END_DECLS
