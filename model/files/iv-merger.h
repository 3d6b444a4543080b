/* Joins neighbouring symbols of a text, best pair first, as BPE and SPM do.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 start, length; /* bytes of the text */
  gint32 id;             /* token, or -1 */
  gint32 previous, next; /* neighbours, -1 at the ends */
} IvSymbol;

/* Whether two neighbours may be joined: sets the token they become and its rank. The pair of lowest
 * rank is joined first, of equal ones the leftmost. */
typedef gboolean (*IvJoinFunc) (const char *text,
                                const IvSymbol *left,
                                const IvSymbol *right,
                                double *rank,
                                gint32 *id,
                                gpointer user_data);

typedef struct IvMerger IvMerger;

/* Thread-safety: one thread at a time. Cost: n log n for n symbols. */
IvMerger *iv_merger_new (IvJoinFunc join, gpointer user_data);
void iv_merger_free (IvMerger *merger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvMerger, iv_merger_free)

/* Forgets the last text. */
void iv_merger_reset (IvMerger *merger);
void iv_merger_add (IvMerger *merger, guint32 start, guint32 length, gint32 id);
/* Joins as long as there is a pair. The symbols left are those from 0 along next. (transfer none)
 * NULL when none was added. */
const IvSymbol *iv_merger_run (IvMerger *merger, const char *text);

G_END_DECLS
