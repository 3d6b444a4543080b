/* Drafting a table of cases: resumed, torn, of another model, with rows that fail.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/score/iv-evaluation.h"

#define TABLE                                                                 \
  "id,current,prior,indication,reference\n"                                   \
  "a,one.dcm,,cough,Clear lungs.\nb,/films/two.dcm,old.dcm,,Left effusion.\n" \
  "c,three.dcm,,,Normal heart.\n"

typedef struct {
  char *folder, *table, *drafts;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("interval-evaluation-XXXXXX", NULL);
  self->table = g_build_filename (self->folder, "cases.csv", NULL);
  self->drafts = g_build_filename (self->folder, "drafts.jsonl", NULL);
  g_assert_true (g_file_set_contents (self->table, TABLE, -1, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->table);
  g_unlink (self->drafts);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->table);
  g_free (self->drafts);
}

/* What drafts in place of a model: repeats what it was given. */
typedef struct {
  guint n_calls;
  guint cancel_at;      /* this call is cancelled, 0: none */
  const char *fails_on; /* id of a row that cannot be drafted, or NULL */
} Fake;

static char *
draft_cb (const IvEvaluationRow *row, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Fake *fake = user_data;
  fake->n_calls++;
  if (fake->n_calls == fake->cancel_at) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
    return NULL;
  }
  if (g_strcmp0 (row->id, fake->fails_on) == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no film %s", row->current);
    return NULL;
  }
  return g_strdup_printf ("Draft of %s: \"%s\" %s\n%s.",
                          row->id,
                          row->current,
                          row->prior != NULL ? row->prior : "-",
                          row->indication);
}

static IvEvaluation *
run (const Fixture *self, const char *model, Fake *fake, GError **error)
{
  return iv_evaluation_run (&(IvEvaluationParams){ .table = self->table,
                                                   .drafts = self->drafts,
                                                   .model = model,
                                                   .draft = draft_cb,
                                                   .draft_data = fake },
                            error);
}

static void
test_whole (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Fake fake = { 0 };
  g_autoptr (IvEvaluation) result = run (self, "m", &fake, &error);
  g_autofree char *first = g_build_filename (self->folder, "one.dcm", NULL);
  g_autofree char *expected = g_strdup_printf ("Draft of a: \"%s\" -\ncough.", first);
  g_assert_no_error (error);
  g_assert_cmpuint (result->n_made, ==, 3);
  g_assert_cmpuint (result->failures->len, ==, 0);
  g_assert_cmpstr (result->drafts->pdata[0], ==, expected);
  g_assert_nonnull (strstr (result->drafts->pdata[1], "\"/films/two.dcm\""));
  g_assert_cmpstr (result->references->pdata[2], ==, "Normal heart.");
  Fake again = { 0 };
  g_autoptr (IvEvaluation) same = run (self, "m", &again, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again.n_calls, ==, 0);
  g_assert_cmpuint (same->n_made, ==, 0);
  g_assert_cmpstr (same->drafts->pdata[0], ==, expected); /* as it was written and read again */
}

static void
test_resumed (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Fake stopped = { .cancel_at = 3 };
  g_assert_null (run (self, "m", &stopped, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  Fake fake = { 0 };
  g_autoptr (IvEvaluation) result = run (self, "m", &fake, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake.n_calls, ==, 1);
  g_assert_cmpuint (result->drafts->len, ==, 3);
}

/* The machine went down while a line was written. */
static void
test_torn (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *text = "{\"id\":\"a\",\"model\":\"m\",\"draft\":\"old\"}\n{\"id\":\"b\",\"mod";
  Fake fake = { 0 };
  g_assert_true (g_file_set_contents (self->drafts, text, -1, NULL));
  g_autoptr (IvEvaluation) result = run (self, "m", &fake, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake.n_calls, ==, 2);
  g_assert_cmpstr (result->drafts->pdata[0], ==, "old");
  g_autofree char *written = NULL;
  g_assert_true (g_file_get_contents (self->drafts, &written, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (written, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4); /* three drafts, each with its end */
}

static void
test_failing_row (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Fake fake = { .fails_on = "b" };
  g_autoptr (IvEvaluation) result = run (self, "m", &fake, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->drafts->len, ==, 2);
  g_assert_cmpstr (result->references->pdata[1], ==, "Normal heart.");
  g_assert_cmpstr (result->failures->pdata[0], ==, "b: no film /films/two.dcm");
  Fake mended = { 0 };
  g_autoptr (IvEvaluation) whole = run (self, "m", &mended, &error);
  g_assert_cmpuint (mended.n_calls, ==, 1); /* only the row that failed is tried again */
  g_assert_cmpuint (whole->drafts->len, ==, 3);
}

static void
assert_refused (const Fixture *self, const char *reason)
{
  g_autoptr (GError) error = NULL;
  Fake fake = { 0 };
  g_assert_null (run (self, "m", &fake, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_cmpuint (fake.n_calls, ==, 0);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  const char *of_other = "{\"id\":\"a\",\"model\":\"n\",\"draft\":\"old\"}\n";
  g_assert_true (g_file_set_contents (self->drafts, of_other, -1, NULL));
  assert_refused (self, "line 1: the draft is of “n”, not of “m”");
  g_assert_true (g_file_set_contents (self->drafts, "{\"id\":\"a\"}\n", -1, NULL));
  assert_refused (self, "line 1: not a draft");
  g_unlink (self->drafts);
  g_assert_true (g_file_set_contents (self->table, "id,current\na,one.dcm\n", -1, NULL));
  assert_refused (self, "line 2: there is no “reference”");
  g_assert_true (g_file_set_contents (self->table, "current,reference\n,x\n", -1, NULL));
  assert_refused (self, "line 2: there is no “current”");
  g_assert_true (g_file_set_contents (self->table, "current,reference\n", -1, NULL));
  assert_refused (self, "no row in it");
}

#define ADD(name, function) \
  g_test_add ("/evaluation/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("resumed", test_resumed);
  ADD ("torn", test_torn);
  ADD ("failing-row", test_failing_row);
  ADD ("refused", test_refused);
  return g_test_run ();
}
