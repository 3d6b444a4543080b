/* What the files of vulkan/ share and nobody else sees.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <vulkan/vulkan.h>

#include "vulkan/iv-vk-buffer.h"
#include "vulkan/iv-vk-memory.h"
#include "vulkan/iv-vk-shader.h"

G_BEGIN_DECLS

/* TRUE for success; else an error that names what was tried. */
gboolean iv_vk_check (VkResult result, const char *what, GError **error);

/* iv-vk-instance.c */
typedef struct {
  VkInstance instance;
  VkDebugUtilsMessengerEXT messenger;
  gint n_messages; /* atomic */
  GMutex lock;
  char *first_message;
} IvVkInstance;

IvVkInstance *iv_vk_instance_new (gboolean validation, GError **error);
void iv_vk_instance_free (IvVkInstance *instance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkInstance, iv_vk_instance_free)
/* (transfer full) VkPhysicalDevice */
GArray *iv_vk_instance_get_devices (IvVkInstance *instance, GError **error);
/* Everything but index and chosen. queue_family: -1 without a compute queue. */
void iv_vk_device_info_fill (IvVkDeviceInfo *info, VkPhysicalDevice physical, int *queue_family);

struct IvVkDevice {
  gatomicrefcount ref_count;
  IvVkInstance *instance;
  VkPhysicalDevice physical;
  VkDevice device;
  VkQueue queue;
  guint queue_family;
  IvVkDeviceInfo info;
  IvVkDeviceClass device_class;
  char *description;
  VkPhysicalDeviceMemoryProperties memory_properties;
  gboolean subgroup_size_control;
  IvVkMemory *memory;
  VkPipelineCache pipeline_cache;
  gsize cache_size;    /* bytes of the cache file when it was read */
  GHashTable *shaders; /* key string → IvVkShader */
  gboolean hide_device_memory;
  gboolean lost;
};

/* As iv_vk_check(), and remembers a lost device. */
gboolean iv_vk_device_check (IvVkDevice *device, VkResult result, const char *what, GError **error);
/* FALSE with IV_VK_ERROR_DEVICE_LOST on a lost device. */
gboolean iv_vk_device_check_alive (IvVkDevice *device, GError **error);

/* iv-vk-pipeline-cache.c */
void iv_vk_pipeline_cache_load (IvVkDevice *device);
void iv_vk_pipeline_cache_save (IvVkDevice *device);

typedef struct {
  VkDescriptorType type;
  VkFormat format; /* of a texel buffer */
  gboolean used;
  gboolean writes;
} IvVkBindingInfo;

struct IvVkShader {
  char *name;
  VkShaderModule module;
  VkDescriptorSetLayout set_layout;
  VkPipelineLayout pipeline_layout;
  VkPipeline pipeline;
  IvVkBindingInfo bindings[IV_VK_MAX_BINDINGS];
  guint n_bindings;
};

/* iv-vk-reflect.c: fills bindings and n_bindings from SPIR-V words. */
gboolean iv_vk_reflect (const guint32 *words, gsize n_words, IvVkShader *shader, GError **error);
void iv_vk_shader_free (IvVkDevice *device, IvVkShader *shader);

VkBuffer iv_vk_buffer_get_handle (IvVkBuffer *buffer);
gsize iv_vk_buffer_get_padded_size (IvVkBuffer *buffer);
/* A view that lives as long as the buffer. */
VkBufferView iv_vk_buffer_get_view (IvVkBuffer *buffer,
                                    VkFormat format,
                                    gsize offset,
                                    gsize size,
                                    GError **error);

G_END_DECLS
