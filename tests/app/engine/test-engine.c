/* The engine: order of jobs, cancellation, progress, streams, kept objects, device loss, the end.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/engine/iv-engine-device.h"

/* A device that counts how often it was opened; the engine never looks inside. */
typedef struct {
  guint number;
  gboolean lost;
} FakeDevice;

static guint n_opened;
static guint n_closed;
static gboolean open_fails;
static GThread *closing_thread;

static IvVkDevice *
open_fake (const IvEngineParams *params, GError **error)
{
  if (open_fails) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no device %d", params->device);
    return NULL;
  }
  FakeDevice *device = g_new0 (FakeDevice, 1);
  device->number = ++n_opened;
  return (IvVkDevice *) device;
}

static void
close_fake (IvVkDevice *device)
{
  n_closed++;
  closing_thread = g_thread_self ();
  g_free (device);
}

static const char *
get_fake_name (IvVkDevice *device)
{
  return ((FakeDevice *) device)->number == 1 ? "first device" : "second device";
}

static gboolean
is_fake_lost (IvVkDevice *device)
{
  return ((FakeDevice *) device)->lost;
}

static const IvEngineDeviceClass fake_class = { open_fake,
                                                close_fake,
                                                get_fake_name,
                                                is_fake_lost };

static IvEngine *
new_engine (void)
{
  n_opened = n_closed = 0;
  open_fails = FALSE;
  return iv_engine_new_with_device_class (NULL, &fake_class);
}

/* A gate that holds the engine thread inside a job until the test opens it. */
typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean entered;
  gboolean open;
} Gate;

static void
gate_pass (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->entered = TRUE;
  g_cond_broadcast (&gate->cond);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

static void
gate_wait_entered (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  while (!gate->entered)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

static gpointer
run_gate (IvEngineContext *context, gpointer data, GError **error)
{
  gate_pass (data);
  return GINT_TO_POINTER (TRUE);
}

/* What came back from one job. */
typedef struct {
  gboolean done;
  gpointer result;
  GError *error;
  GThread *thread;
} Outcome;

static void
on_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;
  outcome->result = iv_engine_run_finish (IV_ENGINE (source), result, &outcome->error);
  outcome->thread = g_thread_self ();
  outcome->done = TRUE;
}

static void
wait_for (const gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

static void
outcome_clear (Outcome *outcome)
{
  g_clear_error (&outcome->error);
  *outcome = (Outcome){ 0 };
}

static void
start (IvEngine *engine, const IvEngineJob *job, GCancellable *cancellable, Outcome *outcome)
{
  iv_engine_run_async (engine, job, cancellable, on_done_cb, outcome);
}

/* --- order ---------------------------------------------------------------------------------- */

typedef struct {
  GString *log;
  char letter;
} Letter;

static gpointer
run_letter (IvEngineContext *context, gpointer data, GError **error)
{
  Letter *letter = data;
  g_string_append_c (letter->log, letter->letter);
  return GINT_TO_POINTER (TRUE);
}

static void
test_order (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  Gate gate = { 0 };
  Outcome gate_outcome = { 0 };
  start (engine, &(IvEngineJob){ .run = run_gate, .data = &gate }, NULL, &gate_outcome);
  gate_wait_entered (&gate);
  static const struct {
    char letter;
    IvEnginePriority priority;
  } jobs[] = { { 'e', IV_ENGINE_BACKGROUND },  { 'c', IV_ENGINE_NORMAL },
               { 'a', IV_ENGINE_INTERACTIVE }, { 'f', IV_ENGINE_BACKGROUND },
               { 'b', IV_ENGINE_INTERACTIVE }, { 'd', IV_ENGINE_NORMAL } };
  Outcome outcomes[G_N_ELEMENTS (jobs)] = { 0 };
  Letter letters[G_N_ELEMENTS (jobs)];
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++) {
    letters[i] = (Letter){ log, jobs[i].letter };
    IvEngineJob job = { .priority = jobs[i].priority, .run = run_letter, .data = &letters[i] };
    start (engine, &job, NULL, &outcomes[i]);
  }
  gate_open (&gate);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++) {
    wait_for (&outcomes[i].done);
    g_assert_no_error (outcomes[i].error);
    g_assert_true (outcomes[i].thread == g_thread_self ());
  }
  g_assert_cmpstr (log->str, ==, "abcdef");
}

