/* A drafted report: what the model wrote, what is shown of it, where each sentence's place is, and
 * what made it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-draft.h"

static const char *const end_names[] = { "whole", "stopped", "cut-off" };
static const char *const evidence_names[] = { "model", "change" };

const char *
iv_draft_end_to_string (IvDraftEnd end)
{
  return end_names[end];
}

const char *
iv_evidence_to_string (IvEvidence evidence)
{
  return evidence_names[evidence];
}

static void
clear_removal (gpointer data)
{
  IvDraftRemoval *removal = data;
  g_free (removal->sentence);
  g_free (removal->word);
}

GArray *
iv_draft_removals_new (void)
{
  GArray *removals = g_array_new (FALSE, TRUE, sizeof (IvDraftRemoval));
  g_array_set_clear_func (removals, clear_removal);
  return removals;
}

GPtrArray *
iv_draft_places_new (guint n_sentences)
{
  GPtrArray *places = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < n_sentences; i++)
    g_ptr_array_add (places, g_array_new (FALSE, TRUE, sizeof (IvDraftPlace)));
  return places;
}

IvDraft *
iv_draft_new (IvDraftParams *params)
{
  IvDraft *draft = g_new0 (IvDraft, 1);
  g_atomic_ref_count_init (&draft->references);
  draft->end = params->end;
  draft->raw = params->raw;
  draft->text = params->text;
  draft->report = iv_report_new (draft->text, NULL);
  guint n_sentences = iv_report_get_sentences (draft->report)->len;
  draft->places = params->places != NULL ? params->places : iv_draft_places_new (n_sentences);
  g_assert (draft->places->len == n_sentences);
  draft->removals = params->removals != NULL ? params->removals : iv_draft_removals_new ();
  draft->provenance = params->provenance;
  return draft;
}

IvDraft *
iv_draft_ref (IvDraft *draft)
{
  g_atomic_ref_count_inc (&draft->references);
  return draft;
}

static void
clear_provenance (IvDraftProvenance *provenance)
{
  char *const strings[] = {
    provenance->model,  provenance->file,    provenance->architecture, provenance->quantisation,
    provenance->digest, provenance->sha256,  provenance->prompt,       provenance->prompt_source,
    provenance->device, provenance->version, provenance->time
  };
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  g_strfreev (provenance->films);
}

void
iv_draft_unref (IvDraft *draft)
{
  if (!g_atomic_ref_count_dec (&draft->references))
    return;
  g_free (draft->raw);
  g_free (draft->text);
  iv_report_unref (draft->report);
  g_ptr_array_unref (draft->places);
  g_array_unref (draft->removals);
  clear_provenance (&draft->provenance);
  g_free (draft);
}
