/* interval-cli report: the draft of a report from the current film, and from a prior.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-model.h"
#include "app/cli/iv-cli.h"
#include "app/read/draft/iv-draft-job.h"
#include "app/read/draft/iv-draft-text.h"
#include "model/files/iv-json.h"

typedef struct {
  char *model, *mmproj, *prior_report, *indication, *family;
  char **laterals;
  gboolean json, no_places;
  int device, max_tokens;
  double temperature, top_p; /* negative: the template's */
  gint64 seed;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->mmproj);
  g_free (options->prior_report);
  g_free (options->indication);
  g_free (options->family);
  g_strfreev (options->laterals);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* --- the request ---------------------------------------------------------------------------- */

static gboolean
add_film (IvDraftRequest *request, const char *file, IvDraftParts part, GError **error)
{
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (file, NULL, error);
  if (radiograph == NULL)
    return FALSE;
  iv_draft_request_add_film (request, radiograph, part);
  return TRUE;
}

static IvRadiograph *
get_film (const IvDraftRequest *request, guint i)
{
  return g_array_index (request->films, IvDraftRequestFilm, i).radiograph;
}

static gboolean
read_report (IvDraftRequest *request, const char *file, GError **error)
{
  gsize length;
  if (!g_file_get_contents (file, &request->prior_report, &length, error))
    return FALSE;
  if (g_utf8_validate (request->prior_report, (gssize) length, NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is not text in UTF-8", file);
  return FALSE;
}

static void
set_sampling (IvDraftRequest *request, const Options *options)
{
  request->sampling.seed = (guint64) options->seed;
  request->has_sampling = options->temperature >= 0;
  if (!request->has_sampling)
    return;
  request->sampling.temperature = (float) options->temperature;
  request->sampling.top_p = options->top_p >= 0 ? (float) options->top_p : 0;
}

/* files: the current film and perhaps the prior. */
static IvDraftRequest *
make_request (char **files, const Options *options, GError **error)
{
  g_autoptr (IvDraftRequest) request = iv_draft_request_new (options->model);
  request->mmproj = g_strdup (options->mmproj);
  request->family = g_strdup (options->family);
  request->indication = g_strdup (options->indication);
  request->max_tokens = (guint) options->max_tokens;
  request->is_unplaced = options->no_places;
  set_sampling (request, options);
  if (!add_film (request, files[0], IV_DRAFT_CURRENT, error))
    return NULL;
  for (char **file = options->laterals; file != NULL && *file != NULL; file++)
    if (!add_film (request, *file, IV_DRAFT_LATERAL, error))
      return NULL;
  if (files[1] == NULL)
    return g_steal_pointer (&request);
  if (!add_film (request, files[1], IV_DRAFT_PRIOR, error))
    return NULL;
  request->days =
      iv_draft_count_days (iv_radiograph_get_info (get_film (request, 0)),
                           iv_radiograph_get_info (get_film (request, request->films->len - 1)));
  if (options->prior_report != NULL && !read_report (request, options->prior_report, error))
    return NULL;
  return g_steal_pointer (&request);
}

/* --- the run -------------------------------------------------------------------------------- */

static void
on_piece_cb (gpointer data, gpointer user_data)
{
  IvDraftPiece *piece = data;
  const gboolean *shows = user_data;
  if (*shows)
    fputs (piece->text, stderr);
}

static IvDraft *
run_request (IvDraftRequest *request, const Options *options, GError **error)
{
  g_autoptr (IvEngine) engine = iv_engine_new (&(IvEngineParams){ .device = options->device });
  IvDraftRequestFilm *last =
      &g_array_index (request->films, IvDraftRequestFilm, request->films->len - 1);
  /* What comes is seen as it comes; the draft itself is printed when it is whole. */
  gboolean shows = isatty (STDERR_FILENO) && !options->json;
  if (last->part == IV_DRAFT_PRIOR) {
    IvComparisonParams params = { get_film (request, 0), last->radiograph };
    request->comparison = iv_comparison_run (engine, &params, NULL, error);
    if (request->comparison == NULL)
      return NULL;
  }
  IvEngineJob job = { .name = "draft",
                      .run = iv_draft_job_run,
                      .data = request,
                      .result_free = (GDestroyNotify) iv_draft_unref,
                      .stream = on_piece_cb,
                      .user_data = &shows };
  IvDraft *draft = iv_cli_run_job (engine, &job, error);
  iv_engine_shutdown (engine);
  if (shows)
    fputs ("\n\n", stderr);
  return draft;
}

static void
print_places (const IvDraft *draft)
{
  const GArray *sentences = iv_report_get_sentences (draft->report);
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = &g_array_index (sentences, IvSentence, i);
    const GArray *places = g_ptr_array_index (draft->places, i);
    if (!iv_report_is_statement (draft->report, sentence))
      continue;
    g_autofree char *text = iv_report_copy_span (draft->report, sentence->span);
    printf ("- %s: ", g_strdelimit (text, "\n", ' '));
    if (places->len == 0)
      printf ("no image evidence");
    for (guint k = 0; k < places->len; k++) {
      const IvDraftPlace *place = &g_array_index (places, IvDraftPlace, k);
      printf ("%s%s at %.0f %.0f, %.0f x %.0f",
              k > 0 ? "; " : "",
              iv_evidence_to_string (place->evidence),
              place->box.x,
              place->box.y,
              place->box.width,
              place->box.height);
    }
    putchar ('\n');
  }
}

static void
print_text (const IvDraft *draft)
{
  const IvDraftProvenance *made = &draft->provenance;
  puts (draft->text);
  puts ("\nPlaces in the current film:");
  print_places (draft);
  for (guint i = 0; i < draft->removals->len; i++) {
    const IvDraftRemoval *removal = &g_array_index (draft->removals, IvDraftRemoval, i);
    printf ("Left out, since there is no prior and it says “%s”: %s\n",
            removal->word,
            removal->sentence);
  }
  printf ("\nDraft, accepted by nobody. %s, SHA-256 %.12s, %s, %s%s%s\n",
          made->model,
          *made->sha256 != '\0' ? made->sha256 : "unknown",
          made->device,
          made->time,
          draft->end != IV_DRAFT_WHOLE ? ", " : "",
          draft->end != IV_DRAFT_WHOLE ? iv_draft_end_to_string (draft->end) : "");
}

static int
report (const IvCliCommand *command, char **files, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvDraftRequest) request = make_request (files, options, &error);
  g_autoptr (IvDraft) draft = request != NULL ? run_request (request, options, &error) : NULL;
  if (draft == NULL)
    return iv_cli_fail (command->name, error);
  if (options->json) {
    g_autoptr (JsonNode) node = iv_draft_to_json (draft);
    g_autofree char *text = iv_json_to_string (node, FALSE);
    puts (text);
  } else {
    print_text (draft);
  }
  return IV_CLI_DONE;
}

