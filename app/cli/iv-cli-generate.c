/* interval-cli generate: what a language model writes after a prompt.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <stdio.h>

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-form.h"
#include "app/cli/iv-cli-image.h"
#include "app/cli/iv-cli-input.h"
#include "app/cli/iv-cli-model.h"
#include "model/files/iv-json.h"

typedef struct {
  char *model, *mmproj, *prompt, *ids, *messages, *weights_type, *cache_type;
  char **images, **stop;
  IvCliFormOptions form;
  gboolean greedy, ignore_eos, json, exact, no_think, lookup, no_lookup;
  gint64 seed, max_pixels;
  int device, max_tokens, context, top_k;
  double temperature, top_p, min_p, repeat_penalty;
} Options;

/* What one run gives. */
typedef struct {
  const Options *options;
  IvEngineContext *context;
  GArray *ids;
  GString *text;
  IvGenerateStats stats;
} Run;

/* --- the prompt ----------------------------------------------------------------------------- */

/* What the model is given; images borrow from embeddings. */
typedef struct {
  GArray *ids;           /* gint32 */
  GArray *images;        /* IvPromptImage, or NULL */
  GPtrArray *embeddings; /* IvImageEmbedding, or NULL */
} Prompt;

static void
prompt_clear (Prompt *prompt)
{
  g_clear_pointer (&prompt->ids, g_array_unref);
  g_clear_pointer (&prompt->images, g_array_unref);
  g_clear_pointer (&prompt->embeddings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prompt, prompt_clear)

/* Where there are no images their mark is text like other text. */
static gboolean
encode (Prompt *prompt,
        IvLanguageModel *model,
        const char *text,
        IvTokenizeFlags flags,
        GError **error)
{
  IvTokenizer *tokenizer = iv_language_model_get_tokenizer (model);
  IvImageEncoder *encoder = iv_language_model_get_encoder (model);
  if (encoder == NULL) {
    prompt->ids = iv_tokenizer_encode (tokenizer, text, -1, flags);
    return TRUE;
  }
  IvImagePromptParams params = {
    .tokenizer = tokenizer,
    .projector = iv_image_encoder_get_config (encoder)->projector,
    .text = text,
    .flags = flags,
    .embeddings = (IvImageEmbedding *const *) prompt->embeddings->pdata,
    .n_embeddings = prompt->embeddings->len,
  };
  return iv_image_prompt_build (&params, &prompt->ids, &prompt->images, error);
}

/* Marks of images in messages become those that the model's template would put there. */
static void
mark_messages (IvLanguageModel *model, IvCliMessages *messages, GPtrArray *texts)
{
  IvImageEncoder *encoder = iv_language_model_get_encoder (model);
  for (guint i = 0; encoder != NULL && i < messages->n; i++) {
    const char *projector = iv_image_encoder_get_config (encoder)->projector;
    char *text = iv_image_prompt_mark_message (projector, messages->messages[i].content);
    g_ptr_array_add (texts, text);
    messages->messages[i].content = text;
  }
}

static gboolean
encode_messages (Prompt *prompt, IvLanguageModel *model, const Options *options, GError **error)
{
  g_autofree char *json = NULL;
  g_auto (IvCliMessages) messages = { 0 };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gsize length;
  if (!g_file_get_contents (options->messages, &json, &length, error) ||
      !iv_cli_messages_parse (&messages, json, (gssize) length, options->messages, error))
    return FALSE;
  g_autoptr (IvChatTemplate) chat_template =
      iv_chat_template_new_for_weights (iv_language_model_get_weights (model), error);
  if (chat_template == NULL)
    return FALSE;
  mark_messages (model, &messages, texts);
  g_autofree char *text = iv_chat_template_apply (
      chat_template, messages.messages, messages.n, options->no_think, error);
  return text != NULL &&
         encode (prompt, model, text, iv_chat_template_get_tokenize_flags (chat_template), error);
}

static gboolean
make_prompt (Prompt *prompt, const Run *run, IvLanguageModel *model, GError **error)
{
  const Options *options = run->options;
  IvImageEncoder *encoder = iv_language_model_get_encoder (model);
  if (options->ids != NULL) {
    prompt->ids = iv_cli_parse_ids (options->ids, error);
    return prompt->ids != NULL;
  }
  if (encoder != NULL) {
    GCancellable *cancellable = iv_engine_context_get_cancellable (run->context);
    prompt->embeddings = iv_cli_encode_images (
        encoder, options->images, (guint64) options->max_pixels, cancellable, error);
    if (prompt->embeddings == NULL)
      return FALSE;
  }
  if (options->messages != NULL)
    return encode_messages (prompt, model, options, error);
  return encode (
      prompt, model, options->prompt, IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL, error);
}

/* --- the run -------------------------------------------------------------------------------- */

static gboolean
on_token_cb (gint32 id, const char *piece, gpointer user_data)
{
  Run *run = user_data;
  g_string_append (run->text, piece);
  if (!run->options->json) {
    fputs (piece, stdout); /* g_print would turn it into the locale's characters */
    fflush (stdout);
  }
  return TRUE;
}

static IvSampling
get_sampling (const Options *options)
{
  IvSampling sampling = {
    .repeat_penalty = (float) options->repeat_penalty,
    .seed = (guint64) options->seed,
  };
  if (options->greedy)
    return sampling;
  sampling.temperature = (float) options->temperature;
  sampling.top_p = (float) options->top_p;
  sampling.min_p = (float) options->min_p;
  sampling.top_k = (guint) options->top_k;
  return sampling;
}

static IvLookupMode
get_lookup (const Options *options)
{
  if (options->lookup)
    return IV_LOOKUP_ALWAYS;
  return options->no_lookup ? IV_LOOKUP_OFF : IV_LOOKUP_AUTO;
}

static gboolean
generate (Run *run, IvLanguageModel *model, GError **error)
{
  const Options *options = run->options;
  g_autoptr (IvSession) session = iv_session_new (model, 0, error);
  g_auto (Prompt) prompt = { 0 };
  if (session == NULL || !make_prompt (&prompt, run, model, error))
    return FALSE;
  g_autoptr (GError) form_error = NULL;
  g_autoptr (IvAnswerForm) form = iv_cli_form_new (model, &options->form, &form_error);
  if (form_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&form_error));
    return FALSE;
  }
  IvGenerateParams params = { .ids = (const gint32 *) (gpointer) prompt.ids->data,
                              .n_ids = prompt.ids->len,
                              .sampling = get_sampling (options),
                              .max_tokens = (guint) options->max_tokens,
                              .ignore_stop = options->ignore_eos,
                              .lookup = get_lookup (options),
                              .constraint =
                                  form != NULL ? iv_answer_form_get_constraint (form) : NULL,
                              .stop_texts = (const char *const *) options->stop,
                              .token = on_token_cb,
                              .token_data = run };
  if (prompt.images != NULL) {
    params.images = (const IvPromptImage *) (gpointer) prompt.images->data;
    params.n_images = prompt.images->len;
  }
  run->ids = iv_session_generate (
      session, &params, &run->stats, iv_engine_context_get_cancellable (run->context), error);
  return run->ids != NULL;
}

