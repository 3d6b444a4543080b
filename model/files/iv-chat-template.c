/* Recognising chat templates by their markers, and checking messages against them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-chat-template.h"

#include <string.h>

#include "model/files/iv-chat-forms.h"
#include "model/files/iv-model-error.h"

#define VICUNA_SYSTEM                                                                            \
  "A chat between a curious user and an artificial intelligence assistant. The assistant gives " \
  "helpful, detailed, and polite answers to the user's questions."

typedef struct {
  const char *name;
  const char *markers[2]; /* all must be in the Jinja text */
  const char *not_marker; /* must not be: another family's form */
  const char *start, *end;
  gboolean writes_start;
  void (*apply) (const IvChat *chat, GString *prompt);
} Form;

static const Form forms[] = {
  [IV_CHAT_TEMPLATE_CHATML] = { "ChatML",
                                { "<|im_start|>", "<|im_end|>" },
                                "<|im_sep|>",
                                "",
                                "<|im_end|>",
                                FALSE,
                                iv_chat_form_chatml },
  [IV_CHAT_TEMPLATE_QWEN3] = { "Qwen3",
                               { "<|im_start|>", "<think>" },
                               "<|im_sep|>",
                               "",
                               "<|im_end|>",
                               FALSE,
                               iv_chat_form_qwen3 },
  [IV_CHAT_TEMPLATE_LLAMA2] = { "Llama-2",
                                { "[INST]", "<<SYS>>" },
                                NULL,
                                "<s>",
                                "</s>",
                                TRUE,
                                iv_chat_form_llama2 },
  [IV_CHAT_TEMPLATE_LLAMA3] = { "Llama-3",
                                { "<|start_header_id|>", "<|eot_id|>" },
                                NULL,
                                "<|begin_of_text|>",
                                "<|eot_id|>",
                                TRUE,
                                iv_chat_form_llama3 },
  [IV_CHAT_TEMPLATE_VICUNA] = { "Vicuna",
                                { "USER:", "ASSISTANT:" },
                                NULL,
                                "",
                                "</s>",
                                FALSE,
                                iv_chat_form_vicuna },
  [IV_CHAT_TEMPLATE_GEMMA] = { "Gemma",
                               { "<start_of_turn>", "<end_of_turn>" },
                               NULL,
                               "<bos>",
                               "<eos>",
                               TRUE,
                               iv_chat_form_gemma },
};

/* Qwen3 before ChatML: it has the markers of both. */
static const IvChatTemplateKind order[] = {
  IV_CHAT_TEMPLATE_QWEN3, IV_CHAT_TEMPLATE_CHATML, IV_CHAT_TEMPLATE_LLAMA3,
  IV_CHAT_TEMPLATE_GEMMA, IV_CHAT_TEMPLATE_LLAMA2, IV_CHAT_TEMPLATE_VICUNA,
};

void
iv_chat_template_free (IvChatTemplate *chat_template)
{
  g_free (chat_template->default_system);
  g_free (chat_template->date);
  g_free (chat_template->start);
  g_free (chat_template->end);
  g_free (chat_template);
}

IvChatTemplate *
iv_chat_template_new_for_kind (IvChatTemplateKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (forms), NULL);
  IvChatTemplate *chat_template = g_new0 (IvChatTemplate, 1);
  chat_template->kind = kind;
  chat_template->start = g_strdup (forms[kind].start);
  chat_template->end = g_strdup (forms[kind].end);
  chat_template->has_system = TRUE;
  chat_template->can_think = kind == IV_CHAT_TEMPLATE_QWEN3;
  if (kind == IV_CHAT_TEMPLATE_VICUNA)
    chat_template->default_system = g_strdup (VICUNA_SYSTEM);
  return chat_template;
}

static gboolean
has_markers (const char *jinja, const Form *form)
{
  for (guint i = 0; i < G_N_ELEMENTS (form->markers); i++)
    if (strstr (jinja, form->markers[i]) == NULL)
      return FALSE;
  return form->not_marker == NULL || strstr (jinja, form->not_marker) == NULL;
}

