/* Device memory in large blocks, handed out in ranges.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-memory.h"

#include "vulkan/iv-vk-private.h"

/* Drivers allow a few thousand allocations; a model has a few hundred tensors and each run some
 * small buffers. */
#define BLOCK_SIZE (G_GUINT64_CONSTANT (64) << 20)
#define ALIGNMENT 256

typedef struct {
  VkDeviceSize offset, size;
} Span;

struct IvVkBlock {
  VkDeviceMemory memory;
  VkDeviceSize size;
  guint type;
  char *mapped;
  GArray *spans; /* Span: free, sorted by offset, never touching */
};

struct IvVkMemory {
  IvVkDevice *device; /* borrowed: the device owns this */
  GPtrArray *blocks;
  guint64 used, reserved;
};

IvVkMemory *
iv_vk_memory_new (IvVkDevice *device)
{
  IvVkMemory *memory = g_new0 (IvVkMemory, 1);
  memory->device = device;
  memory->blocks = g_ptr_array_new ();
  return memory;
}

static void
free_block (IvVkMemory *memory, IvVkBlock *block)
{
  vkFreeMemory (memory->device->device, block->memory, NULL);
  memory->reserved -= block->size;
  g_array_unref (block->spans);
  g_free (block);
}

void
iv_vk_memory_free (IvVkMemory *memory)
{
  if (memory == NULL)
    return;
  for (guint i = 0; i < memory->blocks->len; i++)
    free_block (memory, g_ptr_array_index (memory->blocks, i));
  g_ptr_array_unref (memory->blocks);
  g_free (memory);
}

/* How well a memory type serves a place; -1: not at all. */
static int
score_type (VkMemoryPropertyFlags flags, IvVkPlace place)
{
  const VkMemoryPropertyFlags host =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  gboolean coherent = (flags & host) == host;
  gboolean local = (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0;
  gboolean cached = (flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT) != 0;
  if (flags & (VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT))
    return -1;
  if (place == IV_VK_PLACE_DEVICE) /* Mappable device memory saves the staging copy. */
    return local ? 4 + 2 * coherent + cached : 0;
  return coherent ? 4 + 2 * cached + !local : -1;
}

static int
find_type (IvVkMemory *memory, guint32 allowed, IvVkPlace place)
{
  const VkPhysicalDeviceMemoryProperties *properties = &memory->device->memory_properties;
  int best = -1, best_score = -1;
  for (guint i = 0; i < properties->memoryTypeCount; i++) {
    int score = score_type (properties->memoryTypes[i].propertyFlags, place);
    if ((allowed & (1u << i)) && score > best_score) {
      best = (int) i;
      best_score = score;
    }
  }
  return best;
}

static IvVkBlock *
add_block (IvVkMemory *memory, guint type, VkDeviceSize size, GError **error)
{
  IvVkDevice *device = memory->device;
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = size,
    .memoryTypeIndex = type,
  };
  g_autofree char *what = g_strdup_printf ("allocating %" G_GUINT64_FORMAT " MiB of device memory",
                                           (guint64) (size >> 20));
  VkDeviceMemory handle;
  VkResult result = vkAllocateMemory (device->device, &info, NULL, &handle);
  if (!iv_vk_device_check (device, result, what, error))
    return NULL;
  void *mapped = NULL;
  VkMemoryPropertyFlags flags = device->memory_properties.memoryTypes[type].propertyFlags;
  if ((flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) &&
      (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)) {
    result = vkMapMemory (device->device, handle, 0, VK_WHOLE_SIZE, 0, &mapped);
    if (!iv_vk_device_check (device, result, "mapping device memory", error)) {
      vkFreeMemory (device->device, handle, NULL);
      return NULL;
    }
  }
  IvVkBlock *block = g_new0 (IvVkBlock, 1);
  block->memory = handle;
  block->size = size;
  block->type = type;
  block->mapped = mapped;
  block->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  Span all = { 0, size };
  g_array_append_val (block->spans, all);
  g_ptr_array_add (memory->blocks, block);
  memory->reserved += size;
  return block;
}

