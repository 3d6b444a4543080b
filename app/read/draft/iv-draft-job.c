/* The part of report drafting that runs on the engine thread.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-job.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/read/draft/iv-draft-evidence.h"
#include "app/read/draft/iv-draft-model.h"
#include "app/read/draft/iv-draft-prompt.h"
#include "app/read/draft/iv-draft-text.h"
#include "app/read/draft/iv-file-digest.h"
#include "app/read/iv-case.h"
#include "app/read/iv-film-input.h"
#include "app/read/iv-read-error.h"
#include "model/generate/iv-answer-form.h"
#include "model/nets/iv-image-preprocess.h"

/* Tokens kept for the words of the prompt. */
#define PROMPT_TOKENS 1024
/* Pixels that become one token where a model chooses its size (28 × 28). */
#define TOKEN_PIXELS 784
#define LOCATE_TOKENS 640

/* One draft under way. */
typedef struct {
  IvEngineContext *context;
  GCancellable *cancellable;
  const IvDraftRequest *request;
  IvDraftModel *model;
  IvDraftTemplate *template;
  IvDraftPromptInput input;
  GArray *films; /* IvDraftFilm of input */
  IvDraftPrompt *prompt;
  GPtrArray *embeddings;    /* of the films shown, in the prompt's order */
  GArray *layouts;          /* IvImageLayout of each of those */
  char *text;               /* the whole prompt */
  IvComparisonWords *words; /* that must not be used; NULL: all may */
  guint max_tokens;
  IvSampling sampling;
  GString *written;
  GArray *generated; /* gint32 */
  IvGenerateStats stats;
  guint n_prompt;
  gint64 start;
} Job;

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->template, iv_draft_template_free);
  g_clear_pointer (&job->films, g_array_unref);
  g_clear_pointer (&job->prompt, iv_draft_prompt_free);
  g_clear_pointer (&job->embeddings, g_ptr_array_unref);
  g_clear_pointer (&job->layouts, g_array_unref);
  g_clear_pointer (&job->text, g_free);
  g_clear_pointer (&job->words, iv_comparison_words_free);
  g_clear_pointer (&job->generated, g_array_unref);
  if (job->written != NULL)
    g_string_free (job->written, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static void
emit (Job *job, IvDraftStage stage, const char *text)
{
  IvDraftPiece *piece = g_new0 (IvDraftPiece, 1);
  piece->stage = stage;
  piece->text = g_strdup (text);
  iv_engine_context_emit (job->context, piece, (GDestroyNotify) iv_draft_piece_free);
}

/* --- the prompt ----------------------------------------------------------------------------- */

static gboolean
is_control (const char *token, gpointer user_data)
{
  return token[0] == '[' || g_str_has_prefix (token, "<<") ||
         iv_tokenizer_find (user_data, token) >= 0;
}

static const IvRadiographInfo *
get_info (const Job *job, guint film)
{
  return iv_radiograph_get_info (
      g_array_index (job->request->films, IvDraftRequestFilm, film).radiograph);
}

static void
fill_input (Job *job)
{
  const IvDraftRequest *request = job->request;
  const IvRadiographInfo *current = get_info (job, 0);
  const char *date =
      current->acquisition_date != NULL ? current->acquisition_date : current->study_date;
  job->films = g_array_new (FALSE, FALSE, sizeof (IvDraftFilm));
  for (guint i = 0; i < request->films->len; i++) {
    IvDraftFilm film = { g_array_index (request->films, IvDraftRequestFilm, i).part,
                         get_info (job, i)->view };
    g_array_append_val (job->films, film);
  }
  job->input = (IvDraftPromptInput){
    .films = (const IvDraftFilm *) (gpointer) job->films->data,
    .n_films = job->films->len,
    .indication = request->indication,
    .prior_report = request->prior_report,
    .sex = current->patient_sex,
    .days = request->days,
    .age = iv_case_get_age (current->patient_birth_date, date),
    .is_control = is_control,
    .control_data = iv_language_model_get_tokenizer (job->model->model),
  };
}

static gboolean
make_prompt (Job *job, GError **error)
{
  const IvDraftRequest *request = job->request;
  const char *family = request->family;
  if (family == NULL || *family == '\0')
    family = iv_draft_family_find (iv_language_model_get_weights (job->model->model),
                                   job->model->projector);
  job->template = iv_draft_template_load (family, error);
  if (job->template == NULL)
    return FALSE;
  fill_input (job);
  job->prompt = iv_draft_prompt_new (job->template, &job->input, error);
  if (job->prompt == NULL)
    return FALSE;
  /* A prior that the model was not shown is no prior to it. */
  if ((job->prompt->used & IV_DRAFT_PRIOR) == 0 &&
      (job->words = iv_comparison_words_load (error)) == NULL)
    return FALSE;
  job->max_tokens =
      request->max_tokens > 0 ? request->max_tokens : MAX (job->template->max_tokens, 1);
  job->sampling = request->has_sampling
                      ? request->sampling
                      : (IvSampling){ .temperature = (float) job->template->temperature,
                                      .top_p = (float) job->template->top_p,
                                      .seed = request->sampling.seed };
  return TRUE;
}

/* Texts as the model's chat template has them; answer: what the model said in between. */
static char *
apply_template (Job *job, const char *answer, const char *further, GError **error)
{
  const char *projector = job->model->projector;
  g_autofree char *user = iv_image_prompt_mark_message (projector, job->prompt->user);
  g_autofree char *merged = NULL;
  g_autoptr (GError) refusal = NULL;
  IvChatMessage messages[4];
  guint n = 0, n_system;
  if (job->template->is_raw)
    return g_strdup (job->prompt->user);
  if (job->prompt->system != NULL)
    messages[n++] = (IvChatMessage){ "system", job->prompt->system };
  n_system = n;
  messages[n++] = (IvChatMessage){ "user", user };
  if (answer != NULL) {
    messages[n++] = (IvChatMessage){ "assistant", answer };
    messages[n++] = (IvChatMessage){ "user", further };
  }
  char *text = iv_chat_template_apply (job->model->chat_template, messages, n, TRUE, &refusal);
  if (text != NULL || n_system == 0) {
    if (text == NULL)
      g_propagate_error (error, g_steal_pointer (&refusal));
    return text;
  }
  /* Templates without a system role get its text at the head of the question. */
  merged = g_strconcat (job->prompt->system, "\n\n", user, NULL);
  messages[1].content = merged;
  return iv_chat_template_apply (job->model->chat_template, messages + 1, n - 1, TRUE, error);
}

/* --- the films ------------------------------------------------------------------------------ */

/* A share of the context for each film. */
static void
limit_images (Job *job, IvImageProcessorConfig *config)
{
  guint n_context = iv_session_get_n_context (job->model->session);
  guint taken = PROMPT_TOKENS + job->max_tokens;
  guint n_images = MAX (job->prompt->shown->len, 1);
  guint share = n_context > taken ? (n_context - taken) / n_images : 0;
  share = MAX (MIN (share, job->template->image_tokens), 16);
  iv_image_processor_config_limit (config, (guint64) share * TOKEN_PIXELS);
}

static IvImageEmbedding *
encode_film (Job *job, const IvImageProcessorConfig *config, guint film, GError **error)
{
  IvRadiograph *radiograph =
      g_array_index (job->request->films, IvDraftRequestFilm, film).radiograph;
  g_autoptr (IvFilmInput) picture = iv_film_input_new (radiograph, error);
  if (picture == NULL)
    return NULL;
  g_autoptr (IvImageInput) input = iv_image_preprocess (config, picture->picture, error);
  if (input == NULL)
    return NULL;
  g_array_append_val (job->layouts, input->layout);
  IvVisionInput vision = { input->values,
                           input->layout.n_tiles,
                           input->channels,
                           input->layout.tile.height,
                           input->layout.tile.width };
  return iv_image_encoder_encode (
      iv_language_model_get_encoder (job->model->model), &vision, job->cancellable, error);
}

static gboolean
encode_films (Job *job, GError **error)
{
  IvImageProcessorConfig config = job->model->processor;
  limit_images (job, &config);
  job->embeddings = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_image_embedding_unref);
  job->layouts = g_array_new (FALSE, FALSE, sizeof (IvImageLayout));
  for (guint i = 0; i < job->prompt->shown->len; i++) {
    guint film = g_array_index (job->prompt->shown, guint, i);
    emit (job, IV_DRAFT_STAGE_LOOKING, "");
    iv_engine_context_report (job->context, (double) i / job->prompt->shown->len, "");
    IvImageEmbedding *embedding = encode_film (job, &config, film, error);
    if (embedding == NULL) {
      g_prefix_error (error, "%s: ", get_info (job, film)->file);
      return FALSE;
    }
    g_ptr_array_add (job->embeddings, embedding);
  }
  return TRUE;
}

