/* Prompt lookup: tokens that may come next, drafted from what was said before.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reports repeat the prior report and the question. Where the last tokens stood before, the tokens
 * that followed them there are a draft; the network judges all of them in one batch, and those that
 * it would have chosen itself are kept. The result is the same with and without; what changes is
 * the time. (A. Saxena, "Prompt lookup decoding", 2023.) */
typedef enum {
  IV_LOOKUP_AUTO,   /* as long as it pays on this device with this text */
  IV_LOOKUP_OFF,    /* one token after the other */
  IV_LOOKUP_ALWAYS, /* whatever it costs: for tests and measurements */
} IvLookupMode;

#define IV_LOOKUP_MOST 16

/* Thread-safety: one thread at a time. */
typedef struct IvLookup IvLookup;

/* n_most: tokens of a draft, at most IV_LOOKUP_MOST; 0: none ever. n_vocab: a draft ends before an
 * id outside. */
IvLookup *iv_lookup_new (IvLookupMode mode, guint n_most, guint n_vocab);
void iv_lookup_free (IvLookup *lookup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLookup, iv_lookup_free)

/* What was said, in its order: the prompt, then each token taken. */
void iv_lookup_see (IvLookup *lookup, const gint32 *ids, guint n_ids);
/* Up to n_most tokens that followed the longest earlier occurrence of the last tokens, two at
 * least, the latest where several are as long; then on as if the draft had been said. 0 also while
 * drafting does not pay. */
guint iv_lookup_draft (IvLookup *lookup, guint n_most, gint32 *draft);
/* What came of a batch: n_drafted tokens behind a known one, of which n_accepted were right, in so
 * many seconds; n_drafted 0 is a token without a draft. */
void iv_lookup_learn (IvLookup *lookup, guint n_drafted, guint n_accepted, double seconds);

G_END_DECLS
