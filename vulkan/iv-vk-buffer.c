/* A range of device or host memory that shaders read and write.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-buffer.h"

#include <string.h>

#include "vulkan/iv-vk-commands.h"
#include "vulkan/iv-vk-private.h"

#define STAGING_SIZE ((gsize) 16 << 20)

typedef struct {
  VkFormat format;
  gsize offset, size;
  VkBufferView view;
} View;

struct IvVkBuffer {
  gatomicrefcount ref_count;
  IvVkDevice *device;
  char *name;
  gsize size, padded_size;
  IvVkPlace place;
  VkBuffer buffer;
  IvVkRange range;
  GArray *views; /* View */
};

static gboolean
create_buffer (IvVkBuffer *buffer, GError **error)
{
  VkDevice device = buffer->device->device;
  VkBufferCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = buffer->padded_size,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT |
             VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
  };
  VkResult result = vkCreateBuffer (device, &info, NULL, &buffer->buffer);
  if (!iv_vk_device_check (buffer->device, result, buffer->name, error))
    return FALSE;
  VkMemoryRequirements requirements;
  vkGetBufferMemoryRequirements (device, buffer->buffer, &requirements);
  IvVkMemory *memory = buffer->device->memory;
  if (!iv_vk_memory_allocate (memory, &requirements, buffer->place, &buffer->range, error)) {
    g_prefix_error (error, "%s: ", buffer->name);
    return FALSE;
  }
  if (buffer->device->hide_device_memory && buffer->place == IV_VK_PLACE_DEVICE)
    buffer->range.mapped = NULL;
  result = vkBindBufferMemory (device, buffer->buffer, buffer->range.memory, buffer->range.offset);
  return iv_vk_device_check (buffer->device, result, buffer->name, error);
}

IvVkBuffer *
iv_vk_buffer_new (IvVkDevice *device, const IvVkBufferParams *params, GError **error)
{
  if (!iv_vk_device_check_alive (device, error))
    return NULL;
  const char *name = params->name != NULL ? params->name : "a buffer";
  /* On a CPU device the driver's word for its largest allocation is kept as well: lavapipe means
   * it. */
  if (params->size == 0 || params->size > device->info.max_allocation - 16) {
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_LIMIT,
                 "%s: %" G_GSIZE_FORMAT " bytes; %s allows 1 to %" G_GUINT64_FORMAT,
                 name,
                 params->size,
                 device->info.name,
                 device->info.max_allocation - 16);
    return NULL;
  }
  g_autoptr (IvVkBuffer) buffer = g_new0 (IvVkBuffer, 1);
  g_atomic_ref_count_init (&buffer->ref_count);
  buffer->device = iv_vk_device_ref (device);
  buffer->name = g_strdup (name);
  buffer->size = params->size;
  buffer->padded_size = (params->size + 15) / 16 * 16;
  buffer->place = params->place;
  buffer->views = g_array_new (FALSE, FALSE, sizeof (View));
  return create_buffer (buffer, error) ? g_steal_pointer (&buffer) : NULL;
}

IvVkBuffer *
iv_vk_buffer_ref (IvVkBuffer *buffer)
{
  g_atomic_ref_count_inc (&buffer->ref_count);
  return buffer;
}

void
iv_vk_buffer_unref (IvVkBuffer *buffer)
{
  if (!g_atomic_ref_count_dec (&buffer->ref_count))
    return;
  VkDevice device = buffer->device->device;
  for (guint i = 0; i < buffer->views->len; i++)
    vkDestroyBufferView (device, g_array_index (buffer->views, View, i).view, NULL);
  g_array_unref (buffer->views);
  vkDestroyBuffer (device, buffer->buffer, NULL);
  iv_vk_memory_release (buffer->device->memory, &buffer->range);
  iv_vk_device_unref (buffer->device);
  g_free (buffer->name);
  g_free (buffer);
}

gsize
iv_vk_buffer_get_size (IvVkBuffer *buffer)
{
  return buffer->size;
}

gsize
iv_vk_buffer_get_padded_size (IvVkBuffer *buffer)
{
  return buffer->padded_size;
}

const char *
iv_vk_buffer_get_name (IvVkBuffer *buffer)
{
  return buffer->name;
}

IvVkPlace
iv_vk_buffer_get_place (IvVkBuffer *buffer)
{
  return buffer->place;
}

