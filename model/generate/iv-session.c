/* One conversation with a loaded language model: KV cache, prefix reuse, sampling, stop rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-session.h"

#include <string.h>

#include "model/generate/iv-text-stream.h"
#include "model/generate/iv-transcript.h"

struct IvSession {
  IvLanguageModel *model;
  IvDecoder *decoder;
  IvKvCache *cache;
  guint n_context;
  IvTranscript *transcript; /* what is in the first slots of the cache */
  gint32 *positions;        /* [3, n_batch of the decoder] */
};

/* What every evaluation of a prompt or an answer is given. */
typedef struct {
  float *logits;
  GCancellable *cancellable;
} Evaluation;

/* One generation. */
typedef struct {
  IvSession *session;
  const IvGenerateParams *params;
  GCancellable *cancellable;
  IvSampler *sampler;
  IvTextStream *text;
  GString *bytes;
  GArray *generated; /* gint32 */
  float *logits;     /* [1 + most drafted, n_vocab]; the first: after the prompt, the last token */
  IvLookup *lookup;
} Generation;

IvSession *
iv_session_new (IvLanguageModel *model, guint n_context, GError **error)
{
  g_autoptr (IvSession) session = g_new0 (IvSession, 1);
  session->model = model;
  session->decoder = iv_language_model_get_decoder (model);
  session->n_context = n_context > 0 ? n_context : iv_language_model_get_n_context (model);
  IvDecoderRope rope = iv_decoder_get_config (session->decoder)->rope_kind;
  session->transcript =
      iv_transcript_new (rope == IV_DECODER_ROPE_SECTIONS || rope == IV_DECODER_ROPE_INTERLEAVED);
  session->positions = g_new (gint32, (gsize) 3 * iv_decoder_get_n_batch (session->decoder));
  session->cache = iv_decoder_new_cache (
      session->decoder, session->n_context, iv_language_model_get_cache_type (model), error);
  return session->cache != NULL ? g_steal_pointer (&session) : NULL;
}

void
iv_session_free (IvSession *session)
{
  g_clear_pointer (&session->cache, iv_kv_cache_free);
  g_clear_pointer (&session->transcript, iv_transcript_free);
  g_free (session->positions);
  g_free (session);
}

guint
iv_session_get_n_context (IvSession *session)
{
  return session->n_context;
}

guint
iv_session_get_n_used (IvSession *session)
{
  return iv_transcript_get_length (session->transcript);
}

const char *
iv_stop_reason_to_string (IvStopReason reason)
{
  static const char *const names[] = {
    [IV_STOP_END] = "end",
    [IV_STOP_LENGTH] = "length",
    [IV_STOP_CANCELLED] = "cancelled",
    [IV_STOP_CONTEXT_FULL] = "context-full",
  };
  return names[reason];
}

/* Width and room: the decoder reads n_embd values for each slot from first on. */
static gboolean
check_image (IvSession *session,
             const IvTranscriptPrompt *prompt,
             guint index,
             guint end,
             GError **error)
{
  const IvDecoderConfig *config = iv_decoder_get_config (session->decoder);
  const IvPromptImage *image = &prompt->images[index];
  const IvImageEmbedding *embedding = image->embedding;
  guint n_batch = iv_decoder_get_n_batch (session->decoder);
  IvModelError code = IV_MODEL_ERROR_INPUT;
  const char *problem = NULL;
  if (embedding->n_embd != config->n_embd || embedding->n_deepstack != config->n_deepstack) {
    code = IV_MODEL_ERROR_MISMATCH;
    problem = "has rows of another tower";
  } else if (image->first < end || image->first > prompt->n_ids || embedding->n_rows == 0 ||
             embedding->n_rows > prompt->n_ids - image->first) {
    problem = "does not lie behind the one before and within the ids";
  } else if (config->family == IV_DECODER_GEMMA3 && embedding->n_rows > n_batch) {
    problem = "has more rows than the model was loaded for";
  }
  if (problem != NULL)
    g_set_error (error, IV_MODEL_ERROR, (gint) code, "image %u of the prompt %s", index, problem);
  return problem == NULL;
}