/* The layout of the current frontal film; NULL when the prompt did not show it. */
static const IvImageLayout *
find_layout (const Job *job)
{
  for (guint i = 0; i < job->prompt->shown->len; i++)
    if (g_array_index (job->prompt->shown, guint, i) == 0)
      return &g_array_index (job->layouts, IvImageLayout, i);
  return NULL;
}

/* --- writing -------------------------------------------------------------------------------- */

static gboolean
build_ids (Job *job, const char *text, GArray **ids, GArray **images, GError **error)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (job->model->model);
  IvTokenizeFlags flags = job->template->is_raw
                              ? IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL
                              : iv_chat_template_get_tokenize_flags (job->model->chat_template);
  IvImagePromptParams params = { .tokenizer = tokenizer,
                                 .projector = job->model->projector,
                                 .text = text,
                                 .flags = flags,
                                 .embeddings = (IvImageEmbedding *const *) job->embeddings->pdata,
                                 .n_embeddings = job->embeddings->len };
  return iv_image_prompt_build (&params, ids, images, error);
}

static void
on_prefill_cb (guint n_done, guint n_all, gpointer user_data)
{
  Job *job = user_data;
  iv_engine_context_report (job->context, n_all > 0 ? (double) n_done / n_all : -1, "");
}

static gboolean
on_token_cb (gint32 id, const char *piece, gpointer user_data)
{
  Job *job = user_data;
  g_string_append (job->written, piece);
  emit (job, IV_DRAFT_STAGE_WRITING, piece);
  return TRUE;
}

