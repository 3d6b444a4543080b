/* Work for the device, recorded once and submitted: dispatches, copies, fills.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-commands.h"

#include "vulkan/iv-vk-hazards.h"
#include "vulkan/iv-vk-private.h"
#include "vulkan/iv-vk-profile-private.h"

#define SETS_PER_POOL 256

typedef enum { EMPTY, RECORDING, READY, PENDING } State;

struct IvVkCommands {
  IvVkDevice *device;
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  State state;
  GArray *set_pools; /* VkDescriptorPool */
  guint set_pool;    /* the one in use */
  guint n_sets;      /* taken from it */
  GPtrArray *kept;   /* IvVkBuffer referenced by the recording */
  IvVkHazards *hazards;
  IvVkShader *bound;
  guint n_dispatches, n_barriers;
  GError *error;
  IvVkProfile *profile;
};

static gboolean
create (IvVkCommands *self, GError **error)
{
  VkDevice device = self->device->device;
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = self->device->queue_family,
  };
  VkResult result = vkCreateCommandPool (device, &pool, NULL, &self->pool);
  if (!iv_vk_device_check (self->device, result, "creating a command pool", error))
    return FALSE;
  VkCommandBufferAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = self->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  result = vkAllocateCommandBuffers (device, &info, &self->commands);
  if (!iv_vk_device_check (self->device, result, "creating a command buffer", error))
    return FALSE;
  VkFenceCreateInfo fence = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
  result = vkCreateFence (device, &fence, NULL, &self->fence);
  return iv_vk_device_check (self->device, result, "creating a fence", error);
}

IvVkCommands *
iv_vk_commands_new (IvVkDevice *device, GError **error)
{
  if (!iv_vk_device_check_alive (device, error))
    return NULL;
  g_autoptr (IvVkCommands) self = g_new0 (IvVkCommands, 1);
  self->device = iv_vk_device_ref (device);
  self->set_pools = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_vk_buffer_unref);
  self->hazards = iv_vk_hazards_new ();
  return create (self, error) ? g_steal_pointer (&self) : NULL;
}

void
iv_vk_commands_free (IvVkCommands *self)
{
  VkDevice device = self->device->device;
  if (self->state == PENDING)
    vkWaitForFences (device, 1, &self->fence, VK_TRUE, G_MAXUINT64);
  for (guint i = 0; i < self->set_pools->len; i++)
    vkDestroyDescriptorPool (device, g_array_index (self->set_pools, VkDescriptorPool, i), NULL);
  vkDestroyFence (device, self->fence, NULL);
  vkDestroyCommandPool (device, self->pool, NULL);
  g_array_unref (self->set_pools);
  g_ptr_array_unref (self->kept);
  iv_vk_hazards_free (self->hazards);
  g_clear_error (&self->error);
  iv_vk_device_unref (self->device);
  g_free (self);
}

IvVkDevice *
iv_vk_commands_get_device (IvVkCommands *self)
{
  return self->device;
}

void
iv_vk_commands_fail (IvVkCommands *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

const GError *
iv_vk_commands_get_error (IvVkCommands *self)
{
  return self->error;
}

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (IvVkCommands *self, IvVkError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  iv_vk_commands_fail (self, g_error_new_valist (IV_VK_ERROR, (gint) code, format, arguments));
  va_end (arguments);
  return FALSE;
}

static gboolean
can_record (IvVkCommands *self)
{
  if (self->error != NULL)
    return FALSE;
  if (self->state == RECORDING)
    return TRUE;
  return refuse (self, IV_VK_ERROR_FAILED, "commands were recorded without begin()");
}

static gboolean
reset (IvVkCommands *self, GError **error)
{
  VkDevice device = self->device->device;
  g_clear_error (&self->error);
  g_ptr_array_set_size (self->kept, 0);
  iv_vk_hazards_clear (self->hazards);
  for (guint i = 0; i < self->set_pools->len; i++)
    vkResetDescriptorPool (device, g_array_index (self->set_pools, VkDescriptorPool, i), 0);
  self->set_pool = self->n_sets = 0;
  self->n_dispatches = self->n_barriers = 0;
  self->bound = NULL;
  self->state = EMPTY;
  VkResult result = vkResetCommandPool (device, self->pool, 0);
  return iv_vk_device_check (self->device, result, "resetting a command pool", error);
}

gboolean
iv_vk_commands_begin (IvVkCommands *self, GError **error)
{
  if (!iv_vk_commands_wait (self, error) || !reset (self, error))
    return FALSE;
  VkCommandBufferBeginInfo info = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  VkResult result = vkBeginCommandBuffer (self->commands, &info);
  if (!iv_vk_device_check (self->device, result, "beginning a command buffer", error))
    return FALSE;
  self->state = RECORDING;
  if (self->profile != NULL)
    iv_vk_profile_begin_recording (self->profile, self->commands);
  return TRUE;
}

/* Orders everything before against everything after; devices gain nothing from finer barriers
 * between compute dispatches. */
static void
put_barrier (IvVkCommands *self)
{
  const VkPipelineStageFlags stages =
      VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                     VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
  };
  vkCmdPipelineBarrier (self->commands, stages, stages, 0, 1, &barrier, 0, NULL, 0, NULL);
  iv_vk_hazards_clear (self->hazards);
  self->n_barriers++;
}

