/* The patients that were found when more than one was opened.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/triage/iv-triage-queue.h"

G_BEGIN_DECLS

/* Signal "patient-chosen" (IvPatient). */
#define IV_TYPE_PATIENT_LIST (iv_patient_list_get_type ())
G_DECLARE_FINAL_TYPE (IvPatientList, iv_patient_list, IV, PATIENT_LIST, GtkWidget)

void iv_patient_list_set_collection (IvPatientList *self, IvCollection *collection);
/* Whose notices stand beside the patients, and may order them. */
void iv_patient_list_set_triage (IvPatientList *self, IvTriageQueue *triage);

G_END_DECLS
