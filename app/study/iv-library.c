/* The library on disk, in SQLite.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-library.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#define SCHEMA_VERSION 2
#define BUSY_MILLISECONDS 2000

struct _IvLibrary {
  GObject parent_instance;
  char *file;
  sqlite3 *database;
};

G_DEFINE_FINAL_TYPE (IvLibrary, iv_library, G_TYPE_OBJECT)

typedef sqlite3_stmt Statement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Statement, sqlite3_finalize)

static const char schema[] =
    "BEGIN;"
    "CREATE TABLE patients (key INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL, id TEXT NOT NULL, opened INTEGER NOT NULL, last_film_date TEXT,"
    " width INTEGER, height INTEGER, thumbnail BLOB);"
    "CREATE TABLE files (patient INTEGER NOT NULL REFERENCES patients ON DELETE CASCADE,"
    " place INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (patient, place)) WITHOUT ROWID;"
    "CREATE TABLE notes (study TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " changed INTEGER NOT NULL, PRIMARY KEY (study, name)) WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

/* What version 2 adds to it. */
static const char schema_2[] =
    "BEGIN;"
    "CREATE TABLE triage (file TEXT NOT NULL, film TEXT NOT NULL, maker TEXT NOT NULL,"
    " urgency REAL NOT NULL, dismissed TEXT NOT NULL, value TEXT NOT NULL,"
    " changed INTEGER NOT NULL, PRIMARY KEY (file, maker)) WITHOUT ROWID;"
    "PRAGMA user_version = 2;"
    "COMMIT;";

static void
iv_library_finalize (GObject *object)
{
  IvLibrary *self = IV_LIBRARY (object);
  sqlite3_close (self->database);
  g_free (self->file);
  G_OBJECT_CLASS (iv_library_parent_class)->finalize (object);
}

static void
iv_library_class_init (IvLibraryClass *class)
{
  G_OBJECT_CLASS (class)->finalize = iv_library_finalize;
}

static void
iv_library_init (IvLibrary *self)
{
}

static gboolean
fail (IvLibrary *self, const char *what, GError **error)
{
  g_set_error (error,
               IV_STUDY_ERROR,
               IV_STUDY_ERROR_LIBRARY,
               "%s: %s: %s",
               self->file,
               what,
               sqlite3_errmsg (self->database));
  return FALSE;
}

static gboolean
run (IvLibrary *self, const char *sql, GError **error)
{
  if (sqlite3_exec (self->database, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  fail (self, "cannot be written", error);
  /* Harmless when no transaction is open. */
  sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static Statement *
prepare (IvLibrary *self, const char *sql, GError **error)
{
  Statement *statement = NULL;
  if (sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL) != SQLITE_OK)
    fail (self, "cannot be read", error);
  return statement;
}

/* Runs a statement that answers no rows. */
static gboolean
finish (IvLibrary *self, Statement *statement, GError **error)
{
  return sqlite3_step (statement) == SQLITE_DONE || fail (self, "cannot be written", error);
}

static int
get_version (IvLibrary *self, GError **error)
{
  g_autoptr (Statement) statement = prepare (self, "PRAGMA user_version", error);
  if (statement == NULL)
    return -1;
  if (sqlite3_step (statement) == SQLITE_ROW)
    return sqlite3_column_int (statement, 0);
  fail (self, "cannot be read", error);
  return -1;
}

static gboolean
set_up (IvLibrary *self, GError **error)
{
  sqlite3_busy_timeout (self->database, BUSY_MILLISECONDS);
  int version = get_version (self, error);
  if (version < 0)
    return FALSE;
  if (version > SCHEMA_VERSION) {
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_LIBRARY,
                 "%s: was written by a later version of Interval (%d)",
                 self->file,
                 version);
    return FALSE;
  }
  return run (self,
              "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
              error) &&
         (version >= 1 || run (self, schema, error)) &&
         (version >= 2 || run (self, schema_2, error));
}

IvLibrary *
iv_library_open (const char *file, GError **error)
{
  g_autoptr (IvLibrary) self = g_object_new (IV_TYPE_LIBRARY, NULL);
  self->file = file != NULL
                   ? g_strdup (file)
                   : g_build_filename (g_get_user_data_dir (), "interval", "library.db", NULL);
  g_autofree char *folder = g_path_get_dirname (self->file);
  /* Names of patients are in there: for the user's eyes only. */
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    g_set_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_LIBRARY, "%s: cannot be created", folder);
    return NULL;
  }
  if (sqlite3_open (self->file, &self->database) != SQLITE_OK) {
    fail (self, "cannot be opened", error);
    return NULL;
  }
  g_chmod (self->file, 0600);
  return set_up (self, error) ? g_steal_pointer (&self) : NULL;
}

