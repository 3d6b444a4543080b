/* Tokenizers against golden vectors, and what no vector says: odd bytes, stops, cost.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>
#include <time.h>

#include "model/files/iv-model-error.h"
#include "model/files/iv-tokenizer.h"
#include "tests/model/files/iv-golden.h"

static IvTokenizer *
open_file (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  IvTokenizer *tokenizer = iv_tokenizer_new (weights, &error);
  g_assert_no_error (error);
  return tokenizer;
}

static IvTokenizer *
open_golden (const char *name)
{
  g_autofree char *file = iv_golden_find (name);
  g_assert_nonnull (file);
  return open_file (file);
}

static char *
write_ids (const GArray *ids)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "", g_array_index (ids, gint32, i));
  return g_string_free (text, FALSE);
}

static void
assert_encodes (IvTokenizer *tokenizer, const char *text, IvTokenizeFlags flags, const char *ids)
{
  g_autoptr (GArray) encoded = iv_tokenizer_encode (tokenizer, text, -1, flags);
  g_autofree char *written = write_ids (encoded);
  if (!g_str_equal (written, ids))
    g_error ("“%s” becomes %s, not %s", text, written, ids);
}

static char *
join_ids (JsonArray *array)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (
        text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", json_array_get_int_element (array, i));
  return g_string_free (text, FALSE);
}

static void
check_decoding (IvTokenizer *tokenizer, JsonObject *vector)
{
  const char *text = json_object_get_string_member (vector, "text");
  gboolean parse_special = json_object_get_boolean_member (vector, "parse_special");
  g_autoptr (GArray) ids = iv_tokenizer_encode (
      tokenizer, text, -1, parse_special ? IV_TOKENIZE_PARSE_SPECIAL : IV_TOKENIZE_PLAIN);
  g_autofree char *decoded =
      iv_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, TRUE);
  g_autoptr (GString) hexadecimal = g_string_new (NULL);
  for (const char *c = decoded; *c != '\0'; c++)
    g_string_append_printf (hexadecimal, "%02x", (guint8) *c);
  /* Where the golden case tells another text, that is it; texts that are not NFC change. */
  if (json_object_has_member (vector, "decoded_hex"))
    g_assert_cmpstr (hexadecimal->str, ==, json_object_get_string_member (vector, "decoded_hex"));
  else if (!json_object_has_member (vector, "note"))
    g_assert_cmpstr (decoded, ==, text);
}

static void
check_vectors (const char *model, const char *name, guint n_least)
{
  g_autoptr (IvTokenizer) tokenizer = open_golden (model);
  g_autofree char *file = iv_golden_find (name);
  g_autoptr (JsonNode) root = iv_golden_load_json (file);
  JsonArray *vectors = json_node_get_array (root);
  g_assert_cmpuint (json_array_get_length (vectors), >=, n_least);
  for (guint i = 0; i < json_array_get_length (vectors); i++) {
    JsonObject *vector = json_array_get_object_element (vectors, i);
    const char *text = json_object_get_string_member (vector, "text");
    IvTokenizeFlags flags = json_object_get_boolean_member (vector, "parse_special")
                                ? IV_TOKENIZE_PARSE_SPECIAL
                                : IV_TOKENIZE_PLAIN;
    /* Qwen's own tokenizer brings text into NFC first. */
    const char *member = json_object_has_member (vector, "ids_with_nfc") ? "ids_with_nfc" : "ids";
    g_autofree char *ids = join_ids (json_object_get_array_member (vector, member));
    assert_encodes (tokenizer, text, flags, ids);
    if (g_str_equal (member, "ids")) {
      g_autofree char *with_start =
          join_ids (json_object_get_array_member (vector, "ids_with_start_token"));
      assert_encodes (tokenizer, text, flags | IV_TOKENIZE_ADD_SPECIAL, with_start);
    }
    check_decoding (tokenizer, vector);
  }
}

static void
test_qwen (void)
{
  check_vectors ("text/qwen2/model-f32.gguf", "tokenizer/tiny-qwen.json", 52);
}

static void
test_llama3 (void)
{
  check_vectors ("text/llama3/model-bf16.gguf", "tokenizer/tiny-llama3.json", 46);
}

static void
test_llama (void)
{
  check_vectors ("text/llama/model-bf16.gguf", "tokenizer/tiny-llama.json", 48);
}

static void
test_gemma (void)
{
  check_vectors ("text/gemma3/model-f32.gguf", "tokenizer/tiny-gemma.json", 48);
}

/* Texts parted by a line "__ggml_vocab_test__", ids one line each. */
static void
check_published (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model = iv_golden_find_shared (name);
  if (model == NULL) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autofree char *inputs_file = g_strconcat (model, ".inp", NULL);
  g_autofree char *outputs_file = g_strconcat (model, ".out", NULL);
  g_autofree char *inputs = NULL;
  g_autofree char *outputs = NULL;
  g_file_get_contents (inputs_file, &inputs, NULL, &error);
  g_assert_no_error (error);
  g_file_get_contents (outputs_file, &outputs, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) texts = g_strsplit (inputs, "\n__ggml_vocab_test__\n", -1);
  g_auto (GStrv) lines = g_strsplit (outputs, "\n", -1);
  g_autoptr (IvTokenizer) tokenizer = open_file (model);
  guint n_texts = g_strv_length (texts);
  g_assert_cmpuint (n_texts, >=, 46);
  for (guint i = 0; i < 46; i++)
    assert_encodes (tokenizer, texts[i], IV_TOKENIZE_PLAIN, g_strstrip (lines[i]));
}