/* The text of "<|im_start|>system\nTEXT<|im_end|>" where TEXT is no expression. A newline stands in
 * a template as itself or as "\n". (transfer full) */
static char *
find_default_system (const char *jinja)
{
  const char *opening = "<|im_start|>system";
  for (const char *c = strstr (jinja, opening); c != NULL; c = strstr (c, opening)) {
    c += strlen (opening);
    const char *text = g_str_has_prefix (c, "\\n") ? c + 2 : *c == '\n' ? c + 1 : NULL;
    const char *end = text != NULL ? strstr (text, "<|im_end|>") : NULL;
    if (end != NULL && end > text && strcspn (text, "'\"{") > (gsize) (end - text))
      return g_strndup (text, (gsize) (end - text));
  }
  return NULL;
}

/* The date that stands for a missing one: date_string = "26 Jul 2024". (transfer full) */
static char *
find_date (const char *jinja)
{
  const char *opening = "date_string = \"";
  const char *c = strstr (jinja, opening);
  if (strstr (jinja, "Cutting Knowledge Date") == NULL)
    return NULL;
  if (c == NULL)
    return g_strdup ("26 Jul 2024");
  c += strlen (opening);
  return g_strndup (c, strcspn (c, "\""));
}

static void
read_details (IvChatTemplate *chat_template, const char *jinja)
{
  gboolean is_chatml = chat_template->kind == IV_CHAT_TEMPLATE_CHATML;
  chat_template->has_system = strstr (jinja, "System role not supported") == NULL;
  chat_template->alternates = strstr (jinja, "must alternate") != NULL;
  if (is_chatml)
    chat_template->default_system = find_default_system (jinja);
  if (chat_template->kind == IV_CHAT_TEMPLATE_LLAMA3)
    chat_template->date = find_date (jinja);
  if (chat_template->kind == IV_CHAT_TEMPLATE_VICUNA && strstr (jinja, "A chat between") == NULL)
    g_clear_pointer (&chat_template->default_system, g_free);
  if (chat_template->kind == IV_CHAT_TEMPLATE_QWEN3) {
    chat_template->can_think = strstr (jinja, "enable_thinking") != NULL;
    chat_template->opens_think =
        !chat_template->can_think && (strstr (jinja, "assistant\\n<think>\\n' }}") != NULL ||
                                      strstr (jinja, "assistant\n<think>\n' }}") != NULL);
  }
}

IvChatTemplate *
iv_chat_template_new (const char *jinja, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    if (has_markers (jinja, &forms[order[i]])) {
      IvChatTemplate *chat_template = iv_chat_template_new_for_kind (order[i]);
      read_details (chat_template, jinja);
      return chat_template;
    }
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", forms[order[i]].name);
  }
  g_autofree char *beginning = g_utf8_substring (jinja, 0, MIN (g_utf8_strlen (jinja, -1), 60));
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "the chat template “%s…” is of no known kind; known are %s",
               g_strdelimit (beginning, "\n", ' '),
               names->str);
  return NULL;
}

/* The token that a key names, as text; NULL when there is none. (transfer full) */
static char *
find_token (IvWeights *weights, const char *key)
{
  guint64 id;
  gsize length;
  if (!iv_weights_get_uint (weights, key, &id))
    return NULL;
  const char *text = iv_weights_get_array_string (weights, "tokenizer.ggml.tokens", id, &length);
  return text != NULL ? g_utf8_make_valid (text, (gssize) length) : NULL;
}

