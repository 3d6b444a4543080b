/* Triage with tiny random models: scores against the decoder fed by hand, reuse, mass, failures.
 * Random weights say nothing about films; only the arithmetic and the order of things are tested.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/read/iv-film-input.h"
#include "app/read/iv-read-error.h"
#include "app/read/triage/iv-triage-job.h"
#include "app/read/triage/iv-triage-run.h"
#include "model/files/iv-chat-template.h"
#include "model/generate/iv-session.h"
#include "model/nets/iv-image-preprocess.h"

static char *golden; /* tests/data/golden */
static IvEngine *engine;

/* A made film: a smooth slope, another for each seed. */
static IvRadiograph *
new_film (guint seed)
{
  enum { SIDE = 96 };
  g_autoptr (GError) error = NULL;
  IvRadiographInfo *info = iv_radiograph_info_new ();
  guint16 *pixels = g_new (guint16, SIDE * SIDE);
  info->file = g_strdup_printf ("/made/%u.dcm", seed);
  info->rows = info->columns = SIDE;
  info->bits_allocated = 16;
  info->bits_stored = 12;
  info->photometric = g_strdup ("MONOCHROME2");
  for (guint i = 0; i < SIDE * SIDE; i++)
    pixels[i] = (guint16) ((i % SIDE * (seed + 3) * 11 + i / SIDE * 17) % 4096);
  IvRadiograph *film = iv_radiograph_new (info, g_bytes_new_take (pixels, 2 * SIDE * SIDE), &error);
  g_assert_no_error (error);
  return film;
}

static IvTriageSetup *
new_setup (const char *model, const char *mmproj)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (golden, model, NULL);
  g_autofree char *tower = mmproj != NULL ? g_build_filename (golden, mmproj, NULL) : NULL;
  IvTriageSetup *setup = iv_triage_setup_load (file, tower, &error);
  g_assert_no_error (error);
  return setup;
}

/* --- the same scores by another way ---------------------------------------------------------- */

/* What the engine thread computes for the test. */
typedef struct {
  const IvTriageSetup *setup;
  IvRadiograph *film;
  guint question;
  double score, mass;
} Check;

static IvImageEmbedding *
encode (IvLanguageModel *model, IvRadiograph *film)
{
  g_autoptr (GError) error = NULL;
  IvImageEncoder *encoder = iv_language_model_get_encoder (model);
  IvImageProcessorConfig config;
  iv_image_processor_config_read (iv_image_encoder_get_weights (encoder), &config, &error);
  g_assert_no_error (error);
  g_autoptr (IvFilmInput) picture = iv_film_input_new (film, &error);
  g_autoptr (IvImageInput) input = iv_image_preprocess (&config, picture->picture, &error);
  g_assert_no_error (error);
  IvVisionInput vision = { input->values,
                           input->layout.n_tiles,
                           input->channels,
                           input->layout.tile.height,
                           input->layout.tile.width };
  IvImageEmbedding *embedding =
      iv_vision_encode (iv_image_encoder_get_vision (encoder), &vision, NULL, &error);
  g_assert_no_error (error);
  return embedding;
}

/* One slot after another through the decoder, without a session. */
static float *
feed (IvLanguageModel *model,
      const GArray *before,
      const IvImageEmbedding *image,
      const GArray *after)
{
  g_autoptr (GError) error = NULL;
  IvDecoder *decoder = iv_language_model_get_decoder (model);
  guint n = before->len + image->n_rows + after->len;
  g_autoptr (IvKvCache) cache =
      iv_decoder_new_cache (decoder, n, iv_language_model_get_cache_type (model), &error);
  g_assert_no_error (error);
  float *logits = g_new (float, iv_language_model_get_n_vocab (model));
  for (guint slot = 0; slot < n; slot++) {
    guint row = slot - before->len, late = row - image->n_rows;
    IvDecoderBatch batch = { .cache = cache, .slot = slot, .n_tokens = 1 };
    if (slot < before->len)
      batch.ids = &g_array_index (before, gint32, slot);
    else if (row < image->n_rows)
      batch.embeddings = image->rows + (gsize) row * image->n_embd;
    else
      batch.ids = &g_array_index (after, gint32, late);
    batch.logits = slot + 1 == n ? IV_DECODER_LOGITS_LAST : IV_DECODER_LOGITS_NONE;
    iv_decoder_evaluate (decoder, &batch, logits, NULL, &error);
    g_assert_no_error (error);
  }
  return logits;
}

