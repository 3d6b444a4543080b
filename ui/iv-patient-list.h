/* The patients that were found when more than one was opened.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/study/iv-collection.h"

G_BEGIN_DECLS

/* Signal "patient-chosen" (IvPatient). */
#define IV_TYPE_PATIENT_LIST (iv_patient_list_get_type ())
G_DECLARE_FINAL_TYPE (IvPatientList, iv_patient_list, IV, PATIENT_LIST, GtkWidget)

void iv_patient_list_set_collection (IvPatientList *self, IvCollection *collection);

G_END_DECLS
