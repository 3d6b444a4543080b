/* Drafts from end to end with a tiny random model, in both forms of its files: a pair of DICOM
 * films, preprocessing, tower, decoder, constrained text, places, provenance.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/read/draft/iv-comparison-words.h"
#include "app/read/draft/iv-draft-job.h"
#include "app/read/iv-prompt.h"
#include "app/read/iv-read-error.h"
#include "model/files/iv-model-error.h"

/* Without these a random model of 520 tokens says nothing that is on the shipped list. */
#define BANNED "a*\ne*\nr*\ns*\n"
#define N_DRAFTS 20

static IvEngine *engine;
static IvRadiograph *current, *prior;

/* A form of the same kind of model. */
typedef struct {
  const char *name;
  char *model, *mmproj;
} Form;

static Form forms[2];

static void
set_prompt (const char *name, const char *text)
{
  g_autofree char *file = iv_prompt_get_user_file (name);
  g_autofree char *folder = g_path_get_dirname (file);
  g_mkdir_with_parents (folder, 0700);
  if (text != NULL)
    g_assert_true (g_file_set_contents (file, text, -1, NULL));
  else
    g_unlink (file);
}

static IvDraftRequest *
ask_for (const Form *form, gboolean with_prior)
{
  IvDraftRequest *request = iv_draft_request_new (form->model);
  request->mmproj = g_strdup (form->mmproj);
  request->indication = g_strdup ("Cough.");
  request->max_tokens = 40;
  request->is_unplaced = TRUE;
  iv_draft_request_add_film (request, current, IV_DRAFT_CURRENT);
  if (with_prior) {
    iv_draft_request_add_film (request, prior, IV_DRAFT_PRIOR);
    request->days = 22;
  }
  return request;
}

static IvDraft *
run (IvDraftRequest *request, GError **error)
{
  IvEngineJob job = { .name = "draft", .run = iv_draft_job_run, .data = request };
  return iv_engine_run (engine, &job, NULL, error);
}

static IvDraft *
draft (IvDraftRequest *request)
{
  g_autoptr (GError) error = NULL;
  IvDraft *result = run (request, &error);
  g_assert_no_error (error);
  return result;
}

/* --- the whole way -------------------------------------------------------------------------- */

static void
test_pair (gconstpointer data)
{
  const Form *form = data;
  g_autoptr (IvDraftRequest) request = ask_for (form, TRUE);
  g_autoptr (IvDraft) result = draft (request);
  const IvDraftProvenance *made = &result->provenance;
  g_assert_true (made->has_prior);
  g_assert_cmpuint (g_strv_length (made->films), ==, 2);
  g_assert_cmpstr (made->films[0], ==, iv_radiograph_get_info (current)->sop_instance_uid);
  g_assert_cmpstr (made->films[1], ==, iv_radiograph_get_info (prior)->sop_instance_uid);
  g_assert_cmpstr (made->prompt, ==, "qwen-vl");
  g_assert_cmpstr (made->architecture, ==, "qwen2vl");
  g_assert_cmpstr (made->version, ==, PACKAGE_VERSION);
  g_assert_cmpuint (strlen (made->sha256), ==, 64);
  g_assert_cmpuint (strlen (made->digest), ==, 64);
  g_assert_cmpuint (strlen (made->device), >, 0);
  g_assert_cmpuint (made->n_generated, >, 0);
  g_assert_cmpuint (result->removals->len, ==, 0);
  g_assert_nonnull (strstr (result->text, "INDICATION: Cough."));
  g_assert_nonnull (strstr (result->text, "22 days earlier."));
  g_assert_nonnull (strstr (result->text, "FINDINGS:"));
  /* The same films, settings and seed give the same draft. */
  g_autoptr (IvDraft) again = draft (request);
  g_assert_cmpstr (again->text, ==, result->text);
}

/* Another film is another draft: the model does see them. Its prompt's words are the same. */
static void
test_sees (gconstpointer data)
{
  const Form *form = data;
  g_autoptr (IvDraftRequest) one = ask_for (form, FALSE);
  g_autoptr (IvDraftRequest) other = iv_draft_request_new (form->model);
  other->mmproj = g_strdup (form->mmproj);
  other->indication = g_strdup ("Cough.");
  other->max_tokens = 40;
  other->is_unplaced = TRUE;
  iv_draft_request_add_film (other, prior, IV_DRAFT_CURRENT);
  g_autoptr (IvDraft) first = draft (one);
  g_autoptr (IvDraft) second = draft (other);
  g_assert_cmpuint (first->provenance.n_prompt, ==, second->provenance.n_prompt);
  g_assert_cmpstr (first->raw, !=, second->raw);
}

