/* How long each shader took, by the device's own clock.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-profile.h"

#include "vulkan/iv-vk-profile-private.h"

struct IvVkProfile {
  IvVkDevice *device;
  VkQueryPool pool;
  guint max;
  GPtrArray *names; /* of the dispatches of the recording; interned */
  GHashTable *rows; /* interned name → IvVkProfileRow */
};

IvVkProfile *
iv_vk_profile_new (IvVkDevice *device, guint max_dispatches, GError **error)
{
  if (!device->info.timestamps) {
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_LIMIT,
                 "%s has no timestamps in its compute queue",
                 device->info.name);
    return NULL;
  }
  VkQueryPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = 2 * MAX (max_dispatches, 1),
  };
  VkQueryPool pool;
  VkResult result = vkCreateQueryPool (device->device, &info, NULL, &pool);
  if (!iv_vk_device_check (device, result, "creating the profile's timestamps", error))
    return NULL;
  IvVkProfile *profile = g_new0 (IvVkProfile, 1);
  profile->device = iv_vk_device_ref (device);
  profile->pool = pool;
  profile->max = MAX (max_dispatches, 1);
  profile->names = g_ptr_array_new ();
  profile->rows = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_free);
  return profile;
}

void
iv_vk_profile_free (IvVkProfile *profile)
{
  vkDestroyQueryPool (profile->device->device, profile->pool, NULL);
  iv_vk_device_unref (profile->device);
  g_ptr_array_unref (profile->names);
  g_hash_table_unref (profile->rows);
  g_free (profile);
}

void
iv_vk_profile_begin_recording (IvVkProfile *profile, VkCommandBuffer commands)
{
  g_ptr_array_set_size (profile->names, 0);
  vkCmdResetQueryPool (commands, profile->pool, 0, 2 * profile->max);
}

void
iv_vk_profile_begin_dispatch (IvVkProfile *profile, VkCommandBuffer commands, const char *name)
{
  guint i = profile->names->len;
  if (i >= profile->max)
    return;
  g_ptr_array_add (profile->names, (gpointer) g_intern_string (name));
  vkCmdWriteTimestamp (commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, profile->pool, 2 * i);
}

void
iv_vk_profile_end_dispatch (IvVkProfile *profile, VkCommandBuffer commands, guint index)
{
  if (index < profile->max)
    vkCmdWriteTimestamp (
        commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, profile->pool, 2 * index + 1);
}

static void
add_time (IvVkProfile *profile, const char *name, double seconds)
{
  IvVkProfileRow *row = g_hash_table_lookup (profile->rows, name);
  if (row == NULL) {
    row = g_new0 (IvVkProfileRow, 1);
    row->name = name;
    g_hash_table_insert (profile->rows, (gpointer) name, row);
  }
  row->n_dispatches++;
  row->seconds += seconds;
}

gboolean
iv_vk_profile_collect (IvVkProfile *profile, GError **error)
{
  guint n = profile->names->len;
  if (n == 0)
    return TRUE;
  g_autofree guint64 *ticks = g_new0 (guint64, 2 * n);
  VkResult result = vkGetQueryPoolResults (profile->device->device,
                                           profile->pool,
                                           0,
                                           2 * n,
                                           2 * n * sizeof *ticks,
                                           ticks,
                                           sizeof *ticks,
                                           VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  if (!iv_vk_device_check (profile->device, result, "reading the profile's timestamps", error))
    return FALSE;
  double period = (double) profile->device->info.timestamp_period * 1e-9;
  for (guint i = 0; i < n; i++)
    add_time (profile,
              g_ptr_array_index (profile->names, i),
              (double) (ticks[2 * i + 1] - ticks[2 * i]) * period);
  return TRUE;
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const IvVkProfileRow *left = a, *right = b;
  return (left->seconds < right->seconds) - (left->seconds > right->seconds);
}

GArray *
iv_vk_profile_get_rows (IvVkProfile *profile)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (IvVkProfileRow));
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init (&iter, profile->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_array_append_vals (rows, row, 1);
  g_array_sort (rows, compare_rows);
  return rows;
}

void
iv_vk_profile_reset (IvVkProfile *profile)
{
  g_hash_table_remove_all (profile->rows);
}
