/* The part of the chat that runs on the engine thread: a kept model, and one answer of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat-job.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/engine/iv-engine-models.h"
#include "app/read/iv-read-error.h"

#define KEPT "chat"

/* Kept by the engine between turns, so that a follow-up computes only what is new. */
typedef struct {
  IvChatModelInfo *info;
  IvLanguageModel *model; /* the engine's */
  IvSession *session;
  IvChatTemplate *chat_template;
  GString *text; /* what the session has read and written, as text … */
  GArray *ids;   /* … and as gint32 tokens */
} Kept;

static void
kept_free (Kept *kept)
{
  g_clear_pointer (&kept->session, iv_session_free);
  g_clear_pointer (&kept->chat_template, iv_chat_template_free);
  g_clear_pointer (&kept->info, iv_chat_model_info_free);
  if (kept->text != NULL)
    g_string_free (kept->text, TRUE);
  g_clear_pointer (&kept->ids, g_array_unref);
  g_free (kept);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Kept, kept_free)

static IvChatModelInfo *
describe (const char *file, IvLanguageModel *model)
{
  IvWeights *weights = iv_language_model_get_weights (model);
  IvChatModelInfo *info = g_new0 (IvChatModelInfo, 1);
  const char *name = iv_weights_get_string (weights, "general.name");

  info->file = g_strdup (file);
  info->name = name != NULL && *name != '\0' ? g_strdup (name) : g_path_get_basename (file);
  info->architecture = g_strdup (iv_weights_get_architecture (weights));
  info->quantisation = iv_language_model_describe_weights (model);
  info->digest = g_strdup (iv_weights_get_digest (weights));
  info->has_template = iv_weights_get_string (weights, "tokenizer.chat_template") != NULL;
  return info;
}

IvChatTemplate *
iv_chat_template_guess (IvTokenizer *tokenizer)
{
  static const struct {
    const char *token;
    IvChatTemplateKind kind;
  } marks[] = {
    { "<|im_start|>", IV_CHAT_TEMPLATE_CHATML },
    { "<|start_header_id|>", IV_CHAT_TEMPLATE_LLAMA3 },
    { "<start_of_turn>", IV_CHAT_TEMPLATE_GEMMA },
  };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (iv_tokenizer_find (tokenizer, marks[i].token) >= 0)
      return iv_chat_template_new_for_kind (marks[i].kind);
  return iv_chat_template_new_for_kind (IV_CHAT_TEMPLATE_LLAMA2);
}

static void
on_load_progress_cb (double fraction, const char *what, gpointer user_data)
{
  iv_engine_context_report (user_data, fraction, what);
}

static Kept *
begin (IvLanguageModel *model, const char *file, GError **error)
{
  g_autoptr (Kept) kept = g_new0 (Kept, 1);
  IvWeights *weights = iv_language_model_get_weights (model);

  kept->model = model;
  kept->info = describe (file, kept->model);
  kept->chat_template =
      kept->info->has_template
          ? iv_chat_template_new_for_weights (weights, error)
          : iv_chat_template_guess (iv_language_model_get_tokenizer (kept->model));
  if (kept->chat_template == NULL)
    return NULL;
  kept->session = iv_session_new (kept->model, 0, error);
  if (kept->session == NULL)
    return NULL;
  kept->info->n_context = iv_session_get_n_context (kept->session);
  kept->text = g_string_new (NULL);
  kept->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  return g_steal_pointer (&kept);
}

static Kept *
ensure_model (IvEngineContext *context, const char *file, GError **error)
{
  IvLanguageModelParams params = {
    .file = file,
    .progress = on_load_progress_cb,
    .progress_data = context,
  };
  IvLanguageModel *model = iv_engine_models_get (context, &params, error);
  Kept *kept;

  if (model == NULL)
    return NULL;
  kept = iv_engine_models_get_attached (context, model, KEPT);
  if (kept != NULL)
    return kept;
  kept = begin (model, file, error);
  if (kept != NULL)
    iv_engine_models_attach (context, model, KEPT, kept, (GDestroyNotify) kept_free);
  return kept;
}

gpointer
iv_chat_job_load (IvEngineContext *context, gpointer data, GError **error)
{
  Kept *kept;

  iv_engine_context_report (context, -1, ""); /* its turn has come */
  kept = ensure_model (context, data, error);
  return kept != NULL ? iv_chat_model_info_copy (kept->info) : NULL;
}

gpointer
iv_chat_job_unload (IvEngineContext *context, gpointer data, GError **error)
{
  iv_engine_models_drop (context);
  return g_new0 (IvChatAnswer, 1);
}

static gboolean
is_control (const char *token, gpointer user_data)
{
  /* Llama 2's marks are no tokens of their own, yet mean the same to the model. */
  return token[0] == '[' || g_str_has_prefix (token, "<<") ||
         iv_tokenizer_find (user_data, token) >= 0;
}

/* Prompt text of the messages, with what is in them made harmless. Templates without a system role
 * get its text at the head of the first question. */
