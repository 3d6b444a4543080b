/* Whether changes hold when the films are exchanged: the other way round they must flip.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"

G_BEGIN_DECLS

typedef enum {
  IV_SWAP_UNKNOWN,    /* not compared the other way round, or refused there */
  IV_SWAP_CONSISTENT, /* found there at the same place, with the flipped direction */
  IV_SWAP_INCONSISTENT,
} IvSwapMark;
/* Stable, untranslated: NULL, "consistent", "inconsistent". */
const char *iv_swap_mark_to_string (IvSwapMark mark);

/* Immutable. Thread-safety: any. */
typedef struct {
  IvComparison *comparison; /* (owned) the one the marks are of */
  GArray *marks;            /* IvSwapMark, one for each of its changes */
  double seconds;           /* that the second comparison took */
} IvSwapCheck;

/* swapped: of the same films with their roles exchanged. A change is consistent when a candidate of
 * the other comparison with the flipped direction, of whatever score, covers at least a tenth of
 * what both cover together. (transfer full) */
IvSwapCheck *iv_swap_check_new (IvComparison *comparison, IvComparison *swapped);
void iv_swap_check_free (IvSwapCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvSwapCheck, iv_swap_check_free)

/* Compares the other way round behind everything that somebody waits for. */
void iv_swap_check_run_async (IvEngine *engine,
                              IvComparison *comparison,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* (transfer full) */
IvSwapCheck *iv_swap_check_run_finish (GAsyncResult *result, GError **error);
/* Blocking, for the command line and tests. */
IvSwapCheck *iv_swap_check_run (IvEngine *engine,
                                IvComparison *comparison,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