/* What one call of the session answers. */
typedef struct {
  const char *text;
  const IvAnswerFormParams *form; /* NULL: free */
  IvSampling sampling;
  guint max_tokens;
  IvTokenFunc token; /* or NULL */
} Asking;

static GArray *
ask (Job *job, const Asking *asking, IvGenerateStats *stats, GError **error)
{
  g_autoptr (GArray) ids = NULL, images = NULL;
  g_autoptr (IvAnswerForm) form = NULL;
  guint n_context = iv_session_get_n_context (job->model->session);
  if (!build_ids (job, asking->text, &ids, &images, error))
    return NULL;
  if (ids->len + 1 >= n_context) {
    g_set_error (error,
                 IV_READ_ERROR,
                 IV_READ_ERROR_CONTEXT_FULL,
                 _ ("The films and what is said of them need %u tokens, and the model holds %u."),
                 ids->len,
                 n_context);
    return NULL;
  }
  if (asking->form != NULL) {
    form = iv_answer_form_new (job->model->model, asking->form, error);
    if (form == NULL)
      return NULL;
  }
  job->n_prompt = ids->len;
  IvGenerateParams params = {
    .ids = (const gint32 *) (gpointer) ids->data,
    .n_ids = ids->len,
    .images = (const IvPromptImage *) (gpointer) images->data,
    .n_images = images->len,
    .sampling = asking->sampling,
    .constraint = form != NULL ? iv_answer_form_get_constraint (form) : NULL,
    .max_tokens = asking->max_tokens,
    .token = asking->token,
    .token_data = job,
    .prefill = on_prefill_cb,
    .prefill_data = job,
  };
  return iv_session_generate (job->model->session, &params, stats, job->cancellable, error);
}

static gboolean
write_draft (Job *job, GError **error)
{
  IvAnswerFormParams form = { .banned = job->words != NULL
                                            ? iv_comparison_words_get_entries (job->words)
                                            : NULL };
  job->text = apply_template (job, NULL, NULL, error);
  if (job->text == NULL)
    return FALSE;
  Asking asking = { .text = job->text,
                    .form = job->words != NULL ? &form : NULL,
                    .sampling = job->sampling,
                    .max_tokens = job->max_tokens,
                    .token = on_token_cb };
  emit (job, IV_DRAFT_STAGE_READING, "");
  job->written = g_string_new (NULL);
  job->generated = ask (job, &asking, &job->stats, error);
  return job->generated != NULL;
}

/* --- the draft ------------------------------------------------------------------------------ */

