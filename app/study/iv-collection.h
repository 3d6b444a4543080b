/* What was opened: patients, their studies, their images.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-image.h"
#include "app/study/iv-patient.h"
#include "app/study/iv-prior.h"

G_BEGIN_DECLS

/* GListModel of IvPatient, by name. Thread-safety: main. */
#define IV_TYPE_COLLECTION (iv_collection_get_type ())
G_DECLARE_FINAL_TYPE (IvCollection, iv_collection, IV, COLLECTION, GObject)
IvCollection *iv_collection_new (void);

typedef struct {
  guint n_found;       /* images added; those that were there already are not counted */
  guint n_refused;     /* files that look like images and could not be read */
  GPtrArray *refusals; /* char *, "FILE: reason", at most 100 */
  GPtrArray *images;   /* IvImage *, added or there already, in the order of the files */
} IvCollectionReport;
void iv_collection_report_free (IvCollectionReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvCollectionReport, iv_collection_report_free)

typedef void (*IvCollectionProgressFunc) (guint n_done, guint n_total, gpointer user_data);

/* Adds files, folders (recursively) and DICOMDIRs. Pictures without patient data that are opened
 * together become one patient: all files named, or all files of one folder; they are ordered by a
 * date in their file names when every one has it, else files as they are named (prior first) and
 * those of a folder by name. Signals arrive on the main thread. */
void iv_collection_add_async (IvCollection *self,
                              const char *const *paths,
                              IvCollectionProgressFunc progress,
                              gpointer progress_data,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
IvCollectionReport *
iv_collection_add_finish (IvCollection *self, GAsyncResult *result, GError **error);

/* The patient of an image that was added. (transfer none) NULL when there is none. */
IvPatient *iv_collection_find_patient (IvCollection *self, IvImage *image);

/* Forgets everything. */
void iv_collection_clear (IvCollection *self);

G_END_DECLS
