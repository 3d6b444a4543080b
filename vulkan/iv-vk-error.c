/* The error domain of vulkan/ and the names of Vulkan's results.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-error.h"

#include <vulkan/vulkan.h>

#include "vulkan/iv-vk-private.h"

G_DEFINE_QUARK (iv - vk - error - quark, iv_vk_error)

static const struct {
  VkResult result;
  const char *name;
} results[] = {
  { VK_SUCCESS, "SUCCESS" },
  { VK_NOT_READY, "NOT_READY" },
  { VK_TIMEOUT, "TIMEOUT" },
  { VK_INCOMPLETE, "INCOMPLETE" },
  { VK_ERROR_OUT_OF_HOST_MEMORY, "ERROR_OUT_OF_HOST_MEMORY" },
  { VK_ERROR_OUT_OF_DEVICE_MEMORY, "ERROR_OUT_OF_DEVICE_MEMORY" },
  { VK_ERROR_INITIALIZATION_FAILED, "ERROR_INITIALIZATION_FAILED" },
  { VK_ERROR_DEVICE_LOST, "ERROR_DEVICE_LOST" },
  { VK_ERROR_MEMORY_MAP_FAILED, "ERROR_MEMORY_MAP_FAILED" },
  { VK_ERROR_LAYER_NOT_PRESENT, "ERROR_LAYER_NOT_PRESENT" },
  { VK_ERROR_EXTENSION_NOT_PRESENT, "ERROR_EXTENSION_NOT_PRESENT" },
  { VK_ERROR_FEATURE_NOT_PRESENT, "ERROR_FEATURE_NOT_PRESENT" },
  { VK_ERROR_INCOMPATIBLE_DRIVER, "ERROR_INCOMPATIBLE_DRIVER" },
  { VK_ERROR_TOO_MANY_OBJECTS, "ERROR_TOO_MANY_OBJECTS" },
  { VK_ERROR_FRAGMENTED_POOL, "ERROR_FRAGMENTED_POOL" },
  { VK_ERROR_UNKNOWN, "ERROR_UNKNOWN" },
  { VK_ERROR_OUT_OF_POOL_MEMORY, "ERROR_OUT_OF_POOL_MEMORY" },
  { VK_ERROR_INVALID_SHADER_NV, "ERROR_INVALID_SHADER" },
};

const char *
iv_vk_result_to_string (int result)
{
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i].result == result)
      return results[i].name;
  return "an unlisted result";
}

static IvVkError
get_code (VkResult result)
{
  switch (result) {
  case VK_ERROR_OUT_OF_HOST_MEMORY:
  case VK_ERROR_OUT_OF_DEVICE_MEMORY:
  case VK_ERROR_MEMORY_MAP_FAILED:
    return IV_VK_ERROR_OUT_OF_MEMORY;
  case VK_ERROR_DEVICE_LOST:
    return IV_VK_ERROR_DEVICE_LOST;
  case VK_ERROR_INCOMPATIBLE_DRIVER:
    return IV_VK_ERROR_NO_DEVICE;
  default:
    return IV_VK_ERROR_FAILED;
  }
}

gboolean
iv_vk_check (VkResult result, const char *what, GError **error)
{
  if (result >= 0)
    return TRUE;
  g_set_error (error,
               IV_VK_ERROR,
               get_code (result),
               "%s: Vulkan answered %s (%d)",
               what,
               iv_vk_result_to_string (result),
               result);
  return FALSE;
}
