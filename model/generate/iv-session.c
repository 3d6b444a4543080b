/* One conversation with a loaded language model: KV cache, prefix reuse, sampling, stop rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-session.h"

#include <string.h>

#include "model/generate/iv-text-stream.h"

struct IvSession {
  IvLanguageModel *model;
  IvDecoder *decoder;
  IvKvCache *cache;
  guint n_context;
  GArray *ids; /* gint32, whose keys and values are in the first slots of the cache */
};

/* One generation. */
typedef struct {
  IvSession *session;
  const IvGenerateParams *params;
  GCancellable *cancellable;
  IvSampler *sampler;
  IvTextStream *text;
  GString *bytes;
  GArray *generated; /* gint32 */
  float *logits;     /* [n_vocab] */
} Generation;

IvSession *
iv_session_new (IvLanguageModel *model, guint n_context, GError **error)
{
  g_autoptr (IvSession) session = g_new0 (IvSession, 1);
  session->model = model;
  session->decoder = iv_language_model_get_decoder (model);
  session->n_context = n_context > 0 ? n_context : iv_language_model_get_n_context (model);
  session->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  session->cache = iv_decoder_new_cache (
      session->decoder, session->n_context, iv_language_model_get_cache_type (model), error);
  return session->cache != NULL ? g_steal_pointer (&session) : NULL;
}

void
iv_session_free (IvSession *session)
{
  g_clear_pointer (&session->cache, iv_kv_cache_free);
  g_clear_pointer (&session->ids, g_array_unref);
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
  return session->ids->len;
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

static gboolean
check_ids (IvSession *session, const gint32 *ids, guint n_ids, GError **error)
{
  guint n_vocab = iv_language_model_get_n_vocab (session->model);
  if (n_ids == 0) {
    g_set_error_literal (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT, "the prompt holds no token");
    return FALSE;
  }
  for (guint i = 0; i < n_ids; i++)
    if (ids[i] < 0 || (guint) ids[i] >= n_vocab) {
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

/* Appends tokens to the cache. */
static gboolean
evaluate (IvSession *session,
          IvDecoderBatch *batch,
          float *logits,
          GCancellable *cancellable,
          GError **error)
{
  batch->cache = session->cache;
  batch->slot = session->ids->len;
  if (!iv_decoder_evaluate (session->decoder, batch, logits, cancellable, error))
    return FALSE;
  g_array_append_vals (session->ids, batch->ids, batch->n_tokens);
  return TRUE;
}

/* --- the prompt ----------------------------------------------------------------------------- */

/* Keeps what the cache and the prompt begin with in common. The last token of the prompt is always
 * computed: its logits are wanted. */
static guint
reuse_prefix (IvSession *session, const gint32 *ids, guint n_ids)
{
  guint n = 0;
  while (n < session->ids->len && n + 1 < n_ids &&
         g_array_index (session->ids, gint32, n) == ids[n])
    n++;
  g_array_set_size (session->ids, n);
  return n;
}

static gboolean
prefill (Generation *g, IvGenerateStats *stats, GError **error)
{
  const IvGenerateParams *params = g->params;
  stats->n_reused = reuse_prefix (g->session, params->ids, params->n_ids);
  guint n_all = params->n_ids - stats->n_reused;
  while (stats->n_evaluated < n_all) {
    guint n = MIN (n_all - stats->n_evaluated, iv_decoder_get_n_batch (g->session->decoder));
    gboolean is_last = stats->n_evaluated + n == n_all;
    IvDecoderBatch batch = { .n_tokens = n,
                             .ids = params->ids + g->session->ids->len,
                             .logits = is_last ? IV_DECODER_LOGITS_LAST : IV_DECODER_LOGITS_NONE };
    if (!evaluate (g->session, &batch, g->logits, g->cancellable, error))
      return FALSE;
    stats->n_evaluated += n;
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
  *stop = at_stop_text ? IV_STOP_END : IV_STOP_LENGTH;
  return !at_stop_text && g->generated->len != g->params->max_tokens;
}

static gboolean
decode (Generation *g, IvStopReason *stop, GError **error)
{
  for (;;) {
    gint32 id;
    if (g_cancellable_is_cancelled (g->cancellable)) {
      *stop = IV_STOP_CANCELLED;
      return TRUE;
    }
    if (!iv_sampler_sample (g->sampler, g->logits, &id, error))
      return FALSE;
    if (!take_token (g, id, stop))
      return TRUE;
    if (g->session->ids->len == g->session->n_context) {
      *stop = IV_STOP_CONTEXT_FULL;
      return TRUE;
    }
    IvDecoderBatch batch = { .n_tokens = 1, .ids = &id, .logits = IV_DECODER_LOGITS_LAST };
    if (!evaluate (g->session, &batch, g->logits, NULL, error))
      return FALSE;
  }
}

static double
seconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
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
    done = decode (g, &stats->stop, &own_error);
  stats->decode_seconds = seconds_since (start);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return done;
}

GArray *
iv_session_generate (IvSession *session,
                     const IvGenerateParams *params,
                     IvGenerateStats *stats,
                     GCancellable *cancellable,
                     GError **error)
{
  guint n_vocab = iv_language_model_get_n_vocab (session->model);
  if (!check_ids (session, params->ids, params->n_ids, error))
    return NULL;
  g_autoptr (GArray) generated = g_array_new (FALSE, FALSE, sizeof (gint32));
  *stats = (IvGenerateStats){ .stop = IV_STOP_CONTEXT_FULL };
  if (params->n_ids > session->n_context)
    return g_steal_pointer (&generated);
  g_autoptr (IvSampler) sampler = iv_sampler_new (&params->sampling, n_vocab, params->constraint);
  g_autoptr (IvTextStream) text = iv_text_stream_new (params->stop_texts);
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree float *logits = g_new (float, n_vocab);
  iv_sampler_see (sampler, params->ids, params->n_ids);
  Generation g = { session, params, cancellable, sampler, text, bytes, generated, logits };
  if (!run (&g, stats, error))
    return NULL;
  const char *rest = iv_text_stream_finish (text);
  if (*rest != '\0')
    tell (&g, -1, rest);
  stats->n_generated = generated->len;
  return g_steal_pointer (&generated);
}

float *
iv_session_logits (IvSession *session, const gint32 *ids, guint n_ids, GError **error)
{
  gsize n_vocab = iv_language_model_get_n_vocab (session->model);
  if (!check_ids (session, ids, n_ids, error))
    return NULL;
  if (n_ids > session->n_context) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_INPUT,
                 "%u tokens do not fit a context of %u",
                 n_ids,
                 session->n_context);
    return NULL;
  }
  g_autofree float *logits = g_new (float, n_ids *n_vocab);
  g_array_set_size (session->ids, 0);
  while (session->ids->len < n_ids) {
    guint first = session->ids->len;
    IvDecoderBatch batch = {
      .n_tokens = MIN (n_ids - first, iv_decoder_get_n_batch (session->decoder)),
      .ids = ids + first,
      .logits = IV_DECODER_LOGITS_ALL,
    };
    if (!evaluate (session, &batch, logits + first * n_vocab, NULL, error))
      return NULL;
  }
  return g_steal_pointer (&logits);
}
