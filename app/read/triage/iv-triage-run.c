/* Triage of one film from its first question to its last, each a short job of the engine.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-run.h"

#include "app/read/triage/iv-triage-job.h"

/* Changes below this are not shown anywhere. */
#define LEAST_CHANGE 0.5

/* One film under way. */
typedef struct {
  IvEngine *engine;
  IvTriageSetup *setup;
  IvTriageCase *films;
  gboolean has_prior;
  IvComparison *comparison;
  IvTriage *triage; /* as far as it is known */
  IvEngineProgressFunc progress;
  gpointer progress_data;
} Run;

static Run *
run_new (IvEngine *engine, const IvTriageRunParams *params)
{
  Run *run = g_new0 (Run, 1);
  run->engine = g_object_ref (engine);
  run->setup = iv_triage_setup_ref (params->setup);
  run->films = iv_triage_case_new (params->setup, params->current, params->prior);
  run->has_prior = params->prior != NULL;
  run->comparison = params->comparison != NULL ? g_object_ref (params->comparison) : NULL;
  run->triage = iv_triage_new ();
  run->progress = params->progress;
  run->progress_data = params->progress_data;
  return run;
}

static void
run_free (Run *run)
{
  g_object_unref (run->engine);
  iv_triage_setup_unref (run->setup);
  iv_triage_case_unref (run->films);
  g_clear_object (&run->comparison);
  iv_triage_unref (run->triage);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

/* --- findings -------------------------------------------------------------------------------- */

static void
add_evidence (IvTriageFinding *finding, const IvTriageQuestion *question, IvComparison *comparison)
{
  GPtrArray *changes = comparison != NULL ? iv_comparison_get_changes (comparison) : NULL;
  for (guint i = 0; changes != NULL && i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    IvTriageEvidence evidence = { change->zone, change->direction, change->score };
    if (change->score >= LEAST_CHANGE && iv_triage_question_wants (question, change))
      g_array_append_val (finding->evidence, evidence);
  }
}

/* reply: NULL when it was not asked. */
static void
add_finding (Run *run, const IvTriageQuestion *question, const IvTriageReply *reply)
{
  const IvTriageQuestions *questions = run->setup->questions;
  const IvTriageCard *card = run->setup->card;
  double least = card->least_mass >= 0 ? card->least_mass : questions->least_mass;
  IvTriageFinding *finding = iv_triage_add (run->triage, question->name, question->label);
  finding->threshold = iv_triage_card_get_threshold (card, question->name, question->threshold);
  add_evidence (finding, question, run->comparison);
  finding->status = IV_TRIAGE_NO_PRIOR;
  if (reply == NULL)
    return;
  finding->mass = reply->probability.mass;
  finding->status = finding->mass >= least ? IV_TRIAGE_SCORED : IV_TRIAGE_NO_ANSWER;
  if (finding->status == IV_TRIAGE_SCORED)
    finding->score = reply->probability.score;
  finding->is_flag = finding->status == IV_TRIAGE_SCORED && finding->score >= finding->threshold;
  if (run->triage->device == NULL)
    run->triage->device = g_strdup (reply->device);
}

/* The next question that is asked; findings of those that are not are added on the way. NULL: all
 * are done. */
static const IvTriageQuestion *
find_next (Run *run)
{
  GPtrArray *questions = run->setup->questions->questions;
  while (run->triage->findings->len < questions->len) {
    const IvTriageQuestion *question = g_ptr_array_index (questions, run->triage->findings->len);
    if (!question->needs_prior || run->has_prior)
      return question;
    add_finding (run, question, NULL);
  }
  return NULL;
}

static char *
describe_calibration (const IvTriageCard *card)
{
  if (card->is_calibrated)
    return g_strdup_printf ("%s, %s", card->date, card->set);
  return g_strdup (card->note != NULL ? card->note : "");
}

/* (transfer full) */
static IvTriage *
finish (Run *run)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  IvTriage *triage = run->triage;
  triage->model = g_strdup (run->setup->name);
  triage->model_digest = g_strdup (run->setup->model_digest);
  if (triage->device == NULL)
    triage->device = g_strdup ("");
  triage->time = g_date_time_format_iso8601 (now);
  triage->temperature = run->setup->card->temperature;
  triage->is_calibrated = run->setup->card->is_calibrated;
  triage->calibration = describe_calibration (run->setup->card);
  return iv_triage_ref (triage);
}

static IvEngineJob
make_job (Run *run)
{
  return (IvEngineJob){ .name = "triage",
                        .priority = IV_ENGINE_BACKGROUND,
                        .run = iv_triage_job_ask,
                        .data = iv_triage_request_new (run->films, run->triage->findings->len),
                        .data_free = (GDestroyNotify) iv_triage_request_free,
                        .result_free = (GDestroyNotify) iv_triage_reply_free,
                        .progress = run->progress,
                        .user_data = run->progress_data };
}

/* --- blocking -------------------------------------------------------------------------------- */

IvTriage *
iv_triage_run (IvEngine *engine,
               const IvTriageRunParams *params,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (Run) run = run_new (engine, params);
  const IvTriageQuestion *question;
  while ((question = find_next (run)) != NULL) {
    IvEngineJob job = make_job (run);
    g_autoptr (IvTriageReply) reply = iv_engine_run (engine, &job, cancellable, error);
    if (reply == NULL)
      return NULL;
    add_finding (run, question, reply);
  }
  return finish (run);
}

gboolean
iv_triage_load_model (IvEngine *engine,
                      IvTriageSetup *setup,
                      GCancellable *cancellable,
                      GError **error)
{
  IvEngineJob job = { .name = "triage model",
                      .priority = IV_ENGINE_BACKGROUND,
                      .run = iv_triage_job_load,
                      .data = iv_triage_setup_ref (setup),
                      .data_free = (GDestroyNotify) iv_triage_setup_unref,
                      .result_free = g_free };
  g_autofree gboolean *done = iv_engine_run (engine, &job, cancellable, error);
  return done != NULL;
}

/* --- on the main loop ------------------------------------------------------------------------ */

static void ask_next (GTask *task);

static void
on_reply_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (IvTriageReply) reply = iv_engine_run_finish (IV_ENGINE (source), result, &error);
  if (reply == NULL) {
    g_task_return_error (task, error);
    return;
  }
  add_finding (run, find_next (run), reply);
  ask_next (task);
}

static void
ask_next (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  if (find_next (run) == NULL) {
    g_task_return_pointer (task, finish (run), (GDestroyNotify) iv_triage_unref);
    return;
  }
  IvEngineJob job = make_job (run);
  iv_engine_run_async (
      run->engine, &job, g_task_get_cancellable (task), on_reply_cb, g_object_ref (task));
}

void
iv_triage_run_async (IvEngine *engine,
                     const IvTriageRunParams *params,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, iv_triage_run_async);
  g_task_set_task_data (task, run_new (engine, params), (GDestroyNotify) run_free);
  ask_next (task);
}

IvTriage *
iv_triage_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