void
iv_recent_patient_free (IvRecentPatient *recent)
{
  g_free (recent->name);
  g_free (recent->id);
  g_strfreev (recent->paths);
  g_clear_pointer (&recent->opened, g_date_time_unref);
  g_free (recent->last_film_date);
  g_clear_pointer (&recent->thumbnail.pixels, g_bytes_unref);
  g_free (recent);
}

/* Pictures have no identity but their files. */
static char *
get_identity (IvPatient *patient, IvImage *current)
{
  const char *id = iv_patient_get_id (patient);
  const char *name = iv_patient_get_name (patient);
  if (*id != '\0' || (*name != '\0' && !iv_image_is_picture (current)))
    return g_strdup_printf ("%s\n%s\n%s", id, name, iv_patient_get_birth_date (patient));
  return g_strdup_printf ("file\n%s", iv_image_get_info (current)->file);
}

static gboolean
write_patient (IvLibrary *self, IvPatient *patient, IvImage *current, gint64 *key, GError **error)
{
  static const char sql[] =
      "INSERT INTO patients (identity, name, id, opened, last_film_date, width, height, thumbnail)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (identity) DO UPDATE SET"
      " name = ?2, opened = ?4, last_film_date = ?5, width = coalesce (?6, width),"
      " height = coalesce (?7, height), thumbnail = coalesce (?8, thumbnail) RETURNING key";
  g_autoptr (Statement) statement = prepare (self, sql, error);
  g_autofree char *identity = get_identity (patient, current);
  GDateTime *date = iv_image_get_date (current);
  g_autofree char *day = date != NULL ? g_date_time_format (date, "%Y%m%d") : NULL;
  const IvThumbnail *thumbnail = iv_image_get_thumbnail (current);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, identity, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, iv_patient_get_name (patient), -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 3, iv_patient_get_id (patient), -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (statement, 4, g_get_real_time ());
  sqlite3_bind_text (statement, 5, day, -1, SQLITE_TRANSIENT);
  if (thumbnail != NULL) {
    gsize size;
    gconstpointer pixels = g_bytes_get_data (thumbnail->pixels, &size);
    sqlite3_bind_int64 (statement, 6, thumbnail->width);
    sqlite3_bind_int64 (statement, 7, thumbnail->height);
    sqlite3_bind_blob64 (statement, 8, pixels, size, SQLITE_TRANSIENT);
  }
  if (sqlite3_step (statement) != SQLITE_ROW)
    return fail (self, "cannot be written", error);
  *key = sqlite3_column_int64 (statement, 0);
  return finish (self, statement, error);
}

