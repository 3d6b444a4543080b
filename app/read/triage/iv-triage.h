/* What triage found on a film: a score for each finding, and which of them are notices.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

/* A notice with its score; that there is none promises nothing. */
typedef enum {
  IV_TRIAGE_SCORED,
  IV_TRIAGE_NO_ANSWER, /* yes and no together were too improbable: there is no score */
  IV_TRIAGE_NO_PRIOR,  /* not asked: the question needs an earlier film */
} IvTriageStatus;

/* A change of the comparison that stands beside a finding; not part of its score. */
typedef struct {
  IvZone zone;
  IvChangeDirection direction;
  double score; /* the comparison's own */
} IvTriageEvidence;

typedef struct {
  char *name;  /* "pneumothorax" */
  char *label; /* "Possible pneumothorax", English */
  guint rank;  /* order of urgency, 0 is the most urgent */
  IvTriageStatus status;
  double score; /* 0 … 1; 0 unless IV_TRIAGE_SCORED */
  double mass;  /* of yes and no among all answers; 0 when it was not asked */
  double threshold;
  gboolean is_flag; /* scored, and the threshold is reached */
  GArray *evidence; /* IvTriageEvidence, best score first */
} IvTriageFinding;

/* Immutable once made, reference counted. */
typedef struct {
  gatomicrefcount ref_count;
  GPtrArray *findings; /* IvTriageFinding *, most urgent question first */
  char *model;         /* name */
  char *model_digest;  /* of weights and vision tower */
  char *device;
  char *time; /* ISO 8601, UTC */
  double temperature;
  gboolean is_calibrated;
  char *calibration; /* "DATE, SET", why it does not hold, or "" */
} IvTriage;

/* Thread-safety of all: any. */
IvTriage *iv_triage_ref (IvTriage *self);
void iv_triage_unref (IvTriage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriage, iv_triage_unref)

/* Without findings. (transfer full) */
IvTriage *iv_triage_new (void);
/* With rank and an empty list of evidence; added to the findings. (transfer none) */
IvTriageFinding *iv_triage_add (IvTriage *self, const char *name, const char *label);

/* For worklists, higher first: the most urgent flagged question counts first, then its score;
 * without a flag the highest score, always behind any flag; -1 without any score. dismissed: names
 * of findings whose notices were put away, NULL-terminated, or NULL. */
double iv_triage_get_urgency (const IvTriage *self, const char *const *dismissed);
/* The flag that decides the urgency. (transfer none) NULL when there is none. */
const IvTriageFinding *
iv_triage_get_first_flag (const IvTriage *self, const char *const *dismissed);

/* (transfer full) One JSON object. Errors of the other way: IV_READ_ERROR_INVALID names the member
 * that is missing or wrong. */
char *iv_triage_to_json (const IvTriage *self);
IvTriage *iv_triage_from_json (const char *text, GError **error);

/* "scored", "no-answer", "no-prior"; stable. */
const char *iv_triage_status_to_string (IvTriageStatus status);

G_END_DECLS