static gboolean
is_blank (IvTokenizer *tokenizer, gint32 id)
{
  g_autofree char *text = iv_tokenizer_decode (tokenizer, &id, 1, FALSE);
  return *g_strstrip (text) == '\0';
}

/* Whether the token begins an answer, by its text alone: the tiny vocabularies have no whole
 * words, and their first tokens are the letters. */
static gboolean
begins (IvTokenizer *tokenizer, gint32 id, const char *word)
{
  g_autofree char *upper = g_ascii_strup (word, -1);
  g_autofree char *title = g_strdup_printf ("%c%s", upper[0], word + 1);
  const char *const words[] = { word, title, upper };
  for (guint i = 0; i < 6; i++) {
    g_autofree char *text = i < 3 ? g_strdup (words[i]) : g_strconcat (" ", words[i - 3], NULL);
    g_autoptr (GArray) ids = iv_tokenizer_encode (tokenizer, text, -1, IV_TOKENIZE_PLAIN);
    g_autoptr (GString) bytes = g_string_new (NULL);
    guint first = 0;
    iv_tokenizer_append_piece (tokenizer, id, FALSE, bytes);
    /* The tiny Llama's blank is a token of its own, and may come twice. */
    while (is_blank (tokenizer, g_array_index (ids, gint32, first)))
      first++;
    if (g_array_index (ids, gint32, first) == id || g_str_equal (bytes->str, text))
      return TRUE;
  }
  return FALSE;
}

static void
sum_up (Check *check, IvLanguageModel *model, const float *logits)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (model);
  double yes = 0, no = 0, all = 0;
  for (guint id = 0; id < iv_language_model_get_n_vocab (model); id++) {
    double weight = exp (logits[id]); /* tiny models: nothing overflows */
    gboolean is_yes = begins (tokenizer, (gint32) id, "yes");
    gboolean is_no = begins (tokenizer, (gint32) id, "no");
    all += weight;
    yes += is_yes && !is_no ? weight : 0;
    no += is_no && !is_yes ? weight : 0;
  }
  check->mass = (yes + no) / all;
  check->score = pow (yes, 1 / check->setup->card->temperature) /
                 (pow (yes, 1 / check->setup->card->temperature) +
                  pow (no, 1 / check->setup->card->temperature));
}

static gpointer
run_check (IvEngineContext *context, gpointer data, GError **error)
{
  Check *check = data;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  IvLanguageModelParams load = { .file = check->setup->model, .mmproj = check->setup->mmproj };
  g_autoptr (IvLanguageModel) model = iv_language_model_new (device, &load, NULL, error);
  g_assert_no_error (*error);
  const IvTriageQuestion *question = check->setup->questions->questions->pdata[check->question];
  /* Llama 2's form, written out; the file has no template. */
  g_autofree char *after_text =
      g_strdup_printf ("\n%s Answer with one word, yes or no. [/INST]", question->text);
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (model);
  g_autoptr (GArray) before =
      iv_tokenizer_encode (tokenizer,
                           "[INST] Current frontal chest radiograph: ",
                           -1,
                           IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL);
  g_autoptr (GArray) after =
      iv_tokenizer_encode (tokenizer, after_text, -1, IV_TOKENIZE_PARSE_SPECIAL);
  g_autoptr (IvImageEmbedding) image = encode (model, check->film);
  g_autofree float *logits = feed (model, before, image, after);
  sum_up (check, model, logits);
  return g_new0 (gboolean, 1);
}