/* First fit. All offsets and sizes are multiples of the alignment asked for here. */
static gboolean
take (IvVkBlock *block, VkDeviceSize size, VkDeviceSize alignment, IvVkRange *range)
{
  for (guint i = 0; i < block->spans->len; i++) {
    Span *span = &g_array_index (block->spans, Span, i);
    VkDeviceSize start = (span->offset + alignment - 1) / alignment * alignment;
    VkDeviceSize end = span->offset + span->size;
    if (start + size > end)
      continue;
    *range = (IvVkRange){
      .block = block,
      .memory = block->memory,
      .offset = start,
      .size = size,
      .mapped = block->mapped != NULL ? block->mapped + start : NULL,
    };
    Span after = { start + size, end - start - size };
    span->size = start - span->offset;
    gboolean keep = span->size > 0;
    if (after.size > 0)
      g_array_insert_val (block->spans, i + 1, after);
    if (!keep)
      g_array_remove_index (block->spans, i);
    return TRUE;
  }
  return FALSE;
}

gboolean
iv_vk_memory_allocate (IvVkMemory *memory,
                       const VkMemoryRequirements *requirements,
                       IvVkPlace place,
                       IvVkRange *range,
                       GError **error)
{
  VkDeviceSize alignment = MAX (requirements->alignment, ALIGNMENT);
  VkDeviceSize size = (requirements->size + alignment - 1) / alignment * alignment;
  int type = find_type (memory, requirements->memoryTypeBits, place);
  if (type < 0) {
    g_set_error (error,
                 IV_VK_ERROR,
                 IV_VK_ERROR_OUT_OF_MEMORY,
                 "%s has no memory that the host can map for a buffer",
                 memory->device->info.name);
    return FALSE;
  }
  /* A large buffer has a block of its own: nothing is lost at the block's end, and freeing it
   * really frees it. */
  gboolean own = size > BLOCK_SIZE / 4;
  for (guint i = 0; !own && i < memory->blocks->len; i++) {
    IvVkBlock *block = g_ptr_array_index (memory->blocks, i);
    if (block->type == (guint) type && take (block, size, alignment, range)) {
      memory->used += size;
      return TRUE;
    }
  }
  IvVkBlock *block = add_block (memory, (guint) type, own ? size : BLOCK_SIZE, error);
  if (block == NULL)
    return FALSE;
  take (block, size, alignment, range);
  memory->used += size;
  return TRUE;
}

/* Makes one span of spans i - 1 and i when they touch. */
static void
join (GArray *spans, guint i)
{
  if (i == 0 || i >= spans->len)
    return;
  Span *left = &g_array_index (spans, Span, i - 1);
  Span *right = &g_array_index (spans, Span, i);
  if (left->offset + left->size != right->offset)
    return;
  left->size += right->size;
  g_array_remove_index (spans, i);
}

static void
give_back (IvVkBlock *block, Span freed)
{
  guint i = 0;
  while (i < block->spans->len && g_array_index (block->spans, Span, i).offset < freed.offset)
    i++;
  g_array_insert_val (block->spans, i, freed);
  join (block->spans, i + 1);
  join (block->spans, i);
}

void
iv_vk_memory_release (IvVkMemory *memory, IvVkRange *range)
{
  if (range->block == NULL)
    return;
  IvVkBlock *block = range->block;
  give_back (block, (Span){ range->offset, range->size });
  memory->used -= range->size;
  *range = (IvVkRange){ 0 };
  gboolean empty =
      block->spans->len == 1 && g_array_index (block->spans, Span, 0).size == block->size;
  if (empty && g_ptr_array_remove_fast (memory->blocks, block))
    free_block (memory, block);
}

void
iv_vk_memory_get_usage (IvVkMemory *memory, guint64 *used, guint64 *reserved)
{
  *used = memory->used;
  *reserved = memory->reserved;
}