static gpointer
run_generate (IvEngineContext *context, gpointer data, GError **error)
{
  Run *run = data;
  const Options *options = run->options;
  run->context = context;
  gboolean has_images = options->images != NULL;
  IvCliModelParams params = {
    .file = options->model,
    .mmproj = has_images ? iv_cli_choose_tower (options->model, options->mmproj) : NULL,
    .n_context = (guint) options->context,
    .cache_type = options->exact ? "f32" : options->cache_type,
    .weights_type = options->weights_type,
  };
  g_autoptr (IvLanguageModel) model = iv_cli_load_model (context, &params, error);
  if (model == NULL || !generate (run, model, error))
    return NULL;
  return run;
}

/* --- what is printed ------------------------------------------------------------------------ */

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_count (JsonBuilder *builder, const char *name, guint value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
print_json (const Run *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "ids");
  json_builder_begin_array (builder);
  for (guint i = 0; i < run->ids->len; i++)
    json_builder_add_int_value (builder, g_array_index (run->ids, gint32, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, run->text->str);
  add_count (builder, "evaluated", run->stats.n_evaluated);
  add_count (builder, "reused", run->stats.n_reused);
  add_count (builder, "drafted", run->stats.n_drafted);
  add_count (builder, "accepted", run->stats.n_accepted);
  add_number (builder, "prefill_s", run->stats.prefill_seconds);
  add_number (builder, "decode_s", run->stats.decode_seconds);
  json_builder_set_member_name (builder, "stop");
  json_builder_add_string_value (builder, iv_stop_reason_to_string (run->stats.stop));
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  puts (text);
}

static int
finish (const Run *run)
{
  const char *why = iv_stop_reason_to_string (run->stats.stop);
  if (run->options->json)
    print_json (run);
  else
    putchar ('\n');
  if (run->stats.stop == IV_STOP_CONTEXT_FULL || run->stats.stop == IV_STOP_CANCELLED)
    g_printerr ("interval-cli generate: %s after %u tokens\n", why, run->ids->len);
  return IV_CLI_DONE;
}

/* --- the options ---------------------------------------------------------------------------- */

static const char *
find_problem (const Options *options)
{
  guint n = (options->prompt != NULL) + (options->ids != NULL) + (options->messages != NULL);
  if (options->model == NULL)
    return "--model is wanted";
  if (n != 1)
    return "one of --prompt, --ids and --messages is wanted";
  if (options->lookup && options->no_lookup)
    return "--lookup and --no-lookup exclude one another";
  if (options->images != NULL && options->ids != NULL)
    return "--image goes with --prompt or --messages, where " IV_IMAGE_MARK " stands for it";
  if (options->max_pixels < 0)
    return "--max-pixels is 0 or more";
  if (options->max_tokens < 0 || options->context < 0 || options->top_k < 0)
    return "--max-tokens, --context and --top-k are 0 or more";
  if (options->temperature < 0 || options->top_p < 0 || options->min_p < 0 ||
      options->repeat_penalty < 0)
    return "--temperature, --top-p, --min-p and --repeat-penalty are 0 or more";
  return NULL;
}

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->mmproj);
  g_free (options->prompt);
  g_free (options->ids);
  g_free (options->messages);
  g_free (options->weights_type);
  g_strfreev (options->images);
  g_free (options->cache_type);
  g_strfreev (options->stop);
  iv_cli_form_options_clear (&options->form);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static int
