/* Keeps the report of each study in the library, so that a crash takes none of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/draft/iv-drafter.h"
#include "app/study/iv-library.h"

G_BEGIN_DECLS

/* Writes at most once a second while a draft comes or the reader types, and at once when something
 * is decided. Thread-safety: main. */
typedef struct IvDraftJournal IvDraftJournal;

/* (transfer full) Keeps drafter and library alive. */
IvDraftJournal *iv_draft_journal_new (IvDrafter *drafter, IvLibrary *library);
/* Writes what is not yet written. */
void iv_draft_journal_free (IvDraftJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraftJournal, iv_draft_journal_free)

/* Another study: the report of the one before is written, and that of this comes back. prior: the
 * study to compare with, whose accepted report the model may read; NULL: none. The same study again
 * only changes the prior. Errors: those of the library and of iv_drafter_restore (); what cannot be
 * read is left as it is until something new is written. */
gboolean iv_draft_journal_set_study (IvDraftJournal *self,
                                     const char *study,
                                     const char *prior,
                                     GError **error);

G_END_DECLS