/* A further question for boxes. What goes wrong here costs the boxes, not the draft. */
static void
locate (Job *job, IvPlaces form, const IvReport *report, GPtrArray *places)
{
  g_autoptr (GArray) sentences = NULL;
  g_autofree char *list = iv_draft_list_statements (report, &sentences);
  const IvImageLayout *layout = find_layout (job);
  g_autofree char *grammar = iv_model_boxes_get_grammar (form, sentences->len);
  g_autofree char *question = iv_draft_prompt_locate (job->template, &job->input, list);
  g_autoptr (GError) problem = NULL;
  IvGenerateStats stats;
  guint n_prompt = job->n_prompt;
  if (grammar == NULL || question == NULL || layout == NULL)
    return;
  /* The images' marks of the first question are the only ones. */
  g_autofree char *answer = iv_chat_neutralise (
      job->written->str, is_control, iv_language_model_get_tokenizer (job->model->model));
  g_autofree char *text = apply_template (job, answer, question, &problem);
  IvAnswerFormParams answer_form = { .grammar = grammar };
  Asking asking = { .text = text, .form = &answer_form, .max_tokens = LOCATE_TOKENS };
  emit (job, IV_DRAFT_STAGE_LOCATING, "");
  g_autoptr (GArray) ids = text != NULL ? ask (job, &asking, &stats, &problem) : NULL;
  job->n_prompt = n_prompt;
  if (ids == NULL) {
    g_info ("No boxes: %s", problem->message);
    return;
  }
  g_autofree char *said = iv_tokenizer_decode (iv_language_model_get_tokenizer (job->model->model),
                                               (const gint32 *) (gpointer) ids->data,
                                               ids->len,
                                               TRUE);
  g_autoptr (GArray) boxes = iv_model_boxes_parse (said, form, layout->resized, NULL);
  iv_draft_place_boxes (boxes, layout, sentences, places);
}

static IvDraftEnd
get_end (const Job *job)
{
  switch (job->stats.stop) {
  case IV_STOP_CANCELLED:
    return IV_DRAFT_STOPPED;
  case IV_STOP_LENGTH:
  case IV_STOP_CONTEXT_FULL:
    return IV_DRAFT_CUT_OFF;
  case IV_STOP_END:
  default:
    return IV_DRAFT_WHOLE;
  }
}

/* (transfer full) Of a file without one, its pixels' digest. */
static char **
list_films (const Job *job)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < job->prompt->shown->len; i++) {
    guint film = g_array_index (job->prompt->shown, guint, i);
    const char *uid = get_info (job, film)->sop_instance_uid;
    g_strv_builder_add (
        builder,
        uid != NULL
            ? uid
            : iv_radiograph_get_digest (
                  g_array_index (job->request->films, IvDraftRequestFilm, film).radiograph));
  }
  return g_strv_builder_end (builder);
}

static void
fill_provenance (const Job *job, const char *sha256, IvDraftProvenance *provenance)
{
  IvLanguageModel *model = job->model->model;
  IvWeights *weights = iv_language_model_get_weights (model);
  IvVkDevice *device = iv_engine_context_get_device (job->context, NULL);
  const char *name = iv_weights_get_string (weights, "general.name");
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  *provenance = (IvDraftProvenance){
    .model =
        name != NULL && *name != '\0' ? g_strdup (name) : g_path_get_basename (job->model->file),
    .file = g_strdup (job->model->file),
    .architecture = g_strdup (iv_weights_get_architecture (weights)),
    .quantisation = iv_language_model_describe_weights (model),
    .digest = g_strdup (iv_weights_get_digest (weights)),
    .sha256 = g_strdup (sha256),
    .prompt = g_strdup (job->template->name),
    .prompt_source = g_strdup (job->template->source),
    .device = g_strdup (device != NULL ? iv_vk_device_get_description (device) : ""),
    .version = g_strdup (PACKAGE_VERSION),
    .time = g_date_time_format (now, "%FT%T%:z"),
    .films = list_films (job),
    .has_prior = (job->prompt->used & IV_DRAFT_PRIOR) != 0,
    .has_prior_report = (job->prompt->used & IV_DRAFT_PRIOR_REPORT) != 0,
    .sampling = job->sampling,
    .max_tokens = job->max_tokens,
    .n_prompt = job->n_prompt,
    .n_generated = job->stats.n_generated,
    .seconds = (double) (g_get_monotonic_time () - job->start) / 1e6,
  };
}

static char *
compose (Job *job, const char *said, GArray *removals)
{
  const IvRadiographInfo *today[16];
  g_autofree char *prior = NULL;
  guint n_today = 0;
  for (guint i = 0; i < job->prompt->shown->len; i++) {
    guint film = g_array_index (job->prompt->shown, guint, i);
    if (g_array_index (job->films, IvDraftFilm, film).part == IV_DRAFT_PRIOR)
      prior = iv_draft_describe_prior (get_info (job, film), job->request->days);
    else if (n_today < G_N_ELEMENTS (today))
      today[n_today++] = get_info (job, film);
  }
  g_autofree char *technique = iv_draft_describe_technique (today, n_today);
  IvDraftFacts facts = { job->request->indication, technique, prior };
  return iv_draft_compose (&facts, said, job->words, removals);
}