static void
check_question (const IvTriageSetup *setup, IvRadiograph *film, const IvTriage *triage, guint i)
{
  g_autoptr (GError) error = NULL;
  Check check = { setup, film, i };
  IvEngineJob job = { .name = "check", .run = run_check, .data = &check };
  g_autofree gboolean *done = iv_engine_run (engine, &job, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (done != NULL);
  const IvTriageFinding *finding = triage->findings->pdata[i];
  g_test_message ("%s: score %.9f, by hand %.9f; mass %.9f, by hand %.9f",
                  finding->name,
                  finding->score,
                  check.score,
                  finding->mass,
                  check.mass);
  /* Batches of many rows round otherwise than single ones, and some devices keep F16. */
  g_assert_cmpfloat_with_epsilon (finding->score, check.score, 1e-3);
  g_assert_cmpfloat_with_epsilon (finding->mass, check.mass, 1e-3 * check.mass);
}

static void
test_by_hand (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageSetup) setup =
      new_setup ("text/llama/model-bf16.gguf", "vision/llava/mmproj-bf16.gguf");
  g_autoptr (IvRadiograph) film = new_film (1);
  setup->card->least_mass = 0; /* before anybody else has it */
  setup->card->temperature = 1.7;
  IvTriageRunParams params = { .setup = setup, .current = film };
  g_autoptr (IvTriage) triage = iv_triage_run (engine, &params, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (triage->findings->len, ==, 6);
  check_question (setup, film, triage, 0);
  check_question (setup, film, triage, 3);
  const IvTriageFinding *last = triage->findings->pdata[5];
  g_assert_cmpint (last->status, ==, IV_TRIAGE_NO_PRIOR);
  g_assert_cmpfloat (last->mass, ==, 0);
  g_assert_cmpstr (triage->model_digest, ==, setup->model_digest);
  g_assert_cmpstr (triage->device, !=, "");
}

/* --- the order of things --------------------------------------------------------------------- */

/* The film is evaluated with the first question; later ones compute only their own words. */
static void
test_reuse (void)
{
  g_autoptr (IvTriageSetup) setup = new_setup ("hf/qwen2.5-vl", NULL);
  g_autoptr (IvRadiograph) current = new_film (2);
  g_autoptr (IvRadiograph) prior = new_film (3);
  g_autoptr (IvTriageCase) films = iv_triage_case_new (setup, current, prior);
  guint n_shared = 0;
  for (guint i = 0; i < setup->questions->questions->len; i++) {
    g_autoptr (GError) error = NULL;
    IvEngineJob job = { .name = "ask",
                        .run = iv_triage_job_ask,
                        .data = iv_triage_request_new (films, i),
                        .data_free = (GDestroyNotify) iv_triage_request_free };
    g_autoptr (IvTriageReply) reply = iv_engine_run (engine, &job, NULL, &error);
    g_assert_no_error (error);
    g_test_message ("question %u: %u tokens, %u kept", i, reply->n_evaluated, reply->n_reused);
    if (i == 0)
      n_shared = reply->n_evaluated;
    else
      g_assert_cmpuint (reply->n_reused, >, 8);
  }
  g_assert_cmpuint (n_shared, >, 8);
}

static IvTriage *
run (const char *model,
     const char *mmproj,
     double least_mass,
     double threshold,
     IvRadiograph *prior)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageSetup) setup = new_setup (model, mmproj);
  g_autoptr (IvRadiograph) film = new_film (4);
  IvTriageRunParams params = { .setup = setup, .current = film, .prior = prior };
  setup->card->least_mass = least_mass;
  for (guint i = 0; i < setup->questions->questions->len; i++) {
    const IvTriageQuestion *question = setup->questions->questions->pdata[i];
    g_hash_table_insert (setup->card->thresholds,
                         g_strdup (question->name),
                         g_memdup2 (&threshold, sizeof threshold));
  }
  IvTriage *triage = iv_triage_run (engine, &params, NULL, &error);
  g_assert_no_error (error);
  return triage;
}

static void
test_mass (void)
{
  g_autoptr (IvRadiograph) prior = new_film (5);
  g_autoptr (IvTriage) none = run ("hf/qwen2.5-vl", NULL, 1, 0, prior);
  g_autoptr (IvTriage) all = run ("hf/qwen2.5-vl", NULL, 0, 0, prior);
  g_autoptr (IvTriage) strict = run ("hf/qwen2.5-vl", NULL, 0, 1, NULL);
  for (guint i = 0; i < 6; i++) {
    const IvTriageFinding *finding = none->findings->pdata[i];
    g_assert_cmpint (finding->status, ==, IV_TRIAGE_NO_ANSWER);
    g_assert_cmpfloat (finding->score, ==, 0);
    g_assert_cmpfloat (finding->mass, >, 0);
    g_assert_false (finding->is_flag);
    finding = all->findings->pdata[i];
    g_assert_cmpint (finding->status, ==, IV_TRIAGE_SCORED);
    g_assert_cmpfloat (finding->score, >, 0);
    g_assert_cmpfloat (finding->score, <, 1);
    g_assert_true (finding->is_flag);
    finding = strict->findings->pdata[i];
    g_assert_cmpint (finding->status, ==, i == 5 ? IV_TRIAGE_NO_PRIOR : IV_TRIAGE_SCORED);
    g_assert_false (finding->is_flag);
  }
  g_assert_cmpfloat (iv_triage_get_urgency (none, NULL), ==, -1);
}

