/* A language model kept by the engine, and what is left of it when the device is lost.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine.h"
#include "model/generate/iv-session.h"

#define N_TOKENS 8

typedef struct {
  const char *file;
  gboolean lose_device; /* before generating */
  gboolean was_kept;
  guint n_messages; /* of the validation layers */
} Request;

static IvSession *
get_session (IvEngineContext *context, Request *request, GError **error)
{
  IvSession *session = iv_engine_context_get_kept (context, "session");
  request->was_kept = session != NULL;
  if (session != NULL)
    return session;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  IvLanguageModelParams params = { .file = request->file };
  IvLanguageModel *model =
      device != NULL ? iv_language_model_new (device, &params, NULL, error) : NULL;
  if (model == NULL)
    return NULL;
  iv_engine_context_keep (context, "model", model, (GDestroyNotify) iv_language_model_free);
  session = iv_session_new (model, 0, error);
  if (session != NULL)
    iv_engine_context_keep (context, "session", session, (GDestroyNotify) iv_session_free);
  return session;
}

static gpointer
run_generate (IvEngineContext *context, gpointer data, GError **error)
{
  Request *request = data;
  IvSession *session = get_session (context, request, error);
  if (session == NULL)
    return NULL;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (request->lose_device)
    iv_vk_device_set_lost (device);
  static const gint32 ids[] = { 37, 347, 293, 5 };
  IvGenerateParams params = {
    .ids = ids, .n_ids = G_N_ELEMENTS (ids), .max_tokens = N_TOKENS, .ignore_stop = TRUE
  };
  IvGenerateStats stats;
  GArray *generated = iv_session_generate (session, &params, &stats, NULL, error);
  request->n_messages = iv_vk_device_get_n_messages (device);
  return generated;
}

static GArray *
generate (IvEngine *engine, Request *request)
{
  g_autoptr (GError) error = NULL;
  IvEngineJob job = { .name = "generate", .run = run_generate, .data = request };
  GArray *ids = iv_engine_run (engine, &job, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, N_TOKENS);
  g_assert_cmpuint (request->n_messages, ==, 0);
  return ids;
}

static void
test_device_lost (void)
{
  IvEngineParams params = { .device = -1, .validation = iv_vk_validation_is_available () };
  g_autoptr (IvEngine) engine = iv_engine_new (&params);
  g_autofree char *file =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data/golden/text/qwen2/model-f32.gguf", NULL);
  g_autoptr (GError) error = NULL;
  Request request = { .file = file };
  g_autoptr (GArray) first = generate (engine, &request);
  g_assert_false (request.was_kept);
  g_assert_cmpstr (iv_engine_get_device_name (engine), !=, "");
  g_autoptr (GArray) second = generate (engine, &request);
  g_assert_true (request.was_kept);
  g_assert_cmpmem (first->data, N_TOKENS * 4, second->data, N_TOKENS * 4);
  /* The job that meets the loss fails and says why. */
  request.lose_device = TRUE;
  IvEngineJob job = { .name = "generate", .run = run_generate, .data = &request };
  g_assert_null (iv_engine_run (engine, &job, NULL, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_DEVICE_LOST);
  /* The next one finds a new device, loads anew, and answers as before. */
  request.lose_device = FALSE;
  g_autoptr (GArray) third = generate (engine, &request);
  g_assert_false (request.was_kept);
  g_assert_cmpmem (first->data, N_TOKENS * 4, third->data, N_TOKENS * 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/model/device-lost", test_device_lost);
  return g_test_run ();
}