/* --- cancellation --------------------------------------------------------------------------- */

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
test_cancel_before (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (IvEngine) engine = new_engine ();
  Gate gate = { 0 };
  Outcome gate_outcome = { 0 }, outcome = { 0 };
  start (engine, &(IvEngineJob){ .run = run_gate, .data = &gate }, NULL, &gate_outcome);
  gate_wait_entered (&gate);
  guint n_freed = 0;
  IvEngineJob job = {
    .name = "letter", .run = run_letter, .data = &n_freed, .data_free = count_free
  };
  start (engine, &job, cancellable, &outcome);
  g_cancellable_cancel (cancellable);
  /* It ends although the engine thread is still inside the other job. */
  wait_for (&outcome.done);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (strstr (outcome.error->message, "letter"));
  g_assert_cmpuint (n_freed, ==, 1);
  g_assert_false (gate_outcome.done);
  gate_open (&gate);
  wait_for (&gate_outcome.done);
  g_assert_no_error (gate_outcome.error);
  outcome_clear (&outcome);
  /* Cancelled even before it was asked for. */
  start (engine, &job, cancellable, &outcome);
  wait_for (&outcome.done);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_freed, ==, 2);
  outcome_clear (&outcome);
}

static gpointer
run_until_cancelled (IvEngineContext *context, gpointer data, GError **error)
{
  GCancellable *cancellable = iv_engine_context_get_cancellable (context);
  GPollFD poll_fd;
  Gate *gate = data;
  gate_pass (gate);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &poll_fd));
  g_poll (&poll_fd, 1, -1);
  g_cancellable_release_fd (cancellable);
  return g_strdup ("half an answer");
}

static void
test_cancel_while_running (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate = { .open = TRUE };
  Outcome outcome = { 0 };
  IvEngineJob job = { .run = run_until_cancelled, .data = &gate, .result_free = g_free };
  start (engine, &job, cancellable, &outcome);
  gate_wait_entered (&gate);
  g_cancellable_cancel (cancellable);
  wait_for (&outcome.done);
  g_assert_no_error (outcome.error);
  g_assert_cmpstr (outcome.result, ==, "half an answer");
  g_free (outcome.result);
}

/* --- progress and stream -------------------------------------------------------------------- */

typedef struct {
  guint n_progress;
  double last_fraction;
  GString *log;
  guint nested_at; /* stream item that iterates the main loop from within */
  guint n_items;
} Listener;

static void
on_progress_cb (double fraction, const char *message, gpointer user_data)
{
  Listener *listener = user_data;
  listener->n_progress++;
  listener->last_fraction = fraction;
  g_string_append_printf (listener->log, "[%s]", message);
}

static void
on_stream_cb (gpointer data, gpointer user_data)
{
  Listener *listener = user_data;
  if (++listener->n_items == listener->nested_at)
    for (guint i = 0; i < 50; i++) {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
    }
  g_string_append (listener->log, data);
}

static gpointer
run_talk (IvEngineContext *context, gpointer data, GError **error)
{
  for (guint i = 0; i < 100; i++) {
    g_autofree char *message = g_strdup_printf ("p%u", i);
    iv_engine_context_report (context, i / 99.0, message);
  }
  for (char c = 'a'; c <= 'z'; c++)
    iv_engine_context_emit (context, g_strdup_printf ("%c", c), g_free);
  if (data != NULL)
    gate_pass (data);
  return g_strdup ("end");
}

