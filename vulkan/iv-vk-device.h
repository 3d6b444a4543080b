/* A Vulkan device: what there is, which one is chosen, what it can do.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "vulkan/iv-vk-error.h"

G_BEGIN_DECLS

typedef struct IvVkDevice IvVkDevice;

typedef enum {
  IV_VK_DEVICE_DISCRETE,
  IV_VK_DEVICE_INTEGRATED,
  IV_VK_DEVICE_VIRTUAL,
  IV_VK_DEVICE_CPU,
  IV_VK_DEVICE_OTHER,
} IvVkDeviceType;

/* The family of kernels a device is served with. */
typedef enum {
  IV_VK_CLASS_CPU,          /* software Vulkan: one invocation per row, no shared memory */
  IV_VK_CLASS_GPU_PLAIN,    /* shared memory only */
  IV_VK_CLASS_GPU_SUBGROUP, /* subgroup arithmetic in compute shaders */
} IvVkDeviceClass;

typedef struct {
  guint index; /* the number --device takes */
  char name[256];
  char driver_name[256];
  char driver_info[256];
  char uuid[33]; /* hexadecimal; names the device in settings */
  IvVkDeviceType type;
  IvVkDeviceClass device_class;
  guint32 vendor_id;
  guint32 device_id;
  guint32 driver_version;
  guint api_major, api_minor, api_patch;
  guint64 memory;      /* bytes a model may count on; physical memory on a CPU device */
  guint64 heap_memory; /* bytes of the largest device-local heap, as the driver reports it */
  gboolean unified;    /* device memory is the host's memory */
  guint subgroup_size;
  gboolean subgroup_basic, subgroup_arithmetic, subgroup_ballot, subgroup_shuffle;
  gboolean shader_float16, shader_int8, storage_16bit, storage_8bit;
  gboolean integer_dot;
  gboolean cooperative_matrix;
  gboolean timestamps;
  gboolean memory_budget; /* the driver tells how much memory is free */
  gboolean external_memory_host;
  guint64 max_storage_range;  /* bytes of one storage-buffer binding */
  guint64 max_texel_elements; /* elements of one texel-buffer view */
  guint64 max_allocation;     /* bytes of one allocation */
  guint64 storage_alignment;  /* of the offset of a storage binding, bytes */
  guint64 texel_alignment;    /* of the offset of a texel binding, bytes */
  guint max_workgroup_size;   /* invocations */
  guint max_workgroup_size_x;
  guint max_shared_memory; /* bytes */
  guint max_groups[3];
  float timestamp_period; /* ns */
  gboolean usable;        /* Vulkan 1.2 and a compute queue */
  gboolean chosen;        /* the one that a device of -1 stands for */
} IvVkDeviceInfo;

typedef struct {
  int index;           /* number in the list, -1 for the best */
  gboolean validation; /* layers with synchronisation validation; an error when not installed */
  /* For tests: kernels of another class than the device's own. 0: its own, else class + 1. */
  guint class_override;
  /* For tests: buffers in device memory as on a card whose memory the host cannot see. */
  gboolean hide_device_memory;
} IvVkDeviceParams;

/* (transfer full) IvVkDeviceInfo, in the loader's order. Empty when there is no device; an error
 * when there is no loader or driver. Thread-safety: any. */
GArray *iv_vk_device_list (GError **error);

/* The best device is discrete, then integrated, virtual, CPU; the larger memory breaks ties.
 * Errors: IV_VK_ERROR_NO_DEVICE with what there is. Everything made from a device must be freed
 * before its last reference. Thread-safety: engine thread, as everything that takes a device. */
IvVkDevice *iv_vk_device_new (const IvVkDeviceParams *params, GError **error);
IvVkDevice *iv_vk_device_ref (IvVkDevice *device);
void iv_vk_device_unref (IvVkDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkDevice, iv_vk_device_unref)

/* Immutable; alive as long as the device. Thread-safety: any. */
const IvVkDeviceInfo *iv_vk_device_get_info (IvVkDevice *device);
IvVkDeviceClass iv_vk_device_get_class (IvVkDevice *device);
/* "llvmpipe (LLVM 15.0.6, 256 bits), Mesa 22.3.6 (LLVM 15.0.6), Vulkan 1.3.230" */
const char *iv_vk_device_get_description (IvVkDevice *device);

/* TRUE after DEVICE_LOST: every further call fails with IV_VK_ERROR_DEVICE_LOST. */
gboolean iv_vk_device_is_lost (IvVkDevice *device);
/* Makes the device look lost: the engine's recovery is tested with it. */
void iv_vk_device_set_lost (IvVkDevice *device);

/* Warnings and errors of the validation layers so far; 0 without validation. */
guint iv_vk_device_get_n_messages (IvVkDevice *device);
/* The first of them, or NULL. */
const char *iv_vk_device_get_first_message (IvVkDevice *device);
/* TRUE when the validation layers are installed. */
gboolean iv_vk_validation_is_available (void);

/* Bytes of device memory in use by this process's buffers, and those still free (an estimate
 * without VK_EXT_memory_budget). */
void iv_vk_device_get_memory (IvVkDevice *device, guint64 *used, guint64 *available);
/* Waits until the queue is idle. */
gboolean iv_vk_device_wait_idle (IvVkDevice *device, GError **error);

const char *iv_vk_device_type_to_string (IvVkDeviceType type);           /* "discrete" */
const char *iv_vk_device_class_to_string (IvVkDeviceClass device_class); /* "gpu-subgroup" */

G_END_DECLS
