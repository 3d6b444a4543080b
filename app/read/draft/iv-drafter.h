/* The report of the study that is read: its draft as it is written, the reader's text, and whether
 * it was accepted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "app/read/draft/iv-draft-job.h"
#include "app/read/iv-draft.h"
#include "app/read/iv-reading.h"

G_BEGIN_DECLS

/* Signals: "state-changed" (working or not, the model, the acceptance, the error), "progressed",
 * "text-changed" (not by iv_drafter_set_text ()), "edited" (by it, or another indication).
 *
 * Thread-safety: main; the model works on the engine thread. */
#define IV_TYPE_DRAFTER (iv_drafter_get_type ())
G_DECLARE_FINAL_TYPE (IvDrafter, iv_drafter, IV, DRAFTER, GObject)

IvDrafter *iv_drafter_new (IvEngine *engine, IvReading *reading);

/* GGUF file or directory; NULL or "": none. It is loaded with the first draft. FALSE with error:
 * there is no vision tower beside it. */
gboolean iv_drafter_set_model (IvDrafter *self, const char *file, GError **error);
const char *iv_drafter_get_model (IvDrafter *self); /* NULL: none */
/* Family of the prompt; NULL or "": by the model's files. */
void iv_drafter_set_family (IvDrafter *self, const char *family);
void iv_drafter_set_threshold (IvDrafter *self, double threshold);

void iv_drafter_set_indication (IvDrafter *self, const char *indication);
const char *iv_drafter_get_indication (IvDrafter *self); /* never NULL */
/* Of the prior study, where one is known; NULL: none. */
void iv_drafter_set_prior_report (IvDrafter *self, const char *report);

/* FALSE without a model or a current film, and while a draft is written. */
gboolean iv_drafter_can_draft (IvDrafter *self);
/* Throws the text away. varies: another seed and a temperature, so that a model that would write
 * the same again does not. */
gboolean iv_drafter_draft (IvDrafter *self, gboolean varies);
/* Stops at once; what has been written stays. */
void iv_drafter_stop (IvDrafter *self);
gboolean iv_drafter_is_working (IvDrafter *self);
/* While it works. */
IvDraftStage iv_drafter_get_stage (IvDrafter *self);
double iv_drafter_get_fraction (IvDrafter *self);     /* -1: not known */
const char *iv_drafter_get_message (IvDrafter *self); /* may be "" */
gboolean iv_drafter_is_queued (IvDrafter *self);      /* the engine does something else */
/* Why the last draft failed, or NULL. */
const GError *iv_drafter_get_error (IvDrafter *self);

/* (transfer none) The draft as the model made it; NULL: none, or it is being written. */
IvDraft *iv_drafter_get_draft (IvDrafter *self);
/* (transfer none) never NULL: the reader's text, or what has been written so far. */
const char *iv_drafter_get_text (IvDrafter *self);
/* The reader's own change; takes an acceptance back. */
void iv_drafter_set_text (IvDrafter *self, const char *text);
/* ISO 8601; NULL: not accepted. */
const char *iv_drafter_get_accepted (IvDrafter *self);
void iv_drafter_accept (IvDrafter *self);
/* Forgets text and draft. */
void iv_drafter_discard (IvDrafter *self);
/* (transfer full) Places of the sentences of the text as it is now, GArray of IvDraftPlace for each
 * sentence of report: those of the draft's sentences with the same words. */
GPtrArray *iv_drafter_find_places (IvDrafter *self, const IvReport *report);

/* (transfer full) All of it as JSON, NULL when there is nothing. */
char *iv_drafter_save (IvDrafter *self);
/* Stops, and goes on from what was saved; NULL: from nothing. Errors: IV_READ_ERROR_INVALID; there
 * is nothing then. */
gboolean iv_drafter_restore (IvDrafter *self, const char *saved, GError **error);

G_END_DECLS
