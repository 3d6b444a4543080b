/* interval-cli tokenize and template, run as a user runs them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>
#include <string.h>

static char *
find_model (const char *name)
{
  return g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "golden", name, NULL);
}

/* Runs the command with input (NULL: none); checks its status. (transfer full) standard output, or
 * standard error when it fails. */
static char *
run (const char *const *arguments, const char *input, gint status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_ptr_array_add (argv, (gpointer) g_getenv ("INTERVAL_CLI"));
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE;
  if (input != NULL)
    flags |= G_SUBPROCESS_FLAGS_STDIN_PIPE;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *) argv->pdata, flags, &error);
  g_assert_no_error (error);
  g_autofree char *output = NULL;
  g_autofree char *problem = NULL;
  g_subprocess_communicate_utf8 (process, input, NULL, &output, &problem, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, status);
  return status == 0 ? g_steal_pointer (&output) : g_steal_pointer (&problem);
}

static void
test_tokenize (void)
{
  g_autofree char *model = find_model ("text/qwen2/model-f32.gguf");
  const char *const plain[] = { "tokenize", "--model", model, NULL };
  const char *const special[] = { "tokenize", "--model", model, "--parse-special", NULL };
  g_autofree char *ids = run (plain, "Hello world", 0);
  g_assert_cmpstr (ids, ==, "[39, 68, 75, 75, 78, 288, 266, 75, 67]\n");
  g_autofree char *none = run (plain, "", 0);
  g_assert_cmpstr (none, ==, "[]\n");
  g_autofree char *control = run (special, "<|im_start|>", 0);
  g_assert_cmpstr (control, ==, "[512]\n");
}

static void
test_template (void)
{
  g_autofree char *model = find_model ("text/qwen2/model-f32.gguf");
  g_autofree char *jinja = find_model ("chat/llama2.jinja");
  const char *const by_model[] = { "template", "--model", model, NULL };
  const char *const by_file[] = { "template", "--file", jinja, NULL };
  g_autofree char *chatml = run (by_model, "[{\"role\":\"user\",\"content\":\"흉수?\"}]", 0);
  g_assert_cmpstr (chatml,
                   ==,
                   "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
                   "<|im_start|>user\n흉수?<|im_end|>\n<|im_start|>assistant\n");
  g_autofree char *llama2 = run (by_file, "[{\"role\":\"user\",\"content\":\" Hi \"}]", 0);
  g_assert_cmpstr (llama2, ==, "<s>[INST] Hi [/INST]");
}

static void
test_errors (void)
{
  const char *const absent[] = { "tokenize", "--model", "/no/such/model", NULL };
  const char *const usage[] = { "template", NULL };
  g_autofree char *model = find_model ("text/qwen2/model-f32.gguf");
  const char *const bad[] = { "template", "--model", model, NULL };
  g_autofree char *problem = run (absent, NULL, 1);
  g_assert_nonnull (strstr (problem, "/no/such/model"));
  g_autofree char *how = run (usage, NULL, 2);
  g_assert_nonnull (strstr (how, "--file"));
  g_autofree char *json = run (bad, "{\"role\":\"user\"}", 1);
  g_assert_nonnull (strstr (json, "array of messages"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/text/tokenize", test_tokenize);
  g_test_add_func ("/cli/text/template", test_template);
  g_test_add_func ("/cli/text/errors", test_errors);
  return g_test_run ();
}
