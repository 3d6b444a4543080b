/* interval-cli score, check-report and evaluate, run as a user runs them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static char *folder; /* for what is written */

/* (transfer full) The path of a new file. */
static char *
write_file (const char *name, const char *text)
{
  char *file = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return file;
}

/* Runs the command; checks its status. (transfer full) standard output, or standard error when it
 * fails. */
static char *
run (gint status, const char *first, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL, *problem = NULL;
  va_list rest;
  va_start (rest, first);
  g_ptr_array_add (argv, (gpointer) g_getenv ("INTERVAL_CLI"));
  for (const char *word = first; word != NULL; word = va_arg (rest, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (rest);
  g_ptr_array_add (argv, NULL);
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

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static double
get (JsonObject *object, const char *group, const char *name)
{
  return json_object_get_double_member (json_object_get_object_member (object, group), name);
}

static void
test_score (void)
{
  g_autofree char *hyp = write_file ("hyp.txt", "clear lungs\nno effusion\n");
  g_autofree char *other = write_file ("other.txt", "large heart\nno effusion\n");
  g_autofree char *ref = write_file ("ref.txt", "clear lungs\nno effusion\n");
  g_autofree char *json = run (0, "score", hyp, ref, "--json", "--against", other, NULL);
  g_autoptr (JsonNode) node = parse (json);
  JsonObject *object = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (object, "reports"), ==, 2);
  g_assert_cmpfloat (get (object, "scores", "rouge_l"), ==, 1);
  g_assert_cmpfloat (get (object, "against", "rouge_l"), ==, 0.5);
  g_assert_true (json_object_has_member (object, "differences"));
  g_assert_true (json_object_has_member (object, "intervals"));
  g_autofree char *again = run (0, "score", hyp, ref, "--json", "--against", other, NULL);
  g_assert_cmpstr (json, ==, again);
  g_autofree char *table = run (0, "score", hyp, ref, "--tokens", "ptb", NULL);
  g_assert_nonnull (strstr (table, "ptb"));
  g_assert_nonnull (strstr (table, "1.000000"));
}

static void
test_score_errors (void)
{
  g_autofree char *hyp = write_file ("hyp.txt", "clear lungs\n");
  g_autofree char *ref = write_file ("ref.txt", "clear lungs\nno effusion\n");
  g_autofree char *bytes = write_file ("bytes.txt", "clear\n\xff\n");
  g_autofree char *unequal = run (1, "score", hyp, ref, NULL);
  g_assert_nonnull (strstr (unequal, "hyp.txt has 1 reports"));
  g_autofree char *invalid = run (1, "score", bytes, ref, NULL);
  g_assert_nonnull (strstr (invalid, "bytes.txt, line 2: not UTF-8"));
  g_autofree char *usage = run (2, "score", hyp, NULL);
  g_assert_nonnull (strstr (usage, "two files"));
  g_autofree char *tokens = run (2, "score", hyp, ref, "--tokens", "odd", NULL);
  g_assert_nonnull (strstr (tokens, "--tokens"));
}

static void
test_check_report (void)
{
  const char *text = "FINDINGS: Small right effusion.\nIMPRESSION: Small left effusion.\n";
  g_autofree char *report = write_file ("report.txt", text);
  g_autofree char *json = run (0, "check-report", report, "--json", NULL);
  g_autoptr (JsonNode) node = parse (json);
  JsonObject *object = json_node_get_object (node);
  JsonArray *remarks = json_object_get_array_member (object, "remarks");
  g_assert_cmpuint (json_array_get_length (remarks), ==, 1);
  g_assert_true (json_object_get_null_member (object, "model"));
  JsonObject *remark = json_array_get_object_element (remarks, 0);
  g_assert_cmpstr (json_object_get_string_member (remark, "rule"), ==, "side-impression");
  JsonObject *sentence = json_object_get_object_member (remark, "sentence");
  g_assert_cmpstr (json_object_get_string_member (sentence, "text"), ==, "Small left effusion.");
  g_assert_true (g_str_has_prefix (text + json_object_get_int_member (sentence, "start"),
                                   "Small left effusion."));
  g_autofree char *words = run (0, "check-report", report, NULL);
  g_assert_nonnull (strstr (words, "no model has looked"));
  g_autofree char *missing = run (1, "check-report", "/no/such/report", NULL);
  g_assert_nonnull (strstr (missing, "/no/such/report"));
  g_autofree char *model = run (2, "check-report", report, "--model", "x", NULL);
  g_assert_nonnull (strstr (model, "model"));
}

/* Drafts that are there are scored; a missing one is not made up. */
static void
test_evaluate (void)
{
  g_autofree char *table =
      write_file ("cases.csv", "id,current,reference\n1,a.dcm,clear\n2,b.dcm,effusion\n");
  g_autofree char *drafts = write_file ("cases.csv.drafts.jsonl",
                                        "{\"id\":\"1\",\"model\":\"m\",\"draft\":\"clear\"}\n"
                                        "{\"id\":\"2\",\"model\":\"m\",\"draft\":\"effusion\"}\n");
  g_autofree char *json = run (0, "evaluate", table, "--model", "m", "--json", NULL);
  g_autoptr (JsonNode) node = parse (json);
  g_assert_cmpfloat (get (json_node_get_object (node), "scores", "rouge_l"), ==, 1);
  g_unlink (drafts);
  g_autofree char *problem = run (1, "evaluate", table, "--model", "m", NULL);
  g_assert_nonnull (strstr (problem, "row 1 has no draft"));
}

int
main (int argc, char **argv)
{
  g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE); /* no lexicon of this machine's reader */
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("interval-cli-report-XXXXXX", NULL);
  g_test_add_func ("/cli/score", test_score);
  g_test_add_func ("/cli/score/errors", test_score_errors);
  g_test_add_func ("/cli/check-report", test_check_report);
  g_test_add_func ("/cli/evaluate", test_evaluate);
  int status = g_test_run ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir)) {
    g_autofree char *file = g_build_filename (folder, name, NULL);
    g_unlink (file);
  }
  g_rmdir (folder);
  g_free (folder);
  return status;
}