static gboolean
check_prompt (IvSession *session, const IvTranscriptPrompt *prompt, GError **error)
{
  guint n_vocab = iv_language_model_get_n_vocab (session->model);
  const gint32 *ids = prompt->ids;
  guint n_ids = prompt->n_ids, image = 0;
  if (n_ids == 0) {
    g_set_error_literal (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT, "the prompt holds no token");
    return FALSE;
  }
  for (guint k = 0, end = 0; k < prompt->n_images; k++) {
    if (!check_image (session, prompt, k, end, error))
      return FALSE;
    end = prompt->images[k].first + prompt->images[k].embedding->n_rows;
  }
  for (guint i = 0; i < n_ids; i++)
    if (image < prompt->n_images && prompt->images[image].first == i) {
      i += prompt->images[image++].embedding->n_rows - 1;
    } else if (ids[i] < 0 || (guint) ids[i] >= n_vocab) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_INPUT,
                   "token %u of the prompt is %d, the vocabulary ends at %u",
                   i,
                   ids[i],
                   n_vocab - 1);
      return FALSE;
    }
  return TRUE;
}

/* Computes a batch behind what the cache holds, or behind n_pending rows of an image more. */
static gboolean
evaluate (IvSession *session,
          IvDecoderBatch *batch,
          const IvImageEmbedding *embedding,
          guint n_pending,
          Evaluation *evaluation,
          GError **error)
{
  batch->cache = session->cache;
  batch->slot = iv_session_get_n_used (session) + n_pending;
  if (iv_transcript_get_positions (
          session->transcript, embedding, n_pending, batch->n_tokens, session->positions))
    batch->positions = session->positions;
  return iv_decoder_evaluate (
      session->decoder, batch, evaluation->logits, evaluation->cancellable, error);
}

static gboolean
evaluate_ids (IvSession *session,
              const gint32 *ids,
              guint n_ids,
              IvDecoderLogits logits,
              Evaluation *evaluation,
              GError **error)
{
  IvDecoderBatch batch = { .n_tokens = n_ids, .ids = ids, .logits = logits };
  if (!evaluate (session, &batch, NULL, 0, evaluation, error))
    return FALSE;
  iv_transcript_add_ids (session->transcript, ids, n_ids);
  return TRUE;
}

/* Gemma's rows see one another both ways, so all are one batch; others follow one another. */
static gboolean
evaluate_image (IvSession *session,
                const IvImageEmbedding *embedding,
                IvDecoderLogits logits,
                Evaluation *evaluation,
                GError **error)
{
  gsize n_embd = embedding->n_embd, n_deep = n_embd * embedding->n_deepstack;
  guint most = iv_decoder_get_n_batch (session->decoder);
  gboolean is_gemma = iv_decoder_get_config (session->decoder)->family == IV_DECODER_GEMMA3;
  for (guint row = 0, n; row < embedding->n_rows; row += n) {
    n = MIN (most, embedding->n_rows - row);
    IvDecoderBatch batch = {
      .n_tokens = n,
      .embeddings = embedding->rows + row * n_embd,
      .deepstack = n_deep > 0 ? embedding->deepstack + row * n_deep : NULL,
      .bidirectional = is_gemma,
      .logits = row + n == embedding->n_rows ? logits : IV_DECODER_LOGITS_NONE,
    };
    if (!evaluate (session, &batch, embedding, row, evaluation, error))
      return FALSE;
  }
  iv_transcript_add_image (session->transcript, embedding);
  return TRUE;
}

/* --- the prompt ----------------------------------------------------------------------------- */

static IvTranscriptPrompt
get_prompt (const IvGenerateParams *params)
{
  return (IvTranscriptPrompt){ params->ids, params->n_ids, params->images, params->n_images };
}

