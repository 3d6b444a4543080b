/* Constraints on tokens: tries of whole vocabularies, and answers of networks that know nothing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "model/generate/constrain/iv-grammar.h"
#include "model/generate/constrain/iv-json-schema.h"
#include "model/generate/constrain/iv-token-constraint.h"
#include "model/generate/constrain/iv-word-ban.h"
#include "tests/model/files/iv-golden.h"

#define N_ANSWERS 200
#define MOST_TOKENS 4000

static IvTokenizer *
open_tokenizer (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = iv_golden_find (name);
  g_assert_nonnull (file);
  g_autoptr (IvWeights) weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  IvTokenizer *tokenizer = iv_tokenizer_new (weights, &error);
  g_assert_no_error (error);
  return tokenizer;
}

/* Every token with text is in the trie, once, at the bytes it stands for. */
static void
test_trie (gconstpointer name)
{
  g_autoptr (IvTokenizer) tokenizer = open_tokenizer (name);
  g_autoptr (IvTokenTrie) trie = iv_token_trie_new (tokenizer);
  guint n_vocab = iv_tokenizer_get_n_vocab (tokenizer);
  g_autofree guint8 *seen = g_new0 (guint8, n_vocab);
  g_autofree char *bytes = g_new (char, trie->depth + 1);
  g_autoptr (GString) piece = g_string_new (NULL);
  for (guint32 i = 1; i < trie->n_nodes; i++) {
    const IvTrieNode *node = &trie->nodes[i];
    g_assert_cmpuint (node->next, >, i);
    bytes[node->depth - 1] = (char) node->byte;
    for (guint32 t = node->tokens; t < node[1].tokens; t++) {
      g_string_truncate (piece, 0);
      iv_tokenizer_append_piece (tokenizer, trie->ids[t], FALSE, piece);
      g_assert_cmpmem (piece->str, piece->len, bytes, node->depth);
      seen[trie->ids[t]]++;
    }
  }
  for (guint id = 0; id < n_vocab; id++) {
    g_string_truncate (piece, 0);
    iv_tokenizer_append_piece (tokenizer, (gint32) id, FALSE, piece);
    gboolean is_text = piece->len > 0 && !iv_tokenizer_is_stop (tokenizer, (gint32) id);
    g_assert_cmpuint (seen[id], ==, is_text);
  }
}

static void
fill_logits (GRand *random, float *logits, guint n)
{
  for (guint i = 0; i < n; i++)
    logits[i] = (float) g_rand_double_range (random, -4, 4);
}

/* What a network of random logits says under the constraint. */
static char *
answer (IvTokenizer *tokenizer, IvTokenConstraint *constraint, guint64 seed)
{
  guint n_vocab = iv_tokenizer_get_n_vocab (tokenizer) + 13; /* padded, as published ones are */
  g_autofree float *logits = g_new (float, n_vocab);
  IvSampling sampling = { .temperature = 1, .seed = seed };
  const IvLogitConstraint *logit_constraint = iv_token_constraint_get (constraint);
  g_autoptr (IvSampler) sampler = iv_sampler_new (&sampling, n_vocab, logit_constraint);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) seed);
  GString *text = g_string_new (NULL);
  for (guint n = 0; n < MOST_TOKENS; n++) {
    g_autoptr (GError) error = NULL;
    gint32 id;
    if (logit_constraint->is_done (logit_constraint->user_data))
      break;
    fill_logits (random, logits, n_vocab);
    gboolean is_sampled = iv_sampler_sample (sampler, logits, &id, &error);
    g_assert_no_error (error);
    g_assert_true (is_sampled);
    if (iv_tokenizer_is_stop (tokenizer, id))
      break;
    iv_tokenizer_append_piece (tokenizer, id, FALSE, text);
  }
  g_assert_true (iv_token_constraint_may_end (constraint));
  return g_string_free (text, FALSE);
}

static const char schema[] =
    "{\"type\":\"object\",\"required\":[\"steps\",\"ranked\",\"certain\"],\"properties\":{"
    "\"steps\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":4,\"items\":{\"type\":\"object\","
    "\"required\":[\"text\",\"source\"],\"properties\":{\"text\":{\"type\":\"string\","
    "\"maxLength\":60},\"source\":{\"enum\":[\"image\",\"record\",\"general\"]},"
    "\"region\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9}}}},"
    "\"ranked\":{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\",\"minLength\":1,"
    "\"maxLength\":20}},\"certain\":{\"type\":[\"number\",\"null\"]}}}";

static void
check_step (JsonNode *node)
{
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  JsonObject *step = json_node_get_object (node);
  const char *source = json_object_get_string_member (step, "source");
  const char *text = json_object_get_string_member (step, "text");
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 60);
  g_assert_true (g_str_equal (source, "image") || g_str_equal (source, "record") ||
                 g_str_equal (source, "general"));
  gboolean has_region = json_object_has_member (step, "region");
  g_assert_cmpuint (json_object_get_size (step), ==, has_region ? 3 : 2);
  if (has_region) {
    g_assert_cmpint (json_object_get_int_member (step, "region"), >=, 1);
    g_assert_cmpint (json_object_get_int_member (step, "region"), <=, 9);
  }
}

