/* interval-cli embed, generate with images and bench --vision, run as a user runs them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static char *mmproj, *model, *image; /* golden/vision/llava */
static JsonObject *truth;            /* its prompt with the image */

/* Runs the command; checks its status. (transfer full) standard output, or standard error when it
 * fails. */
static char *
run (gint status, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_ptr_array_add (argv, (gpointer) g_getenv ("INTERVAL_CLI"));
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer) *words);
  g_ptr_array_add (argv, NULL);
  g_autofree char *output = NULL, *problem = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *) argv->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                         &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &problem, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, status);
  return status == 0 ? g_steal_pointer (&output) : g_steal_pointer (&problem);
}

#define RUN(status, ...) run (status, (const char *const[]){ __VA_ARGS__, NULL })

static JsonObject *
parse (const char *text, JsonNode **node)
{
  g_autoptr (GError) error = NULL;
  *node = json_from_string (text, &error);
  g_assert_no_error (error);
  return json_node_get_object (*node);
}

static void
test_embed (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-embed-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *out = g_build_filename (folder, "rows.f32", NULL);
  g_autofree char *known = g_test_build_filename (
      G_TEST_DIST, "data", "golden", "vision", "llava", "colour.embd.f32", NULL);
  g_autofree char *text = RUN (
      0, "embed", "--model", model, "--mmproj", mmproj, "--image", image, "--out", out, "--json");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (text, &node);
  g_assert_cmpint (json_object_get_int_member (object, "n_tokens"), ==, 16);
  g_assert_cmpint (json_object_get_int_member (object, "n_embd"), ==, 256);
  g_autofree char *values = NULL, *expected = NULL;
  gsize n, n_expected;
  g_file_get_contents (out, &values, &n, &error);
  g_assert_no_error (error);
  g_file_get_contents (known, &expected, &n_expected, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, n_expected);
  const float *x = (const float *) (gpointer) values, *y = (const float *) (gpointer) expected;
  double difference = 0, power = 0;
  for (gsize i = 0; i < n / 4; i++) {
    difference += ((double) x[i] - y[i]) * (x[i] - y[i]);
    power += (double) y[i] * y[i];
  }
  g_assert_cmpfloat (difference / power, <, 1e-9); /* F32 against double: 1e-12 */
  g_unlink (out);
  g_rmdir (folder);
}

static void
test_generate (void)
{
  g_autofree char *text = RUN (0,
                               "generate",
                               "--model",
                               model,
                               "--mmproj",
                               mmproj,
                               "--image",
                               image,
                               "--prompt",
                               "USER: <image>\nDescribe the image. ASSISTANT:",
                               "--greedy",
                               "--ignore-eos",
                               "--max-tokens",
                               "16",
                               "--json");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (text, &node);
  JsonArray *ids = json_object_get_array_member (object, "ids");
  JsonArray *expected = json_object_get_array_member (truth, "greedy_ids");
  g_assert_cmpint (json_object_get_int_member (object, "evaluated"), ==, 45);
  g_assert_cmpuint (json_array_get_length (ids), ==, 16);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpint (
        json_array_get_int_element (ids, i), ==, json_array_get_int_element (expected, i));
}

static void
test_refusals (void)
{
  g_autofree char *usage = RUN (2, "generate", "--model", model, "--image", image, "--ids", "1 2");
  g_assert_nonnull (strstr (usage, "--image goes with --prompt"));
  g_autofree char *no_tower =
      RUN (1, "generate", "--model", model, "--image", image, "--prompt", "<image>");
  g_assert_nonnull (strstr (no_tower, "no vision tower"));
  g_autofree char *no_mark =
      RUN (1, "generate", "--model", model, "--mmproj", mmproj, "--image", image, "--prompt", "x");
  g_assert_nonnull (strstr (no_mark, "<image> 0 times, there are 1 images"));
  g_autofree char *no_file =
      RUN (1, "embed", "--mmproj", mmproj, "--image", "/nowhere.png", "--out", "/nowhere.f32");
  g_assert_nonnull (strstr (no_file, "/nowhere.png"));
}

static void
test_bench (void)
{
  g_autofree char *text = RUN (0, "bench", "--vision", "tiny", "--runs", "1", "--json");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (text, &node);
  g_assert_cmpint (json_object_get_int_member (object, "rows"), ==, 16);
  g_assert_cmpfloat (json_object_get_double_member (object, "images_per_s"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (object, "matmul_fraction"), >, 0);
  g_autofree char *unknown = RUN (1, "bench", "--vision", "nobody");
  g_assert_nonnull (strstr (unknown, "there is no tower “nobody”; there are siglip-so400m"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GError) error = NULL;
  const char *folder = "data/golden/vision/llava";
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, folder, "case.json", NULL);
  mmproj = g_test_build_filename (G_TEST_DIST, folder, "mmproj-bf16.gguf", NULL);
  model = g_test_build_filename (G_TEST_DIST, "data/golden/text/llama/model-bf16.gguf", NULL);
  image = g_test_build_filename (G_TEST_DIST, folder, "colour.png", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  JsonArray *cases =
      json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "cases");
  truth = json_array_get_object_element (cases, json_array_get_length (cases) - 1);
  g_assert_cmpstr (json_object_get_string_member (truth, "name"), ==, "colour");
  g_test_add_func ("/cli/embed", test_embed);
  g_test_add_func ("/cli/generate/image", test_generate);
  g_test_add_func ("/cli/image/refusals", test_refusals);
  g_test_add_func ("/cli/bench/vision", test_bench);
  int status = g_test_run ();
  g_free (mmproj);
  g_free (model);
  g_free (image);
  return status;
}
