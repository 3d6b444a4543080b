/* A language model kept by the engine, and what is left of it when the device is lost.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "app/engine/iv-engine-models.h"
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

/* --- several models ----------------------------------------------------------------------- */

typedef struct {
  const char *file;
  guint64 limit;
  /* What is found. */
  IvLanguageModel *model;
  gboolean was_marked; /* something was attached to it before */
  guint n_models;
  guint64 size;
  char types[32]; /* of weights and cache */
} Asked;

static guint n_marks_freed;

static void
free_mark (gpointer mark)
{
  n_marks_freed++;
}

static gpointer
run_ask (IvEngineContext *context, gpointer data, GError **error)
{
  Asked *asked = data;
  IvLanguageModelParams params = { .file = asked->file,
                                   .n_context = 256,
                                   .memory_limit = asked->limit };
  asked->model = iv_engine_models_get (context, &params, error);
  if (asked->model == NULL)
    return NULL;
  asked->was_marked = iv_engine_models_get_attached (context, asked->model, "mark") != NULL;
  iv_engine_models_attach (context, asked->model, "mark", asked, free_mark);
  asked->n_models = iv_engine_models_count (context);
  g_autofree char *weights = iv_language_model_describe_weights (asked->model);
  g_snprintf (asked->types,
              sizeof asked->types,
              "%s, %s",
              weights,
              iv_data_type_to_string (iv_language_model_get_cache_type (asked->model)));
  asked->size = iv_decoder_plan_get_size (iv_language_model_get_plan (asked->model));
  return asked;
}

static Asked
ask (IvEngine *engine, const char *file, guint64 limit)
{
  g_autoptr (GError) error = NULL;
  Asked asked = { .file = file, .limit = limit };
  IvEngineJob job = { .name = "ask", .run = run_ask, .data = &asked };
  iv_engine_run (engine, &job, NULL, &error);
  g_assert_no_error (error);
  return asked;
}

static char *
find_text (const char *name)
{
  return g_build_filename (
      g_getenv ("G_TEST_SRCDIR"), "data/golden/text", name, "model-f32.gguf", NULL);
}

/* Three models where two fit: the one not used for longest makes room, with what belongs to it. */
static void
test_residents (void)
{
  IvEngineParams params = { .device = -1 };
  g_autoptr (IvEngine) engine = iv_engine_new (&params);
  g_autofree char *a = find_text ("qwen2"), *b = find_text ("qwen3"), *c = find_text ("gemma3");
  Asked first = ask (engine, a, 0);
  Asked second = ask (engine, b, 0);
  g_assert_cmpuint (second.n_models, ==, 2);
  Asked again = ask (engine, a, 0);
  g_assert_true (again.model == first.model);
  g_assert_true (again.was_marked);
  g_assert_cmpuint (n_marks_freed, ==, 1); /* the mark that the second replaced */
  /* A limit with room for the first, used last, and the third: the second goes. */
  Asked third = ask (engine, c, 0);
  g_assert_cmpuint (third.n_models, ==, 3);
  guint64 limit = first.size + third.size;
  g_autoptr (IvEngine) small = iv_engine_new (&params);
  n_marks_freed = 0;
  ask (small, a, limit);
  ask (small, b, limit);
  Asked used = ask (small, a, limit);
  g_assert_cmpuint (used.n_models, ==, 2);
  n_marks_freed = 0;
  g_assert_cmpuint (ask (small, c, limit).n_models, ==, 2);
  g_assert_cmpuint (n_marks_freed, ==, 1);
  g_assert_true (ask (small, a, limit).was_marked);
  g_assert_false (ask (small, b, limit).was_marked);
}

/* A file that was replaced is another model. */
static void
test_replaced_file (void)
{
  IvEngineParams params = { .device = -1 };
  g_autoptr (IvEngine) engine = iv_engine_new (&params);
  g_autoptr (GError) error = NULL;
  g_autofree char *a = find_text ("qwen2"), *b = find_text ("qwen3");
  g_autofree char *folder = g_dir_make_tmp ("interval-models-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *file = g_build_filename (folder, "model.gguf", NULL);
  g_assert_cmpint (symlink (a, file), ==, 0);
  ask (engine, file, 0);
  g_assert_true (ask (engine, file, 0).was_marked);
  g_unlink (file);
  g_assert_cmpint (symlink (b, file), ==, 0);
  g_assert_false (ask (engine, file, 0).was_marked);
  g_unlink (file);
  g_rmdir (folder);
}

/* What the reader has set holds for jobs that ask for nothing; what is set wrong is named. */
static void
test_types (void)
{
  IvEngineParams params = { .device = -1, .weights_type = "q8_0", .cache_type = "f16" };
  IvEngineParams wrong = { .device = -1, .weights_type = "q9" };
  g_autofree char *file = find_text ("qwen2");
  g_autoptr (IvEngine) automatic = iv_engine_new (&(IvEngineParams){ .device = -1 });
  g_autoptr (IvEngine) engine = iv_engine_new (&params);
  g_autoptr (IvEngine) refusing = iv_engine_new (&wrong);
  g_autoptr (GError) error = NULL;
  Asked asked = { .file = file };
  IvEngineJob job = { .name = "ask", .run = run_ask, .data = &asked };
  Asked plain = ask (automatic, file, 0), typed = ask (engine, file, 0);
  g_assert_true (g_str_has_prefix (plain.types, "F32, "));
  g_assert_cmpstr (typed.types, ==, "F32 → Q8_0, F16");
  g_assert_null (iv_engine_run (refusing, &job, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/model/device-lost", test_device_lost);
  g_test_add_func ("/engine/model/residents", test_residents);
  g_test_add_func ("/engine/model/types", test_types);
  g_test_add_func ("/engine/model/replaced-file", test_replaced_file);
  return g_test_run ();
}
