/* interval-cli generate, logits, plan, bench and convert, run as a user runs them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static char *model;  /* golden/text/qwen2 */
static char *folder; /* for what is written */
static JsonObject *truth;

/* Runs the command; checks its status. (transfer full) standard output, or standard error when it
 * fails. */
static char *
run (gint status, const char *first, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list rest;
  va_start (rest, first);
  g_ptr_array_add (argv, (gpointer) g_getenv ("INTERVAL_CLI"));
  for (const char *word = first; word != NULL; word = va_arg (rest, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (rest);
  g_ptr_array_add (argv, NULL);
  g_autofree char *output = NULL, *problem = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *) argv->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                         &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &problem, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, status);
  return status == 0 ? g_steal_pointer (&output) : g_steal_pointer (&problem);
}

/* (transfer full) The one object that the text is. */
static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return node;
}

static char *
join_ids (JsonArray *array)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%d ", (int) json_array_get_int_element (array, i));
  return g_strdup (text->str);
}

static char *
get_prompt_ids (void)
{
  return join_ids (json_object_get_array_member (truth, "token_ids"));
}

static void
test_generate_ids (void)
{
  JsonObject *expected = json_object_get_object_member (truth, "expected");
  g_autofree char *ids = get_prompt_ids ();
  g_autofree char *greedy = join_ids (json_object_get_array_member (expected, "greedy_ids"));
  g_autofree char *output = run (0,
                                 "generate",
                                 "--model",
                                 model,
                                 "--ids",
                                 ids,
                                 "--greedy",
                                 "--ignore-eos",
                                 "--max-tokens",
                                 "32",
                                 "--json",
                                 NULL);
  g_autoptr (JsonNode) node = parse (output);
  JsonObject *object = json_node_get_object (node);
  g_autofree char *generated = join_ids (json_object_get_array_member (object, "ids"));
  g_assert_cmpstr (generated, ==, greedy);
  g_assert_cmpint (json_object_get_int_member (object, "evaluated"), ==, 64);
  g_assert_cmpint (json_object_get_int_member (object, "reused"), ==, 0);
  g_assert_cmpstr (json_object_get_string_member (object, "stop"), ==, "length");
  g_assert_cmpfloat (json_object_get_double_member (object, "prefill_s"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "decode_s"), >, 0);
  /* Without JSON the same words are plain text. */
  const char *text = json_object_get_string_member (object, "text");
  g_autofree char *plain = run (0,
                                "generate",
                                "--model",
                                model,
                                "--ids",
                                ids,
                                "--greedy",
                                "--ignore-eos",
                                "--max-tokens",
                                "32",
                                "--exact",
                                NULL);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_assert_cmpstr (plain, ==, line);
}

/* (transfer full) The ids of a drawn answer. */
static char *
generate_with (const char *lookup, gint64 *n_drafted)
{
  g_autofree char *ids = get_prompt_ids ();
  g_autofree char *output = run (0,
                                 "generate",
                                 "--model",
                                 model,
                                 "--ids",
                                 ids,
                                 "--ignore-eos",
                                 "--max-tokens",
                                 "40",
                                 lookup,
                                 "--json",
                                 NULL);
  g_autoptr (JsonNode) node = parse (output);
  JsonObject *object = json_node_get_object (node);
  *n_drafted = json_object_get_int_member (object, "drafted");
  g_assert_cmpint (json_object_get_int_member (object, "accepted"), <=, *n_drafted);
  return join_ids (json_object_get_array_member (object, "ids"));
}

/* Drafts change nothing in the answer. */
static void
test_generate_lookup (void)
{
  gint64 n_drafted;
  g_autofree char *plain = generate_with ("--no-lookup", &n_drafted);
  g_assert_cmpint (n_drafted, ==, 0);
  g_autofree char *drafted = generate_with ("--lookup", &n_drafted);
  g_assert_cmpstr (drafted, ==, plain);
  g_autofree char *usage =
      run (2, "generate", "--model", model, "--ids", "1", "--lookup", "--no-lookup", NULL);
  g_assert_nonnull (strstr (usage, "--no-lookup"));
}