/* --- no comparison without a prior ---------------------------------------------------------- */

static gboolean
has_banned (const IvComparisonWords *words, const char *text)
{
  gsize start, end;
  return iv_comparison_words_find (words, text, 0, &start, &end);
}

/* Twenty random drafts; with a prior most of them use such words, so that their absence without
 * one is the constraint's work. */
static void
test_banned (gconstpointer data)
{
  const Form *form = data;
  g_autoptr (GError) error = NULL;
  guint n_free = 0;
  set_prompt ("report/comparison-words", BANNED);
  g_autoptr (IvComparisonWords) words = iv_comparison_words_load (&error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2 * N_DRAFTS; i++) {
    gboolean with_prior = i % 2 != 0;
    g_autoptr (IvDraftRequest) request = ask_for (form, with_prior);
    request->has_sampling = TRUE;
    request->sampling = (IvSampling){ .temperature = 1.5f, .seed = 100 + i };
    g_autoptr (IvDraft) result = draft (request);
    g_assert_cmpint (result->provenance.has_prior, ==, with_prior);
    if (with_prior) {
      n_free += has_banned (words, result->raw);
      continue;
    }
    if (has_banned (words, result->raw))
      g_error ("seed %u without a prior: “%s”", 100 + i, result->raw);
    g_assert_cmpuint (result->removals->len, ==, 0);
  }
  set_prompt ("report/comparison-words", NULL);
  g_test_message ("%u of %u drafts with a prior use a word of the list", n_free, N_DRAFTS);
  g_assert_cmpuint (n_free, >, N_DRAFTS / 2);
}

/* --- stopping, places, mistakes ------------------------------------------------------------- */

typedef struct {
  GCancellable *cancellable;
  GString *stream;
  guint n_written;
} Stopping;

static void
on_piece_cb (gpointer data, gpointer user_data)
{
  IvDraftPiece *piece = data;
  Stopping *stopping = user_data;
  g_string_append (stopping->stream, piece->text);
  if (piece->stage == IV_DRAFT_STAGE_WRITING && ++stopping->n_written == 5)
    g_cancellable_cancel (stopping->cancellable);
}

static void
test_stop (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) stream = g_string_new (NULL);
  g_autoptr (IvDraftRequest) request = ask_for (data, FALSE);
  Stopping stopping = { cancellable, stream, 0 };
  request->max_tokens = 2000;
  IvEngineJob job = { .name = "draft",
                      .run = iv_draft_job_run,
                      .data = request,
                      .stream = on_piece_cb,
                      .user_data = &stopping };
  g_autoptr (IvDraft) result = iv_engine_run (engine, &job, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->end, ==, IV_DRAFT_STOPPED);
  g_assert_cmpuint (result->provenance.n_generated, >=, 5);
  g_assert_cmpuint (result->provenance.n_generated, <, 20);
}

static void
on_stage_cb (gpointer data, gpointer user_data)
{
  g_string_append_c (user_data, (char) ('0' + ((IvDraftPiece *) data)->stage));
}

/* The second question's answer is a list of boxes, whatever the model is; those that can be are
 * places of a sentence. */
