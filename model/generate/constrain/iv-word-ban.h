/* Words that must not come, as an automaton for constrained decoding.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/constrain/iv-byte-automaton.h"

G_BEGIN_DECLS

/* Each entry is a word or several ("since the last"); with * at its end, also what begins with it
 * ("compar*" bans compared, comparison). Case is ignored in ASCII, and all that is neither letter
 * nor digit in ASCII is one space: "follow up" bans "Follow-up" too. Every character beyond ASCII
 * counts as a letter. An entry begins where a word begins. Empty entries are left out.
 * Thread-safety: one thread at a time. */
IvByteAutomaton *iv_word_ban_new (const char *const *entries);

G_END_DECLS
