/* A range of device or host memory that shaders read and write.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

typedef struct IvVkBuffer IvVkBuffer;

typedef enum {
  IV_VK_PLACE_DEVICE, /* the device's own memory; written through staging when not mappable */
  IV_VK_PLACE_HOST,   /* mapped host memory that the device reaches: results, streamed weights */
} IvVkPlace;

typedef struct {
  const char *name; /* for messages and profiles; copied */
  gsize size;       /* bytes, > 0; rounded up to 16 */
  IvVkPlace place;
} IvVkBufferParams;

/* Every buffer may be bound as storage, as a texel buffer of RGBA32UI or RGBA32F (16-byte
 * elements), and be copied. Contents are undefined until written. Errors:
 * IV_VK_ERROR_OUT_OF_MEMORY, IV_VK_ERROR_LIMIT. Thread-safety: engine thread. */
IvVkBuffer *iv_vk_buffer_new (IvVkDevice *device, const IvVkBufferParams *params, GError **error);
IvVkBuffer *iv_vk_buffer_ref (IvVkBuffer *buffer);
void iv_vk_buffer_unref (IvVkBuffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkBuffer, iv_vk_buffer_unref)

gsize iv_vk_buffer_get_size (IvVkBuffer *buffer); /* as asked for */
const char *iv_vk_buffer_get_name (IvVkBuffer *buffer);
IvVkPlace iv_vk_buffer_get_place (IvVkBuffer *buffer);

/* Synchronous; no submitted work may be using the range. Errors: IV_VK_ERROR_RANGE. */
gboolean
iv_vk_buffer_write (IvVkBuffer *buffer, gsize offset, const void *data, gsize size, GError **error);
gboolean
iv_vk_buffer_read (IvVkBuffer *buffer, gsize offset, void *data, gsize size, GError **error);
/* The mapped bytes, or NULL for memory the host cannot see. Coherent; valid for the buffer's life;
 * touch only while no submitted work uses the range. */
void *iv_vk_buffer_get_mapped (IvVkBuffer *buffer);

G_END_DECLS