static void
test_progress_is_coalesced (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  Listener listener = { .log = g_string_new (NULL) };
  Gate gate = { 0 };
  Outcome outcome = { 0 };
  IvEngineJob job = { .run = run_talk,
                      .data = &gate,
                      .progress = on_progress_cb,
                      .stream = on_stream_cb,
                      .user_data = &listener };
  start (engine, &job, NULL, &outcome);
  /* The main loop hears nothing before all has been said. */
  gate_wait_entered (&gate);
  gate_open (&gate);
  wait_for (&outcome.done);
  g_assert_cmpuint (listener.n_progress, ==, 1);
  g_assert_cmpfloat (listener.last_fraction, ==, 1.0);
  g_assert_cmpstr (listener.log->str, ==, "[p99]abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpstr (outcome.result, ==, "end");
  g_free (outcome.result);
  g_string_free (listener.log, TRUE);
}

static gpointer
run_slow_talk (IvEngineContext *context, gpointer data, GError **error)
{
  for (guint i = 0; i < 200; i++) {
    iv_engine_context_emit (context, g_strdup_printf ("%u ", i), g_free);
    g_usleep (100);
  }
  return GINT_TO_POINTER (TRUE);
}

static void
test_stream_order (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GString) expected = g_string_new (NULL);
  for (guint i = 0; i < 200; i++)
    g_string_append_printf (expected, "%u ", i);
  Listener listener = { .log = g_string_new (NULL), .nested_at = 3 };
  Outcome outcome = { 0 };
  IvEngineJob job = { .run = run_slow_talk, .stream = on_stream_cb, .user_data = &listener };
  start (engine, &job, NULL, &outcome);
  wait_for (&outcome.done);
  g_assert_cmpstr (listener.log->str, ==, expected->str);
  g_string_free (listener.log, TRUE);
}

static void
test_no_listener (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  Outcome outcome = { 0 };
  start (engine, &(IvEngineJob){ .run = run_talk, .result_free = g_free }, NULL, &outcome);
  wait_for (&outcome.done);
  g_assert_no_error (outcome.error);
  g_assert_cmpstr (outcome.result, ==, "end");
  g_free (outcome.result);
}

/* --- errors --------------------------------------------------------------------------------- */

static gpointer
run_failing (IvEngineContext *context, gpointer data, GError **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no weights in %s", (const char *) data);
  return NULL;
}

