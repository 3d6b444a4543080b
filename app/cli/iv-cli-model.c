/* What the commands that run a language model share: the engine, the model, its options.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <glib-unix.h>

/* A thread of its own hears signals while the main thread waits for the engine. */
typedef struct {
  GMainContext *context;
  GMainLoop *loop;
  GCancellable *cancellable;
  GThread *thread;
} Interrupt;

static gboolean
on_interrupt_cb (gpointer user_data)
{
  Interrupt *interrupt = user_data;
  if (g_cancellable_is_cancelled (interrupt->cancellable))
    _exit (128 + SIGINT);
  g_cancellable_cancel (interrupt->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
run_interrupt (gpointer data)
{
  Interrupt *interrupt = data;
  g_main_loop_run (interrupt->loop);
  return NULL;
}

static void
interrupt_start (Interrupt *interrupt)
{
  interrupt->context = g_main_context_new ();
  interrupt->loop = g_main_loop_new (interrupt->context, FALSE);
  interrupt->cancellable = g_cancellable_new ();
  g_autoptr (GSource) source = g_unix_signal_source_new (SIGINT);
  g_source_set_callback (source, on_interrupt_cb, interrupt, NULL);
  g_source_attach (source, interrupt->context);
  interrupt->thread = g_thread_new ("interrupt", run_interrupt, interrupt);
}

static void
interrupt_stop (Interrupt *interrupt)
{
  g_main_context_invoke (interrupt->context, on_quit_cb, interrupt->loop);
  g_thread_join (interrupt->thread);
  g_main_loop_unref (interrupt->loop);
  g_main_context_unref (interrupt->context);
  g_object_unref (interrupt->cancellable);
}

gpointer
iv_cli_run_job (IvEngine *engine, const IvEngineJob *job, GError **error)
{
  Interrupt interrupt;
  interrupt_start (&interrupt);
  gpointer result = iv_engine_run (engine, job, interrupt.cancellable, error);
  interrupt_stop (&interrupt);
  return result;
}

gpointer
iv_cli_run_on_device (int device, IvEngineFunc run, gpointer data, GError **error)
{
  g_autoptr (IvEngine) engine = iv_engine_new (&(IvEngineParams){ .device = device });
  IvEngineJob job = { .name = "command", .run = run, .data = data };
  return iv_cli_run_job (engine, &job, error);
}

static void
on_progress_cb (double fraction, const char *what, gpointer user_data)
{
  int *percent = user_data;
  int now = (int) (fraction * 100);
  if (now == *percent)
    return;
  *percent = now;
  fprintf (stderr, "\r%3d %% %-40.40s%s", now, fraction < 1 ? what : "", fraction < 1 ? "" : "\r");
  fflush (stderr);
}

IvLanguageModel *
iv_cli_load_model (IvEngineContext *context, const IvCliModelParams *params, GError **error)
{
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  int percent = -1;
  if (device == NULL)
    return NULL;
  IvLanguageModelParams model = {
    .file = params->file,
    .mmproj = params->mmproj,
    .n_context = params->n_context,
    .progress = isatty (STDERR_FILENO) ? on_progress_cb : NULL,
    .progress_data = &percent,
  };
  if (!iv_decoder_weights_type_parse (&model.weights_type, params->weights_type, error) ||
      !iv_decoder_cache_type_parse (&model.cache_type, params->cache_type, error))
    return NULL;
  return iv_language_model_new (device, &model, iv_engine_context_get_cancellable (context), error);
}

GArray *
iv_cli_parse_ids (const char *text, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_auto (GStrv) words = g_strsplit_set (text, " ,\t\n", -1);
  for (char **word = words; *word != NULL; word++) {
    gint64 value;
    if (**word == '\0')
      continue;
    if (!g_ascii_string_to_signed (*word, 10, 0, G_MAXINT32, &value, error))
      return NULL;
    gint32 id = (gint32) value;
    g_array_append_val (ids, id);
  }
  return g_steal_pointer (&ids);
}
