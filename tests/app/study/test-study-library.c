/* The library on disk: recent patients, notes, and what a kill or a damaged file leaves.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/study/iv-library.h"
#include "tests/app/study/iv-test-dicom.h"

static char *folder;

static IvLibrary *
open_library (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  IvLibrary *library = iv_library_open (path, &error);
  g_assert_no_error (error);
  return library;
}

static IvPatient *
new_patient (const char *name, const char *id, guint n_images)
{
  IvPatient *patient = NULL;
  for (guint i = 0; i < n_images; i++) {
    IvRadiographInfo *info = iv_radiograph_info_new ();
    info->file = g_strdup_printf ("/films/%s/%u", id, i);
    info->transfer_syntax_uid = g_strdup ("1.2.840.10008.1.2.1");
    info->patient_name = g_strdup (name);
    info->patient_id = g_strdup (id);
    info->study_date = g_strdup_printf ("202401%02u", i + 1);
    g_autoptr (IvImage) image = iv_image_new_for_info (info);
    if (patient == NULL)
      patient = iv_patient_new (image, NULL);
    iv_patient_add (patient, image);
  }
  return patient;
}

static void
test_patients (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvPatient) kim = new_patient ("김민수", "K", 3), lee = new_patient ("Lee", "L", 1);
  g_autoptr (IvLibrary) library = open_library ("patients.db");
  g_assert_true (iv_library_add_patient (library, kim, &error));
  g_assert_true (iv_library_add_patient (library, lee, &error));
  g_assert_true (iv_library_add_patient (library, kim, &error));
  g_assert_no_error (error);
  g_clear_object (&library);
  library = open_library ("patients.db");
  g_autoptr (GPtrArray) list = iv_library_list_patients (library, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 2);
  const IvRecentPatient *first = list->pdata[0];
  g_assert_cmpstr (first->name, ==, "김민수");
  g_assert_cmpuint (first->n_images, ==, 3);
  g_assert_cmpstr (first->paths[2], ==, "/films/K/2");
  g_assert_cmpstr (first->last_film_date, ==, "20240103");
  g_assert_null (first->thumbnail.pixels);
  g_assert_true (iv_library_forget_patient (library, first->key, &error));
  g_autoptr (GPtrArray) rest = iv_library_list_patients (library, 10, &error);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_true (iv_library_forget_all (library, &error));
  g_autoptr (GPtrArray) none = iv_library_list_patients (library, 10, &error);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_notes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvLibrary) library = open_library ("notes.db");
  g_assert_null (iv_library_get_note (library, "1.2", "draft", &error));
  g_assert_no_error (error);
  g_assert_true (iv_library_set_note (library, "1.2", "draft", "No change.", &error));
  g_assert_true (iv_library_set_note (library, "1.2", "draft", "Worse; \"right\".", &error));
  g_assert_true (iv_library_set_note (library, "1.3", "draft", "other", &error));
  g_autofree char *draft = iv_library_get_note (library, "1.2", "draft", &error);
  g_assert_cmpstr (draft, ==, "Worse; \"right\".");
  g_assert_true (iv_library_set_note (library, "1.2", "draft", NULL, &error));
  g_assert_null (iv_library_get_note (library, "1.2", "draft", &error));
  g_assert_no_error (error);
}

/* As the first version left it. */
static void
take_back (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  sqlite3 *database;
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (database, "DROP TABLE triage; PRAGMA user_version = 1", NULL, NULL, NULL),
      ==,
      SQLITE_OK);
  sqlite3_close (database);
}

/* A library of the first version gets the table and keeps what it has. */
static void
test_first_version (void)
{
  g_autoptr (GError) error = NULL;
  IvLibraryTriage triage = { "/films/K/0", "film", "maker", 1.5, "a b", "{}" };
  {
    g_autoptr (IvLibrary) library = open_library ("first.db");
    g_autoptr (IvPatient) patient = new_patient ("Kim", "K", 2);
    g_assert_true (iv_library_add_patient (library, patient, &error));
  }
  take_back ("first.db");
  g_autoptr (IvLibrary) library = open_library ("first.db");
  g_assert_true (iv_library_set_triage (library, &triage, &error));
  g_assert_no_error (error);
  g_autoptr (IvLibraryTriage) kept = iv_library_get_triage (library, "/films/K/0", NULL, &error);
  g_assert_cmpstr (kept->dismissed, ==, "a b");
  g_assert_cmpfloat (kept->urgency, ==, 1.5);
  g_autoptr (GPtrArray) list = iv_library_list_patients (library, 10, &error);
  g_assert_cmpuint (list->len, ==, 1);
  /* What is kept of a patient's films goes with the patient. */
  const IvRecentPatient *first = list->pdata[0];
  g_assert_true (iv_library_forget_patient (library, first->key, &error));
  g_assert_null (iv_library_get_triage (library, "/films/K/0", NULL, &error));
  g_assert_no_error (error);
}

/* Writes until it is killed. */
static void
write_for_ever (void)
{
  g_autofree char *path = g_build_filename (folder, "killed.db", NULL);
  g_autoptr (IvLibrary) library = iv_library_open (path, NULL);
  if (library == NULL)
    _exit (1);
  for (guint i = 0;; i = (i + 1) % 50) {
    g_autofree char *id = g_strdup_printf ("%u", i);
    g_autoptr (IvPatient) patient = new_patient ("Kim", id, 5);
    iv_library_add_patient (library, patient, NULL);
  }
}

/* Whatever the moment of the kill, every patient that is there is whole. */
static void
test_kill (void)
{
  for (guint round = 0; round < 5; round++) {
    g_autoptr (GError) error = NULL;
    pid_t pid = fork ();
    if (pid == 0)
      write_for_ever ();
    g_usleep (60000 + 37000 * round);
    kill (pid, SIGKILL);
    waitpid (pid, NULL, 0);
    g_autoptr (IvLibrary) library = open_library ("killed.db");
    g_autoptr (GPtrArray) list = iv_library_list_patients (library, 100, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < list->len; i++)
      g_assert_cmpuint (((IvRecentPatient *) list->pdata[i])->n_images, ==, 5);
  }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *garbage = g_build_filename (folder, "garbage.db", NULL);
  g_assert_true (
      g_file_set_contents (garbage, "this is no database, whatever it is called", -1, NULL));
  g_assert_null (iv_library_open (garbage, &error));
  g_assert_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_LIBRARY);
  g_assert_true (g_str_has_prefix (error->message, garbage));
  g_clear_error (&error);
  g_autofree char *inside = g_build_filename (garbage, "library.db", NULL);
  g_assert_null (iv_library_open (inside, &error));
  g_assert_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_LIBRARY);
}

/* Names of patients are for their reader's eyes only. */
static void
test_mode (void)
{
  GStatBuf status;
  g_autoptr (IvLibrary) library G_GNUC_UNUSED = open_library ("mode.db");
  g_autofree char *path = g_build_filename (folder, "mode.db", NULL);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = iv_test_folder ();
  g_test_add_func ("/library/patients", test_patients);
  g_test_add_func ("/library/notes", test_notes);
  g_test_add_func ("/library/first-version", test_first_version);
  g_test_add_func ("/library/kill", test_kill);
  g_test_add_func ("/library/refused", test_refused);
  g_test_add_func ("/library/mode", test_mode);
  int status = g_test_run ();
  iv_test_remove (folder);
  g_free (folder);
  return status;
}