static void
test_error (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  Outcome outcome = { 0 };
  g_autoptr (GError) error = NULL;
  IvEngineJob job = { .run = run_failing, .data = (gpointer) "a.gguf" };
  start (engine, &job, NULL, &outcome);
  wait_for (&outcome.done);
  g_assert_error (outcome.error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_cmpstr (outcome.error->message, ==, "no weights in a.gguf");
  outcome_clear (&outcome);
  g_assert_null (iv_engine_run (engine, &job, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* --- device and kept objects ---------------------------------------------------------------- */

typedef struct {
  GString *log;
  const char *name;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;
  g_string_append_printf (note->log, "-%s", note->name);
  g_free (note);
}

static void
keep_note (IvEngineContext *context, GString *log, const char *name)
{
  Note *note = g_new0 (Note, 1);
  note->log = log;
  note->name = name;
  iv_engine_context_keep (context, name, note, note_free);
}

static gpointer
run_keep (IvEngineContext *context, gpointer data, GError **error)
{
  if (iv_engine_context_get_device (context, error) == NULL)
    return NULL;
  keep_note (context, data, "model");
  keep_note (context, data, "session");
  return GINT_TO_POINTER (TRUE);
}

static gpointer
run_count_kept (IvEngineContext *context, gpointer data, GError **error)
{
  guint n = (iv_engine_context_get_kept (context, "model") != NULL) +
            (iv_engine_context_get_kept (context, "session") != NULL);
  return GUINT_TO_POINTER (n + 1);
}

static gpointer
run_replace (IvEngineContext *context, gpointer data, GError **error)
{
  keep_note (context, data, "model");
  iv_engine_context_keep (context, "session", NULL, NULL);
  iv_engine_context_keep (context, "never kept", NULL, NULL);
  return GINT_TO_POINTER (TRUE);
}

static gpointer
run_lose_device (IvEngineContext *context, gpointer data, GError **error)
{
  FakeDevice *device = (FakeDevice *) iv_engine_context_get_device (context, error);
  device->lost = TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "device %u was lost", device->number);
  return NULL;
}

static void
run_plain (IvEngine *engine, IvEngineFunc run, gpointer data)
{
  g_autoptr (GError) error = NULL;
  iv_engine_run (engine, &(IvEngineJob){ .run = run, .data = data }, NULL, &error);
  g_assert_no_error (error);
}

static guint
count_kept (IvEngine *engine)
{
  IvEngineJob job = { .run = run_count_kept };
  return GPOINTER_TO_UINT (iv_engine_run (engine, &job, NULL, NULL)) - 1;
}

static void
test_kept (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  run_plain (engine, run_keep, log);
  g_assert_cmpuint (count_kept (engine), ==, 2);
  run_plain (engine, run_replace, log);
  g_assert_cmpstr (log->str, ==, "-model-session");
  g_assert_cmpuint (count_kept (engine), ==, 1);
  run_plain (engine, run_keep, log);
  g_string_truncate (log, 0);
  g_clear_object (&engine);
  /* The newest first, and the device last, all on the engine's own thread. */
  g_assert_cmpstr (log->str, ==, "-session-model");
  g_assert_cmpuint (n_closed, ==, 1);
  g_assert_true (closing_thread != g_thread_self ());
}

static void
on_notify_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_assert_cmpstr (iv_engine_get_device_name (IV_ENGINE (object)), ==, "first device");
  *(gboolean *) user_data = TRUE;
}

static void
test_device_lost (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GError) error = NULL;
  gboolean notified = FALSE;
  g_signal_connect (engine, "notify::device-name", G_CALLBACK (on_notify_cb), &notified);
  g_assert_cmpstr (iv_engine_get_device_name (engine), ==, "");
  g_assert_cmpuint (n_opened, ==, 0);
  run_plain (engine, run_keep, log);
  wait_for (&notified);
  g_assert_cmpuint (n_opened, ==, 1);
  iv_engine_run (engine, &(IvEngineJob){ .run = run_lose_device }, NULL, &error);
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, "device 1 was lost");
  /* Nothing of the lost device is left for the next job, which gets a new one. */
  g_assert_cmpuint (count_kept (engine), ==, 0);
  g_assert_cmpstr (log->str, ==, "-session-model");
  g_assert_cmpuint (n_closed, ==, 1);
  run_plain (engine, run_keep, log);
  g_assert_cmpuint (n_opened, ==, 2);
  g_assert_cmpstr (iv_engine_get_device_name (engine), ==, "second device");
}

static void
test_device_fails (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GError) error = NULL;
  IvEngineJob job = { .run = run_keep, .data = log };
  open_fails = TRUE;
  g_assert_null (iv_engine_run (engine, &job, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "no device -1");
  /* Not sticky: a device that appears later is used. */
  open_fails = FALSE;
  run_plain (engine, run_keep, log);
}

/* --- the end -------------------------------------------------------------------------------- */

static void
test_unref_with_jobs_pending (void)
{
  IvEngine *engine = new_engine ();
  g_autoptr (GString) log = g_string_new (NULL);
  Gate gate = { 0 };
  Outcome gate_outcome = { 0 }, outcomes[3] = { 0 };
  start (engine, &(IvEngineJob){ .run = run_gate, .data = &gate }, NULL, &gate_outcome);
  Letter letter = { log, 'x' };
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    start (engine, &(IvEngineJob){ .run = run_letter, .data = &letter }, NULL, &outcomes[i]);
  g_object_add_weak_pointer (G_OBJECT (engine), (gpointer *) &engine);
  g_object_unref (engine);
  g_assert_nonnull (engine);
  gate_open (&gate);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++) {
    wait_for (&outcomes[i].done);
    g_assert_no_error (outcomes[i].error);
  }
  while (engine != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (log->str, ==, "xxx");
}