static void
test_locate (gconstpointer data)
{
  g_autoptr (IvDraftRequest) request = ask_for (data, FALSE);
  GString *stages = g_string_new (NULL);
  request->is_unplaced = FALSE;
  IvEngineJob job = { .name = "draft",
                      .run = iv_draft_job_run,
                      .data = request,
                      .stream = on_stage_cb,
                      .user_data = stages };
  g_autoptr (GError) error = NULL;
  g_autoptr (IvDraft) result = iv_engine_run (engine, &job, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *seen = g_string_free (stages, FALSE);
  g_assert_cmpint (seen[strlen (seen) - 1], ==, '0' + IV_DRAFT_STAGE_LOCATING);
  for (guint i = 0; i < result->places->len; i++) {
    const GArray *places = g_ptr_array_index (result->places, i);
    for (guint k = 0; k < places->len; k++) {
      const IvFilmBox *box = &g_array_index (places, IvDraftPlace, k).box;
      g_assert_true (box->x >= -0.5 && box->width > 0);
      g_assert_true (box->x + box->width <= iv_radiograph_get_columns (current));
    }
  }
}

static void
test_errors (gconstpointer data)
{
  const Form *form = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvDraftRequest) request = ask_for (form, TRUE);
  GString *report = g_string_new (NULL);
  for (guint i = 0; i < 6000; i++)
    g_string_append (report, "No effusion. ");
  request->prior_report = g_string_free (report, FALSE);
  g_assert_null (run (request, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_CONTEXT_FULL);
  g_clear_error (&error);

  g_autoptr (IvDraftRequest) unknown = ask_for (form, FALSE);
  unknown->family = g_strdup ("nobody");
  g_assert_null (run (unknown, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_NO_PROMPT);
  g_clear_error (&error);

  g_autofree char *blind =
      g_test_build_filename (G_TEST_DIST, "data", "golden", "hf", "llama3", NULL);
  Form text_only = { .model = blind };
  g_autoptr (IvDraftRequest) without = ask_for (&text_only, FALSE);
  g_assert_null (run (without, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "vision"));
}

static IvRadiograph *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file =
      g_test_build_filename (G_TEST_DIST, "..", "data", "demo", "study", name, NULL);
  IvRadiograph *radiograph = iv_radiograph_load (file, NULL, &error);
  g_assert_no_error (error);
  return radiograph;
}

/* What a random model writes is no finding: here all words of one or two letters are. */
static void
use_short_words (void)
{
  g_autoptr (GString) lexicon = g_string_new ("[finding thing]\nwords=");
  for (char a = 'a'; a <= 'z'; a++) {
    g_string_append_printf (lexicon, "%c;", a);
    for (char b = 'a'; b <= 'z'; b++)
      g_string_append_printf (lexicon, "%c%c;", a, b);
  }
  g_string_append (lexicon, "\n[section findings]\nwords=findings\n");
  g_autofree char *file =
      g_build_filename (g_get_user_config_dir (), "interval", "lexicon.txt", NULL);
  g_assert_true (g_file_set_contents (file, lexicon->str, -1, NULL));
  g_assert_nonnull (iv_lexicon_get_default ());
  g_assert_no_error (iv_lexicon_get_problem ());
  g_unlink (file);
}

/* The shipped template with small pictures, so that a processor is enough. */
static void
use_small_pictures (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *source = NULL;
  g_autofree char *text = iv_prompt_load ("report/qwen-vl", &source, &error);
  g_assert_no_error (error);
  g_auto (GStrv) parts = g_strsplit (text, "[settings]\n", 2);
  g_autofree char *small =
      g_strconcat (parts[0], "[settings]\nimage-tokens = 64\n", parts[1], NULL);
  set_prompt ("report/qwen-vl", small);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child);
  }
  g_remove (path);
}

static void
add (const char *name, void (*test) (gconstpointer))
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_autofree char *path = g_strdup_printf ("/draft-job/%s/%s", forms[i].name, name);
    g_test_add_data_func (path, &forms[i], test);
  }
}

int
main (int argc, char **argv)
{
  /* One folder for all: the lexicon is read once. */
  g_autofree char *home = g_dir_make_tmp ("interval-draft-XXXXXX", NULL);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  const char *golden = g_test_get_dir (G_TEST_DIST);
  forms[0].name = "directory";
  forms[0].model = g_build_filename (golden, "data", "golden", "hf", "qwen2.5-vl", NULL);
  forms[1].name = "gguf";
  forms[1].model =
      g_build_filename (golden, "data", "golden", "text", "qwen2vl", "model-bf16.gguf", NULL);
  forms[1].mmproj =
      g_build_filename (golden, "data", "golden", "vision", "qwen2.5vl", "mmproj-f32.gguf", NULL);
  engine = iv_engine_new (&(IvEngineParams){ .device = -1 });
  current = load ("current.dcm");
  prior = load ("prior.dcm");
  /* An isolated folder is made for each test function: the template is put there by the first use.
   */
  add ("pair", test_pair);
  add ("sees", test_sees);
  add ("banned", test_banned);
  add ("stop", test_stop);
  add ("locate", test_locate);
  add ("errors", test_errors);
  use_small_pictures ();
  use_short_words ();
  int status = g_test_run ();
  remove_tree (home);
  iv_engine_shutdown (engine);
  g_object_unref (engine);
  g_object_unref (current);
  g_object_unref (prior);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_free (forms[i].model);
    g_free (forms[i].mmproj);
  }
  return status;
}
