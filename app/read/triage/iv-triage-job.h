/* The part of triage that runs on the engine thread: one question about one film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "app/read/triage/iv-triage-answers.h"
#include "app/read/triage/iv-triage-setup.h"

G_BEGIN_DECLS

/* The films that all questions of one run are about. Reference counted. */
typedef struct IvTriageCase IvTriageCase;

/* prior: NULL for none. (transfer full) Thread-safety of all: any. */
IvTriageCase *iv_triage_case_new (IvTriageSetup *setup, IvRadiograph *current, IvRadiograph *prior);
IvTriageCase *iv_triage_case_ref (IvTriageCase *self);
void iv_triage_case_unref (IvTriageCase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageCase, iv_triage_case_unref)

typedef struct {
  IvTriageCase *films; /* (owned) */
  guint question;      /* of the setup's */
} IvTriageRequest;
IvTriageRequest *iv_triage_request_new (IvTriageCase *films, guint question);
void iv_triage_request_free (IvTriageRequest *request);

typedef struct {
  IvTriageProbability probability;
  guint n_evaluated, n_reused; /* tokens of the prompt */
  char *device;
} IvTriageReply;
void iv_triage_reply_free (IvTriageReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageReply, iv_triage_reply_free)

/* IvEngineFunc. data: IvTriageRequest. Result: IvTriageReply. Loads the model where it is not the
 * one that is kept. The prompts of a case begin alike, so that its films are evaluated once. */
gpointer iv_triage_job_ask (IvEngineContext *context, gpointer data, GError **error);
/* IvEngineFunc. data: IvTriageSetup. Loads the model. Result: g_free. */
gpointer iv_triage_job_load (IvEngineContext *context, gpointer data, GError **error);

G_END_DECLS