static gboolean
write_files (IvLibrary *self, IvPatient *patient, gint64 key, GError **error)
{
  g_autoptr (Statement) clear = prepare (self, "DELETE FROM files WHERE patient = ?", error);
  g_autoptr (Statement) insert =
      prepare (self, "INSERT INTO files (patient, place, path) VALUES (?, ?, ?)", error);
  if (clear == NULL || insert == NULL)
    return FALSE;
  sqlite3_bind_int64 (clear, 1, key);
  if (!finish (self, clear, error))
    return FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (patient)); i++) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), i);
    sqlite3_reset (insert);
    sqlite3_bind_int64 (insert, 1, key);
    sqlite3_bind_int64 (insert, 2, i);
    sqlite3_bind_text (insert, 3, iv_image_get_info (image)->file, -1, SQLITE_TRANSIENT);
    if (!finish (self, insert, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
iv_library_add_patient (IvLibrary *self, IvPatient *patient, GError **error)
{
  IvImage *current = iv_patient_get_current (patient);
  gint64 key;
  if (current == NULL)
    return TRUE;
  if (!run (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (!write_patient (self, patient, current, &key, error) ||
      !write_files (self, patient, key, error)) {
    sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
    return FALSE;
  }
  return run (self, "COMMIT", error);
}

static gboolean
read_files (IvLibrary *self, IvRecentPatient *recent, GError **error)
{
  g_autoptr (Statement) statement =
      prepare (self, "SELECT path FROM files WHERE patient = ? ORDER BY place", error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  int result = SQLITE_DONE;
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, recent->key);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_strv_builder_add (builder, (const char *) sqlite3_column_text (statement, 0));
  recent->paths = g_strv_builder_end (builder);
  recent->n_images = g_strv_length (recent->paths);
  return result == SQLITE_DONE || fail (self, "cannot be read", error);
}

/* The size is checked: a damaged file must not make a picture longer than its bytes. */
static void
read_thumbnail (Statement *statement, IvThumbnail *thumbnail)
{
  gint64 width = sqlite3_column_int64 (statement, 5), height = sqlite3_column_int64 (statement, 6);
  gint64 size = sqlite3_column_bytes (statement, 7);
  if (width < 1 || height < 1 || width > IV_THUMBNAIL_SIZE || height > IV_THUMBNAIL_SIZE ||
      size != width * height)
    return;
  thumbnail->width = (guint) width;
  thumbnail->height = (guint) height;
  thumbnail->pixels = g_bytes_new (sqlite3_column_blob (statement, 7), (gsize) size);
}

static IvRecentPatient *
read_patient (IvLibrary *self, Statement *statement, GError **error)
{
  g_autoptr (IvRecentPatient) recent = g_new0 (IvRecentPatient, 1);
  recent->key = sqlite3_column_int64 (statement, 0);
  recent->name = g_strdup ((const char *) sqlite3_column_text (statement, 1));
  recent->id = g_strdup ((const char *) sqlite3_column_text (statement, 2));
  recent->opened =
      g_date_time_new_from_unix_local (sqlite3_column_int64 (statement, 3) / G_USEC_PER_SEC);
  recent->last_film_date = g_strdup ((const char *) sqlite3_column_text (statement, 4));
  read_thumbnail (statement, &recent->thumbnail);
  return read_files (self, recent, error) ? g_steal_pointer (&recent) : NULL;
}

GPtrArray *
iv_library_list_patients (IvLibrary *self, guint max, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_recent_patient_free);
  g_autoptr (Statement) statement =
      prepare (self,
               "SELECT key, name, id, opened, last_film_date, width, height, thumbnail"
               " FROM patients ORDER BY opened DESC, key DESC LIMIT ?",
               error);
  int result = SQLITE_DONE;
  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, max);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW) {
    IvRecentPatient *recent = read_patient (self, statement, error);
    if (recent == NULL)
      return NULL;
    g_ptr_array_add (list, recent);
  }
  if (result == SQLITE_DONE)
    return g_steal_pointer (&list);
  fail (self, "cannot be read", error);
  return NULL;
}

gboolean
iv_library_forget_patient (IvLibrary *self, gint64 key, GError **error)
{
  g_autoptr (Statement) triage = prepare (
      self, "DELETE FROM triage WHERE file IN (SELECT path FROM files WHERE patient = ?)", error);
  g_autoptr (Statement) patient = prepare (self, "DELETE FROM patients WHERE key = ?", error);
  if (triage == NULL || patient == NULL)
    return FALSE;
  sqlite3_bind_int64 (triage, 1, key);
  sqlite3_bind_int64 (patient, 1, key);
  return finish (self, triage, error) && finish (self, patient, error);
}

gboolean
iv_library_forget_all (IvLibrary *self, GError **error)
{
  return run (
      self, "BEGIN; DELETE FROM patients; DELETE FROM notes; DELETE FROM triage; COMMIT", error);
}

void
iv_library_triage_free (IvLibraryTriage *triage)
{
  g_free (triage->file);
  g_free (triage->film);
  g_free (triage->maker);
  g_free (triage->dismissed);
  g_free (triage->value);
  g_free (triage);
}

gboolean
iv_library_set_triage (IvLibrary *self, const IvLibraryTriage *triage, GError **error)
{
  static const char sql[] =
      "INSERT INTO triage (file, film, maker, urgency, dismissed, value, changed)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (file, maker) DO UPDATE SET"
      " film = ?2, urgency = ?4, dismissed = ?5, value = ?6, changed = ?7";
  g_autoptr (Statement) statement = prepare (self, sql, error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, triage->file, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, triage->film, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 3, triage->maker, -1, SQLITE_TRANSIENT);
  sqlite3_bind_double (statement, 4, triage->urgency);
  sqlite3_bind_text (statement, 5, triage->dismissed, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 6, triage->value, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (statement, 7, g_get_real_time ());
  return finish (self, statement, error);
}

/* A damaged file may hold NULL where the schema forbids it. */
static char *
read_text (Statement *statement, int column)
{
  const unsigned char *text = sqlite3_column_text (statement, column);
  return g_strdup (text != NULL ? (const char *) text : "");
}

IvLibraryTriage *
iv_library_get_triage (IvLibrary *self, const char *file, const char *maker, GError **error)
{
  g_autoptr (Statement) statement =
      prepare (self,
               "SELECT film, maker, urgency, dismissed, value FROM triage WHERE file = ?1"
               " AND (?2 IS NULL OR maker = ?2) ORDER BY changed DESC LIMIT 1",
               error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, file, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, maker, -1, SQLITE_TRANSIENT); /* NULL binds NULL */
  int result = sqlite3_step (statement);
  if (result != SQLITE_ROW) {
    if (result != SQLITE_DONE)
      fail (self, "cannot be read", error);
    return NULL;
  }
  IvLibraryTriage *triage = g_new0 (IvLibraryTriage, 1);
  triage->file = g_strdup (file);
  triage->film = read_text (statement, 0);
  triage->maker = read_text (statement, 1);
  triage->urgency = sqlite3_column_double (statement, 2);
  triage->dismissed = read_text (statement, 3);
  triage->value = read_text (statement, 4);
  return triage;
}

gboolean
iv_library_set_note (IvLibrary *self,
                     const char *study_uid,
                     const char *name,
                     const char *value,
                     GError **error)
{
  g_autoptr (Statement) statement =
      prepare (self,
               value != NULL ? "INSERT INTO notes (study, name, value, changed)"
                               " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (study, name)"
                               " DO UPDATE SET value = ?3, changed = ?4"
                             : "DELETE FROM notes WHERE study = ?1 AND name = ?2",
               error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, study_uid, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, name, -1, SQLITE_TRANSIENT);
  if (value != NULL) {
    sqlite3_bind_text (statement, 3, value, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64 (statement, 4, g_get_real_time ());
  }
  return finish (self, statement, error);
}

char *
iv_library_get_note (IvLibrary *self, const char *study_uid, const char *name, GError **error)
{
  g_autoptr (Statement) statement =
      prepare (self, "SELECT value FROM notes WHERE study = ? AND name = ?", error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, study_uid, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, name, -1, SQLITE_TRANSIENT);
  int result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    return g_strdup ((const char *) sqlite3_column_text (statement, 0));
  if (result != SQLITE_DONE)
    fail (self, "cannot be read", error);
  return NULL;
}
