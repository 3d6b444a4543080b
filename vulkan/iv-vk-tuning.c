/* Choices among kernels, measured once on a device and kept on disk.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-tuning.h"

#include <gio/gio.h>

#include "vulkan/iv-vk-shader.h"

/* Raised when the meaning of a key or value changes. */
#define VERSION 1
/* A few dozen lines; more is no file of ours. */
#define MAX_SIZE (64 << 10)

#define OWNER "interval"
#define CHOICES "choices"

struct IvVkTuning {
  char *file;
  GKeyFile *keys; /* group OWNER: whose it is; group CHOICES: the numbers */
};

/* Group OWNER of a file of this device, driver and build. */
static GKeyFile *
new_keys (IvVkDevice *device)
{
  const IvVkDeviceInfo *info = iv_vk_device_get_info (device);
  g_autofree char *driver =
      g_strdup_printf ("%08x %s %s", info->driver_version, info->driver_name, info->driver_info);
  g_autofree char *digest = iv_vk_shader_digest_all ();
  GKeyFile *keys = g_key_file_new ();
  g_key_file_set_integer (keys, OWNER, "version", VERSION);
  g_key_file_set_string (keys, OWNER, "device", info->uuid);
  g_key_file_set_string (keys, OWNER, "driver", driver);
  g_key_file_set_string (keys, OWNER, "shaders", digest);
  return keys;
}

/* (transfer full) The file's groups, or NULL. A pipe or a device is not even opened. */
static GKeyFile *
read_keys (const char *file)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  g_autoptr (GFile) at = g_file_new_for_path (file);
  g_autoptr (GFileInfo) info = g_file_query_info (
      at, "standard::type,standard::size", G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  if (info == NULL || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR ||
      g_file_info_get_size (info) > MAX_SIZE || !g_file_get_contents (file, &data, &size, NULL))
    return NULL;
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  if (!g_key_file_load_from_data (keys, data, size, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_steal_pointer (&keys);
}

static gboolean
has_same_owner (GKeyFile *ours, GKeyFile *theirs)
{
  g_auto (GStrv) names = g_key_file_get_keys (ours, OWNER, NULL, NULL);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *a = g_key_file_get_value (ours, OWNER, names[i], NULL);
    g_autofree char *b = g_key_file_get_value (theirs, OWNER, names[i], NULL);
    if (g_strcmp0 (a, b) != 0)
      return FALSE;
  }
  return TRUE;
}

IvVkTuning *
iv_vk_tuning_load (IvVkDevice *device)
{
  IvVkTuning *tuning = g_new0 (IvVkTuning, 1);
  g_autofree char *name = g_strconcat (iv_vk_device_get_info (device)->uuid, ".tuning", NULL);
  tuning->file = g_build_filename (g_get_user_cache_dir (), "interval", "pipelines", name, NULL);
  tuning->keys = new_keys (device);
  g_autoptr (GKeyFile) stored = read_keys (tuning->file);
  if (stored != NULL && has_same_owner (tuning->keys, stored)) {
    g_key_file_free (tuning->keys);
    tuning->keys = g_steal_pointer (&stored);
  }
  return tuning;
}

void
iv_vk_tuning_free (IvVkTuning *tuning)
{
  g_key_file_free (tuning->keys);
  g_free (tuning->file);
  g_free (tuning);
}

const char *
iv_vk_tuning_get_file (IvVkTuning *tuning)
{
  return tuning->file;
}

gboolean
iv_vk_tuning_get (IvVkTuning *tuning, const char *key, guint *value)
{
  g_autofree char *text = g_key_file_get_value (tuning->keys, CHOICES, key, NULL);
  guint64 number;
  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &number, NULL))
    return FALSE;
  *value = (guint) number;
  return TRUE;
}

void
iv_vk_tuning_set (IvVkTuning *tuning, const char *key, guint value)
{
  g_key_file_set_uint64 (tuning->keys, CHOICES, key, value);
}

void
iv_vk_tuning_save (IvVkTuning *tuning)
{
  gsize size;
  g_autofree char *data = g_key_file_to_data (tuning->keys, &size, NULL);
  g_autofree char *folder = g_path_get_dirname (tuning->file);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents_full (
        tuning->file, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
