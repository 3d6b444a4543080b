/* Chat templates against golden prompts, and the errors they must give.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "model/files/iv-chat-template.h"
#include "model/files/iv-model-error.h"
#include "tests/model/files/iv-golden.h"

static IvChatTemplate *
open_template (const char *case_file, const char *name, const char *jinja_file)
{
  g_autoptr (GError) error = NULL;
  if (g_str_equal (name, "vicuna")) /* a rule, not a file */
    return iv_chat_template_new_for_kind (IV_CHAT_TEMPLATE_VICUNA);
  g_autofree char *folder = g_path_get_dirname (case_file);
  g_autofree char *file = g_build_filename (folder, jinja_file, NULL);
  g_autofree char *jinja = NULL;
  g_file_get_contents (file, &jinja, NULL, &error);
  g_assert_no_error (error);
  IvChatTemplate *chat_template = iv_chat_template_new (jinja, &error);
  g_assert_no_error (error);
  return chat_template;
}

static IvChatFlags
read_flags (JsonObject *vector)
{
  IvChatFlags flags = IV_CHAT_PLAIN;
  if (!json_object_get_boolean_member (vector, "add_generation_prompt"))
    flags |= IV_CHAT_NO_ANSWER;
  if (json_object_has_member (vector, "options") &&
      !json_object_get_boolean_member (json_object_get_object_member (vector, "options"),
                                       "enable_thinking"))
    flags |= IV_CHAT_NO_THINK;
  return flags;
}

static void
check_vector (IvChatTemplate *chat_template, JsonObject *vector)
{
  g_autoptr (GError) error = NULL;
  IvChatMessage messages[8];
  JsonArray *array = json_object_get_array_member (vector, "messages");
  guint n = json_array_get_length (array);
  g_assert_cmpuint (n, <=, G_N_ELEMENTS (messages));
  for (guint i = 0; i < n; i++) {
    JsonObject *message = json_array_get_object_element (array, i);
    messages[i].role = json_object_get_string_member (message, "role");
    messages[i].content = json_object_get_string_member (message, "content");
  }
  g_autofree char *prompt =
      iv_chat_template_apply_with_flags (chat_template, messages, n, read_flags (vector), &error);
  if (json_object_has_member (vector, "expected_error")) {
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
    g_assert_nonnull (
        strstr (error->message, json_object_get_string_member (vector, "expected_error")));
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpstr (prompt, ==, json_object_get_string_member (vector, "expected"));
}

static void
check_case (const char *folder, guint n_least)
{
  g_autofree char *case_file = g_build_filename (folder, "case.json", NULL);
  g_autofree char *vectors_file = g_build_filename (folder, "vectors.json", NULL);
  g_autoptr (JsonNode) case_root = iv_golden_load_json (case_file);
  g_autoptr (JsonNode) root = iv_golden_load_json (vectors_file);
  JsonObject *files = json_object_get_object_member (json_node_get_object (case_root), "templates");
  JsonArray *vectors = json_node_get_array (root);
  g_assert_cmpuint (json_array_get_length (vectors), >=, n_least);
  for (guint i = 0; i < json_array_get_length (vectors); i++) {
    JsonObject *vector = json_array_get_object_element (vectors, i);
    const char *name = json_object_get_string_member (vector, "template");
    g_autoptr (IvChatTemplate) chat_template =
        open_template (case_file, name, json_object_get_string_member (files, name));
    check_vector (chat_template, vector);
  }
}

static void
test_vectors (void)
{
  g_autofree char *folder = iv_golden_find ("chat");
  check_case (folder, 20);
}

static void
test_published (void)
{
  g_autofree char *folder = iv_golden_find_shared ("chat");
  if (folder == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  check_case (folder, 53);
}

/* Thoughts of earlier answers are dropped, those after the last question stay. */
static void
test_thoughts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvChatTemplate) qwen3 = iv_chat_template_new_for_kind (IV_CHAT_TEMPLATE_QWEN3);
  const IvChatMessage messages[] = {
    { "user", "First?" },
    { "assistant", "<think>\nhidden\n</think>\n\nOne." },
    { "user", "Second?" },
    { "assistant", "<think>\nkept\n</think>\n\nTwo." },
  };
  g_autofree char *next = iv_chat_template_apply (qwen3, messages, 3, FALSE, &error);
  g_assert_cmpstr (next,
                   ==,
                   "<|im_start|>user\nFirst?<|im_end|>\n<|im_start|>assistant\nOne.<|im_end|>\n"
                   "<|im_start|>user\nSecond?<|im_end|>\n<|im_start|>assistant\n");
  g_autofree char *whole =
      iv_chat_template_apply_with_flags (qwen3, messages, 4, IV_CHAT_NO_ANSWER, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (
      whole, "<|im_start|>assistant\n<think>\nkept\n</think>\n\nTwo.<|im_end|>\n"));
  g_assert_null (strstr (whole, "hidden"));
  g_assert_true (iv_chat_template_can_think (qwen3));
}

