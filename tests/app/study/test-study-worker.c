/* The reader against workers that crash, hang, and lie.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <signal.h>
#include <string.h>

#include "app/study/iv-decode-pool.h"
#include "app/study/iv-radiograph.h"
#include "tests/app/study/iv-test-dicom.h"

static char *folder;

static char *
save_kind (char kind)
{
  g_autoptr (GBytes) bytes = g_bytes_new (&kind, 1);
  g_autofree char *name = g_strdup_printf ("kind-%d", kind);
  return iv_test_save (bytes, folder, name);
}

static void
assert_error (char kind, IvStudyError code, const char *reason)
{
  g_autofree char *path = save_kind (kind);
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (path, NULL, &error);
  g_assert_null (radiograph);
  g_assert_error (error, IV_STUDY_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, path));
  if (strstr (error->message, reason) == NULL)
    g_error ("“%s” does not say “%s”", error->message, reason);
}

/* After each misdeed the next film comes. */
static void
assert_goes_on (void)
{
  g_autofree char *path = save_kind ('k');
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (iv_radiograph_get_columns (radiograph), ==, 2);
}

static void
test_deaths (void)
{
  assert_error ('A', IV_STUDY_ERROR_CRASHED, "its decoder gave up");
  assert_goes_on ();
  assert_error ('S', IV_STUDY_ERROR_CRASHED, "its decoder crashed");
  assert_goes_on ();
  assert_error ('E', IV_STUDY_ERROR_CRASHED, "ended without an answer (status 0)");
  assert_goes_on ();
}

static void
test_limits (void)
{
  /* On a busy machine a second of processor time may take long. */
  const IvDecodeLimits patient = { .wall_seconds = 60, .cpu_seconds = 1, .memory_mib = 1024 };
  IvDecodeLimits limits;
  iv_decode_pool_get_limits (&limits);
  assert_error ('H', IV_STUDY_ERROR_LIMIT, "took more than 2 s");
  assert_goes_on ();
  iv_decode_pool_set_limits (&patient);
  assert_error ('C', IV_STUDY_ERROR_LIMIT, "more than 1 s of processor time");
  iv_decode_pool_set_limits (&limits);
  assert_goes_on ();
}

/* Every field of an answer is checked before it is believed. */
static void
test_lies (void)
{
  static const struct {
    char kind;
    IvStudyError code;
    const char *reason;
  } cases[] = {
    { 'T', IV_STUDY_ERROR_CRASHED, "" },
    { 'm', IV_STUDY_ERROR_CRASHED, "" },
    { 'd', IV_STUDY_ERROR_CRASHED, "no memory file" },
    { 'f', IV_STUDY_ERROR_CRASHED, "no memory file" },
    { 'u', IV_STUDY_ERROR_CRASHED, "not sealed" },
    { 'i', IV_STUDY_ERROR_CRASHED, "size" },
    { 'o', IV_STUDY_ERROR_CRASHED, "offset" },
    { 'p', IV_STUDY_ERROR_CRASHED, "offset" },
    { 'n', IV_STUDY_ERROR_CRASHED, "number of pixels" },
    { 'g', IV_STUDY_ERROR_CRASHED, "metadata" },
    { 'b', IV_STUDY_ERROR_DAMAGED, "impossible depth" },
    { 's', IV_STUDY_ERROR_DAMAGED, "impossible rescale slope" },
    { 'M', IV_STUDY_ERROR_FAILED, "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    assert_error (cases[i].kind, cases[i].code, cases[i].reason);
    assert_goes_on ();
  }
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (200000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (void)
{
  g_autofree char *path = save_kind ('H');
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (IvRadiograph) radiograph G_GNUC_UNUSED =
      iv_radiograph_load (path, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 1900 * 1000);
  g_thread_join (thread);
  assert_goes_on ();
}

static void
test_no_worker (void)
{
  g_autofree char *before = g_strdup (g_getenv ("INTERVAL_DECODE"));
  g_autofree char *path = save_kind ('k');
  g_autoptr (GError) error = NULL;
  iv_decode_pool_shut_down ();
  g_setenv ("INTERVAL_DECODE", "/nonexistent/interval-decode", TRUE);
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (path, NULL, &error);
  g_assert_null (radiograph);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/nonexistent/interval-decode"));
  g_setenv ("INTERVAL_DECODE", before, TRUE);
  assert_goes_on ();
}

/* A worker that was killed while it waited costs nobody a film. */
static void
test_killed_while_idle (void)
{
  assert_goes_on ();
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());
  g_autofree char *children = NULL;
  if (!g_file_get_contents (path, &children, NULL, NULL)) {
    g_test_skip ("the kernel does not list children");
    return;
  }
  g_auto (GStrv) pids = g_strsplit (g_strstrip (children), " ", -1);
  for (guint i = 0; pids[i] != NULL && *pids[i] != '\0'; i++)
    kill (atoi (pids[i]), SIGKILL);
  g_usleep (50000);
  assert_goes_on ();
}

int
main (int argc, char **argv)
{
  IvDecodeLimits limits = { .wall_seconds = 2, .cpu_seconds = 1, .memory_mib = 1024 };
  g_test_init (&argc, &argv, NULL);
  folder = iv_test_folder ();
  iv_decode_pool_set_limits (&limits);
  g_test_add_func ("/worker/deaths", test_deaths);
  g_test_add_func ("/worker/limits", test_limits);
  g_test_add_func ("/worker/lies", test_lies);
  g_test_add_func ("/worker/cancel", test_cancel);
  g_test_add_func ("/worker/no-worker", test_no_worker);
  g_test_add_func ("/worker/killed-while-idle", test_killed_while_idle);
  int status = g_test_run ();
  iv_decode_pool_shut_down ();
  iv_test_remove (folder);
  g_free (folder);
  return status;
}