/* The image that begins in this slot or is the next behind it; n_images when there is none. */
static guint
find_image (const IvGenerateParams *params, guint slot)
{
  guint i = 0;
  while (i < params->n_images && params->images[i].first < slot)
    i++;
  return i;
}

/* The next batch of text, or the whole of an image. */
static gboolean
prefill_some (Generation *g, GError **error)
{
  const IvGenerateParams *params = g->params;
  IvSession *session = g->session;
  guint slot = iv_session_get_n_used (session), image = find_image (params, slot);
  guint end = image < params->n_images ? params->images[image].first : params->n_ids;
  Evaluation evaluation = { g->logits, g->cancellable };
  if (slot < end) {
    guint n = MIN (end - slot, iv_decoder_get_n_batch (session->decoder));
    gboolean is_last = slot + n == params->n_ids;
    return evaluate_ids (session,
                         params->ids + slot,
                         n,
                         is_last ? IV_DECODER_LOGITS_LAST : IV_DECODER_LOGITS_NONE,
                         &evaluation,
                         error);
  }
  const IvImageEmbedding *embedding = params->images[image].embedding;
  gboolean is_last = slot + embedding->n_rows == params->n_ids;
  return evaluate_image (session,
                         embedding,
                         is_last ? IV_DECODER_LOGITS_LAST : IV_DECODER_LOGITS_NONE,
                         &evaluation,
                         error);
}

static gboolean
prefill (Generation *g, IvGenerateStats *stats, GError **error)
{
  const IvGenerateParams *params = g->params;
  IvTranscriptPrompt prompt = get_prompt (params);
  stats->n_reused = iv_transcript_keep_common (g->session->transcript, &prompt);
  guint n_all = params->n_ids - stats->n_reused;
  while (stats->n_evaluated < n_all) {
    if (!prefill_some (g, error))
      return FALSE;
    stats->n_evaluated = iv_session_get_n_used (g->session) - stats->n_reused;
    if (params->prefill != NULL)
      params->prefill (stats->n_evaluated, n_all, params->prefill_data);
  }
  return TRUE;
}

/* --- the answer ----------------------------------------------------------------------------- */

static gboolean
tell (Generation *g, gint32 id, const char *piece)
{
  return g->params->token == NULL || g->params->token (id, piece, g->params->token_data);
}

/* The bytes of the token just generated. SentencePiece begins a text with a space of its own, which
 * is none of the text. */
static void
read_piece (Generation *g, gint32 id)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (g->session->model);
  g_string_truncate (g->bytes, 0);
  iv_tokenizer_append_piece (tokenizer, id, FALSE, g->bytes);
  gboolean begins_text = g->generated->len == 1 &&
                         g->params->ids[g->params->n_ids - 1] == iv_tokenizer_get_bos (tokenizer);
  if (!begins_text || g->bytes->str[0] != ' ')
    return;
  g_autofree char *alone = iv_tokenizer_decode (tokenizer, &id, 1, FALSE);
  if (alone[0] != ' ')
    g_string_erase (g->bytes, 0, 1);
}

/* TRUE to go on; else *stop says why not. */
static gboolean
take_token (Generation *g, gint32 id, IvStopReason *stop)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (g->session->model);
  if (!g->params->ignore_stop && iv_tokenizer_is_stop (tokenizer, id)) {
    *stop = IV_STOP_END;
    return FALSE;
  }
  g_array_append_val (g->generated, id);
  read_piece (g, id);
  gboolean at_stop_text = iv_text_stream_push (g->text, g->bytes->str, g->bytes->len);
  if (!tell (g, id, iv_text_stream_take (g->text))) {
    *stop = IV_STOP_CANCELLED;
    return FALSE;
  }
  const IvLogitConstraint *constraint = g->params->constraint;
  gboolean is_done = at_stop_text || (constraint != NULL && constraint->is_done != NULL &&
                                      constraint->is_done (constraint->user_data));
  *stop = is_done ? IV_STOP_END : IV_STOP_LENGTH;
  return !is_done && g->generated->len != g->params->max_tokens;
}

