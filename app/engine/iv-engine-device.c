/* The engine's device is a Vulkan device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-device.h"

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
