/* Walks folders and DICOMDIRs, sniffs files, and asks the decode workers for metadata.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-scan.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/study/iv-decode-pool.h"

#define MAX_DEPTH 16
#define MAX_FILES 50000

static void
scan_file_free (gpointer data)
{
  IvScanFile *file = data;
  g_free (file->file);
  g_free (file->group);
  iv_radiograph_info_free (file->info);
  g_clear_error (&file->error);
  g_free (file);
}

char *
iv_scan_date_of_name (const char *file)
{
  static const char pattern[] = "(?<!\\d)((?:19|20)\\d\\d)[-_.]?(0[1-9]|1[0-2])[-_.]?"
                                "(0[1-9]|[12]\\d|3[01])(?!\\d)";
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *text = g_utf8_make_valid (name, -1);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (!g_regex_match (regex, text, 0, &match))
    return NULL;
  g_autofree char *year = g_match_info_fetch (match, 1);
  g_autofree char *month = g_match_info_fetch (match, 2);
  g_autofree char *day = g_match_info_fetch (match, 3);
  if (!g_date_valid_dmy (atoi (day), atoi (month), atoi (year)))
    return NULL;
  return g_strconcat (year, month, day, NULL);
}

/* Whether the first bytes are of a format that may hold a film. Files without any mark are only
 * tried when they begin like a DICOM data set. */
static gboolean
looks_like_image (const char *file)
{
  guint8 head[136] = { 0 };
  struct stat status;
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return FALSE;
  gssize size = 0;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    size = read (fd, head, sizeof head);
  close (fd);
  if (size < 24)
    return FALSE;
  return memcmp (head + 128, "DICM", 4) == 0 || memcmp (head, "\x89PNG", 4) == 0 ||
         memcmp (head, "\xff\xd8\xff", 3) == 0 || memcmp (head, "II*\0", 4) == 0 ||
         memcmp (head, "MM\0*", 4) == 0 ||
         ((head[0] == 0x02 || head[0] == 0x08) && head[1] == 0 && head[3] == 0);
}

/* The state of a scan; files and directory queue belong to the thread that runs it. */
typedef struct {
  GPtrArray *files; /* IvScanFile * */
  GHashTable *seen; /* paths, to pass files that two arguments name */
  GCancellable *cancellable;
  IvScanProgressFunc progress;
  gpointer progress_data;
  gint n_done; /* atomic */
} Scan;

static void
add_file (Scan *scan, const char *file, const char *group, gboolean is_named)
{
  g_autofree char *absolute = g_canonicalize_filename (file, NULL);
  if (scan->files->len >= MAX_FILES || !g_hash_table_add (scan->seen, g_strdup (absolute)))
    return;
  IvScanFile *entry = g_new0 (IvScanFile, 1);
  entry->file = g_steal_pointer (&absolute);
  entry->group = g_strdup (group);
  entry->is_named = is_named;
  g_ptr_array_add (scan->files, entry);
}

/* By name as people count: film2 before film10. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  g_autofree char *name_a = g_filename_display_basename (*(char *const *) a);
  g_autofree char *name_b = g_filename_display_basename (*(char *const *) b);
  g_autofree char *key_a = g_utf8_collate_key_for_filename (name_a, -1);
  g_autofree char *key_b = g_utf8_collate_key_for_filename (name_b, -1);
  return strcmp (key_a, key_b);
}

static GPtrArray *
list_folder (const char *folder)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.')
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

static void
walk_folder (Scan *scan, const char *folder, guint depth)
{
  g_autoptr (GPtrArray) paths = list_folder (folder);
  g_autofree char *group = g_canonicalize_filename (folder, NULL);
  for (guint i = 0; i < paths->len && !g_cancellable_is_cancelled (scan->cancellable); i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autofree char *name = g_path_get_basename (path);
    struct stat status;
    if (lstat (path, &status) != 0)
      continue;
    if (S_ISDIR (status.st_mode) && depth < MAX_DEPTH)
      walk_folder (scan, path, depth + 1);
    /* What a DICOMDIR lists lies in the same folder and is found anyway. */
    else if (!S_ISDIR (status.st_mode) && g_ascii_strcasecmp (name, "DICOMDIR") != 0 &&
             looks_like_image (path))
      add_file (scan, path, group, FALSE);
  }
}

/* The file that a component of a DICOMDIR names: discs are often written in lower case. */
static char *
find_component (const char *folder, const char *component)
{
  g_autofree char *exact = g_build_filename (folder, component, NULL);
  if (g_file_test (exact, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&exact);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_strcasecmp (name, component) == 0)
      return g_build_filename (folder, name, NULL);
  return NULL;
}

