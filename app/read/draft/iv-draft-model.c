/* The vision-language model that drafts reports, and what goes with it between drafts.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-model.h"

#include <string.h>

#include "app/engine/iv-engine-models.h"
#include "app/read/iv-chat-job.h"
#include "app/read/iv-read-error.h"

#define ATTACHED "draft"

static void
draft_model_free (IvDraftModel *self)
{
  g_clear_pointer (&self->session, iv_session_free);
  g_clear_pointer (&self->chat_template, iv_chat_template_free);
  g_free (self->file);
  g_free (self->mmproj);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraftModel, draft_model_free)

/* --- the tower's file ----------------------------------------------------------------------- */

static gboolean
is_mmproj (const char *name)
{
  return strstr (name, "mmproj") != NULL && g_str_has_suffix (name, ".gguf");
}

/* (transfer full) File names, sorted. */
static GPtrArray *
list_mmproj (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (is_mmproj (name))
      g_ptr_array_add (names, g_strdup (name));
  return g_steal_pointer (&names);
}

char *
iv_draft_model_find_mmproj (const char *file, GError **error)
{
  if (g_file_test (file, G_FILE_TEST_IS_DIR))
    return g_strdup (file);
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *own = g_strconcat ("mmproj-", name, NULL);
  g_autoptr (GPtrArray) names = list_mmproj (folder, error);
  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (names->len == 1 || g_str_equal (names->pdata[i], own))
      return g_build_filename (folder, names->pdata[i], NULL);
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_NO_MODEL,
               names->len == 0 ? "%s: there is no file mmproj….gguf with a vision tower beside it"
                               : "%s: several files mmproj….gguf lie beside it; name one",
               file);
  return NULL;
}

/* --- loading -------------------------------------------------------------------------------- */

static void
on_load_progress_cb (double fraction, const char *what, gpointer user_data)
{
  iv_engine_context_report (user_data, fraction, what);
}

static gboolean
load_parts (IvDraftModel *self, GError **error)
{
  IvImageEncoder *encoder = iv_language_model_get_encoder (self->model);
  IvWeights *weights = iv_language_model_get_weights (self->model);
  if (encoder == NULL) {
    g_set_error (error,
                 IV_READ_ERROR,
                 IV_READ_ERROR_NO_MODEL,
                 "%s: has no vision tower, and cannot see a film",
                 self->file);
    return FALSE;
  }
  self->projector = iv_image_encoder_get_config (encoder)->projector;
  if (!iv_image_processor_config_read (
          iv_image_encoder_get_weights (encoder), &self->processor, error))
    return FALSE;
  self->chat_template =
      iv_weights_get_string (weights, "tokenizer.chat_template") != NULL
          ? iv_chat_template_new_for_weights (weights, error)
          : iv_chat_template_guess (iv_language_model_get_tokenizer (self->model));
  if (self->chat_template == NULL)
    return FALSE;
  self->session = iv_session_new (self->model, 0, error);
  return self->session != NULL;
}

IvDraftModel *
iv_draft_model_ensure (IvEngineContext *context,
                       const char *file,
                       const char *mmproj,
                       GError **error)
{
  g_autofree char *found = NULL;
  if (mmproj == NULL)
    mmproj = found = iv_draft_model_find_mmproj (file, error);
  if (mmproj == NULL)
    return NULL;
  IvLanguageModelParams params = {
    .file = file, .mmproj = mmproj, .progress = on_load_progress_cb, .progress_data = context
  };
  IvLanguageModel *model = iv_engine_models_get (context, &params, error);
  if (model == NULL)
    return NULL;
  IvDraftModel *attached = iv_engine_models_get_attached (context, model, ATTACHED);
  if (attached != NULL)
    return attached;
  g_autoptr (IvDraftModel) self = g_new0 (IvDraftModel, 1);
  self->file = g_strdup (file);
  self->mmproj = g_strdup (mmproj);
  self->model = model;
  if (!load_parts (self, error))
    return NULL;
  iv_engine_models_attach (context, model, ATTACHED, self, (GDestroyNotify) draft_model_free);
  return g_steal_pointer (&self);
}
