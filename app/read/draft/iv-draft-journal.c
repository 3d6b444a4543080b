/* Keeps the report of each study in the library, so that a crash takes none of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-journal.h"

#define NOTE "draft"
#define PERIOD_MS 1000

struct IvDraftJournal {
  IvDrafter *drafter;
  IvLibrary *library;
  char *study;      /* NULL while there is none, or while it is being changed */
  guint timeout;    /* set while something is unwritten */
  gboolean is_void; /* what is on disk cannot be read: it stays until there is something new */
};

static void
save (IvDraftJournal *self)
{
  g_autoptr (GError) problem = NULL;
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->study == NULL)
    return;
  g_autofree char *value = iv_drafter_save (self->drafter);
  if (value == NULL && self->is_void)
    return;
  self->is_void = FALSE;
  /* The report itself stays; the next change tries again. */
  if (!iv_library_set_note (self->library, self->study, NOTE, value, &problem))
    g_info ("The report is not kept: %s", problem->message);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  IvDraftJournal *self = user_data;
  self->timeout = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed_cb (IvDraftJournal *self)
{
  if (self->study != NULL && self->timeout == 0)
    self->timeout = g_timeout_add (PERIOD_MS, on_timeout_cb, self);
}

/* (transfer full) NULL: there is none, or nobody has accepted it. */
static char *
find_accepted (IvDraftJournal *self, const char *study)
{
  g_autofree char *value =
      study != NULL ? iv_library_get_note (self->library, study, NOTE, NULL) : NULL;
  g_autoptr (JsonNode) root = value != NULL ? json_from_string (value, NULL) : NULL;
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (object == NULL || !json_object_has_member (object, "accepted"))
    return NULL;
  JsonNode *text = json_object_get_member (object, "text");
  return text != NULL && JSON_NODE_HOLDS_VALUE (text) ? json_node_dup_string (text) : NULL;
}

gboolean
iv_draft_journal_set_study (IvDraftJournal *self,
                            const char *study,
                            const char *prior,
                            GError **error)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) failure = NULL;
  g_return_val_if_fail (self != NULL, FALSE);
  g_autofree char *prior_report = find_accepted (self, prior);
  iv_drafter_set_prior_report (self->drafter, prior_report);
  if (g_strcmp0 (study, self->study) == 0)
    return TRUE;
  if (self->timeout != 0)
    save (self);
  g_clear_pointer (&self->study, g_free); /* nothing is written from here on */
  if (study != NULL)
    value = iv_library_get_note (self->library, study, NOTE, &failure);
  iv_drafter_restore (self->drafter, value, failure == NULL ? &failure : NULL);
  self->study = g_strdup (study);
  self->is_void = failure != NULL;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

IvDraftJournal *
iv_draft_journal_new (IvDrafter *drafter, IvLibrary *library)
{
  static const char *const slow[] = { "text-changed", "edited" };
  IvDraftJournal *self = g_new0 (IvDraftJournal, 1);
  self->drafter = g_object_ref (drafter);
  self->library = g_object_ref (library);
  for (guint i = 0; i < G_N_ELEMENTS (slow); i++)
    g_signal_connect_swapped (drafter, slow[i], G_CALLBACK (on_changed_cb), self);
  g_signal_connect_swapped (drafter, "state-changed", G_CALLBACK (save), self);
  return self;
}

void
iv_draft_journal_free (IvDraftJournal *self)
{
  if (self == NULL)
    return;
  if (self->timeout != 0)
    save (self);
  g_signal_handlers_disconnect_by_data (self->drafter, self);
  g_object_unref (self->drafter);
  g_object_unref (self->library);
  g_free (self->study);
  g_free (self);
}
