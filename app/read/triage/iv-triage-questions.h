/* The questions of triage as a text file: what is asked, in order of urgency.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

enum { IV_TRIAGE_MAX_QUESTIONS = 32 };

/* Which changes of a comparison stand beside a finding; bits, every group with a bit must fit. */
typedef enum {
  IV_TRIAGE_EVIDENCE_NONE = 0,
  IV_TRIAGE_EVIDENCE_INCREASED = 1 << 0, /* direction */
  IV_TRIAGE_EVIDENCE_DECREASED = 1 << 1,
  IV_TRIAGE_EVIDENCE_OPACITY = 1 << 2, /* kind */
  IV_TRIAGE_EVIDENCE_TEXTURE = 1 << 3,
  IV_TRIAGE_EVIDENCE_CONTOUR = 1 << 4,
  IV_TRIAGE_EVIDENCE_UPPER = 1 << 5, /* third of the lung */
  IV_TRIAGE_EVIDENCE_MID = 1 << 6,
  IV_TRIAGE_EVIDENCE_LOWER = 1 << 7,
} IvTriageEvidenceKind;

typedef struct {
  char *name;  /* "pneumothorax"; stable, names the finding in cards and results */
  char *label; /* "Possible pneumothorax", English; a translation may be known for it */
  char *text;
  char **yes, **no; /* words as in the file */
  double threshold; /* 0 … 1 */
  gboolean needs_prior;
  guint evidence; /* IvTriageEvidenceKind */
} IvTriageQuestion;

/* Immutable. Thread-safety of all: any. */
typedef struct {
  char *current, *prior; /* each with one IV_IMAGE_MARK */
  char *question;        /* with {{question}} */
  double least_mass;     /* 0 … 1 */
  GPtrArray *questions;  /* IvTriageQuestion *, most urgent first */
  char *digest;          /* SHA-256 of the text */
} IvTriageQuestions;

/* prompts/triage.txt, or the reader's own. Errors: those of iv_prompt_load();
 * IV_READ_ERROR_INVALID names file, section and key. (transfer full) */
IvTriageQuestions *iv_triage_questions_load (GError **error);
/* text: of such a file; source names it in errors. */
IvTriageQuestions *iv_triage_questions_parse (const char *text, const char *source, GError **error);
void iv_triage_questions_free (IvTriageQuestions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageQuestions, iv_triage_questions_free)

/* (transfer full) What the model is asked: the current film, the prior where has_prior, the
 * question. Questions that are asked of the same films begin alike, up to the question itself. */
char *iv_triage_questions_compose (const IvTriageQuestions *self,
                                   const IvTriageQuestion *question,
                                   gboolean has_prior);

/* Whether a change is one that stands beside the finding. */
gboolean iv_triage_question_wants (const IvTriageQuestion *question, const IvChange *change);

G_END_DECLS
