/* A compute shader of shaders/, made ready for a device: looked up by name, specialised, cached.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-shader.h"

#include <gio/gio.h>
#include <string.h>

#include "vulkan/iv-vk-commands.h"
#include "vulkan/iv-vk-private.h"
#include "shaders/iv-shaders-resource.h"

#define RESOURCE_ROOT "/io/github/intervalcxr/Interval/shaders/"

/* (transfer full) The resource sits in a static library: taking it by its own function links it,
 * where a constructor could be dropped by the linker. */
static GBytes *
find_code (const char *name)
{
  g_autofree char *path = g_strconcat (RESOURCE_ROOT, name, ".spv", NULL);
  return g_resource_lookup_data (
      iv_shaders_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

gboolean
iv_vk_shader_exists (const char *name)
{
  g_autoptr (GBytes) code = find_code (name);
  return code != NULL;
}

static void
add_folder (GChecksum *sum, const char *path)
{
  GResource *resource = iv_shaders_get_resource ();
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    g_autofree char *child = g_strconcat (path, names[i], NULL);
    if (g_str_has_suffix (child, "/")) {
      add_folder (sum, child);
      continue;
    }
    g_autoptr (GBytes) code =
        g_resource_lookup_data (resource, child, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_checksum_update (sum, (const guchar *) child, -1);
    if (code != NULL)
      g_checksum_update (sum, g_bytes_get_data (code, NULL), (gssize) g_bytes_get_size (code));
  }
}

char *
iv_vk_shader_digest_all (void)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  add_folder (sum, RESOURCE_ROOT);
  return g_strdup (g_checksum_get_string (sum));
}

static gboolean
create_layout (IvVkDevice *device, IvVkShader *shader, GError **error)
{
  VkDescriptorSetLayoutBinding bindings[IV_VK_MAX_BINDINGS];
  guint n = 0;
  for (guint i = 0; i < shader->n_bindings; i++)
    if (shader->bindings[i].used)
      bindings[n++] = (VkDescriptorSetLayoutBinding){
        .binding = i,
        .descriptorType = shader->bindings[i].type,
        .descriptorCount = 1,
        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
      };
  VkDescriptorSetLayoutCreateInfo set_info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
    .bindingCount = n,
    .pBindings = bindings,
  };
  VkResult result =
      vkCreateDescriptorSetLayout (device->device, &set_info, NULL, &shader->set_layout);
  if (!iv_vk_device_check (device, result, shader->name, error))
    return FALSE;
  VkPushConstantRange push = { VK_SHADER_STAGE_COMPUTE_BIT, 0, IV_VK_MAX_PUSH };
  VkPipelineLayoutCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .setLayoutCount = 1,
    .pSetLayouts = &shader->set_layout,
    .pushConstantRangeCount = 1,
    .pPushConstantRanges = &push,
  };
  result = vkCreatePipelineLayout (device->device, &info, NULL, &shader->pipeline_layout);
  return iv_vk_device_check (device, result, shader->name, error);
}

static gboolean
create_module (IvVkDevice *device, IvVkShader *shader, GError **error)
{
  g_autoptr (GBytes) code = find_code (shader->name);
  if (code == NULL) {
    g_set_error (error, IV_VK_ERROR, IV_VK_ERROR_SHADER, "there is no shader “%s”", shader->name);
    return FALSE;
  }
  gsize size;
  gconstpointer data = g_bytes_get_data (code, &size);
  /* The resource need not be aligned for 32-bit words. */
  g_autofree guint32 *words = g_memdup2 (data, size);
  if (!iv_vk_reflect (words, size / 4, shader, error))
    return FALSE;
  VkShaderModuleCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = size / 4 * 4,
    .pCode = words,
  };
  VkResult result = vkCreateShaderModule (device->device, &info, NULL, &shader->module);
  return iv_vk_device_check (device, result, shader->name, error);
}

static gboolean
create_pipeline (IvVkDevice *device,
                 IvVkShader *shader,
                 const IvVkShaderParams *params,
                 GError **error)
{
  VkSpecializationMapEntry entries[IV_VK_MAX_CONSTANTS];
  for (guint i = 0; i < params->n_constants; i++)
    entries[i] = (VkSpecializationMapEntry){ i, i * 4, 4 };
  VkSpecializationInfo specialisation = {
    .mapEntryCount = params->n_constants,
    .pMapEntries = entries,
    .dataSize = params->n_constants * 4,
    .pData = params->constants,
  };
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo required = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO,
    .requiredSubgroupSize = params->subgroup_size,
  };
  gboolean require = params->subgroup_size > 0 && device->subgroup_size_control &&
                     params->subgroup_size != device->info.subgroup_size;
  VkComputePipelineCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .pNext = require ? &required : NULL,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .module = shader->module,
      .pName = "main",
      .pSpecializationInfo = &specialisation,
    },
    .layout = shader->pipeline_layout,
  };
  VkResult result = vkCreateComputePipelines (
      device->device, device->pipeline_cache, 1, &info, NULL, &shader->pipeline);
  return iv_vk_device_check (device, result, shader->name, error);
}

void
iv_vk_shader_free (IvVkDevice *device, IvVkShader *shader)
{
  vkDestroyPipeline (device->device, shader->pipeline, NULL);
  vkDestroyPipelineLayout (device->device, shader->pipeline_layout, NULL);
  vkDestroyDescriptorSetLayout (device->device, shader->set_layout, NULL);
  vkDestroyShaderModule (device->device, shader->module, NULL);
  g_free (shader->name);
  g_free (shader);
}

static char *
make_key (const IvVkShaderParams *params)
{
  GString *key = g_string_new (params->name);
  g_string_append_printf (key, ":%u", params->subgroup_size);
  for (guint i = 0; i < params->n_constants; i++)
    g_string_append_printf (key, ":%u", params->constants[i]);
  return g_string_free (key, FALSE);
}

IvVkShader *
iv_vk_shader_get (IvVkDevice *device, const IvVkShaderParams *params, GError **error)
{
  g_return_val_if_fail (params->n_constants <= IV_VK_MAX_CONSTANTS, NULL);
  if (!iv_vk_device_check_alive (device, error))
    return NULL;
  g_autofree char *key = make_key (params);
  IvVkShader *shader = g_hash_table_lookup (device->shaders, key);
  if (shader != NULL)
    return shader;
  shader = g_new0 (IvVkShader, 1);
  shader->name = g_strdup (params->name);
  if (!create_module (device, shader, error) || !create_layout (device, shader, error) ||
      !create_pipeline (device, shader, params, error)) {
    iv_vk_shader_free (device, shader);
    return NULL;
  }
  g_hash_table_insert (device->shaders, g_steal_pointer (&key), shader);
  return shader;
}

const char *
iv_vk_shader_get_name (IvVkShader *shader)
{
  return shader->name;
}

guint
iv_vk_shader_count (IvVkDevice *device)
{
  return g_hash_table_size (device->shaders);
}