static void
test_shutdown (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  Gate gate = { .open = TRUE };
  Outcome running = { 0 }, waiting = { 0 }, late = { 0 };
  run_plain (engine, run_keep, log);
  start (engine, &(IvEngineJob){ .run = run_until_cancelled, .data = &gate }, NULL, &running);
  Letter letter = { log, 'x' };
  IvEngineJob job = { .run = run_letter, .data = &letter };
  start (engine, &job, NULL, &waiting);
  gate_wait_entered (&gate);
  iv_engine_shutdown (engine);
  g_assert_cmpstr (log->str, ==, "-session-model");
  g_assert_cmpuint (n_closed, ==, 1);
  start (engine, &job, NULL, &late);
  wait_for (&running.done);
  g_assert_no_error (running.error);
  g_free (running.result);
  wait_for (&waiting.done);
  g_assert_error (waiting.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_for (&late.done);
  g_assert_error (late.error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  outcome_clear (&waiting);
  outcome_clear (&late);
  iv_engine_shutdown (engine);
}

/* --- blocking ------------------------------------------------------------------------------- */

static void
test_blocking (void)
{
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GError) error = NULL;
  Listener listener = { .log = g_string_new (NULL) };
  IvEngineJob job = {
    .run = run_talk, .progress = on_progress_cb, .stream = on_stream_cb, .user_data = &listener
  };
  g_autofree char *result = iv_engine_run (engine, &job, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, "end");
  g_assert_cmpuint (listener.n_progress, ==, 100);
  g_assert_true (g_str_has_suffix (listener.log->str, "[p99]abcdefghijklmnopqrstuvwxyz"));
  g_string_free (listener.log, TRUE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_null (iv_engine_run (engine, &job, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Many jobs cancelled from another thread at odd moments: each ends exactly once. */
static gpointer
cancel_all (gpointer data)
{
  GPtrArray *cancellables = data;
  for (guint i = 0; i < cancellables->len; i += 2) {
    g_cancellable_cancel (cancellables->pdata[i]);
    if (i % 16 == 0)
      g_thread_yield ();
  }
  return NULL;
}

static void
test_cancel_race (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (IvEngine) engine = new_engine ();
  g_autoptr (GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree Outcome *outcomes = g_new0 (Outcome, 400);
  Letter letter = { log, 'x' };
  for (guint i = 0; i < 400; i++)
    g_ptr_array_add (cancellables, g_cancellable_new ());
  GThread *thread = g_thread_new ("canceller", cancel_all, cancellables);
  for (guint i = 0; i < 400; i++)
    start (engine,
           &(IvEngineJob){ .run = run_letter, .data = &letter },
           cancellables->pdata[i],
           &outcomes[i]);
  guint n_done = 0;
  for (guint i = 0; i < 400; i++) {
    wait_for (&outcomes[i].done);
    if (outcomes[i].error == NULL)
      n_done++;
    else
      g_assert_error (outcomes[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_true (i % 2 == 0 || outcomes[i].error == NULL);
    outcome_clear (&outcomes[i]);
  }
  g_thread_join (thread);
  g_assert_cmpuint (log->len, ==, n_done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/order", test_order);
  g_test_add_func ("/engine/cancel-before", test_cancel_before);
  g_test_add_func ("/engine/cancel-while-running", test_cancel_while_running);
  g_test_add_func ("/engine/cancel-race", test_cancel_race);
  g_test_add_func ("/engine/progress", test_progress_is_coalesced);
  g_test_add_func ("/engine/stream-order", test_stream_order);
  g_test_add_func ("/engine/no-listener", test_no_listener);
  g_test_add_func ("/engine/error", test_error);
  g_test_add_func ("/engine/kept", test_kept);
  g_test_add_func ("/engine/device-lost", test_device_lost);
  g_test_add_func ("/engine/device-fails", test_device_fails);
  g_test_add_func ("/engine/unref-with-jobs-pending", test_unref_with_jobs_pending);
  g_test_add_func ("/engine/shutdown", test_shutdown);
  g_test_add_func ("/engine/blocking", test_blocking);
  return g_test_run ();
}
