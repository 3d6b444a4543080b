/* The Vulkan instance: loader, validation layers, what each device says of itself.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "vulkan/iv-vk-private.h"

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

gboolean
iv_vk_validation_is_available (void)
{
  guint32 n = 0;
  if (vkEnumerateInstanceLayerProperties (&n, NULL) != VK_SUCCESS || n == 0)
    return FALSE;
  g_autofree VkLayerProperties *layers = g_new0 (VkLayerProperties, n);
  if (vkEnumerateInstanceLayerProperties (&n, layers) < 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (g_str_equal (layers[i].layerName, VALIDATION_LAYER))
      return TRUE;
  return FALSE;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL
on_message_cb (VkDebugUtilsMessageSeverityFlagBitsEXT severity,
               VkDebugUtilsMessageTypeFlagsEXT types,
               const VkDebugUtilsMessengerCallbackDataEXT *data,
               void *user_data)
{
  IvVkInstance *instance = user_data;
  /* Talk of the loader about other installed drivers is none of the program's doing. */
  if (types == VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT)
    return VK_FALSE;
  g_atomic_int_inc (&instance->n_messages);
  g_mutex_lock (&instance->lock);
  if (instance->first_message == NULL)
    instance->first_message = g_strdup (data->pMessage);
  g_mutex_unlock (&instance->lock);
  return VK_FALSE;
}

static void
fill_messenger_info (VkDebugUtilsMessengerCreateInfoEXT *info, IvVkInstance *instance)
{
  *info = (VkDebugUtilsMessengerCreateInfoEXT){
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT |
                   VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                   VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
    .pfnUserCallback = on_message_cb,
    .pUserData = instance,
  };
}

static gboolean
create_messenger (IvVkInstance *instance, GError **error)
{
  VkDebugUtilsMessengerCreateInfoEXT info;
  fill_messenger_info (&info, instance);
  PFN_vkCreateDebugUtilsMessengerEXT create =
      (PFN_vkCreateDebugUtilsMessengerEXT) vkGetInstanceProcAddr (instance->instance,
                                                                  "vkCreateDebugUtilsMessengerEXT");
  VkResult result = create != NULL ? create (instance->instance, &info, NULL, &instance->messenger)
                                   : VK_ERROR_EXTENSION_NOT_PRESENT;
  return iv_vk_check (result, "creating the messenger of the validation layers", error);
}

static gboolean
create_instance (IvVkInstance *instance, gboolean validation, GError **error)
{
  static const char *layers[] = { VALIDATION_LAYER };
  static const char *extensions[] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
  static const VkValidationFeatureEnableEXT enables[] = {
    VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT,
  };
  VkDebugUtilsMessengerCreateInfoEXT messenger;
  fill_messenger_info (&messenger, instance);
  VkValidationFeaturesEXT features = {
    .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
    .pNext = &messenger,
    .enabledValidationFeatureCount = G_N_ELEMENTS (enables),
    .pEnabledValidationFeatures = enables,
  };
  VkApplicationInfo application = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "Interval",
    .pEngineName = "Interval",
    .apiVersion = VK_API_VERSION_1_2,
  };
  VkInstanceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pNext = validation ? &features : NULL,
    .pApplicationInfo = &application,
    .enabledLayerCount = validation ? G_N_ELEMENTS (layers) : 0,
    .ppEnabledLayerNames = layers,
    .enabledExtensionCount = validation ? G_N_ELEMENTS (extensions) : 0,
    .ppEnabledExtensionNames = extensions,
  };
  VkResult result = vkCreateInstance (&info, NULL, &instance->instance);
  return iv_vk_check (result, "starting Vulkan (is a Vulkan driver installed?)", error);
}

IvVkInstance *
iv_vk_instance_new (gboolean validation, GError **error)
{
  g_autoptr (IvVkInstance) instance = g_new0 (IvVkInstance, 1);
  g_mutex_init (&instance->lock);
  if (validation && !iv_vk_validation_is_available ()) {
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_FAILED,
                 "Vulkan validation was asked for, but the layer " VALIDATION_LAYER
                 " is not installed");
    return NULL;
  }
  if (!create_instance (instance, validation, error))
    return NULL;
  if (validation && !create_messenger (instance, error))
    return NULL;
  return g_steal_pointer (&instance);
}

void
iv_vk_instance_free (IvVkInstance *instance)
{
  if (instance->messenger != VK_NULL_HANDLE) {
    PFN_vkDestroyDebugUtilsMessengerEXT destroy =
        (PFN_vkDestroyDebugUtilsMessengerEXT) vkGetInstanceProcAddr (
            instance->instance, "vkDestroyDebugUtilsMessengerEXT");
    destroy (instance->instance, instance->messenger, NULL);
  }
  if (instance->instance != VK_NULL_HANDLE)
    vkDestroyInstance (instance->instance, NULL);
  g_mutex_clear (&instance->lock);
  g_free (instance->first_message);
  g_free (instance);
}

GArray *
iv_vk_instance_get_devices (IvVkInstance *instance, GError **error)
{
  guint32 n = 0;
  VkResult result = vkEnumeratePhysicalDevices (instance->instance, &n, NULL);
  if (!iv_vk_check (result, "listing Vulkan devices", error))
    return NULL;
  GArray *devices = g_array_new (FALSE, TRUE, sizeof (VkPhysicalDevice));
  g_array_set_size (devices, n);
  if (n > 0) {
    gpointer data = devices->data;
    result = vkEnumeratePhysicalDevices (instance->instance, &n, data);
  }
  if (!iv_vk_check (result, "listing Vulkan devices", error)) {
    g_array_unref (devices);
    return NULL;
  }
  g_array_set_size (devices, n);
  return devices;
}
