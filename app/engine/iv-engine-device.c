/* The engine's device is a Vulkan device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-device.h"

void
iv_engine_device_name_free (IvEngineDeviceName *name)
{
  g_free (name->name);
  g_free (name);
}

GPtrArray *
iv_engine_list_devices (GError **error)
{
  g_autoptr (GArray) infos = iv_vk_device_list (error);
  GPtrArray *names;

  if (infos == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_engine_device_name_free);
  for (guint i = 0; i < infos->len; i++) {
    const IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    IvEngineDeviceName *name;

    if (!info->usable)
      continue;
    name = g_new0 (IvEngineDeviceName, 1);
    name->device = info->index;
    name->name = g_strdup (info->name);
    g_ptr_array_add (names, name);
  }
  return names;
}

static IvVkDevice *
open_device (const IvEngineParams *params, GError **error)
{
  IvVkDeviceParams device_params = { .index = params->device, .validation = params->validation };
  return iv_vk_device_new (&device_params, error);
}

static const char *
get_name (IvVkDevice *device)
{
  return iv_vk_device_get_info (device)->name;
}

const IvEngineDeviceClass *
iv_engine_device_class_get_vulkan (void)
{
  static const IvEngineDeviceClass vulkan = {
    .open = open_device,
    .close = iv_vk_device_unref,
    .get_name = get_name,
    .is_lost = iv_vk_device_is_lost,
  };
  return &vulkan;
}