static void
test_generate_text (void)
{
  g_autofree char *file = g_build_filename (folder, "messages.json", NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (file, "[{\"role\":\"user\",\"content\":\"Why?\"}]", -1, &error);
  g_assert_no_error (error);
  g_autofree char *a = run (0,
                            "generate",
                            "--model",
                            model,
                            "--prompt",
                            "Hello world",
                            "--seed",
                            "5",
                            "--max-tokens",
                            "12",
                            "--json",
                            NULL);
  g_autoptr (JsonNode) node = parse (a);
  /* As many tokens as “tokenize” makes of it. */
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "evaluated"), ==, 9);
  g_autofree char *b = run (0,
                            "generate",
                            "--model",
                            model,
                            "--messages",
                            file,
                            "--max-tokens",
                            "3",
                            "--stop",
                            "never said",
                            "--json",
                            NULL);
  g_autoptr (JsonNode) chat = parse (b);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (chat), "evaluated"), >, 9);
}

static void
test_logits (void)
{
  JsonObject *expected = json_object_get_object_member (truth, "expected");
  JsonObject *logits = json_object_get_object_member (expected, "logits");
  g_autofree char *ids = get_prompt_ids ();
  g_autofree char *out = g_build_filename (folder, "logits.f32", NULL);
  g_autofree char *golden_folder = g_path_get_dirname (model);
  g_autofree char *golden =
      g_build_filename (golden_folder, json_object_get_string_member (logits, "file"), NULL);
  g_autofree char *none = run (0, "logits", "--model", model, "--ids", ids, "--out", out, NULL);
  g_assert_cmpstr (none, ==, "");
  g_autofree float *x = NULL, *y = NULL;
  gsize n_x, n_y;
  g_assert_true (g_file_get_contents (out, (char **) &x, &n_x, NULL));
  g_assert_true (g_file_get_contents (golden, (char **) &y, &n_y, NULL));
  g_assert_cmpuint (n_x, ==, n_y);
  double difference = 0, whole = 0;
  for (gsize i = 0; i < n_x / sizeof (float); i++) {
    difference += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    whole += (double) y[i] * y[i];
  }
  g_assert_cmpfloat (difference / whole, <, 1e-6);
}

static void
test_plan (void)
{
  g_autofree char *output = run (0, "plan", model, "--json", NULL);
  g_autoptr (JsonNode) node = parse (output);
  JsonObject *object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "architecture"), ==, "qwen2");
  g_assert_cmpint (json_object_get_int_member (object, "layers"), ==, 3);
  /* F32 weights of 3 layers and a tied table of 520 × 96. */
  g_assert_cmpint (json_object_get_int_member (object, "device_bytes"), >, 1000000);
  g_assert_cmpint (json_object_get_int_member (object, "device_bytes"), <, 3000000);
  g_assert_cmpint (json_object_get_int_member (object, "cache_bytes_per_token"), >, 0);
  g_assert_cmpint (json_object_get_int_member (object, "context"), >=, 256);
  g_assert_cmpstr (json_object_get_string_member (object, "weights_type"), ==, "file");
  g_assert_cmpint (json_object_get_int_member (object, "converted_bytes"), ==, 0);
  g_autofree char *narrow = run (0, "plan", model, "--weights-type", "q8_0", "--json", NULL);
  g_autoptr (JsonNode) narrow_node = parse (narrow);
  JsonObject *eight = json_node_get_object (narrow_node);
  g_assert_cmpstr (json_object_get_string_member (eight, "weights_type"), ==, "q8_0");
  g_assert_cmpint (json_object_get_int_member (eight, "device_bytes"),
                   <,
                   json_object_get_int_member (object, "device_bytes") / 3);
  /* What no machine holds is an error that says so. */
  g_autofree char *problem = run (1, "plan", model, "--context", "2000000000", NULL);
  g_assert_nonnull (strstr (problem, "2000000000 tokens"));
}

