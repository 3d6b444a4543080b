/* SHA-256 of a model's file, computed once for each version of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-file-digest.h"

#include <glib/gstdio.h>
#include <string.h>

#define PIECE (1 << 20)

/* Two drafts may end at once. */
static GMutex cache_lock;

static char *
get_cache_file (void)
{
  return g_build_filename (g_get_user_cache_dir (), "interval", "digests", NULL);
}

/* What changes with the file. */
static char *
describe_version (const GStatBuf *state)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld",
                          (gint64) state->st_size,
                          (gint64) state->st_mtim.tv_sec,
                          state->st_mtim.tv_nsec);
}

static char *
look_up (const char *file, const char *version)
{
  g_autofree char *cache = get_cache_file ();
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache_lock);
  if (!g_key_file_load_from_file (keys, cache, G_KEY_FILE_NONE, NULL))
    return NULL;
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, file, -1);
  g_autofree char *known = g_key_file_get_string (keys, group, "version", NULL);
  g_autofree char *digest = g_key_file_get_string (keys, group, "sha256", NULL);
  gboolean is_good = g_strcmp0 (known, version) == 0 && digest != NULL && strlen (digest) == 64;
  return is_good ? g_steal_pointer (&digest) : NULL;
}

/* A cache that cannot be written costs time, nothing else. */
static void
remember (const char *file, const char *version, const char *digest)
{
  g_autofree char *cache = get_cache_file ();
  g_autofree char *folder = g_path_get_dirname (cache);
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, file, -1);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError) problem = NULL;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache_lock);
  g_key_file_load_from_file (keys, cache, G_KEY_FILE_NONE, NULL);
  g_key_file_set_string (keys, group, "file", file);
  g_key_file_set_string (keys, group, "version", version);
  g_key_file_set_string (keys, group, "sha256", digest);
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (keys, cache, &problem))
    g_info ("The digest is not kept: %s", problem->message);
}

static char *
compute (const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (name);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (PIECE);
  gssize n;
  if (stream == NULL)
    return NULL;
  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), piece, PIECE, cancellable, error)) > 0)
    g_checksum_update (checksum, piece, n);
  return n == 0 ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

static char *
find_file (const char *model)
{
  if (!g_file_test (model, G_FILE_TEST_IS_DIR))
    return g_canonicalize_filename (model, NULL);
  g_autofree char *index = g_build_filename (model, "model.safetensors.index.json", NULL);
  if (g_file_test (index, G_FILE_TEST_EXISTS))
    return g_canonicalize_filename (index, NULL);
  g_autofree char *whole = g_build_filename (model, "model.safetensors", NULL);
  return g_canonicalize_filename (whole, NULL);
}

char *
iv_file_digest_get (const char *model, GCancellable *cancellable, GError **error)
{
  g_autofree char *file = find_file (model);
  GStatBuf state;
  if (g_stat (file, &state) != 0)
    return compute (file, cancellable, error); /* says why it cannot be read */
  g_autofree char *version = describe_version (&state);
  g_autofree char *digest = look_up (file, version);
  if (digest != NULL)
    return g_steal_pointer (&digest);
  digest = compute (file, cancellable, error);
  if (digest != NULL)
    remember (file, version, digest);
  return g_steal_pointer (&digest);
}
