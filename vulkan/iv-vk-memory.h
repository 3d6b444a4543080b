/* Device memory in large blocks, handed out in ranges.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <vulkan/vulkan.h>

#include "vulkan/iv-vk-buffer.h"

G_BEGIN_DECLS

typedef struct IvVkMemory IvVkMemory;
typedef struct IvVkBlock IvVkBlock;

/* A range of a block; zero-initialised: none. */
typedef struct {
  IvVkBlock *block;
  VkDeviceMemory memory;
  VkDeviceSize offset;
  VkDeviceSize size;
  void *mapped; /* first byte, or NULL */
} IvVkRange;

IvVkMemory *iv_vk_memory_new (IvVkDevice *device);
void iv_vk_memory_free (IvVkMemory *memory);

/* Thread-safety: engine thread. */
gboolean iv_vk_memory_allocate (IvVkMemory *memory,
                                const VkMemoryRequirements *requirements,
                                IvVkPlace place,
                                IvVkRange *range,
                                GError **error);
/* Gives the range back and clears it; an empty block goes back to the driver. */
void iv_vk_memory_release (IvVkMemory *memory, IvVkRange *range);
/* Bytes in ranges, and bytes in blocks taken from the driver. */
void iv_vk_memory_get_usage (IvVkMemory *memory, guint64 *used, guint64 *reserved);

G_END_DECLS