static void
use (IvVkCommands *self, const IvVkAccess *accesses, guint n)
{
  if (iv_vk_hazards_conflict (self->hazards, accesses, n))
    put_barrier (self);
  iv_vk_hazards_add (self->hazards, accesses, n);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->kept, iv_vk_buffer_ref (accesses[i].buffer));
}

static gboolean
check_range (IvVkCommands *self, const char *user, IvVkBuffer *buffer, gsize offset, gsize size)
{
  gsize whole = iv_vk_buffer_get_padded_size (buffer);
  if (size > 0 && offset <= whole && size <= whole - offset)
    return TRUE;
  return refuse (self,
                 IV_VK_ERROR_RANGE,
                 "%s: %" G_GSIZE_FORMAT " bytes at %" G_GSIZE_FORMAT
                 " are outside the %" G_GSIZE_FORMAT " of %s",
                 user,
                 size,
                 offset,
                 whole,
                 iv_vk_buffer_get_name (buffer));
}

/* Resolves size 0 and holds the binding against the device's limits. */
static gboolean
resolve_binding (IvVkCommands *self, IvVkShader *shader, guint i, IvVkBinding *binding)
{
  const IvVkDeviceInfo *limits = &self->device->info;
  if (binding->buffer == NULL)
    return refuse (
        self, IV_VK_ERROR_SHADER, "shader %s: no buffer for binding %u", shader->name, i);
  gsize whole = iv_vk_buffer_get_padded_size (binding->buffer);
  if (binding->size == 0 && binding->offset < whole)
    binding->size = whole - binding->offset;
  if (!check_range (self, shader->name, binding->buffer, binding->offset, binding->size))
    return FALSE;
  gboolean storage = shader->bindings[i].type == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  guint64 most = storage ? limits->max_storage_range : limits->max_texel_elements * 16;
  guint64 alignment = storage ? limits->storage_alignment : MAX (limits->texel_alignment, 16);
  if (!storage)
    binding->size = binding->size / 16 * 16;
  if (binding->size > most || binding->size == 0)
    return refuse (self,
                   IV_VK_ERROR_LIMIT,
                   "shader %s, binding %u: %" G_GSIZE_FORMAT
                   " bytes of %s, the device allows 1 to %" G_GUINT64_FORMAT,
                   shader->name,
                   i,
                   binding->size,
                   iv_vk_buffer_get_name (binding->buffer),
                   most);
  if (binding->offset % alignment != 0)
    return refuse (self,
                   IV_VK_ERROR_LIMIT,
                   "shader %s, binding %u: offset %" G_GSIZE_FORMAT
                   " of %s is no multiple of %" G_GUINT64_FORMAT,
                   shader->name,
                   i,
                   binding->offset,
                   iv_vk_buffer_get_name (binding->buffer),
                   alignment);
  return TRUE;
}

static gboolean
add_set_pool (IvVkCommands *self)
{
  const VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * IV_VK_MAX_BINDINGS },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, SETS_PER_POOL * IV_VK_MAX_BINDINGS },
  };
  VkDescriptorPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = SETS_PER_POOL,
    .poolSizeCount = G_N_ELEMENTS (sizes),
    .pPoolSizes = sizes,
  };
  VkDescriptorPool pool;
  VkResult result = vkCreateDescriptorPool (self->device->device, &info, NULL, &pool);
  if (!iv_vk_device_check (self->device, result, "creating a descriptor pool", &self->error))
    return FALSE;
  g_array_append_val (self->set_pools, pool);
  return TRUE;
}

static VkDescriptorSet
take_set (IvVkCommands *self, IvVkShader *shader)
{
  if (self->n_sets == SETS_PER_POOL) {
    self->set_pool++;
    self->n_sets = 0;
  }
  if (self->set_pool == self->set_pools->len && !add_set_pool (self))
    return VK_NULL_HANDLE;
  VkDescriptorSetAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorPool = g_array_index (self->set_pools, VkDescriptorPool, self->set_pool),
    .descriptorSetCount = 1,
    .pSetLayouts = &shader->set_layout,
  };
  VkDescriptorSet set;
  VkResult result = vkAllocateDescriptorSets (self->device->device, &info, &set);
  if (!iv_vk_device_check (self->device, result, shader->name, &self->error))
    return VK_NULL_HANDLE;
  self->n_sets++;
  return set;
}