static char *
build_prompt (Kept *kept, const IvChatRequest *request, GError **error)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (kept->model);
  g_autoptr (IvChatRequest) safe = iv_chat_request_new (request->file);
  g_autoptr (GError) refusal = NULL;
  const IvChatMessage *messages;
  g_autofree char *merged = NULL;
  char *prompt;

  for (guint i = 0; i < request->messages->len; i++) {
    const IvChatMessage *message = &g_array_index (request->messages, IvChatMessage, i);
    g_autofree char *content = iv_chat_neutralise (message->content, is_control, tokenizer);

    iv_chat_request_add (safe, message->role, content);
  }
  messages = (const IvChatMessage *) (gpointer) safe->messages->data;
  prompt = iv_chat_template_apply (
      kept->chat_template, messages, safe->messages->len, request->no_think, &refusal);
  if (prompt != NULL || safe->messages->len < 2 || !g_str_equal (messages[0].role, "system")) {
    if (prompt == NULL)
      g_propagate_error (error, g_steal_pointer (&refusal));
    return prompt;
  }
  merged = g_strconcat (messages[0].content, "\n\n", messages[1].content, NULL);
  g_array_remove_index (safe->messages, 0);
  g_free ((char *) g_array_index (safe->messages, IvChatMessage, 0).content);
  g_array_index (safe->messages, IvChatMessage, 0).content = g_steal_pointer (&merged);
  return iv_chat_template_apply (kept->chat_template,
                                 (const IvChatMessage *) (gpointer) safe->messages->data,
                                 safe->messages->len,
                                 request->no_think,
                                 error);
}

/* Tokens of the prompt. Where it goes on from what the session has already read and written, those
 * very tokens are taken: the model's own words need not come back from text as the same tokens. */
static GArray *
tokenise (Kept *kept, const char *prompt)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (kept->model);
  gint32 bos = iv_tokenizer_get_bos (tokenizer);
  gboolean goes_on = kept->text->len > 0 && g_str_has_prefix (prompt, kept->text->str);
  IvTokenizeFlags flags = IV_TOKENIZE_PARSE_SPECIAL;
  g_autoptr (GArray) rest = NULL;
  GArray *ids;

  if (!goes_on)
    flags |= IV_TOKENIZE_ADD_SPECIAL;
  rest = iv_tokenizer_encode (tokenizer, prompt + (goes_on ? kept->text->len : 0), -1, flags);
  /* Templates that write the start token themselves would have it twice. */
  if (!goes_on && rest->len > 1 && bos >= 0 && g_array_index (rest, gint32, 0) == bos &&
      g_array_index (rest, gint32, 1) == bos)
    g_array_remove_index (rest, 0);
  ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  if (goes_on)
    g_array_append_vals (ids, kept->ids->data, kept->ids->len);
  g_array_append_vals (ids, rest->data, rest->len);
  return ids;
}

typedef struct {
  IvEngineContext *context;
  GString *written;
  guint n_prompt;
  guint n_generated;
  gint64 start; /* of decoding, monotonic microseconds */
} Writing;

static void
emit (Writing *writing, const char *text)
{
  IvChatPiece *piece = g_new0 (IvChatPiece, 1);

  piece->text = g_strdup (text);
  piece->n_used = writing->n_prompt + writing->n_generated;
  piece->n_generated = writing->n_generated;
  if (writing->start != 0)
    piece->decode_seconds = (g_get_monotonic_time () - writing->start) / 1e6;
  iv_engine_context_emit (writing->context, piece, (GDestroyNotify) iv_chat_piece_free);
}

static gboolean
on_token_cb (gint32 id, const char *piece, gpointer user_data)
{
  Writing *writing = user_data;

  if (writing->start == 0)
    writing->start = g_get_monotonic_time ();
  writing->n_generated++;
  g_string_append (writing->written, piece);
  emit (writing, piece);
  return TRUE;
}

/* Remembers the text that belongs to the session's tokens; the end-of-turn token is left to the
 * template, which writes it again. */
static void
remember (Kept *kept, const char *prompt, GArray *ids, GArray *generated, const char *written)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (kept->model);

  g_string_assign (kept->text, prompt);
  g_string_append (kept->text, written);
  g_array_set_size (kept->ids, 0);
  g_array_append_vals (kept->ids, ids->data, ids->len);
  for (guint i = 0; i < generated->len; i++) {
    gint32 id = g_array_index (generated, gint32, i);

    if (!iv_tokenizer_is_stop (tokenizer, id))
      g_array_append_val (kept->ids, id);
  }
}

gpointer
iv_chat_job_answer (IvEngineContext *context, gpointer data, GError **error)
{
  const IvChatRequest *request = data;
  Kept *kept = ensure_model (context, request->file, error);
  g_autofree IvChatAnswer *answer = g_new0 (IvChatAnswer, 1);
  g_autoptr (GString) written = g_string_new (NULL);
  g_autofree char *prompt = NULL;
  g_autofree char *end = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GArray) generated = NULL;
  Writing writing = { .context = context, .written = written };
  IvGenerateParams params = { .sampling = request->sampling,
                              .max_tokens = request->max_tokens,
                              .token = on_token_cb,
                              .token_data = &writing };

  if (kept == NULL)
    return NULL;
  prompt = build_prompt (kept, request, error);
  if (prompt == NULL)
    return NULL;
  ids = tokenise (kept, prompt);
  if (ids->len + 1 >= kept->info->n_context) {
    g_set_error (error,
                 IV_READ_ERROR,
                 IV_READ_ERROR_CONTEXT_FULL,
                 _ ("The conversation needs %u tokens and %s holds %u. Start a new conversation."),
                 ids->len,
                 kept->info->name,
                 kept->info->n_context);
    return NULL;
  }
  params.ids = (const gint32 *) (gpointer) ids->data;
  params.n_ids = ids->len;
  writing.n_prompt = ids->len;
  emit (&writing, "");
  /* Some templates open the thoughts themselves. */
  end = g_strchomp (g_strdup (prompt));
  if (g_str_has_suffix (end, "<think>"))
    emit (&writing, "<think>");

  generated = iv_session_generate (
      kept->session, &params, &answer->stats, iv_engine_context_get_cancellable (context), error);
  if (generated == NULL)
    return NULL;
  remember (kept, prompt, ids, generated, written->str);
  answer->n_used = iv_session_get_n_used (kept->session);
  return g_steal_pointer (&answer);
}
