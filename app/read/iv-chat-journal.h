/* Keeps the conversation about each study in the library, so that a crash takes none of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-chat.h"
#include "app/study/iv-library.h"

G_BEGIN_DECLS

/* Writes after each question, at most once a second while an answer comes, and at its end.
 * Thread-safety: main. */
typedef struct IvChatJournal IvChatJournal;

/* (transfer full) Keeps chat and library alive. */
IvChatJournal *iv_chat_journal_new (IvChat *chat, IvLibrary *library);
/* Writes what is not yet written. */
void iv_chat_journal_free (IvChatJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChatJournal, iv_chat_journal_free)

/* Another study: what was said about the one before is written, and the chat goes on with what was
 * said about this. study: its instance UID, or what else names it for good; NULL for none, with an
 * empty chat. The same study again changes nothing. Errors: those of the library, and
 * G_IO_ERROR_INVALID_DATA for a record that cannot be understood; it is left as it is until the
 * next question. */
gboolean iv_chat_journal_set_study (IvChatJournal *self, const char *study, GError **error);

G_END_DECLS