static void
test_bench (void)
{
  g_autofree char *output =
      run (0, "bench", model, "--prefill", "20", "--decode", "4", "--runs", "1", "--json", NULL);
  g_autoptr (JsonNode) node = parse (output);
  JsonObject *object = json_node_get_object (node);
  static const char *const positive[] = {
    "load_s",          "warm_up_s",          "prefill_tokens_per_s",      "decode_tokens_per_s",
    "bytes_per_token", "bandwidth_gb_per_s", "device_bandwidth_gb_per_s", "bandwidth_fraction",
  };
  for (guint i = 0; i < G_N_ELEMENTS (positive); i++)
    g_assert_cmpfloat (json_object_get_double_member (object, positive[i]), >, 0);
  g_autofree char *problem = run (1, "bench", "--shape", "qwen9", NULL);
  g_assert_nonnull (strstr (problem, "qwen2.5-0.5b"));
}

/* Rows of 96 cannot be Q4_K: what they become is said, and the file is as good as any. */
static void
test_convert (void)
{
  g_autofree char *out = g_build_filename (folder, "converted.gguf", NULL);
  g_autofree char *name = run (0, "convert", model, out, "--type", "q4_k_m", NULL);
  g_assert_nonnull (strstr (name, out));
  g_autofree char *output =
      run (0, "generate", "--model", out, "--ids", "1 2 3", "--max-tokens", "2", "--json", NULL);
  g_autoptr (JsonNode) node = parse (output);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "evaluated"), ==, 3);
  g_autofree char *usage = run (2, "convert", model, out, "--type", "q9", NULL);
  g_assert_nonnull (strstr (usage, "q4_k_m"));
}

static void
test_errors (void)
{
  g_autofree char *usage = run (2, "generate", "--model", model, NULL);
  g_assert_nonnull (strstr (usage, "--prompt"));
  g_autofree char *missing =
      run (1, "generate", "--model", "/nonexistent.gguf", "--prompt", "a", NULL);
  g_assert_nonnull (strstr (missing, "/nonexistent.gguf"));
  g_autofree char *ids = run (1, "generate", "--model", model, "--ids", "1 two", NULL);
  g_assert_nonnull (strstr (ids, "two"));
  g_autofree char *beyond = run (1, "generate", "--model", model, "--ids", "1 99999", NULL);
  g_assert_nonnull (strstr (beyond, "99999"));
  g_autofree char *device =
      run (1, "generate", "--model", model, "--ids", "1", "--device", "99", NULL);
  g_assert_nonnull (strstr (device, "99"));
  g_autofree char *out =
      run (1, "logits", "--model", model, "--ids", "1", "--out", "/nonexistent/x", NULL);
  g_assert_nonnull (strstr (out, "/nonexistent/x"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *golden =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data/golden/text/qwen2", NULL);
  g_autofree char *file = g_build_filename (golden, "case.json", NULL);
  model = g_build_filename (golden, "model-f32.gguf", NULL);
  folder = g_dir_make_tmp ("interval-test-XXXXXX", &error);
  g_assert_no_error (error);
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  truth = json_node_get_object (json_parser_get_root (parser));
  g_test_add_func ("/cli/generate/ids", test_generate_ids);
  g_test_add_func ("/cli/generate/lookup", test_generate_lookup);
  g_test_add_func ("/cli/generate/text", test_generate_text);
  g_test_add_func ("/cli/logits", test_logits);
  g_test_add_func ("/cli/plan", test_plan);
  g_test_add_func ("/cli/bench", test_bench);
  g_test_add_func ("/cli/convert", test_convert);
  g_test_add_func ("/cli/model-errors", test_errors);
  int status = g_test_run ();
  static const char *const written[] = { "messages.json", "logits.f32", "converted.gguf" };
  for (guint i = 0; i < G_N_ELEMENTS (written); i++) {
    g_autofree char *path = g_build_filename (folder, written[i], NULL);
    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
  g_free (model);
  return status;
}
