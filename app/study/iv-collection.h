/* What was opened: patients, their studies, their images, and which prior fits which current.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* One image file: metadata without pixels, and the pixels on request. Immutable but for its
 * thumbnail. Thread-safety: main. */
#define IV_TYPE_IMAGE (iv_image_get_type ())
G_DECLARE_FINAL_TYPE (IvImage, iv_image, IV, IMAGE, GObject)
const IvRadiographInfo *iv_image_get_info (IvImage *self);
/* Date and time of acquisition, falling back to the study's; NULL when the file has none. (transfer
 * none) */
GDateTime *iv_image_get_date (IvImage *self);
/* Decodes (or answers from a small cache). */
void iv_image_load_async (IvImage *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
IvRadiograph *iv_image_load_finish (IvImage *self, GAsyncResult *result, GError **error);

/* GListModel of IvImage, oldest first. */
#define IV_TYPE_PATIENT (iv_patient_get_type ())
G_DECLARE_FINAL_TYPE (IvPatient, iv_patient, IV, PATIENT, GObject)
const char *
iv_patient_get_name (IvPatient *self); /* never NULL: "Unnamed patient" comes from ui/ when "" */
const char *iv_patient_get_id (IvPatient *self);
const char *iv_patient_get_birth_date (IvPatient *self);
const char *iv_patient_get_sex (IvPatient *self);

/* GListModel of IvPatient, by name. */
#define IV_TYPE_COLLECTION (iv_collection_get_type ())
G_DECLARE_FINAL_TYPE (IvCollection, iv_collection, IV, COLLECTION, GObject)
IvCollection *iv_collection_new (void);

typedef struct {
  guint n_found;       /* images added */
  guint n_refused;     /* files that look like images and could not be read */
  GPtrArray *refusals; /* char *, "FILE: reason", at most 100 */
} IvCollectionReport;
void iv_collection_report_free (IvCollectionReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvCollectionReport, iv_collection_report_free)

typedef void (*IvCollectionProgressFunc) (guint n_done, guint n_total, gpointer user_data);

/* Adds files, folders (recursively) and DICOMDIRs. Pictures without patient data that are opened
 * together become one patient. Signals arrive on the main thread. */
void iv_collection_add_async (IvCollection *self,
                              const char *const *paths,
                              IvCollectionProgressFunc progress,
                              gpointer progress_data,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
IvCollectionReport *
iv_collection_add_finish (IvCollection *self, GAsyncResult *result, GError **error);

/* A prior and why it was chosen. */
typedef struct {
  IvImage *image; /* (owned) NULL when there is none */
  char *reason;   /* "PA, 22 days earlier, same patient ID", or why there is none; translated */
  gint days;      /* prior minus current, negative for earlier */
  gboolean is_exact_view; /* FALSE: AP against PA and the like, said in the reason */
} IvPrior;
void iv_prior_free (IvPrior *prior);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPrior, iv_prior_free)

/* The most recent earlier chest film of the same patient with a comparable view. */
IvPrior *iv_prior_choose (IvPatient *patient, IvImage *current);
/* The reason text for a prior that the reader chose. */
IvPrior *iv_prior_describe (IvPatient *patient, IvImage *current, IvImage *chosen);
/* Latest film of the patient, the one to read. (transfer none) */
IvImage *iv_patient_get_current (IvPatient *self);

G_END_DECLS