/* --- the options ---------------------------------------------------------------------------- */

static const char *
find_problem (int argc, const Options *options)
{
  if (argc < 2 || argc > 3)
    return "the current film is wanted, and at most one prior";
  if (options->model == NULL)
    return "--model is wanted";
  if (options->prior_report != NULL && argc < 3)
    return "--prior-report goes with a prior film";
  if (options->max_tokens < 0)
    return "--max-tokens is 0 or more";
  return NULL;
}

int
iv_cli_run_report (int argc, char **argv)
{
  g_auto (Options) o = { .device = -1, .temperature = -1, .top_p = -1, .seed = 1 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    { "mmproj", 0, 0, G_OPTION_ARG_FILENAME, &o.mmproj, "its vision tower (beside it)", "FILE" },
    { "prior-report", 0, 0, G_OPTION_ARG_FILENAME, &o.prior_report, "of the prior", "FILE" },
    { "indication", 0, 0, G_OPTION_ARG_STRING, &o.indication, "why it was asked for", "TEXT" },
    { "lateral", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.laterals, "another view of today", "FILE" },
    { "prompt",
      0,
      0,
      G_OPTION_ARG_STRING,
      &o.family,
      "family of the prompt (the model's)",
      "NAME" },
    { "temperature", 0, 0, G_OPTION_ARG_DOUBLE, &o.temperature, "0 is greedy (prompt's)", "T" },
    { "top-p", 0, 0, G_OPTION_ARG_DOUBLE, &o.top_p, "with --temperature", "P" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o.seed, "of the draw (1)", "N" },
    { "max-tokens", 'n', 0, G_OPTION_ARG_INT, &o.max_tokens, "0: the prompt's", "N" },
    { "no-places", 0, 0, G_OPTION_ARG_NONE, &o.no_places, "do not ask the model for boxes", NULL },
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "one JSON object", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("report");
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  const char *problem = find_problem (argc, &o);
  return problem != NULL ? iv_cli_usage (command, problem) : report (command, argv + 1, &o);
}
