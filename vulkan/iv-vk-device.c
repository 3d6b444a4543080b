/* A Vulkan device: what there is, which one is chosen, what it can do.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-device.h"

#include <string.h>

#include "vulkan/iv-vk-private.h"

/* Lower is better. */
static int
get_rank (IvVkDeviceType type)
{
  switch (type) {
  case IV_VK_DEVICE_DISCRETE:
    return 0;
  case IV_VK_DEVICE_INTEGRATED:
    return 1;
  case IV_VK_DEVICE_VIRTUAL:
    return 2;
  case IV_VK_DEVICE_CPU:
    return 3;
  default:
    return 4;
  }
}

static void
mark_chosen (GArray *infos)
{
  IvVkDeviceInfo *best = NULL;
  for (guint i = 0; i < infos->len; i++) {
    IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    if (!info->usable)
      continue;
    int difference = best != NULL ? get_rank (info->type) - get_rank (best->type) : -1;
    if (difference < 0 || (difference == 0 && info->memory > best->memory))
      best = info;
  }
  if (best != NULL)
    best->chosen = TRUE;
}

static GArray *
list_infos (GArray *physicals)
{
  GArray *infos = g_array_new (FALSE, TRUE, sizeof (IvVkDeviceInfo));
  g_array_set_size (infos, physicals->len);
  for (guint i = 0; i < physicals->len; i++) {
    IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    int queue_family;
    info->index = i;
    iv_vk_device_info_fill (info, g_array_index (physicals, VkPhysicalDevice, i), &queue_family);
  }
  mark_chosen (infos);
  return infos;
}

GArray *
iv_vk_device_list (GError **error)
{
  g_autoptr (IvVkInstance) instance = iv_vk_instance_new (FALSE, error);
  if (instance == NULL)
    return NULL;
  g_autoptr (GArray) physicals = iv_vk_instance_get_devices (instance, error);
  return physicals != NULL ? list_infos (physicals) : NULL;
}

/* The index of the device asked for, or -1 with an error that says what there is. */
static int
choose (GArray *infos, int wanted, GError **error)
{
  if (wanted < -1 || wanted >= (int) infos->len) {
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_NO_DEVICE,
                 "there is no Vulkan device %d; %u found",
                 wanted,
                 infos->len);
    return -1;
  }
  for (guint i = 0; i < infos->len; i++) {
    const IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    if (wanted == -1 ? info->chosen : (int) i == wanted && info->usable)
      return (int) i;
  }
  if (wanted >= 0)
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_NO_DEVICE,
                 "Vulkan device %d (%s) lacks Vulkan 1.2 or a compute queue",
                 wanted,
                 g_array_index (infos, IvVkDeviceInfo, wanted).name);
  else
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_NO_DEVICE,
                 "no usable Vulkan device; %u found, none with Vulkan 1.2 and a compute queue",
                 infos->len);
  return -1;
}

static gboolean
supports_subgroup_size_control (IvVkDevice *device)
{
  if (device->info.api_major == 1 && device->info.api_minor < 3)
    return FALSE;
  VkPhysicalDeviceSubgroupSizeControlFeatures control = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES,
  };
  VkPhysicalDeviceFeatures2 features = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &control,
  };
  vkGetPhysicalDeviceFeatures2 (device->physical, &features);
  return control.subgroupSizeControl && control.computeFullSubgroups;
}

static gboolean
create_device (IvVkDevice *device, GError **error)
{
  const char *extensions[4];
  guint n_extensions = 0;
  if (device->info.memory_budget)
    extensions[n_extensions++] = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
  device->subgroup_size_control = supports_subgroup_size_control (device);
  VkPhysicalDeviceSubgroupSizeControlFeatures control = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES,
    .subgroupSizeControl = VK_TRUE,
    .computeFullSubgroups = VK_TRUE,
  };
  float priority = 1.0f;
  VkDeviceQueueCreateInfo queue = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = device->queue_family,
    .queueCount = 1,
    .pQueuePriorities = &priority,
  };
  VkDeviceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = device->subgroup_size_control ? &control : NULL,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue,
    .enabledExtensionCount = n_extensions,
    .ppEnabledExtensionNames = extensions,
  };
  VkResult result = vkCreateDevice (device->physical, &info, NULL, &device->device);
  if (!iv_vk_check (result, device->info.name, error))
    return FALSE;
  vkGetDeviceQueue (device->device, device->queue_family, 0, &device->queue);
  vkGetPhysicalDeviceMemoryProperties (device->physical, &device->memory_properties);
  return TRUE;
}

static char *
describe (const IvVkDeviceInfo *info)
{
  return g_strdup_printf ("%s, %s, Vulkan %u.%u.%u",
                          info->name,
                          info->driver_info[0] != '\0' ? info->driver_info : info->driver_name,
                          info->api_major,
                          info->api_minor,
                          info->api_patch);
}

static gboolean
pick_physical (IvVkDevice *device, int wanted, GError **error)
{
  g_autoptr (GArray) physicals = iv_vk_instance_get_devices (device->instance, error);
  if (physicals == NULL)
    return FALSE;
  g_autoptr (GArray) infos = list_infos (physicals);
  int index = choose (infos, wanted, error);
  if (index < 0)
    return FALSE;
  int queue_family;
  device->physical = g_array_index (physicals, VkPhysicalDevice, index);
  device->info = g_array_index (infos, IvVkDeviceInfo, index);
  iv_vk_device_info_fill (&device->info, device->physical, &queue_family);
  device->queue_family = (guint) queue_family;
  return TRUE;
}