run_with (const IvCliCommand *command, const Options *options)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Run run = { .options = options, .text = text };
  if (iv_cli_run_on_device (options->device, run_generate, &run, &error) == NULL)
    return iv_cli_fail (command->name, error);
  int status = finish (&run);
  g_array_unref (run.ids);
  return status;
}

int
iv_cli_run_generate (int argc, char **argv)
{
  g_auto (Options)
      o = { .device = -1, .temperature = 0.7, .top_p = 0.9, .seed = 1, .max_tokens = 512 };
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o.model, "GGUF file or directory", "MODEL" },
    IV_CLI_MMPROJ (&o.mmproj),
    { "image", 'i', 0, G_OPTION_ARG_FILENAME_ARRAY, &o.images, "for the next <image>", "FILE" },
    IV_CLI_MAX_PIXELS (&o.max_pixels),
    { "prompt", 'p', 0, G_OPTION_ARG_STRING, &o.prompt, "raw text, control tokens meant", "TEXT" },
    { "ids", 0, 0, G_OPTION_ARG_STRING, &o.ids, "token ids, taken as they are", "IDS" },
    { "messages", 0, 0, G_OPTION_ARG_FILENAME, &o.messages, "JSON for the template", "FILE" },
    { "greedy", 0, 0, G_OPTION_ARG_NONE, &o.greedy, "always the most probable token" },
    { "temperature", 0, 0, G_OPTION_ARG_DOUBLE, &o.temperature, "0 is greedy (0.7)", "T" },
    { "top-p", 0, 0, G_OPTION_ARG_DOUBLE, &o.top_p, "sum of probabilities kept (0.9)", "P" },
    { "min-p", 0, 0, G_OPTION_ARG_DOUBLE, &o.min_p, "least share of the best", "P" },
    { "top-k", 0, 0, G_OPTION_ARG_INT, &o.top_k, "tokens kept", "K" },
    { "repeat-penalty", 0, 0, G_OPTION_ARG_DOUBLE, &o.repeat_penalty, "for seen tokens", "X" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o.seed, "of the draw (1)", "N" },
    { "max-tokens", 'n', 0, G_OPTION_ARG_INT, &o.max_tokens, "0: until full (512)", "N" },
    { "stop", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.stop, "text to stop before", "TEXT" },
    IV_CLI_FORM_ENTRIES (&o.form),
    { "ignore-eos", 0, 0, G_OPTION_ARG_NONE, &o.ignore_eos, "go on after end tokens" },
    { "no-think", 0, 0, G_OPTION_ARG_NONE, &o.no_think, "ask for no thoughts" },
    { "lookup", 0, 0, G_OPTION_ARG_NONE, &o.lookup, "draft from the text before, always" },
    { "no-lookup", 0, 0, G_OPTION_ARG_NONE, &o.no_lookup, "never; else while it pays" },
    { "context", 0, 0, G_OPTION_ARG_INT, &o.context, "tokens held (the model's)", "N" },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &o.exact, "the same as --cache-type f32" },
    IV_CLI_CACHE_TYPE (&o.cache_type),
    IV_CLI_WEIGHTS_TYPE (&o.weights_type),
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "one JSON object" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("generate");
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  const char *problem = argc > 1 ? "there is an argument too many" : find_problem (&o);
  return problem != NULL ? iv_cli_usage (command, problem) : run_with (command, &o);
}
