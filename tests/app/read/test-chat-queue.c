/* A conversation behind other work of the engine says that it waits.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat.h"

/* What the engine is busy with until it is let go. */
typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean is_running, may_end;
} Gate;

static gpointer
wait_at_gate (IvEngineContext *context, gpointer data, GError **error)
{
  Gate *gate = data;
  g_mutex_lock (&gate->mutex);
  gate->is_running = TRUE;
  g_cond_broadcast (&gate->cond);
  while (!gate->may_end)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  return gate;
}

static void
on_gate_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_assert_nonnull (iv_engine_run_finish (IV_ENGINE (source), result, &error));
  g_assert_no_error (error);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (iv_chat_load_finish (IV_CHAT (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
close_gate (Gate *gate, IvEngine *engine)
{
  IvEngineJob job = {
    .name = "gate", .priority = IV_ENGINE_INTERACTIVE, .run = wait_at_gate, .data = gate
  };
  iv_engine_run_async (engine, &job, NULL, on_gate_cb, NULL);
  g_mutex_lock (&gate->mutex);
  while (!gate->is_running)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

static void
open_gate (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->may_end = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

static void
iterate_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + 1000 * ms;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
test_loading_waits (void)
{
  Gate gate = { 0 };
  gboolean is_loaded = FALSE;
  g_autofree char *model = g_test_build_filename (
      G_TEST_DIST, "data", "golden", "text", "qwen2", "model-f32.gguf", NULL);
  g_autoptr (IvEngine) engine = iv_engine_new (NULL);
  g_autoptr (IvChat) chat = iv_chat_new (engine);

  g_assert_false (iv_chat_is_queued (chat));
  close_gate (&gate, engine);
  iv_chat_load_async (chat, model, on_loaded_cb, &is_loaded);
  iterate_for (50);
  g_assert_cmpint (iv_chat_get_state (chat), ==, IV_CHAT_LOADING);
  g_assert_true (iv_chat_is_queued (chat));
  open_gate (&gate);
  while (!is_loaded)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (iv_chat_is_queued (chat));
  g_assert_cmpint (iv_chat_get_state (chat), ==, IV_CHAT_READY);
  iv_engine_shutdown (engine);
}

static void
test_answer_waits (void)
{
  Gate gate = { 0 };
  gboolean is_loaded = FALSE;
  g_autofree char *model = g_test_build_filename (
      G_TEST_DIST, "data", "golden", "text", "qwen2", "model-f32.gguf", NULL);
  g_autoptr (IvEngine) engine = iv_engine_new (NULL);
  g_autoptr (IvChat) chat = iv_chat_new (engine);

  iv_chat_load_async (chat, model, on_loaded_cb, &is_loaded);
  while (!is_loaded)
    g_main_context_iteration (NULL, TRUE);
  close_gate (&gate, engine);
  g_assert_true (iv_chat_ask (chat, "흉수"));
  iterate_for (50);
  g_assert_cmpint (iv_chat_get_state (chat), ==, IV_CHAT_READING);
  g_assert_true (iv_chat_is_queued (chat));
  open_gate (&gate);
  while (iv_chat_is_queued (chat))
    g_main_context_iteration (NULL, TRUE);
  /* The state that follows is that of work, not of waiting. */
  g_assert_cmpint (iv_chat_get_state (chat), >=, IV_CHAT_READY);
  iv_chat_stop (chat);
  while (iv_chat_get_state (chat) != IV_CHAT_READY)
    g_main_context_iteration (NULL, TRUE);
  iv_engine_shutdown (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat-queue/loading", test_loading_waits);
  g_test_add_func ("/chat-queue/answer", test_answer_waits);
  return g_test_run ();
}
