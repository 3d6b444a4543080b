/* All that triage is made with: a model's files, its card, the questions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "app/read/triage/iv-triage-card.h"
#include "app/read/triage/iv-triage-questions.h"

G_BEGIN_DECLS

/* Immutable, reference counted. */
typedef struct {
  gatomicrefcount ref_count;
  char *model, *mmproj; /* files; mmproj is never NULL */
  char *name;           /* what the model calls itself, or its file's name */
  char *model_digest;   /* SHA-256 of the digests of weights and vision tower */
  IvTriageQuestions *questions;
  IvTriageCard *card;
  char *key; /* SHA-256 of all that a result depends on but the film */
} IvTriageSetup;

/* Reads questions, card and the heads of the model's files. mmproj: NULL for
 * iv_draft_model_find_mmproj(). Errors: those of iv_triage_questions_load(), iv_weights_open() and
 * iv_triage_card_load(). Blocks. (transfer full) Thread-safety of all: any. */
IvTriageSetup *iv_triage_setup_load (const char *model, const char *mmproj, GError **error);
IvTriageSetup *iv_triage_setup_ref (IvTriageSetup *self);
void iv_triage_setup_unref (IvTriageSetup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageSetup, iv_triage_setup_unref)

/* The same on a thread of its own. */
void iv_triage_setup_load_async (const char *model,
                                 const char *mmproj,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
IvTriageSetup *iv_triage_setup_load_finish (GAsyncResult *result, GError **error);

/* (transfer full) SHA-256 of the files of a film and of its prior (or NULL), 64 hex digits: what a
 * result depends on besides the setup. Errors: G_IO_ERROR. Blocks. */
char *iv_triage_digest_films (const char *current,
                              const char *prior,
                              GCancellable *cancellable,
                              GError **error);

/* The same on a thread of its own. */
void iv_triage_digest_films_async (const char *current,
                                   const char *prior,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
char *iv_triage_digest_films_finish (GAsyncResult *result, GError **error);

G_END_DECLS
