/* All that triage is made with: a model's files, its card, the questions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-setup.h"

#include "app/read/draft/iv-draft-model.h"

/* Goes up when the same files give other scores. */
#define VERSION "1"
#define PIECE (1 << 16)

static char *
digest_of (const char *const *parts)
{
  g_autofree char *text = g_strjoinv ("\n", (char **) parts);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* Name and digest; the files are mapped, not loaded. */
static gboolean
read_model (IvTriageSetup *self, GError **error)
{
  g_autoptr (IvWeights) weights = iv_weights_open (self->model, error);
  g_autoptr (IvWeights) tower = weights != NULL ? iv_weights_open (self->mmproj, error) : NULL;
  if (tower == NULL)
    return FALSE;
  const char *name = iv_weights_get_string (weights, "general.name");
  const char *const parts[] = { iv_weights_get_digest (weights),
                                iv_weights_get_digest (tower),
                                NULL };
  self->name = name != NULL && *name != '\0' ? g_strdup (name) : g_path_get_basename (self->model);
  self->model_digest = digest_of (parts);
  return TRUE;
}

IvTriageSetup *
iv_triage_setup_load (const char *model, const char *mmproj, GError **error)
{
  g_autoptr (IvTriageSetup) self = g_new0 (IvTriageSetup, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->model = g_strdup (model);
  self->mmproj = mmproj != NULL ? g_strdup (mmproj) : iv_draft_model_find_mmproj (model, error);
  if (self->mmproj == NULL || !read_model (self, error))
    return NULL;
  self->questions = iv_triage_questions_load (error);
  if (self->questions == NULL)
    return NULL;
  IvTriageCardParams params = { self->model_digest, self->questions->digest };
  self->card = iv_triage_card_load (model, &params, error);
  if (self->card == NULL)
    return NULL;
  const char *const parts[] = {
    VERSION, self->model_digest, self->questions->digest, self->card->digest, NULL
  };
  self->key = digest_of (parts);
  return g_steal_pointer (&self);
}

IvTriageSetup *
iv_triage_setup_ref (IvTriageSetup *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
iv_triage_setup_unref (IvTriageSetup *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->model);
  g_free (self->mmproj);
  g_free (self->name);
  g_free (self->model_digest);
  g_free (self->key);
  iv_triage_questions_free (self->questions);
  iv_triage_card_free (self->card);
  g_free (self);
}

/* --- on a thread ----------------------------------------------------------------------------- */

static void
run_load (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  char **files = task_data;
  const char *mmproj = *files[1] != '\0' ? files[1] : NULL;
  GError *error = NULL;
  IvTriageSetup *self = iv_triage_setup_load (files[0], mmproj, &error);
  if (self != NULL)
    g_task_return_pointer (task, self, (GDestroyNotify) iv_triage_setup_unref);
  else
    g_task_return_error (task, error);
}

void
iv_triage_setup_load_async (const char *model,
                            const char *mmproj,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const char *files[] = { model, mmproj != NULL ? mmproj : "", NULL };
  g_task_set_source_tag (task, iv_triage_setup_load_async);
  g_task_set_task_data (task, g_strdupv ((char **) files), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, run_load);
}

IvTriageSetup *
iv_triage_setup_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- films ----------------------------------------------------------------------------------- */

static gboolean
add_file (GChecksum *checksum, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (name);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree guint8 *bytes = g_malloc (PIECE);
  gssize n = stream != NULL ? 1 : -1;
  while (n > 0) {
    n = g_input_stream_read (G_INPUT_STREAM (stream), bytes, PIECE, cancellable, error);
    g_checksum_update (checksum, bytes, MAX (n, 0));
  }
  return n == 0;
}

char *
iv_triage_digest_films (const char *current,
                        const char *prior,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  if (!add_file (checksum, current, cancellable, error) ||
      (prior != NULL && !add_file (checksum, prior, cancellable, error)))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

static void
run_digest (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  char **files = task_data;
  GError *error = NULL;
  char *digest = iv_triage_digest_films (files[0], files[1], cancellable, &error);
  if (digest != NULL)
    g_task_return_pointer (task, digest, g_free);
  else
    g_task_return_error (task, error);
}

void
iv_triage_digest_films_async (const char *current,
                              const char *prior,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const char *files[] = { current, prior, NULL };
  g_task_set_source_tag (task, iv_triage_digest_films_async);
  g_task_set_task_data (task, g_strdupv ((char **) files), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, run_digest);
}

char *
iv_triage_digest_films_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
