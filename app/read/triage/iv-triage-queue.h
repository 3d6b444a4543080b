/* Triage in the background: which films wait for it, how far it is, what it found.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-reading.h"
#include "app/read/triage/iv-triage-store.h"

G_BEGIN_DECLS

typedef enum {
  IV_TRIAGE_OFF,     /* no model, or one without a vision tower */
  IV_TRIAGE_WAITING, /* not done, or not asked for */
  IV_TRIAGE_RUNNING,
  IV_TRIAGE_DONE,
  IV_TRIAGE_FAILED,
} IvTriageState;

/* One film after another through iv_triage_run_async(), what is kept in the library first. Whatever
 * goes wrong stays here: reading never waits for it.
 *
 * Signal "changed": the state or the result of a film, or of all, is another.
 *
 * Thread-safety: main. */
#define IV_TYPE_TRIAGE_QUEUE (iv_triage_queue_get_type ())
G_DECLARE_FINAL_TYPE (IvTriageQueue, iv_triage_queue, IV, TRIAGE_QUEUE, GObject)

/* library: NULL keeps results for as long as the queue lives. */
IvTriageQueue *iv_triage_queue_new (IvEngine *engine, IvLibrary *library);

/* A GGUF file or a directory; NULL or "": none. Results of another model are forgotten here, not in
 * the library. */
void iv_triage_queue_set_model (IvTriageQueue *self, const char *model);

/* The latest film of the patient, behind what waits already. */
void iv_triage_queue_add (IvTriageQueue *self, IvPatient *patient);
/* The film that is being read, before all others. */
void iv_triage_queue_add_reading (IvTriageQueue *self, IvReading *reading);
/* Stops what is under way and forgets what waits. */
void iv_triage_queue_cancel (IvTriageQueue *self);

IvTriageState iv_triage_queue_get_state (IvTriageQueue *self, IvImage *image);
/* (transfer none) NULL unless IV_TRIAGE_DONE. */
const IvTriageEntry *iv_triage_queue_get_entry (IvTriageQueue *self, IvImage *image);
/* Why: set in IV_TRIAGE_FAILED, and in IV_TRIAGE_OFF when a model is set. (transfer none) */
const char *iv_triage_queue_get_problem (IvTriageQueue *self, IvImage *image);

/* Puts a notice away; kept in the library. Errors: those of iv_triage_store_dismiss(); it is put
 * away here in any case. */
gboolean
iv_triage_queue_dismiss (IvTriageQueue *self, IvImage *image, const char *finding, GError **error);

G_END_DECLS