static double
seconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* The next token, by the logits after the one before it. FALSE with *stop set: it was the last, or
 * with an error. */
static gboolean
take_next (Generation *g, float *logits, gint32 *id, IvStopReason *stop, GError **error)
{
  if (g_cancellable_is_cancelled (g->cancellable)) {
    *stop = IV_STOP_CANCELLED;
    return FALSE;
  }
  if (!iv_sampler_sample (g->sampler, logits, id, error) || !take_token (g, *id, stop))
    return FALSE;
  iv_lookup_see (g->lookup, id, 1);
  if (iv_session_get_n_used (g->session) < g->session->n_context)
    return TRUE;
  *stop = IV_STOP_CONTEXT_FULL;
  return FALSE;
}

/* Drafts what may follow the token batch[0], where there is room for it. */
static guint
draft (Generation *g, gint32 *batch)
{
  guint room = g->session->n_context - iv_session_get_n_used (g->session) - 1;
  if (g->params->max_tokens > 0)
    room = MIN (room, g->params->max_tokens - g->generated->len - 1);
  return iv_lookup_draft (g->lookup, room, batch + 1);
}

/* Logits after the token and after each of its draft. The token is part of the transcript then;
 * those of the draft become it one by one. */
static gboolean
judge (Generation *g, const gint32 *batch, guint n_draft, GError **error)
{
  IvDecoderBatch all = { .n_tokens = 1 + n_draft, .ids = batch, .logits = IV_DECODER_LOGITS_ALL };
  Evaluation evaluation = { g->logits, NULL };
  if (!evaluate (g->session, &all, NULL, 0, &evaluation, error))
    return FALSE;
  iv_transcript_add_ids (g->session->transcript, batch, 1);
  return TRUE;
}

/* Takes tokens as long as they are those of the draft; the next is left in batch[0]. FALSE when
 * that was all. */
static gboolean
take_drafted (Generation *g,
              gint32 *batch,
              guint n_draft,
              guint *n_accepted,
              IvStopReason *stop,
              GError **error)
{
  gsize n_vocab = iv_language_model_get_n_vocab (g->session->model);
  for (*n_accepted = 0;; (*n_accepted)++) {
    gint32 id;
    if (!take_next (g, g->logits + *n_accepted * n_vocab, &id, stop, error))
      return FALSE;
    if (*n_accepted == n_draft || id != batch[1 + *n_accepted]) {
      batch[0] = id;
      return TRUE;
    }
    iv_transcript_add_ids (g->session->transcript, &id, 1);
  }
}

