/* The driver's compiled pipelines, kept on disk for each device and driver.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-private.h"

/* (transfer full) The driver checks the header of the data itself; the name only keeps devices
 * apart. */
static char *
get_file (IvVkDevice *device)
{
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties (device->physical, &properties);
  g_autoptr (GString) name = g_string_new (NULL);
  g_string_printf (
      name, "%08x-%08x-%08x-", properties.vendorID, properties.deviceID, properties.driverVersion);
  for (guint i = 0; i < VK_UUID_SIZE; i++)
    g_string_append_printf (name, "%02x", properties.pipelineCacheUUID[i]);
  return g_build_filename (g_get_user_cache_dir (), "interval", "pipelines", name->str, NULL);
}

static gboolean
create (IvVkDevice *device, const char *data, gsize size)
{
  VkPipelineCacheCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
    .initialDataSize = size,
    .pInitialData = data,
  };
  return vkCreatePipelineCache (device->device, &info, NULL, &device->pipeline_cache) == VK_SUCCESS;
}

void
iv_vk_pipeline_cache_load (IvVkDevice *device)
{
  g_autofree char *file = get_file (device);
  g_autofree char *data = NULL;
  gsize size = 0;
  /* A missing or unreadable file only costs time. */
  if (!g_file_get_contents (file, &data, &size, NULL))
    size = 0;
  if (size > 0 && create (device, data, size)) {
    device->cache_size = size;
    return;
  }
  if (!create (device, NULL, 0))
    device->pipeline_cache = VK_NULL_HANDLE;
}

void
iv_vk_pipeline_cache_save (IvVkDevice *device)
{
  gsize size = 0;
  if (device->pipeline_cache == VK_NULL_HANDLE || device->lost ||
      vkGetPipelineCacheData (device->device, device->pipeline_cache, &size, NULL) != VK_SUCCESS ||
      size == device->cache_size)
    return;
  g_autofree char *data = g_malloc (size);
  if (vkGetPipelineCacheData (device->device, device->pipeline_cache, &size, data) != VK_SUCCESS)
    return;
  g_autofree char *file = get_file (device);
  g_autofree char *folder = g_path_get_dirname (file);
  /* Written whole or not at all; a read-only home is no error. */
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents_full (
        file, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