/* Templates that have appeared with later models of the same families. */
static void
test_variants (void)
{
  static const struct {
    const char *jinja;
    IvChatTemplateKind kind;
    const char *prompt;
  } rows[] = {
    { "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + "
      "'<|im_end|>\\n'}}"
      "{% endfor %}{{ '<|im_start|>assistant\\n<think>\\n' }}",
      IV_CHAT_TEMPLATE_QWEN3,
      "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n" },
    { "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}",
      IV_CHAT_TEMPLATE_CHATML,
      "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n" },
    { "{% for m in messages %}{% if m.role == 'user' %}USER: {{ m.content }} {% else %}ASSISTANT: "
      "{{ m.content }}</s>{% endif %}{% endfor %}ASSISTANT:",
      IV_CHAT_TEMPLATE_VICUNA,
      "USER: Hi ASSISTANT:" },
  };
  const IvChatMessage message = { "user", "Hi" };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (IvChatTemplate) chat_template = iv_chat_template_new (rows[i].jinja, &error);
    g_assert_no_error (error);
    g_assert_cmpint (iv_chat_template_get_kind (chat_template), ==, rows[i].kind);
    g_autofree char *prompt = iv_chat_template_apply (chat_template, &message, 1, FALSE, &error);
    g_assert_cmpstr (prompt, ==, rows[i].prompt);
  }
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (iv_chat_template_new ("{{ bos_token }}<|User|>{{ messages[0] }}", &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "Qwen3, ChatML, Llama-3, Gemma, Llama-2, Vicuna"));
}

static void
test_bad_messages (void)
{
  static const IvChatMessage rows[][2] = {
    { { "tool", "x" } },
    { { "user", "x" }, { "system", "late" } },
    { { "system", "x" } },
    { { "user", "\xff" } },
  };
  g_autoptr (IvChatTemplate) llama2 = iv_chat_template_new_for_kind (IV_CHAT_TEMPLATE_LLAMA2);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    guint n = rows[i][1].role != NULL ? 2 : 1;
    g_assert_null (iv_chat_template_apply (llama2, rows[i], n, FALSE, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (iv_chat_template_apply (llama2, rows[0], 0, FALSE, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

/* Written and added start tokens together must be one. */
static void
test_start_token (void)
{
  static const char *const models[] = { "text/llama/model-bf16.gguf",
                                        "text/llama3/model-bf16.gguf",
                                        "text/gemma3/model-f32.gguf",
                                        "text/qwen2/model-f32.gguf" };
  const IvChatMessage message = { "user", "Hi" };
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *file = iv_golden_find (models[i]);
    g_autoptr (IvWeights) weights = iv_weights_open (file, &error);
    g_assert_no_error (error);
    g_autoptr (IvTokenizer) tokenizer = iv_tokenizer_new (weights, &error);
    g_autoptr (IvChatTemplate) chat_template = iv_chat_template_new_for_weights (weights, &error);
    g_assert_no_error (error);
    g_autofree char *prompt = iv_chat_template_apply (chat_template, &message, 1, FALSE, &error);
    g_autoptr (GArray) ids = iv_tokenizer_encode (
        tokenizer, prompt, -1, iv_chat_template_get_tokenize_flags (chat_template));
    guint n_start = 0;
    gint32 bos = iv_tokenizer_get_bos (tokenizer);
    for (guint k = 0; k < ids->len; k++)
      n_start += g_array_index (ids, gint32, k) == bos ? 1 : 0;
    gboolean has_start = !g_str_has_prefix (models[i], "text/qwen2");
    g_assert_cmpuint (n_start, ==, has_start ? 1 : 0);
    if (has_start)
      g_assert_cmpint (g_array_index (ids, gint32, 0), ==, bos);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/chat-template/vectors", test_vectors);
  g_test_add_func ("/files/chat-template/published", test_published);
  g_test_add_func ("/files/chat-template/thoughts", test_thoughts);
  g_test_add_func ("/files/chat-template/variants", test_variants);
  g_test_add_func ("/files/chat-template/unknown", test_unknown);
  g_test_add_func ("/files/chat-template/bad-messages", test_bad_messages);
  g_test_add_func ("/files/chat-template/start-token", test_start_token);
  return g_test_run ();
}