IvChatTemplate *
iv_chat_template_new_for_weights (IvWeights *weights, GError **error)
{
  const char *jinja = iv_weights_get_string (weights, "tokenizer.chat_template");
  if (jinja == NULL) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "%s: the model has no chat template",
                 iv_weights_get_file (weights));
    return NULL;
  }
  IvChatTemplate *chat_template = iv_chat_template_new (jinja, error);
  if (chat_template == NULL) {
    g_prefix_error (error, "%s: ", iv_weights_get_file (weights));
    return NULL;
  }
  char *start = find_token (weights, "tokenizer.ggml.bos_token_id");
  char *end = find_token (weights, "tokenizer.ggml.eos_token_id");
  if (start != NULL && *chat_template->start != '\0') {
    g_free (chat_template->start);
    chat_template->start = g_steal_pointer (&start);
  }
  if (end != NULL) {
    g_free (chat_template->end);
    chat_template->end = g_steal_pointer (&end);
  }
  g_free (start);
  g_free (end);
  return chat_template;
}

IvChatTemplateKind
iv_chat_template_get_kind (IvChatTemplate *chat_template)
{
  return chat_template->kind;
}

const char *
iv_chat_template_kind_to_string (IvChatTemplateKind kind)
{
  return (guint) kind < G_N_ELEMENTS (forms) ? forms[kind].name : "?";
}

IvTokenizeFlags
iv_chat_template_get_tokenize_flags (IvChatTemplate *chat_template)
{
  return forms[chat_template->kind].writes_start
             ? IV_TOKENIZE_PARSE_SPECIAL
             : IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL;
}

gboolean
iv_chat_template_can_think (IvChatTemplate *chat_template)
{
  return chat_template->can_think;
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autoptr (GError) problem =
      g_error_new_valist (IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT, format, arguments);
  va_end (arguments);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
check_messages (const IvChat *chat, GError **error)
{
  const IvChatTemplate *form = chat->chat_template;
  const char *name = forms[form->kind].name;
  /* These two have no place for a system message but before the first question. */
  gboolean is_first_only = form->kind != IV_CHAT_TEMPLATE_CHATML &&
                           form->kind != IV_CHAT_TEMPLATE_QWEN3 &&
                           form->kind != IV_CHAT_TEMPLATE_LLAMA3;
  guint n_before = 0;
  if (chat->n == 0)
    return fail (error, "there is no message to put into a prompt");
  for (guint i = 0; i < chat->n; i++) {
    const char *role = chat->messages[i].role;
    gboolean is_system = g_str_equal (role, "system"), is_user = g_str_equal (role, "user");
    if (!is_system && !is_user && !g_str_equal (role, "assistant"))
      return fail (error, "message %u: role “%s” is not system, user or assistant", i, role);
    if (!g_utf8_validate (chat->messages[i].content, -1, NULL))
      return fail (error, "message %u is not UTF-8", i);
    if (is_system && !form->has_system)
      return fail (error, "message %u: the %s template says: System role not supported", i, name);
    if (is_system && i > 0 && is_first_only)
      return fail (
          error, "message %u: in a %s prompt only the first may be of the system", i, name);
    n_before += is_system ? 1 : 0;
    if (form->alternates && !is_system && is_user != ((i - n_before) % 2 == 0))
      return fail (error,
                   "message %u: in a %s prompt user and assistant take turns, the user first",
                   i,
                   name);
  }
  return n_before < chat->n || !is_first_only ||
         fail (error, "a %s prompt needs a message of the user", name);
}

char *
iv_chat_template_apply_with_flags (IvChatTemplate *chat_template,
                                   const IvChatMessage *messages,
                                   guint n_messages,
                                   IvChatFlags flags,
                                   GError **error)
{
  IvChat chat = { chat_template, messages, n_messages, flags };
  if (!check_messages (&chat, error))
    return NULL;
  GString *prompt = g_string_new (NULL);
  forms[chat_template->kind].apply (&chat, prompt);
  return g_string_free (prompt, FALSE);
}

char *
iv_chat_template_apply (IvChatTemplate *chat_template,
                        const IvChatMessage *messages,
                        guint n_messages,
                        gboolean no_think,
                        GError **error)
{
  return iv_chat_template_apply_with_flags (
      chat_template, messages, n_messages, no_think ? IV_CHAT_NO_THINK : IV_CHAT_PLAIN, error);
}