/* FALSE with the error, TRUE with *stop set. */
static gboolean
decode (Generation *g, IvGenerateStats *stats, GError **error)
{
  gint32 batch[1 + IV_LOOKUP_MOST];
  g_autoptr (GError) own_error = NULL;
  gboolean more = take_next (g, g->logits, batch, &stats->stop, &own_error);
  while (more) {
    guint n_draft = draft (g, batch), n_accepted;
    gint64 start = g_get_monotonic_time ();
    if (!judge (g, batch, n_draft, error))
      return FALSE;
    double seconds = seconds_since (start);
    more = take_drafted (g, batch, n_draft, &n_accepted, &stats->stop, &own_error);
    iv_lookup_learn (g->lookup, n_draft, n_accepted, seconds);
    stats->n_drafted += n_draft;
    stats->n_accepted += n_accepted;
  }
  if (own_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

static gboolean
run (Generation *g, IvGenerateStats *stats, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) own_error = NULL;
  stats->stop = IV_STOP_CANCELLED;
  gboolean done = prefill (g, stats, &own_error);
  stats->prefill_seconds = seconds_since (start);
  if (!done && g_error_matches (own_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  start = g_get_monotonic_time ();
  if (done)
    done = decode (g, stats, &own_error);
  stats->decode_seconds = seconds_since (start);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return done;
}

static void
see_part (Generation *g, guint first, guint end)
{
  iv_sampler_see (g->sampler, g->params->ids + first, end - first);
  iv_lookup_see (g->lookup, g->params->ids + first, end - first);
}

/* The repetition penalty and drafts know tokens, not images. */
static void
see_text (Generation *g)
{
  const IvGenerateParams *params = g->params;
  guint done = 0;
  for (guint i = 0; i < params->n_images; i++) {
    see_part (g, done, params->images[i].first);
    done = params->images[i].first + params->images[i].embedding->n_rows;
  }
  see_part (g, done, params->n_ids);
}

GArray *
iv_session_generate (IvSession *session,
                     const IvGenerateParams *params,
                     IvGenerateStats *stats,
                     GCancellable *cancellable,
                     GError **error)
{
  guint n_vocab = iv_language_model_get_n_vocab (session->model);
  IvTranscriptPrompt prompt = get_prompt (params);
  if (!check_prompt (session, &prompt, error))
    return NULL;
  g_autoptr (GArray) generated = g_array_new (FALSE, FALSE, sizeof (gint32));
  *stats = (IvGenerateStats){ .stop = IV_STOP_CONTEXT_FULL };
  if (params->n_ids > session->n_context)
    return g_steal_pointer (&generated);
  g_autoptr (IvSampler) sampler = iv_sampler_new (&params->sampling, n_vocab, params->constraint);
  g_autoptr (IvTextStream) text = iv_text_stream_new (params->stop_texts);
  g_autoptr (GString) bytes = g_string_new (NULL);
  guint n_exact = iv_decoder_get_n_exact (session->decoder);
  g_autoptr (IvLookup) lookup = iv_lookup_new (params->lookup, n_exact - 1, n_vocab);
  g_autofree float *logits = g_new (float, (gsize) n_exact *n_vocab);
  Generation g = { session, params, cancellable, sampler, text, bytes, generated, logits, lookup };
  see_text (&g);
  if (!run (&g, stats, error))
    return NULL;
  const char *rest = iv_text_stream_finish (text);
  if (*rest != '\0')
    tell (&g, -1, rest);
  stats->n_generated = generated->len;
  return g_steal_pointer (&generated);
}

static gboolean
check_room (IvSession *session, guint n_ids, GError **error)
{
  if (n_ids <= session->n_context)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "%u tokens do not fit a context of %u",
               n_ids,
               session->n_context);
  return FALSE;
}

gboolean
iv_session_read (IvSession *session,
                 const IvGenerateParams *params,
                 float *logits,
                 IvGenerateStats *stats,
                 GCancellable *cancellable,
                 GError **error)
{
  IvTranscriptPrompt prompt = get_prompt (params);
  Generation g = {
    .session = session, .params = params, .cancellable = cancellable, .logits = logits
  };
  gint64 start = g_get_monotonic_time ();
  *stats = (IvGenerateStats){ .stop = IV_STOP_LENGTH };
  if (!check_prompt (session, &prompt, error) || !check_room (session, params->n_ids, error) ||
      !prefill (&g, stats, error))
    return FALSE;
  stats->prefill_seconds = seconds_since (start);
  return TRUE;
}

float *
iv_session_logits (IvSession *session, const gint32 *ids, guint n_ids, GError **error)
{
  gsize n_vocab = iv_language_model_get_n_vocab (session->model);
  IvTranscriptPrompt prompt = { ids, n_ids };
  if (!check_prompt (session, &prompt, error))
    return NULL;
  if (!check_room (session, n_ids, error))
    return NULL;
  g_autofree float *logits = g_new (float, n_ids *n_vocab);
  iv_transcript_clear (session->transcript);
  for (guint first = 0, n; first < n_ids; first += n) {
    n = MIN (n_ids - first, iv_decoder_get_n_batch (session->decoder));
    Evaluation evaluation = { logits + first * n_vocab };
    if (!evaluate_ids (session, ids + first, n, IV_DECODER_LOGITS_ALL, &evaluation, error))
      return NULL;
  }
  return g_steal_pointer (&logits);
}