/* NULL when it leads out of the DICOMDIR's folder or to nothing. */
static char *
resolve_file_id (const char *folder, const char *file_id)
{
  g_auto (GStrv) components = g_strsplit (file_id, "\\", 16);
  g_autofree char *path = g_strdup (folder);
  for (guint i = 0; components[i] != NULL && path != NULL; i++) {
    const char *component = g_strstrip (components[i]);
    if (*component == '\0' || *component == '.' || strchr (component, '/') != NULL)
      return NULL;
    char *next = find_component (path, component);
    g_free (path);
    path = next;
  }
  return g_steal_pointer (&path);
}

/* Adds what a DICOMDIR lists to the files that are still to be read. */
static void
add_directory (Scan *scan, const IvScanFile *entry, char **file_ids)
{
  g_autofree char *folder = g_path_get_dirname (entry->file);
  for (guint i = 0; file_ids[i] != NULL; i++) {
    g_autofree char *path = resolve_file_id (folder, file_ids[i]);
    if (path != NULL)
      add_file (scan, path, folder, FALSE);
  }
}

static void
read_file (gpointer data, gpointer user_data)
{
  IvScanFile *entry = data;
  Scan *scan = user_data;
  if (!g_cancellable_is_cancelled (scan->cancellable)) {
    g_autoptr (IvDecodeResult) result =
        iv_decode_pool_run (entry->file, IV_DECODE_METADATA, scan->cancellable, &entry->error);
    if (result != NULL)
      entry->info = g_steal_pointer (&result->info);
  }
  gint n_done = g_atomic_int_add (&scan->n_done, 1) + 1;
  if (scan->progress != NULL)
    scan->progress ((guint) n_done, scan->files->len, scan->progress_data);
}

/* A DICOMDIR that was named is read first, alone: it makes more files. */
static void
expand_directories (Scan *scan)
{
  for (guint i = 0; i < scan->files->len; i++) {
    IvScanFile *entry = g_ptr_array_index (scan->files, i);
    g_autofree char *name = g_path_get_basename (entry->file);
    if (!entry->is_named || g_ascii_strncasecmp (name, "DICOMDIR", 8) != 0)
      continue;
    g_autoptr (IvDecodeResult) result =
        iv_decode_pool_run (entry->file, IV_DECODE_METADATA, scan->cancellable, NULL);
    if (result == NULL || result->directory == NULL)
      continue;
    g_autoptr (GPtrArray) later = g_ptr_array_new_with_free_func (scan_file_free);
    while (scan->files->len > i + 1)
      g_ptr_array_insert (later, 0, g_ptr_array_steal_index (scan->files, scan->files->len - 1));
    add_directory (scan, entry, result->directory);
    while (later->len > 0)
      g_ptr_array_add (scan->files, g_ptr_array_steal_index (later, 0));
    g_ptr_array_remove_index (scan->files, i--);
  }
}

static void
collect (Scan *scan, const char *const *paths)
{
  for (guint i = 0; paths[i] != NULL; i++) {
    if (g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      walk_folder (scan, paths[i], 0);
    else
      add_file (scan, paths[i], "", TRUE);
  }
  expand_directories (scan);
}

/* When every picture of a group has a date in its name, these are the dates of the films. */
static void
date_group (GPtrArray *files, const char *group)
{
  g_autoptr (GPtrArray) dates = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  for (guint i = 0; i < files->len; i++) {
    IvScanFile *entry = g_ptr_array_index (files, i);
    if (entry->info == NULL || entry->info->transfer_syntax_uid != NULL ||
        !g_str_equal (entry->group, group))
      continue;
    char *date = iv_scan_date_of_name (entry->file);
    if (date == NULL)
      return;
    g_ptr_array_add (dates, date);
    g_ptr_array_add (pictures, entry->info);
  }
  for (guint i = 0; i < pictures->len; i++) {
    IvRadiographInfo *info = g_ptr_array_index (pictures, i);
    g_free (info->acquisition_date);
    info->acquisition_date = g_strdup (g_ptr_array_index (dates, i));
  }
}

static void
date_pictures (GPtrArray *files)
{
  g_autoptr (GHashTable) groups = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < files->len; i++) {
    IvScanFile *entry = g_ptr_array_index (files, i);
    if (g_hash_table_add (groups, entry->group))
      date_group (files, entry->group);
  }
}

GPtrArray *
iv_scan_run (const char *const *paths,
             IvScanProgressFunc progress,
             gpointer progress_data,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (scan_file_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = { .files = files,
                .seen = seen,
                .cancellable = cancellable,
                .progress = progress,
                .progress_data = progress_data };
  collect (&scan, paths);
  GThreadPool *threads =
      g_thread_pool_new (read_file, &scan, (gint) iv_decode_pool_get_size (), FALSE, NULL);
  for (guint i = 0; i < files->len; i++)
    g_thread_pool_push (threads, g_ptr_array_index (files, i), NULL);
  g_thread_pool_free (threads, FALSE, TRUE);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  date_pictures (files);
  return g_steal_pointer (&files);
}