/* Writes the descriptors of one dispatch; VK_NULL_HANDLE with the error kept. */
static VkDescriptorSet
write_set (IvVkCommands *self, IvVkShader *shader, const IvVkBinding *bindings)
{
  VkDescriptorBufferInfo infos[IV_VK_MAX_BINDINGS];
  VkBufferView views[IV_VK_MAX_BINDINGS];
  VkWriteDescriptorSet writes[IV_VK_MAX_BINDINGS];
  guint n = 0;
  VkDescriptorSet set = take_set (self, shader);
  if (set == VK_NULL_HANDLE)
    return VK_NULL_HANDLE;
  for (guint i = 0; i < shader->n_bindings; i++) {
    const IvVkBindingInfo *kind = &shader->bindings[i];
    if (!kind->used)
      continue;
    writes[n] = (VkWriteDescriptorSet){
      .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
      .dstSet = set,
      .dstBinding = i,
      .descriptorCount = 1,
      .descriptorType = kind->type,
      .pBufferInfo = &infos[i],
      .pTexelBufferView = &views[i],
    };
    IvVkBuffer *buffer = bindings[i].buffer;
    if (kind->type == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER) {
      infos[i] = (VkDescriptorBufferInfo){
        iv_vk_buffer_get_handle (buffer),
        bindings[i].offset,
        bindings[i].size,
      };
    } else {
      views[i] = iv_vk_buffer_get_view (
          buffer, kind->format, bindings[i].offset, bindings[i].size, &self->error);
      if (views[i] == VK_NULL_HANDLE)
        return VK_NULL_HANDLE;
    }
    n++;
  }
  vkUpdateDescriptorSets (self->device->device, n, writes, 0, NULL);
  return set;
}

static gboolean
check_dispatch (IvVkCommands *self, const IvVkDispatch *dispatch)
{
  const char *name = dispatch->shader->name;
  if (dispatch->push_size > IV_VK_MAX_PUSH || dispatch->push_size % 4 != 0)
    return refuse (self,
                   IV_VK_ERROR_LIMIT,
                   "shader %s: %" G_GSIZE_FORMAT " bytes of push constants, at most %d",
                   name,
                   dispatch->push_size,
                   IV_VK_MAX_PUSH);
  for (guint i = 0; i < 3; i++)
    if (dispatch->groups[i] > self->device->info.max_groups[i])
      return refuse (self,
                     IV_VK_ERROR_LIMIT,
                     "shader %s: %u work-groups in dimension %u, the device allows %u",
                     name,
                     dispatch->groups[i],
                     i,
                     self->device->info.max_groups[i]);
  return TRUE;
}

static void
emit (IvVkCommands *self, const IvVkDispatch *dispatch, VkDescriptorSet set)
{
  IvVkShader *shader = dispatch->shader;
  if (self->bound != shader)
    vkCmdBindPipeline (self->commands, VK_PIPELINE_BIND_POINT_COMPUTE, shader->pipeline);
  self->bound = shader;
  vkCmdBindDescriptorSets (
      self->commands, VK_PIPELINE_BIND_POINT_COMPUTE, shader->pipeline_layout, 0, 1, &set, 0, NULL);
  if (dispatch->push_size > 0)
    vkCmdPushConstants (self->commands,
                        shader->pipeline_layout,
                        VK_SHADER_STAGE_COMPUTE_BIT,
                        0,
                        (guint32) dispatch->push_size,
                        dispatch->push);
  if (self->profile != NULL)
    iv_vk_profile_begin_dispatch (self->profile, self->commands, shader->name);
  vkCmdDispatch (self->commands,
                 MAX (dispatch->groups[0], 1),
                 MAX (dispatch->groups[1], 1),
                 MAX (dispatch->groups[2], 1));
  if (self->profile != NULL)
    iv_vk_profile_end_dispatch (self->profile, self->commands, self->n_dispatches);
  self->n_dispatches++;
}

void
iv_vk_commands_dispatch (IvVkCommands *self, const IvVkDispatch *dispatch)
{
  if (!can_record (self) || !check_dispatch (self, dispatch))
    return;
  IvVkShader *shader = dispatch->shader;
  IvVkBinding bindings[IV_VK_MAX_BINDINGS];
  IvVkAccess accesses[IV_VK_MAX_BINDINGS];
  guint n = 0;
  for (guint i = 0; i < shader->n_bindings; i++) {
    if (!shader->bindings[i].used)
      continue;
    bindings[i] = dispatch->bindings[i];
    if (!resolve_binding (self, shader, i, &bindings[i]))
      return;
    accesses[n++] = (IvVkAccess){
      .buffer = bindings[i].buffer,
      .offset = bindings[i].offset,
      .size = bindings[i].size,
      .writes = shader->bindings[i].writes,
    };
  }
  VkDescriptorSet set = write_set (self, shader, bindings);
  if (set == VK_NULL_HANDLE)
    return;
  use (self, accesses, n);
  emit (self, dispatch, set);
}

