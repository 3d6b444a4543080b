/* Results of triage in the library: kept, found again as long as they hold, put away.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/triage/iv-triage.h"
#include "app/study/iv-library.h"

G_BEGIN_DECLS

/* A result as it is kept. */
typedef struct {
  IvTriage *triage;
  char *film, *maker; /* digest of the film's file; IvTriageSetup.key */
  char **dismissed;   /* names of findings, NULL-terminated */
  double urgency;     /* as of iv_triage_get_urgency() */
} IvTriageEntry;
/* With no notice put away. (transfer full) */
IvTriageEntry *iv_triage_entry_new (IvTriage *triage, const char *film, const char *maker);
void iv_triage_entry_free (IvTriageEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageEntry, iv_triage_entry_free)

/* Puts the notice of a finding away, or brings it back. */
void iv_triage_entry_dismiss (IvTriageEntry *entry, const char *finding, gboolean is_dismissed);

/* Thread-safety of all: main. */

/* Keeps an entry in place of what the same maker kept of the same file. */
gboolean iv_triage_store_put (IvLibrary *library,
                              const char *file,
                              const IvTriageEntry *entry,
                              GError **error);
/* The result of this film by this maker; one of another film or a damaged one is none. film NULL:
 * of whatever the file was; maker NULL: the last one. NULL without error when there is none.
 * (transfer full) */
IvTriageEntry *iv_triage_store_find (IvLibrary *library,
                                     const char *file,
                                     const char *film,
                                     const char *maker,
                                     GError **error);
G_END_DECLS