static void
test_published_spm (void)
{
  check_published ("tokenizer/ggml-vocab-llama-spm.gguf");
}

static void
test_published_bpe (void)
{
  check_published ("tokenizer/ggml-vocab-gpt-2.gguf");
}

static void
test_odd_bytes (void)
{
  static const char *const models[] = { "text/qwen2/model-f32.gguf", "text/llama/model-bf16.gguf" };
  static const char bytes[] = "a\xff\x80"
                              "b\xed\xa0\x80"
                              "c\0d\xf4";
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    g_autoptr (IvTokenizer) tokenizer = open_golden (models[i]);
    g_autoptr (GArray) ids =
        iv_tokenizer_encode (tokenizer, bytes, sizeof bytes - 1, IV_TOKENIZE_PLAIN);
    g_autofree char *text =
        iv_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, FALSE);
    g_autofree char *expected = g_utf8_make_valid (bytes, sizeof bytes - 1);
    g_assert_cmpstr (text, ==, expected);
    g_autoptr (GArray) none = iv_tokenizer_encode (tokenizer, "", 0, IV_TOKENIZE_PLAIN);
    g_assert_cmpuint (none->len, ==, 0);
    g_autoptr (GString) out = g_string_new (NULL);
    iv_tokenizer_append_piece (tokenizer, -1, TRUE, out);
    iv_tokenizer_append_piece (tokenizer, G_MAXINT32, TRUE, out);
    g_assert_cmpuint (out->len, ==, 0);
  }
}

static void
test_stops (void)
{
  g_autoptr (IvTokenizer) tokenizer = open_golden ("text/qwen2/model-f32.gguf");
  g_assert_cmpint (iv_tokenizer_get_eos (tokenizer), ==, 513);
  g_assert_true (iv_tokenizer_is_stop (tokenizer, 513)); /* <|im_end|> */
  g_assert_true (iv_tokenizer_is_stop (tokenizer, 511)); /* <|endoftext|> */
  g_assert_false (iv_tokenizer_is_stop (tokenizer, 512));
  g_assert_false (iv_tokenizer_is_stop (tokenizer, -1));
  g_assert_cmpint (iv_tokenizer_find (tokenizer, "<|im_start|>"), ==, 512);
  g_assert_cmpint (iv_tokenizer_find (tokenizer, "no such token"), ==, -1);
  g_assert_cmpuint (iv_tokenizer_get_n_vocab (tokenizer), ==, 520);
  g_autoptr (GString) out = g_string_new (NULL);
  iv_tokenizer_append_piece (tokenizer, 513, FALSE, out);
  g_assert_cmpstr (out->str, ==, "");
  iv_tokenizer_append_piece (tokenizer, 513, TRUE, out);
  g_assert_cmpstr (out->str, ==, "<|im_end|>");
}

/* A text of one long piece must not cost its square: 16 times the text in under 64 times the time
 * (16 × log ratio, and room for a busy machine). */
static void
test_cost (void)
{
  g_autoptr (IvTokenizer) bpe = open_golden ("text/qwen2/model-f32.gguf");
  g_autoptr (IvTokenizer) spm = open_golden ("text/llama/model-bf16.gguf");
  IvTokenizer *tokenizers[] = { bpe, spm };
  for (guint i = 0; i < G_N_ELEMENTS (tokenizers); i++) {
    double seconds[2];
    for (guint k = 0; k < 2; k++) {
      gsize length = k == 0 ? 8192 : 16 * 8192;
      g_autofree char *text = g_strnfill (length, 'a');
      clock_t start = clock ();
      g_autoptr (GArray) ids =
          iv_tokenizer_encode (tokenizers[i], text, (gssize) length, IV_TOKENIZE_PLAIN);
      seconds[k] = (double) (clock () - start) / CLOCKS_PER_SEC;
      g_assert_cmpuint (ids->len, >, 0);
    }
    g_test_message ("%g s and %g s", seconds[0], seconds[1]);
    g_assert_cmpfloat (seconds[1], <, 64 * MAX (seconds[0], 1e-3));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/tokenizer/qwen", test_qwen);
  g_test_add_func ("/files/tokenizer/llama3", test_llama3);
  g_test_add_func ("/files/tokenizer/llama", test_llama);
  g_test_add_func ("/files/tokenizer/gemma", test_gemma);
  g_test_add_func ("/files/tokenizer/published-spm", test_published_spm);
  g_test_add_func ("/files/tokenizer/published-bpe", test_published_bpe);
  g_test_add_func ("/files/tokenizer/odd-bytes", test_odd_bytes);
  g_test_add_func ("/files/tokenizer/stops", test_stops);
  g_test_add_func ("/files/tokenizer/cost", test_cost);
  return g_test_run ();
}
