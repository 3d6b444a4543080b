/* What a Vulkan device says of itself, in one struct.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <unistd.h>

#include "vulkan/iv-vk-private.h"

static IvVkDeviceType
get_type (VkPhysicalDeviceType type)
{
  switch (type) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return IV_VK_DEVICE_DISCRETE;
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return IV_VK_DEVICE_INTEGRATED;
  case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
    return IV_VK_DEVICE_VIRTUAL;
  case VK_PHYSICAL_DEVICE_TYPE_CPU:
    return IV_VK_DEVICE_CPU;
  default:
    return IV_VK_DEVICE_OTHER;
  }
}

static void
fill_properties (IvVkDeviceInfo *info, VkPhysicalDevice physical)
{
  VkPhysicalDeviceSubgroupProperties subgroup = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
  };
  VkPhysicalDeviceMaintenance3Properties maintenance3 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES,
    .pNext = &subgroup,
  };
  VkPhysicalDeviceIDProperties id = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
    .pNext = &maintenance3,
  };
  VkPhysicalDeviceDriverProperties driver = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
    .pNext = &id,
  };
  VkPhysicalDeviceProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
    .pNext = &driver,
  };
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  const VkPhysicalDeviceProperties *p = &properties.properties;

  g_strlcpy (info->name, p->deviceName, sizeof info->name);
  g_strlcpy (info->driver_name, driver.driverName, sizeof info->driver_name);
  g_strlcpy (info->driver_info, driver.driverInfo, sizeof info->driver_info);
  for (guint i = 0; i < VK_UUID_SIZE; i++)
    g_snprintf (info->uuid + 2 * i, 3, "%02x", id.deviceUUID[i]);
  info->type = get_type (p->deviceType);
  info->vendor_id = p->vendorID;
  info->device_id = p->deviceID;
  info->driver_version = p->driverVersion;
  info->api_major = VK_API_VERSION_MAJOR (p->apiVersion);
  info->api_minor = VK_API_VERSION_MINOR (p->apiVersion);
  info->api_patch = VK_API_VERSION_PATCH (p->apiVersion);
  info->max_storage_range = p->limits.maxStorageBufferRange;
  info->max_texel_elements = p->limits.maxTexelBufferElements;
  info->max_allocation = maintenance3.maxMemoryAllocationSize;
  info->storage_alignment = p->limits.minStorageBufferOffsetAlignment;
  info->texel_alignment = p->limits.minTexelBufferOffsetAlignment;
  info->max_workgroup_size = p->limits.maxComputeWorkGroupInvocations;
  info->max_workgroup_size_x = p->limits.maxComputeWorkGroupSize[0];
  info->max_shared_memory = p->limits.maxComputeSharedMemorySize;
  for (guint i = 0; i < 3; i++)
    info->max_groups[i] = p->limits.maxComputeWorkGroupCount[i];
  info->timestamp_period = p->limits.timestampPeriod;
  info->subgroup_size = subgroup.subgroupSize;
  if (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) {
    VkSubgroupFeatureFlags operations = subgroup.supportedOperations;
    info->subgroup_basic = (operations & VK_SUBGROUP_FEATURE_BASIC_BIT) != 0;
    info->subgroup_arithmetic = (operations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT) != 0;
    info->subgroup_ballot = (operations & VK_SUBGROUP_FEATURE_BALLOT_BIT) != 0;
    info->subgroup_shuffle = (operations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT) != 0;
  }
}

static gboolean
has_extension (const VkExtensionProperties *extensions, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (extensions[i].extensionName, name))
      return TRUE;
  return FALSE;
}

static void
fill_features (IvVkDeviceInfo *info, VkPhysicalDevice physical)
{
  VkPhysicalDeviceVulkan12Features v12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
  };
  VkPhysicalDeviceVulkan11Features v11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
    .pNext = &v12,
  };
  VkPhysicalDeviceFeatures2 features = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &v11,
  };
  vkGetPhysicalDeviceFeatures2 (physical, &features);
  info->shader_float16 = v12.shaderFloat16;
  info->shader_int8 = v12.shaderInt8;
  info->storage_16bit = v11.storageBuffer16BitAccess;
  info->storage_8bit = v12.storageBuffer8BitAccess;

  guint32 n = 0;
  vkEnumerateDeviceExtensionProperties (physical, NULL, &n, NULL);
  g_autofree VkExtensionProperties *extensions = g_new0 (VkExtensionProperties, n + 1);
  vkEnumerateDeviceExtensionProperties (physical, NULL, &n, extensions);
  info->integer_dot = (info->api_major == 1 && info->api_minor >= 3) ||
                      has_extension (extensions, n, "VK_KHR_shader_integer_dot_product");
  info->cooperative_matrix = has_extension (extensions, n, "VK_KHR_cooperative_matrix");
  info->memory_budget = has_extension (extensions, n, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  info->external_memory_host = has_extension (extensions, n, "VK_EXT_external_memory_host");
}

static int
find_queue_family (IvVkDeviceInfo *info, VkPhysicalDevice physical)
{
  guint32 n = 0;
  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  g_autofree VkQueueFamilyProperties *families = g_new0 (VkQueueFamilyProperties, n + 1);
  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, families);
  int found = -1;
  for (guint i = 0; i < n; i++) {
    if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT))
      continue;
    /* A family without graphics is not held up by the desktop's own drawing. */
    gboolean compute_only = !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT);
    if (found >= 0 && !compute_only)
      continue;
    found = (int) i;
    info->timestamps = families[i].timestampValidBits > 0 && info->timestamp_period > 0;
    if (compute_only)
      break;
  }
  return found;
}

static void
fill_memory (IvVkDeviceInfo *info, VkPhysicalDevice physical)
{
  VkPhysicalDeviceMemoryProperties memory;
  vkGetPhysicalDeviceMemoryProperties (physical, &memory);
  for (guint i = 0; i < memory.memoryHeapCount; i++)
    if (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      info->heap_memory = MAX (info->heap_memory, memory.memoryHeaps[i].size);
  guint64 physical_memory =
      (guint64) MAX (sysconf (_SC_PHYS_PAGES), 0) * (guint64) MAX (sysconf (_SC_PAGESIZE), 0);
  /* Software Vulkan may report a heap far below what it really gives (lavapipe of Mesa 22: 2 GiB);
   * its memory is the host's. */
  info->memory = info->type == IV_VK_DEVICE_CPU ? physical_memory : info->heap_memory;
  info->unified = info->type == IV_VK_DEVICE_CPU || info->type == IV_VK_DEVICE_INTEGRATED;
}

void
iv_vk_device_info_fill (IvVkDeviceInfo *info, VkPhysicalDevice physical, int *queue_family)
{
  fill_properties (info, physical);
  fill_features (info, physical);
  fill_memory (info, physical);
  *queue_family = find_queue_family (info, physical);
  gboolean new_enough = info->api_major > 1 || (info->api_major == 1 && info->api_minor >= 2);
  info->usable = new_enough && *queue_family >= 0;
  if (info->type == IV_VK_DEVICE_CPU)
    info->device_class = IV_VK_CLASS_CPU;
  else if (info->subgroup_basic && info->subgroup_arithmetic && info->subgroup_size >= 8)
    info->device_class = IV_VK_CLASS_GPU_SUBGROUP;
  else
    info->device_class = IV_VK_CLASS_GPU_PLAIN;
}