static IvDraft *
make_draft (Job *job, const char *sha256)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (job->model->model);
  IvPlaces form = iv_places_resolve (job->template->places, job->model->projector);
  const IvImageLayout *layout = find_layout (job);
  IvImageSize canvas = layout != NULL ? layout->resized : (IvImageSize){ 1, 1 };
  IvDraftParams params = { .end = get_end (job), .removals = iv_draft_removals_new () };
  g_autofree char *plain = NULL;
  /* Boxes may be control tokens: the raw text has them all. */
  params.raw = iv_tokenizer_decode (
      tokenizer, (const gint32 *) (gpointer) job->generated->data, job->generated->len, TRUE);
  g_autofree char *said = iv_draft_strip_thoughts (params.raw);
  g_autoptr (GArray) boxes = iv_model_boxes_parse (said, form, canvas, &plain);
  g_autofree char *words = g_strdup (plain); /* the boxes' offsets are those of plain */
  iv_draft_strip_tokens (words);
  params.text = compose (job, words, params.removals);
  g_autoptr (IvReport) report = iv_report_new (params.text, NULL);
  params.places = iv_draft_places_new (iv_report_get_sentences (report)->len);
  if (layout != NULL)
    iv_draft_place_phrases (boxes, plain, layout, report, params.places);
  if (params.end != IV_DRAFT_STOPPED && !job->request->is_unplaced && !job->template->is_raw)
    locate (job, form, report, params.places);
  if ((job->prompt->used & IV_DRAFT_PRIOR) != 0)
    iv_draft_match_changes (
        report, job->request->comparison, job->request->threshold, params.places);
  fill_provenance (job, sha256, &params.provenance);
  return iv_draft_new (&params);
}

/* --- the whole ------------------------------------------------------------------------------ */

typedef struct {
  char *model;
  GCancellable *cancellable;
} Hashing;

static gpointer
run_hash (gpointer data)
{
  Hashing *hashing = data;
  g_autoptr (GError) problem = NULL;
  char *digest = iv_file_digest_get (hashing->model, hashing->cancellable, &problem);
  if (digest == NULL)
    g_info ("No digest of %s: %s", hashing->model, problem->message);
  return digest;
}

static gboolean
prepare (Job *job, GError **error)
{
  emit (job, IV_DRAFT_STAGE_LOADING, "");
  job->model =
      iv_draft_model_ensure (job->context, job->request->model, job->request->mmproj, error);
  return job->model != NULL && make_prompt (job, error) && encode_films (job, error) &&
         write_draft (job, error);
}

gpointer
iv_draft_job_run (IvEngineContext *context, gpointer data, GError **error)
{
  const IvDraftRequest *request = data;
  g_auto (Job) job = { .context = context,
                       .cancellable = iv_engine_context_get_cancellable (context),
                       .request = request,
                       .start = g_get_monotonic_time () };
  /* The file is read once for its digest, beside the work on the device. */
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  Hashing hashing = { request->model, stop };
  iv_engine_context_report (context, -1, ""); /* its turn has come */
  GThread *hasher = g_thread_new ("digest", run_hash, &hashing);
  gboolean is_written = prepare (&job, error);
  if (!is_written || g_cancellable_is_cancelled (job.cancellable))
    g_cancellable_cancel (stop);
  g_autofree char *sha256 = g_thread_join (hasher);
  return is_written ? make_draft (&job, sha256 != NULL ? sha256 : "") : NULL;
}

/* --- what goes in and out ------------------------------------------------------------------- */

static void
clear_film (gpointer data)
{
  g_object_unref (((IvDraftRequestFilm *) data)->radiograph);
}

IvDraftRequest *
iv_draft_request_new (const char *model)
{
  IvDraftRequest *request = g_new0 (IvDraftRequest, 1);
  request->model = g_strdup (model);
  request->films = g_array_new (FALSE, TRUE, sizeof (IvDraftRequestFilm));
  request->days = -1;
  request->threshold = 0.5;
  g_array_set_clear_func (request->films, clear_film);
  return request;
}

void
iv_draft_request_add_film (IvDraftRequest *request, IvRadiograph *radiograph, IvDraftParts part)
{
  IvDraftRequestFilm film = { g_object_ref (radiograph), part };
  g_array_append_val (request->films, film);
}

void
iv_draft_request_free (IvDraftRequest *request)
{
  g_free (request->model);
  g_free (request->mmproj);
  g_free (request->family);
  g_array_unref (request->films);
  g_free (request->indication);
  g_free (request->prior_report);
  g_clear_object (&request->comparison);
  g_free (request);
}

void
iv_draft_piece_free (IvDraftPiece *piece)
{
  g_free (piece->text);
  g_free (piece);
}
