/* A patient and all their images that were opened.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-image.h"

G_BEGIN_DECLS

/* GListModel of IvImage, oldest first. Thread-safety: main. */
#define IV_TYPE_PATIENT (iv_patient_get_type ())
G_DECLARE_FINAL_TYPE (IvPatient, iv_patient, IV, PATIENT, GObject)

/* An empty patient with the identity of image, or, for pictures, with the name of their group. */
IvPatient *iv_patient_new (IvImage *image, const char *group);

/* None of these is NULL: "Unnamed patient" comes from ui/ when the name is "". */
const char *iv_patient_get_name (IvPatient *self);
const char *iv_patient_get_id (IvPatient *self);
const char *iv_patient_get_birth_date (IvPatient *self);
const char *iv_patient_get_sex (IvPatient *self);

/* Latest film of the patient, the one to read. (transfer none) NULL when there is none. */
IvImage *iv_patient_get_current (IvPatient *self);

/* Whether the image belongs to this patient: the same ID of the same issuer, or, where neither has
 * one, the same name; never with two different dates of birth. Pictures belong to their group. */
gboolean iv_patient_owns (IvPatient *self, IvImage *image, const char *group);

/* FALSE when the same file or instance is there already. */
gboolean iv_patient_add (IvPatient *self, IvImage *image);

G_END_DECLS