IvVkDevice *
iv_vk_device_new (const IvVkDeviceParams *params, GError **error)
{
  g_autoptr (IvVkDevice) device = g_new0 (IvVkDevice, 1);
  g_atomic_ref_count_init (&device->ref_count);
  device->instance = iv_vk_instance_new (params->validation, error);
  if (device->instance == NULL || !pick_physical (device, params->index, error))
    return NULL;
  device->device_class = device->info.device_class;
  if (params->class_override > 0)
    device->device_class = (IvVkDeviceClass) (params->class_override - 1);
  device->hide_device_memory = params->hide_device_memory;
  device->description = describe (&device->info);
  if (!create_device (device, error))
    return NULL;
  device->memory = iv_vk_memory_new (device);
  device->shaders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  iv_vk_pipeline_cache_load (device);
  return g_steal_pointer (&device);
}

IvVkDevice *
iv_vk_device_ref (IvVkDevice *device)
{
  g_atomic_ref_count_inc (&device->ref_count);
  return device;
}

static void
free_shaders (IvVkDevice *device)
{
  GHashTableIter iter;
  gpointer shader;
  g_hash_table_iter_init (&iter, device->shaders);
  while (g_hash_table_iter_next (&iter, NULL, &shader))
    iv_vk_shader_free (device, shader);
  g_hash_table_unref (device->shaders);
}

void
iv_vk_device_unref (IvVkDevice *device)
{
  if (!g_atomic_ref_count_dec (&device->ref_count))
    return;
  if (device->device != VK_NULL_HANDLE) {
    vkDeviceWaitIdle (device->device);
    iv_vk_pipeline_cache_save (device);
    free_shaders (device);
    vkDestroyPipelineCache (device->device, device->pipeline_cache, NULL);
    iv_vk_memory_free (device->memory);
    vkDestroyDevice (device->device, NULL);
  }
  g_clear_pointer (&device->instance, iv_vk_instance_free);
  g_free (device->description);
  g_free (device);
}

const IvVkDeviceInfo *
iv_vk_device_get_info (IvVkDevice *device)
{
  return &device->info;
}

IvVkDeviceClass
iv_vk_device_get_class (IvVkDevice *device)
{
  return device->device_class;
}

const char *
iv_vk_device_get_description (IvVkDevice *device)
{
  return device->description;
}

gboolean
iv_vk_device_is_lost (IvVkDevice *device)
{
  return device->lost;
}

void
iv_vk_device_set_lost (IvVkDevice *device)
{
  device->lost = TRUE;
}

gboolean
iv_vk_device_check (IvVkDevice *device, VkResult result, const char *what, GError **error)
{
  if (result == VK_ERROR_DEVICE_LOST)
    device->lost = TRUE;
  return iv_vk_check (result, what, error);
}

gboolean
iv_vk_device_check_alive (IvVkDevice *device, GError **error)
{
  if (!device->lost)
    return TRUE;
  g_set_error (error,
               IV_VK_ERROR,
               IV_VK_ERROR_DEVICE_LOST,
               "the Vulkan device %s was lost",
               device->info.name);
  return FALSE;
}

guint
iv_vk_device_get_n_messages (IvVkDevice *device)
{
  return (guint) g_atomic_int_get (&device->instance->n_messages);
}

const char *
iv_vk_device_get_first_message (IvVkDevice *device)
{
  return device->instance->first_message;
}

static guint64
get_free_memory_of_host (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return 0;
  const char *line = strstr (text, "MemAvailable:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024 : 0;
}

static guint64
get_budget (IvVkDevice *device)
{
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT,
  };
  VkPhysicalDeviceMemoryProperties2 memory = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
    .pNext = &budget,
  };
  vkGetPhysicalDeviceMemoryProperties2 (device->physical, &memory);
  guint64 most = 0;
  for (guint i = 0; i < memory.memoryProperties.memoryHeapCount; i++) {
    gboolean local =
        (memory.memoryProperties.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
    if (local && budget.heapBudget[i] > budget.heapUsage[i])
      most = MAX (most, budget.heapBudget[i] - budget.heapUsage[i]);
  }
  return most;
}

void
iv_vk_device_get_memory (IvVkDevice *device, guint64 *used, guint64 *available)
{
  guint64 in_ranges, reserved;
  iv_vk_memory_get_usage (device->memory, &in_ranges, &reserved);
  *used = in_ranges;
  if (device->info.type == IV_VK_DEVICE_CPU)
    *available = get_free_memory_of_host ();
  else if (device->info.memory_budget)
    *available = get_budget (device);
  else /* A tenth is left to the desktop. */
    *available = MAX (device->info.memory / 10 * 9, reserved) - reserved;
}

gboolean
iv_vk_device_wait_idle (IvVkDevice *device, GError **error)
{
  if (!iv_vk_device_check_alive (device, error))
    return FALSE;
  return iv_vk_device_check (device, vkQueueWaitIdle (device->queue), device->info.name, error);
}

const char *
iv_vk_device_type_to_string (IvVkDeviceType type)
{
  static const char *names[] = { "discrete", "integrated", "virtual", "cpu", "other" };
  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "other";
}

const char *
iv_vk_device_class_to_string (IvVkDeviceClass device_class)
{
  static const char *names[] = { "cpu", "gpu-plain", "gpu-subgroup" };
  return (guint) device_class < G_N_ELEMENTS (names) ? names[device_class] : "cpu";
}