VkBuffer
iv_vk_buffer_get_handle (IvVkBuffer *buffer)
{
  return buffer->buffer;
}

void *
iv_vk_buffer_get_mapped (IvVkBuffer *buffer)
{
  return buffer->range.mapped;
}

VkBufferView
iv_vk_buffer_get_view (IvVkBuffer *buffer,
                       VkFormat format,
                       gsize offset,
                       gsize size,
                       GError **error)
{
  for (guint i = 0; i < buffer->views->len; i++) {
    const View *view = &g_array_index (buffer->views, View, i);
    if (view->format == format && view->offset == offset && view->size == size)
      return view->view;
  }
  View view = { format, offset, size, VK_NULL_HANDLE };
  VkBufferViewCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
    .buffer = buffer->buffer,
    .format = format,
    .offset = offset,
    .range = size,
  };
  VkResult result = vkCreateBufferView (buffer->device->device, &info, NULL, &view.view);
  if (!iv_vk_device_check (buffer->device, result, buffer->name, error))
    return VK_NULL_HANDLE;
  g_array_append_val (buffer->views, view);
  return view.view;
}

static gboolean
check_range (IvVkBuffer *buffer, gsize offset, gsize size, GError **error)
{
  if (!iv_vk_device_check_alive (buffer->device, error))
    return FALSE;
  if (offset <= buffer->size && size <= buffer->size - offset)
    return TRUE;
  g_set_error (error,
               IV_VK_ERROR,
               IV_VK_ERROR_RANGE,
               "%s: %" G_GSIZE_FORMAT " bytes at %" G_GSIZE_FORMAT
               " are outside its %" G_GSIZE_FORMAT,
               buffer->name,
               size,
               offset,
               buffer->size);
  return FALSE;
}

/* One piece through the staging buffer, in either direction. */
static gboolean
stage (IvVkCommands *commands, const IvVkCopy *copy, GError **error)
{
  if (!iv_vk_commands_begin (commands, error))
    return FALSE;
  iv_vk_commands_copy (commands, copy);
  return iv_vk_commands_run (commands, error);
}

static IvVkBuffer *
new_staging (IvVkBuffer *buffer, gsize size, GError **error)
{
  IvVkBufferParams params = {
    .name = "staging",
    .size = MIN (size, STAGING_SIZE),
    .place = IV_VK_PLACE_HOST,
  };
  return iv_vk_buffer_new (buffer->device, &params, error);
}

gboolean
iv_vk_buffer_write (IvVkBuffer *buffer, gsize offset, const void *data, gsize size, GError **error)
{
  if (!check_range (buffer, offset, size, error))
    return FALSE;
  if (size == 0)
    return TRUE;
  if (buffer->range.mapped != NULL) {
    memcpy ((char *) buffer->range.mapped + offset, data, size);
    return TRUE;
  }
  g_autoptr (IvVkBuffer) staging = new_staging (buffer, size, error);
  g_autoptr (IvVkCommands) commands =
      staging != NULL ? iv_vk_commands_new (buffer->device, error) : NULL;
  if (commands == NULL)
    return FALSE;
  for (gsize done = 0; done < size; done += STAGING_SIZE) {
    gsize piece = MIN (size - done, STAGING_SIZE);
    memcpy (staging->range.mapped, (const char *) data + done, piece);
    if (!stage (commands, &(IvVkCopy){ staging, 0, buffer, offset + done, piece }, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
iv_vk_buffer_read (IvVkBuffer *buffer, gsize offset, void *data, gsize size, GError **error)
{
  if (!check_range (buffer, offset, size, error))
    return FALSE;
  if (size == 0)
    return TRUE;
  if (buffer->range.mapped != NULL) {
    memcpy (data, (const char *) buffer->range.mapped + offset, size);
    return TRUE;
  }
  g_autoptr (IvVkBuffer) staging = new_staging (buffer, size, error);
  g_autoptr (IvVkCommands) commands =
      staging != NULL ? iv_vk_commands_new (buffer->device, error) : NULL;
  if (commands == NULL)
    return FALSE;
  for (gsize done = 0; done < size; done += STAGING_SIZE) {
    gsize piece = MIN (size - done, STAGING_SIZE);
    if (!stage (commands, &(IvVkCopy){ buffer, offset + done, staging, 0, piece }, error))
      return FALSE;
    memcpy ((char *) data + done, staging->range.mapped, piece);
  }
  return TRUE;
}
