/* interval-cli triage: scores and notices for each study, most urgent first.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <unistd.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-scanned.h"
#include "app/cli/iv-cli-triage-print.h"
#include "app/cli/iv-cli.h"
#include "app/compare/iv-comparison.h"
#include "app/read/triage/iv-triage-run.h"
#include "app/read/triage/iv-triage-store.h"

typedef struct {
  char *model, *mmproj;
  gboolean json, no_store;
  int device;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->mmproj);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* All studies under way. */
typedef struct {
  IvTriageSetup *setup;
  IvLibrary *library; /* NULL: nothing is kept */
  IvEngine *engine;
  gboolean is_loaded; /* the model */
  GPtrArray *studies; /* IvCliTriageStudy * */
} Work;

static void
work_clear (Work *work)
{
  if (work->engine != NULL)
    iv_engine_shutdown (work->engine);
  g_clear_object (&work->engine);
  g_clear_object (&work->library);
  g_clear_pointer (&work->studies, g_ptr_array_unref);
  g_clear_pointer (&work->setup, iv_triage_setup_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* --- which film of each study ---------------------------------------------------------------- */

static gboolean
is_frontal_chest (IvImage *image)
{
  const IvRadiographInfo *info = iv_image_get_info (image);
  return info->view != IV_VIEW_LATERAL && iv_prior_is_chest_film (info);
}

static IvCliTriageStudy *
new_study (IvPatient *patient, IvImage *image)
{
  const IvRadiographInfo *info = iv_image_get_info (image);
  IvCliTriageStudy *study = g_new0 (IvCliTriageStudy, 1);
  study->patient = g_object_ref (patient);
  study->image = g_object_ref (image);
  study->prior = iv_prior_choose (patient, image);
  study->uid = info->study_instance_uid;
  return study;
}

/* The latest frontal chest film of each study; pictures are studies of their own. */
static void
add_studies (GPtrArray *studies, IvPatient *patient)
{
  GListModel *images = G_LIST_MODEL (patient);
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = g_list_model_get_n_items (images); i > 0; i--) {
    g_autoptr (IvImage) image = g_list_model_get_item (images, i - 1);
    const char *uid = iv_image_get_info (image)->study_instance_uid;
    if (is_frontal_chest (image) && (uid == NULL || g_hash_table_add (done, (gpointer) uid)))
      g_ptr_array_add (studies, new_study (patient, image));
  }
}

/* --- one film -------------------------------------------------------------------------------- */

/* The prior is what makes the evidence and some questions; one that cannot be read is none. */
static IvRadiograph *
load_prior (const IvCliTriageStudy *study)
{
  g_autoptr (GError) error = NULL;
  if (study->prior->image == NULL)
    return NULL;
  IvRadiograph *prior =
      iv_radiograph_load (iv_image_get_info (study->prior->image)->file, NULL, &error);
  if (prior == NULL)
    g_printerr ("interval-cli triage: without the prior: %s\n", error->message);
  return prior;
}

static IvComparison *
compare (Work *work, IvRadiograph *current, IvRadiograph *prior)
{
  g_autoptr (GError) error = NULL;
  if (prior == NULL)
    return NULL;
  IvComparison *comparison =
      iv_comparison_run (work->engine, &(IvComparisonParams){ current, prior }, NULL, &error);
  if (comparison == NULL)
    g_printerr ("interval-cli triage: without a comparison: %s\n", error->message);
  return comparison;
}

static IvTriage *
compute (Work *work, IvCliTriageStudy *study)
{
  const char *file = iv_image_get_info (study->image)->file;
  g_autoptr (IvRadiograph) current = iv_radiograph_load (file, NULL, &study->error);
  if (current == NULL)
    return NULL;
  g_autoptr (IvRadiograph) prior = load_prior (study);
  g_autoptr (IvComparison) comparison = compare (work, current, prior);
  IvTriageRunParams params = {
    .setup = work->setup, .current = current, .prior = prior, .comparison = comparison
  };
  return iv_triage_run (work->engine, &params, NULL, &study->error);
}

static void
keep (Work *work, const IvCliTriageStudy *study, const char *film)
{
  const char *file = iv_image_get_info (study->image)->file;
  g_autoptr (IvTriageEntry) entry = iv_triage_entry_new (study->triage, film, work->setup->key);
  g_autoptr (GError) error = NULL;
  if (work->library != NULL && !iv_triage_store_put (work->library, file, entry, &error))
    g_printerr ("interval-cli triage: not kept: %s\n", error->message);
}

/* What is kept of this film and its prior by this model, as long as neither has changed. */
static gboolean
find_kept (Work *work, IvCliTriageStudy *study, const char *film)
{
  const char *file = iv_image_get_info (study->image)->file;
  g_autoptr (GError) error = NULL;
  if (work->library == NULL)
    return FALSE;
  g_autoptr (IvTriageEntry) entry =
      iv_triage_store_find (work->library, file, film, work->setup->key, &error);
  if (error != NULL)
    g_printerr ("interval-cli triage: %s\n", error->message);
  if (entry == NULL)
    return FALSE;
  study->triage = iv_triage_ref (entry->triage);
  study->is_kept = TRUE;
  return TRUE;
}

/* FALSE: the model cannot be used at all. */
static gboolean
do_study (Work *work, IvCliTriageStudy *study, GError **error)
{
  const char *prior =
      study->prior->image != NULL ? iv_image_get_info (study->prior->image)->file : NULL;
  g_autofree char *film =
      iv_triage_digest_films (iv_image_get_info (study->image)->file, prior, NULL, &study->error);
  if (film == NULL || find_kept (work, study, film))
    return TRUE;
  if (!work->is_loaded && !iv_triage_load_model (work->engine, work->setup, NULL, error))
    return FALSE;
  work->is_loaded = TRUE;
  study->triage = compute (work, study);
  if (study->triage != NULL)
    keep (work, study, film);
  return TRUE;
}

static gboolean
do_studies (Work *work, GError **error)
{
  for (guint i = 0; i < work->studies->len; i++) {
    IvCliTriageStudy *study = g_ptr_array_index (work->studies, i);
    g_printerr ("%u/%u %s\n", i + 1, work->studies->len, iv_image_get_info (study->image)->file);
    if (!do_study (work, study, error))
      return FALSE;
    study->urgency = study->triage != NULL ? iv_triage_get_urgency (study->triage, NULL) : -2;
  }
  g_ptr_array_sort (work->studies, iv_cli_triage_study_compare);
  return TRUE;
}

/* --- the command ----------------------------------------------------------------------------- */

static gboolean
start (Work *work, const Options *options, IvCollection *collection, GError **error)
{
  work->setup = iv_triage_setup_load (options->model, options->mmproj, error);
  if (work->setup == NULL)
    return FALSE;
  if (!options->no_store && (work->library = iv_library_open (NULL, error)) == NULL)
    return FALSE;
  work->engine = iv_engine_new (&(IvEngineParams){ .device = options->device });
  work->studies = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_cli_triage_study_free);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (collection)); i++) {
    g_autoptr (IvPatient) patient = g_list_model_get_item (G_LIST_MODEL (collection), i);
    add_studies (work->studies, patient);
  }
  return TRUE;
}

static int
run_with (const IvCliCommand *command, const Options *options, const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvCollection) collection = iv_collection_new ();
  g_autoptr (IvCollectionReport) report = iv_cli_scan_paths (collection, paths, &error);
  g_auto (Work) work = { 0 };
  if (report == NULL || !start (&work, options, collection, &error) || !do_studies (&work, &error))
    return iv_cli_fail (command->name, error);
  if (options->json)
    iv_cli_triage_print_json (work.setup, work.studies, report->refusals);
  else
    iv_cli_triage_print_text (work.setup, work.studies, report->refusals);
  return IV_CLI_DONE;
}

int
iv_cli_run_triage (int argc, char **argv)
{
  g_auto (Options) o = { .device = -1 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    { "mmproj", 0, 0, G_OPTION_ARG_FILENAME, &o.mmproj, "GGUF file of the vision tower", "FILE" },
    { "no-store", 0, 0, G_OPTION_ARG_NONE, &o.no_store, "neither look for kept results nor keep" },
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "one JSON object" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("triage");
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (o.model == NULL)
    return iv_cli_usage (command, "--model is wanted");
  if (argc < 2)
    return iv_cli_usage (command, "at least one PATH is needed");
  return run_with (command, &o, (const char *const *) argv + 1);
}
