/* What Interval remembers on disk: recently read patients, and notes on studies.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-patient.h"

G_BEGIN_DECLS

/* One SQLite file in write-ahead mode: a program that is killed leaves the last complete state.
 * Thread-safety: main. */
#define IV_TYPE_LIBRARY (iv_library_get_type ())
G_DECLARE_FINAL_TYPE (IvLibrary, iv_library, IV, LIBRARY, GObject)

/* file: NULL for interval/library.db in the user's data folder, which is created. Errors:
 * IV_STUDY_ERROR_LIBRARY when the file cannot be opened, is damaged, or was written by a later
 * version; it is left as it is. */
IvLibrary *iv_library_open (const char *file, GError **error);

/* A patient that was read. */
typedef struct {
  gint64 key;
  char *name, *id;
  char **paths; /* of the images that were open */
  guint n_images;
  GDateTime *opened;     /* last */
  char *last_film_date;  /* YYYYMMDD or NULL */
  IvThumbnail thumbnail; /* of the latest film; pixels NULL when none was stored */
} IvRecentPatient;
void iv_recent_patient_free (IvRecentPatient *recent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvRecentPatient, iv_recent_patient_free)

/* Puts the patient first in the list, replacing an earlier entry with the same ID and name (or, for
 * pictures, the same files). */
gboolean iv_library_add_patient (IvLibrary *self, IvPatient *patient, GError **error);

/* (transfer full) IvRecentPatient *, last opened first. */
GPtrArray *iv_library_list_patients (IvLibrary *self, guint max, GError **error);
gboolean iv_library_forget_patient (IvLibrary *self, gint64 key, GError **error);
/* The patients, and all notes and results of triage with them. */
gboolean iv_library_forget_all (IvLibrary *self, GError **error);

/* What triage kept of a film. */
typedef struct {
  char *file;      /* path */
  char *film;      /* digest of the file's contents then */
  char *maker;     /* digest of all that made the value: another maker's stays beside it */
  double urgency;  /* for worklists, higher first */
  char *dismissed; /* names of notices that were put away, separated by blanks; may be "" */
  char *value;     /* of app/read */
} IvLibraryTriage;
void iv_library_triage_free (IvLibraryTriage *triage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLibraryTriage, iv_library_triage_free)

/* Replaces what the same maker kept of the same file. */
gboolean iv_library_set_triage (IvLibrary *self, const IvLibraryTriage *triage, GError **error);
/* (transfer full) maker: NULL for the one that was written last. NULL without error when there is
 * none. */
IvLibraryTriage *
iv_library_get_triage (IvLibrary *self, const char *file, const char *maker, GError **error);

/* Texts kept for a study, named by what they are: "chat", "draft". value NULL removes. */
gboolean iv_library_set_note (IvLibrary *self,
                              const char *study_uid,
                              const char *name,
                              const char *value,
                              GError **error);
/* (transfer full) NULL without error when there is none. */
char *
iv_library_get_note (IvLibrary *self, const char *study_uid, const char *name, GError **error);

G_END_DECLS
