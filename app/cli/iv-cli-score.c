/* interval-cli score: reports against their references, and two systems against each other.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-scores.h"
#include "app/cli/iv-cli.h"
#include "app/read/score/iv-report-pairs.h"

typedef struct {
  gboolean json;
  char *tokens, *against, *column, *reference_column;
  int samples, seed;
  IvTokenisation tokenisation;
} Options;

/* The references of every file, [n_files, n_reports], in the order of the first file. */
typedef struct {
  GPtrArray *tables; /* IvReportTable * */
  GPtrArray *texts;  /* const char * */
  guint n_files;
} References;

static void
references_clear (References *references)
{
  g_clear_pointer (&references->tables, g_ptr_array_unref);
  g_clear_pointer (&references->texts, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (References, references_clear)

static gboolean
load_references (References *references, char **files, const Options *options, GError **error)
{
  references->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_report_table_free);
  references->texts = g_ptr_array_new ();
  for (; *files != NULL; files++, references->n_files++) {
    IvReportTable *table = iv_report_table_load (*files, error);
    if (table == NULL)
      return FALSE;
    g_ptr_array_add (references->tables, table);
    const char *column =
        iv_reports_choose_column (table, options->reference_column, IV_REPORTS_REFERENCE, error);
    g_autoptr (GPtrArray) texts = NULL;
    if (column == NULL)
      return FALSE;
    texts =
        iv_reports_match (table, column, references->tables->pdata[0], IV_REPORTS_REFERENCE, error);
    if (texts == NULL)
      return FALSE;
    g_ptr_array_extend (references->texts, texts, NULL, NULL);
  }
  return TRUE;
}

/* (transfer full) The scores of one file of reports. */
static IvScores *
score_file (const char *file, const References *references, const Options *options, GError **error)
{
  g_autoptr (IvReportTable) table = iv_report_table_load (file, error);
  if (table == NULL)
    return NULL;
  const char *column =
      iv_reports_choose_column (table, options->column, IV_REPORTS_OF_SYSTEM, error);
  if (column == NULL)
    return NULL;
  g_autoptr (GPtrArray) texts =
      iv_reports_match (table, column, references->tables->pdata[0], IV_REPORTS_OF_SYSTEM, error);
  if (texts == NULL)
    return NULL;
  return iv_scores_new (&(IvScoreParams){
      .n_reports = texts->len,
      .hypotheses = (const char *const *) texts->pdata,
      .n_references = references->n_files,
      .references = (const char *const *) references->texts->pdata,
      .tokenisation = options->tokenisation,
  });
}

static gboolean
score (char **files, const Options *options, GError **error)
{
  g_auto (References) references = { 0 };
  IvResampling resampling = { (guint) options->samples, (guint32) options->seed, 0.95 };
  if (!load_references (&references, files + 1, options, error))
    return FALSE;
  g_autoptr (IvScores) scores = score_file (files[0], &references, options, error);
  if (scores == NULL)
    return FALSE;
  g_autoptr (IvScores) other = NULL;
  g_autoptr (GArray) differences = NULL;
  if (options->against != NULL) {
    other = score_file (options->against, &references, options, error);
    if (other == NULL)
      return FALSE;
  }
  if (options->samples > 0) {
    iv_scores_resample (scores, &resampling);
    if (other != NULL)
      differences = iv_scores_compare (scores, other, &resampling);
  }
  IvCliScores result = {
    .scores = scores,
    .other = other,
    .differences = differences,
    .resampling = &resampling,
    .n_references = references.n_files,
  };
  if (options->json)
    iv_cli_scores_print_json (&result);
  else
    iv_cli_scores_print (&result);
  return TRUE;
}

/* NULL when the options make sense. */
static const char *
find_problem (Options *options, int argc)
{
  if (argc < 3)
    return "two files are needed, the reports and their references";
  if (options->tokens != NULL && !iv_tokenisation_parse (options->tokens, &options->tokenisation))
    return "--tokens is one of blanks, single-blanks, ptb, r2gen, alphanumeric";
  if (options->samples < 0 || options->samples > 100000)
    return "--bootstrap is between 0 and 100000";
  return NULL;
}

int
iv_cli_run_score (int argc, char **argv)
{
  Options options = { .samples = 1000, .seed = 1, .tokenisation = IV_TOKENS_BLANKS };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print one JSON object", NULL },
    { "against",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options.against,
      "another system's reports, for a paired test",
      "HYP2" },
    { "tokens",
      0,
      0,
      G_OPTION_ARG_STRING,
      &options.tokens,
      "words of BLEU, CIDEr-D and the COCO ROUGE-L: blanks, ptb, r2gen, alphanumeric",
      "NAME" },
    { "column", 0, 0, G_OPTION_ARG_STRING, &options.column, "column of the reports", "NAME" },
    { "reference-column",
      0,
      0,
      G_OPTION_ARG_STRING,
      &options.reference_column,
      "column of the references",
      "NAME" },
    { "bootstrap",
      0,
      0,
      G_OPTION_ARG_INT,
      &options.samples,
      "samples for intervals and tests, 0 for none (1000)",
      "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &options.seed, "of the resampling (1)", "N" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("score");
  g_autoptr (GError) error = NULL;
  int status = IV_CLI_DONE;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  const char *problem = find_problem (&options, argc);
  if (problem != NULL)
    status = iv_cli_usage (command, problem);
  else if (!score (argv + 1, &options, &error))
    status = iv_cli_fail ("score", error);
  g_free (options.tokens);
  g_free (options.against);
  g_free (options.column);
  g_free (options.reference_column);
  return status;
}
