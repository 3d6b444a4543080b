/* Triage on screen: films are asked about in the background, notices stand above them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-main-window-private.h"

/* The model of report drafts and of the chat; one without a vision tower leaves triage off. */
static void
follow_model (IvMainWindow *self)
{
  g_autofree char *model = g_settings_get_string (self->settings, "model-file");

  iv_triage_queue_set_model (self->triage, model);
  iv_main_window_follow_triage (self);
}

void
iv_main_window_follow_triage (IvMainWindow *self)
{
  iv_triage_bar_set_image (self->triage_bar, iv_reading_get_current_image (self->reading));
  /* What a reader waits for comes first: then the comparison is there as well. */
  if (iv_reading_get_state (self->reading) == IV_READING_READY)
    iv_triage_queue_add_reading (self->triage, self->reading);
}

void
iv_main_window_triage_collection (IvMainWindow *self)
{
  GListModel *patients = G_LIST_MODEL (self->collection);

  iv_triage_queue_cancel (self->triage);
  /* One patient is read at once, and comes when the reading is done. */
  if (g_list_model_get_n_items (patients) < 2)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (patients); i++) {
    g_autoptr (IvPatient) patient = g_list_model_get_item (patients, i);

    iv_triage_queue_add (self->triage, patient);
  }
}

void
iv_main_window_init_triage (IvMainWindow *self, IvEngine *engine, IvLibrary *library)
{
  self->triage = iv_triage_queue_new (engine, library);
  iv_triage_bar_set_queue (self->triage_bar, self->triage);
  iv_patient_list_set_triage (self->patient_list, self->triage);
  g_signal_connect_object (
      self->settings, "changed::model-file", G_CALLBACK (follow_model), self, G_CONNECT_SWAPPED);
  follow_model (self);
}

void
iv_main_window_dispose_triage (IvMainWindow *self)
{
  if (self->triage != NULL)
    iv_triage_queue_cancel (self->triage);
  g_clear_object (&self->triage);
}