/* What the schema above says, in plain words. */
static void
check_answer (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (root));
  JsonObject *object = json_node_get_object (root);
  g_assert_cmpuint (json_object_get_size (object), ==, 3);
  JsonArray *steps = json_object_get_array_member (object, "steps");
  JsonArray *ranked = json_object_get_array_member (object, "ranked");
  JsonNode *certain = json_object_get_member (object, "certain");
  g_assert_cmpuint (json_array_get_length (steps), >=, 1);
  g_assert_cmpuint (json_array_get_length (steps), <=, 4);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    check_step (json_array_get_element (steps, i));
  g_assert_cmpuint (json_array_get_length (ranked), <=, 3);
  for (guint i = 0; i < json_array_get_length (ranked); i++) {
    glong length = g_utf8_strlen (json_array_get_string_element (ranked, i), -1);
    g_assert_cmpint (length, >=, 1);
    g_assert_cmpint (length, <=, 20);
  }
  g_assert_true (JSON_NODE_HOLDS_NULL (certain) ||
                 json_node_get_value_type (certain) == G_TYPE_INT64 ||
                 json_node_get_value_type (certain) == G_TYPE_DOUBLE);
}

static void
test_schema (gconstpointer name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTokenizer) tokenizer = open_tokenizer (name);
  g_autoptr (IvTokenTrie) trie = iv_token_trie_new (tokenizer);
  g_autofree char *text = iv_json_schema_to_grammar (schema, -1, &error);
  g_assert_no_error (error);
  g_autoptr (IvByteAutomaton) grammar = iv_grammar_new (text, &error);
  g_assert_no_error (error);
  g_autoptr (GHashTable) different = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < N_ANSWERS; i++) {
    g_autoptr (IvTokenConstraint) constraint =
        iv_token_constraint_new (tokenizer, trie, &grammar, 1);
    char *said = answer (tokenizer, constraint, i);
    check_answer (said);
    g_hash_table_add (different, said);
  }
  /* The form is given, the words are not. */
  g_assert_cmpuint (g_hash_table_size (different), >, N_ANSWERS * 9 / 10);
}

/* Both at once: the form of a list, and not some of its words. */
static void
test_grammar_without_words (void)
{
  static const char *const words[] = { "ba*", "c", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTokenizer) tokenizer = open_tokenizer ("text/llama/model-bf16.gguf");
  g_autoptr (IvTokenTrie) trie = iv_token_trie_new (tokenizer);
  g_autoptr (IvByteAutomaton) grammar =
      iv_grammar_new ("root ::= word (\" \" word){3,6}\nword ::= [abc]{1,3}", &error);
  g_assert_no_error (error);
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (words);
  IvByteAutomaton *const automata[] = { grammar, ban };
  for (guint i = 0; i < 50; i++) {
    g_autoptr (IvTokenConstraint) constraint =
        iv_token_constraint_new (tokenizer, trie, automata, 2);
    g_autofree char *said = answer (tokenizer, constraint, i);
    g_autofree char *padded = g_strdup_printf (" %s ", said);
    g_assert_true (iv_byte_automaton_matches (grammar, said, strlen (said)));
    g_assert_null (strstr (padded, " ba"));
    g_assert_null (strstr (padded, " c "));
  }
}

/* No text of the vocabulary suits: the sampler says so and nothing is made up. */
static void
test_impossible (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTokenizer) tokenizer = open_tokenizer ("text/qwen2/model-f32.gguf");
  g_autoptr (IvTokenTrie) trie = iv_token_trie_new (tokenizer);
  static const char *const words[] = { "a", NULL };
  g_autoptr (IvByteAutomaton) grammar = iv_grammar_new ("root ::= \"a\"", &error);
  g_autoptr (IvByteAutomaton) ban = iv_word_ban_new (words);
  IvByteAutomaton *const automata[] = { grammar, ban };
  g_autoptr (IvTokenConstraint) constraint = iv_token_constraint_new (tokenizer, trie, automata, 2);
  guint n_vocab = iv_tokenizer_get_n_vocab (tokenizer);
  g_autofree float *logits = g_new0 (float, n_vocab);
  IvSampling greedy = { 0 };
  g_autoptr (IvSampler) sampler =
      iv_sampler_new (&greedy, n_vocab, iv_token_constraint_get (constraint));
  gint32 id;
  g_assert_false (iv_sampler_sample (sampler, logits, &id, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/token-constraint/trie/bpe", "text/qwen2/model-f32.gguf", test_trie);
  g_test_add_data_func ("/token-constraint/trie/spm", "text/llama/model-bf16.gguf", test_trie);
  g_test_add_data_func ("/token-constraint/schema/bpe", "text/qwen2/model-f32.gguf", test_schema);
  g_test_add_data_func ("/token-constraint/schema/spm", "text/llama/model-bf16.gguf", test_schema);
  g_test_add_func ("/token-constraint/without-words", test_grammar_without_words);
  g_test_add_func ("/token-constraint/impossible", test_impossible);
  return g_test_run ();
}