void
iv_vk_commands_copy (IvVkCommands *self, const IvVkCopy *copy)
{
  if (!can_record (self) ||
      !check_range (self, "copy", copy->source, copy->source_offset, copy->size) ||
      !check_range (self, "copy", copy->target, copy->target_offset, copy->size))
    return;
  const IvVkAccess accesses[] = {
    { copy->source, copy->source_offset, copy->size, FALSE },
    { copy->target, copy->target_offset, copy->size, TRUE },
  };
  use (self, accesses, G_N_ELEMENTS (accesses));
  VkBufferCopy region = { copy->source_offset, copy->target_offset, copy->size };
  vkCmdCopyBuffer (self->commands,
                   iv_vk_buffer_get_handle (copy->source),
                   iv_vk_buffer_get_handle (copy->target),
                   1,
                   &region);
}

void
iv_vk_commands_fill (IvVkCommands *self,
                     IvVkBuffer *buffer,
                     gsize offset,
                     gsize size,
                     guint32 value)
{
  if (!can_record (self))
    return;
  gsize whole = iv_vk_buffer_get_padded_size (buffer);
  if (size == 0 && offset < whole)
    size = whole - offset;
  if (!check_range (self, "fill", buffer, offset, size))
    return;
  if (offset % 4 != 0 || size % 4 != 0) {
    refuse (self,
            IV_VK_ERROR_RANGE,
            "fill of %s: range not of whole words",
            iv_vk_buffer_get_name (buffer));
    return;
  }
  IvVkAccess access = { buffer, offset, size, TRUE };
  use (self, &access, 1);
  vkCmdFillBuffer (self->commands, iv_vk_buffer_get_handle (buffer), offset, size, value);
}

/* Makes the results visible to the host and to whatever is submitted next. */
static gboolean
end (IvVkCommands *self, GError **error)
{
  VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask =
        VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT | VK_ACCESS_HOST_READ_BIT,
  };
  vkCmdPipelineBarrier (self->commands,
                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT,
                        0,
                        1,
                        &barrier,
                        0,
                        NULL,
                        0,
                        NULL);
  VkResult result = vkEndCommandBuffer (self->commands);
  if (!iv_vk_device_check (self->device, result, "ending a command buffer", error))
    return FALSE;
  self->state = READY;
  return TRUE;
}

gboolean
iv_vk_commands_submit (IvVkCommands *self, GError **error)
{
  if (!iv_vk_device_check_alive (self->device, error))
    return FALSE;
  if (self->state == EMPTY)
    refuse (self, IV_VK_ERROR_FAILED, "nothing was recorded");
  if (self->error != NULL) {
    g_propagate_error (error, g_error_copy (self->error));
    return FALSE;
  }
  if (self->state == RECORDING && !end (self, error))
    return FALSE;
  if (!iv_vk_commands_wait (self, error))
    return FALSE;
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = 1,
    .pCommandBuffers = &self->commands,
  };
  VkResult result = vkQueueSubmit (self->device->queue, 1, &info, self->fence);
  if (!iv_vk_device_check (self->device, result, "submitting work", error))
    return FALSE;
  self->state = PENDING;
  return TRUE;
}

gboolean
iv_vk_commands_wait (IvVkCommands *self, GError **error)
{
  if (!iv_vk_device_check_alive (self->device, error))
    return FALSE;
  if (self->state != PENDING)
    return TRUE;
  VkDevice device = self->device->device;
  VkResult result = vkWaitForFences (device, 1, &self->fence, VK_TRUE, G_MAXUINT64);
  if (!iv_vk_device_check (self->device, result, "waiting for the device", error))
    return FALSE;
  result = vkResetFences (device, 1, &self->fence);
  if (!iv_vk_device_check (self->device, result, "resetting a fence", error))
    return FALSE;
  self->state = READY;
  return self->profile == NULL || iv_vk_profile_collect (self->profile, error);
}

gboolean
iv_vk_commands_run (IvVkCommands *self, GError **error)
{
  return iv_vk_commands_submit (self, error) && iv_vk_commands_wait (self, error);
}

guint
iv_vk_commands_get_n_dispatches (IvVkCommands *self)
{
  return self->n_dispatches;
}

guint
iv_vk_commands_get_n_barriers (IvVkCommands *self)
{
  return self->n_barriers;
}

void
iv_vk_commands_set_profile (IvVkCommands *self, IvVkProfile *profile)
{
  self->profile = profile;
}
