/* interval-cli evaluate: a model's drafts for a table of cases, scored.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-scores.h"
#include "app/cli/iv-cli.h"
#include "app/read/iv-read-error.h"
#include "app/read/score/iv-evaluation.h"

typedef struct {
  gboolean json;
  char *model, *drafts, *tokens;
  int samples, seed;
  IvTokenisation tokenisation;
} Options;

/* This version reads no films into a model, so it cannot draft; drafts that are already in the
 * file are scored. */
static char *
refuse_to_draft (const IvEvaluationRow *row,
                 gpointer user_data,
                 GCancellable *cancellable,
                 GError **error)
{
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_NO_MODEL,
               "row %s has no draft, and this version cannot draft reports from films yet",
               row->id);
  return NULL;
}

static void
print_failures (const IvEvaluation *result)
{
  for (guint i = 0; i < result->failures->len; i++)
    g_printerr ("interval-cli evaluate: %s\n", (const char *) result->failures->pdata[i]);
}

static void
print_scores (const IvEvaluation *result, const Options *options)
{
  IvResampling resampling = { (guint) options->samples, (guint32) options->seed, 0.95 };
  g_autoptr (IvScores) scores = iv_scores_new (&(IvScoreParams){
      .n_reports = result->drafts->len,
      .hypotheses = (const char *const *) result->drafts->pdata,
      .n_references = 1,
      .references = (const char *const *) result->references->pdata,
      .tokenisation = options->tokenisation,
  });
  if (options->samples > 0)
    iv_scores_resample (scores, &resampling);
  IvCliScores printed = { .scores = scores, .resampling = &resampling, .n_references = 1 };
  if (options->json)
    iv_cli_scores_print_json (&printed);
  else
    iv_cli_scores_print (&printed);
}

static gboolean
evaluate (const char *table, const Options *options, GError **error)
{
  g_autofree char *drafts = options->drafts != NULL ? g_strdup (options->drafts)
                                                    : g_strconcat (table, ".drafts.jsonl", NULL);
  g_autoptr (IvEvaluation) result = iv_evaluation_run (
      &(IvEvaluationParams){
          .table = table, .drafts = drafts, .model = options->model, .draft = refuse_to_draft },
      error);
  if (result == NULL)
    return FALSE;
  if (result->drafts->len > 0)
    print_scores (result, options);
  print_failures (result);
  if (result->failures->len == 0)
    return TRUE;
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "%s: %u of its rows could not be drafted and are not scored",
               table,
               result->failures->len);
  return FALSE;
}

int
iv_cli_run_evaluate (int argc, char **argv)
{
  Options options = { .samples = 1000, .seed = 1, .tokenisation = IV_TOKENS_BLANKS };
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "what drafts the reports", "MODEL" },
    { "drafts",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options.drafts,
      "where the drafts are kept (TABLE.drafts.jsonl)",
      "FILE" },
    { "tokens", 0, 0, G_OPTION_ARG_STRING, &options.tokens, "words, as in score", "NAME" },
    { "bootstrap", 0, 0, G_OPTION_ARG_INT, &options.samples, "samples, 0 for none (1000)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &options.seed, "of the resampling (1)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print one JSON object", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("evaluate");
  g_autoptr (GError) error = NULL;
  int status = IV_CLI_DONE;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 2 || options.model == NULL)
    status = iv_cli_usage (command, "a table and --model are needed");
  else if (options.samples < 0 || options.samples > 100000)
    status = iv_cli_usage (command, "--bootstrap is between 0 and 100000");
  else if (options.tokens != NULL && !iv_tokenisation_parse (options.tokens, &options.tokenisation))
    status = iv_cli_usage (command,
                           "--tokens is one of blanks, single-blanks, ptb, r2gen, alphanumeric");
  else if (!evaluate (argv[1], &options, &error))
    status = iv_cli_fail ("evaluate", error);
  g_free (options.model);
  g_free (options.drafts);
  g_free (options.tokens);
  return status;
}
