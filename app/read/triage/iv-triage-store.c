/* Results of triage in the library: kept, found again as long as they hold, put away.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-store.h"

void
iv_triage_entry_free (IvTriageEntry *entry)
{
  iv_triage_unref (entry->triage);
  g_free (entry->film);
  g_free (entry->maker);
  g_strfreev (entry->dismissed);
  g_free (entry);
}

IvTriageEntry *
iv_triage_entry_new (IvTriage *triage, const char *film, const char *maker)
{
  IvTriageEntry *entry = g_new0 (IvTriageEntry, 1);
  entry->triage = iv_triage_ref (triage);
  entry->film = g_strdup (film);
  entry->maker = g_strdup (maker);
  entry->dismissed = g_new0 (char *, 1);
  entry->urgency = iv_triage_get_urgency (triage, NULL);
  return entry;
}

void
iv_triage_entry_dismiss (IvTriageEntry *entry, const char *finding, gboolean is_dismissed)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (char **name = entry->dismissed; *name != NULL; name++)
    if (!g_str_equal (*name, finding) && **name != '\0')
      g_strv_builder_add (names, *name);
  if (is_dismissed)
    g_strv_builder_add (names, finding);
  g_strfreev (entry->dismissed);
  entry->dismissed = g_strv_builder_end (names);
  entry->urgency = iv_triage_get_urgency (entry->triage, (const char *const *) entry->dismissed);
}

gboolean
iv_triage_store_put (IvLibrary *library,
                     const char *file,
                     const IvTriageEntry *entry,
                     GError **error)
{
  g_autofree char *value = iv_triage_to_json (entry->triage);
  g_autofree char *dismissed = g_strjoinv (" ", entry->dismissed);
  IvLibraryTriage kept = { .file = (char *) file,
                           .film = entry->film,
                           .maker = entry->maker,
                           .urgency = entry->urgency,
                           .dismissed = dismissed,
                           .value = value };
  return iv_library_set_triage (library, &kept, error);
}

IvTriageEntry *
iv_triage_store_find (IvLibrary *library,
                      const char *file,
                      const char *film,
                      const char *maker,
                      GError **error)
{
  g_autoptr (IvLibraryTriage) kept = iv_library_get_triage (library, file, maker, error);
  g_autoptr (GError) problem = NULL;
  if (kept == NULL || (film != NULL && !g_str_equal (kept->film, film)))
    return NULL;
  IvTriage *triage = iv_triage_from_json (kept->value, &problem);
  if (triage == NULL) { /* is made again */
    g_info ("%s: %s", file, problem->message);
    return NULL;
  }
  IvTriageEntry *entry = iv_triage_entry_new (triage, kept->film, kept->maker);
  iv_triage_unref (triage);
  g_strfreev (entry->dismissed);
  entry->dismissed = g_strsplit (kept->dismissed, " ", -1);
  entry->urgency = iv_triage_get_urgency (triage, (const char *const *) entry->dismissed);
  return entry;
}
