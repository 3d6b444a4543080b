/* The part of triage that runs on the engine thread: one question about one film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-job.h"

#include "app/read/draft/iv-draft-model.h"
#include "app/read/iv-film-input.h"
#include "model/nets/iv-image-preprocess.h"

/* Tokens of one film at most, where the model chooses its size: as many as in a report draft. */
#define MOST_IMAGE_TOKENS 1280
/* Tokens kept for the words of the prompt. */
#define PROMPT_TOKENS 512
/* Pixels that become one token then (28 × 28). */
#define TOKEN_PIXELS 784

struct IvTriageCase {
  gatomicrefcount ref_count;
  IvTriageSetup *setup;
  IvRadiograph *films[2];          /* current, prior or NULL */
  IvImageEmbedding *embeddings[2]; /* of the engine thread; NULL until they are asked for */
};

IvTriageCase *
iv_triage_case_new (IvTriageSetup *setup, IvRadiograph *current, IvRadiograph *prior)
{
  IvTriageCase *self = g_new0 (IvTriageCase, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->setup = iv_triage_setup_ref (setup);
  self->films[0] = g_object_ref (current);
  self->films[1] = prior != NULL ? g_object_ref (prior) : NULL;
  return self;
}

IvTriageCase *
iv_triage_case_ref (IvTriageCase *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
iv_triage_case_unref (IvTriageCase *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < 2; i++) {
    g_clear_object (&self->films[i]);
    g_clear_pointer (&self->embeddings[i], iv_image_embedding_unref);
  }
  iv_triage_setup_unref (self->setup);
  g_free (self);
}

IvTriageRequest *
iv_triage_request_new (IvTriageCase *films, guint question)
{
  IvTriageRequest *request = g_new0 (IvTriageRequest, 1);
  request->films = iv_triage_case_ref (films);
  request->question = question;
  return request;
}

void
iv_triage_request_free (IvTriageRequest *request)
{
  iv_triage_case_unref (request->films);
  g_free (request);
}

void
iv_triage_reply_free (IvTriageReply *reply)
{
  g_free (reply->device);
  g_free (reply);
}

/* --- the films ------------------------------------------------------------------------------- */

static IvImageEmbedding *
encode (IvDraftModel *model, IvRadiograph *film, GCancellable *cancellable, GError **error)
{
  guint n_context = iv_session_get_n_context (model->session);
  guint share = n_context > PROMPT_TOKENS ? (n_context - PROMPT_TOKENS) / 2 : 0;
  IvImageProcessorConfig config = model->processor;
  iv_image_processor_config_limit (&config,
                                   (guint64) CLAMP (share, 16, MOST_IMAGE_TOKENS) * TOKEN_PIXELS);
  g_autoptr (IvFilmInput) film_input = iv_film_input_new (film, error);
  g_autoptr (IvImageInput) input =
      film_input != NULL ? iv_image_preprocess (&config, film_input->picture, error) : NULL;
  if (input == NULL)
    return NULL;
  IvVisionInput vision = { .pixels = input->values,
                           .n_tiles = input->layout.n_tiles,
                           .n_channels = input->channels,
                           .height = input->layout.tile.height,
                           .width = input->layout.tile.width };
  return iv_image_encoder_encode (
      iv_language_model_get_encoder (model->model), &vision, cancellable, error);
}

static gboolean
encode_films (IvTriageCase *self,
              IvDraftModel *model,
              guint n_films,
              GCancellable *cancellable,
              GError **error)
{
  for (guint i = 0; i < n_films; i++) {
    if (self->embeddings[i] == NULL)
      self->embeddings[i] = encode (model, self->films[i], cancellable, error);
    if (self->embeddings[i] == NULL) {
      g_prefix_error (error, "%s: ", iv_radiograph_get_info (self->films[i])->file);
      return FALSE;
    }
  }
  return TRUE;
}

/* --- the question ---------------------------------------------------------------------------- */

/* A prompt's tokens. */
typedef struct {
  GArray *ids;    /* gint32 */
  GArray *images; /* IvPromptImage */
} Prompt;

static void
prompt_clear (Prompt *prompt)
{
  g_clear_pointer (&prompt->ids, g_array_unref);
  g_clear_pointer (&prompt->images, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prompt, prompt_clear)

static gboolean
build_prompt (IvTriageCase *self,
              IvDraftModel *model,
              const IvTriageQuestion *question,
              Prompt *prompt,
              GError **error)
{
  g_autofree char *text =
      iv_triage_questions_compose (self->setup->questions, question, question->needs_prior);
  g_autofree char *marked = iv_image_prompt_mark_message (model->projector, text);
  const IvChatMessage message = { "user", marked };
  /* The answer comes at once: thoughts before it would be for another kind of score. */
  g_autofree char *whole = iv_chat_template_apply (model->chat_template, &message, 1, TRUE, error);
  if (whole == NULL)
    return FALSE;
  IvImagePromptParams params = {
    .tokenizer = iv_language_model_get_tokenizer (model->model),
    .projector = model->projector,
    .text = whole,
    .flags = iv_chat_template_get_tokenize_flags (model->chat_template),
    .embeddings = self->embeddings,
    .n_embeddings = question->needs_prior ? 2 : 1,
  };
  return iv_image_prompt_build (&params, &prompt->ids, &prompt->images, error);
}

static gboolean
read_logits (IvDraftModel *model,
             const Prompt *prompt,
             float *logits,
             IvGenerateStats *stats,
             GCancellable *cancellable,
             GError **error)
{
  IvGenerateParams params = {
    .ids = (const gint32 *) (gpointer) prompt->ids->data,
    .n_ids = prompt->ids->len,
    .images = (const IvPromptImage *) (gpointer) prompt->images->data,
    .n_images = prompt->images->len,
  };
  return iv_session_read (model->session, &params, logits, stats, cancellable, error);
}

static IvTriageReply *
ask (IvTriageCase *self,
     IvDraftModel *model,
     const IvTriageQuestion *question,
     GCancellable *cancellable,
     GError **error)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (model->model);
  guint n_vocab = iv_language_model_get_n_vocab (model->model);
  g_autofree float *logits = g_new (float, n_vocab);
  g_autoptr (IvTriageReply) reply = g_new0 (IvTriageReply, 1);
  g_auto (IvTriageAnswers) answers = { 0 };
  g_auto (Prompt) prompt = { 0 };
  IvGenerateStats stats;
  if (!iv_triage_answers_init (&answers,
                               tokenizer,
                               (const char *const *) question->yes,
                               (const char *const *) question->no,
                               error) ||
      !encode_films (self, model, question->needs_prior ? 2 : 1, cancellable, error) ||
      !build_prompt (self, model, question, &prompt, error) ||
      !read_logits (model, &prompt, logits, &stats, cancellable, error) ||
      !iv_triage_answers_weigh (
          &answers, logits, n_vocab, self->setup->card->temperature, &reply->probability, error))
    return NULL;
  reply->n_evaluated = stats.n_evaluated;
  reply->n_reused = stats.n_reused;
  return g_steal_pointer (&reply);
}

static IvDraftModel *
ensure_model (IvEngineContext *context, const IvTriageSetup *setup, GError **error)
{
  return iv_draft_model_ensure (context, setup->model, setup->mmproj, error);
}

gpointer
iv_triage_job_ask (IvEngineContext *context, gpointer data, GError **error)
{
  const IvTriageRequest *request = data;
  IvTriageCase *films = request->films;
  const IvTriageQuestion *question =
      g_ptr_array_index (films->setup->questions->questions, request->question);
  IvDraftModel *model = ensure_model (context, films->setup, error);
  if (model == NULL)
    return NULL;
  IvTriageReply *reply =
      ask (films, model, question, iv_engine_context_get_cancellable (context), error);
  if (reply != NULL)
    reply->device =
        g_strdup (iv_vk_device_get_description (iv_engine_context_get_device (context, NULL)));
  else
    g_prefix_error (error, "%s: ", question->name);
  return reply;
}

gpointer
iv_triage_job_load (IvEngineContext *context, gpointer data, GError **error)
{
  return ensure_model (context, data, error) != NULL ? g_new0 (gboolean, 1) : NULL;
}