static void
test_families (void)
{
  static const char *const pairs[][2] = {
    { "text/gemma3/model-f32.gguf", "vision/gemma3/mmproj-f32.gguf" },
    { "text/qwen2vl/model-bf16.gguf", "vision/qwen2.5vl/mmproj-f32.gguf" },
    { "text/qwen3vl/model-f32.gguf", "vision/qwen3vl/mmproj-f32.gguf" },
  };
  g_autoptr (IvRadiograph) prior = new_film (6);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autoptr (IvTriage) triage = run (pairs[i][0], pairs[i][1], 0, 0, prior);
    g_assert_cmpuint (triage->findings->len, ==, 6);
  }
}

/* --- on the main loop, and failures ---------------------------------------------------------- */

typedef struct {
  GMainLoop *loop;
  GAsyncResult *result;
} Answer;

static void
on_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  answer->result = g_object_ref (result);
  g_main_loop_quit (answer->loop);
}

static IvTriage *
run_on_loop (const IvTriageRunParams *params, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Answer answer = { loop, NULL };
  iv_triage_run_async (engine, params, cancellable, on_done_cb, &answer);
  g_main_loop_run (loop);
  g_autoptr (GAsyncResult) result = answer.result;
  return iv_triage_run_finish (result, error);
}

static void
test_async (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageSetup) setup = new_setup ("hf/qwen2.5-vl", NULL);
  g_autoptr (IvRadiograph) film = new_film (4);
  IvTriageRunParams params = { .setup = setup, .current = film };
  setup->card->least_mass = 0;
  g_autoptr (IvTriage) blocking = iv_triage_run (engine, &params, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (IvTriage) triage = run_on_loop (&params, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (triage->findings->len, ==, 6);
  for (guint i = 0; i < 6; i++) {
    const IvTriageFinding *a = blocking->findings->pdata[i], *b = triage->findings->pdata[i];
    /* The first prompt may lie in the cache already: other batches, other roundings. */
    g_assert_cmpfloat_with_epsilon (a->score, b->score, 2e-3);
  }
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_null (run_on_loop (&params, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_failures (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lone = g_build_filename (golden, "text/qwen2/model-f32.gguf", NULL);
  g_assert_null (iv_triage_setup_load (lone, NULL, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_NO_MODEL);
  g_clear_error (&error);
  g_assert_null (iv_triage_setup_load ("/nonexistent.gguf", "/nonexistent.gguf", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent.gguf"));
  g_clear_error (&error);
  /* A tower of another model is found out when the model is loaded, and leaves the engine well. */
  g_autoptr (IvTriageSetup) setup =
      new_setup ("text/qwen2/model-f32.gguf", "vision/gemma3/mmproj-f32.gguf");
  g_autoptr (IvRadiograph) film = new_film (4);
  IvTriageRunParams params = { .setup = setup, .current = film };
  g_assert_null (iv_triage_run (engine, &params, NULL, &error));
  g_assert_nonnull (strstr (error->message, "mmproj-f32.gguf"));
  g_autoptr (IvTriage) next = run ("hf/qwen2.5-vl", NULL, 0, 0, NULL);
  g_assert_cmpuint (next->findings->len, ==, 6);
}

int
main (int argc, char **argv)
{
  g_autofree char *nowhere = g_build_filename (g_get_tmp_dir (), "interval-no-config", NULL);
  g_setenv ("XDG_CONFIG_HOME", nowhere, TRUE); /* the shipped questions */
  g_test_init (&argc, &argv, NULL);
  golden = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "golden", NULL);
  engine = iv_engine_new (&(IvEngineParams){ .device = -1, .validation = TRUE });
  g_test_add_func ("/triage/by-hand", test_by_hand);
  g_test_add_func ("/triage/reuse", test_reuse);
  g_test_add_func ("/triage/mass", test_mass);
  g_test_add_func ("/triage/families", test_families);
  g_test_add_func ("/triage/async", test_async);
  g_test_add_func ("/triage/failures", test_failures);
  int status = g_test_run ();
  iv_engine_shutdown (engine);
  g_object_unref (engine);
  g_free (golden);
  return status;
}
