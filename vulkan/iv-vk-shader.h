/* A compute shader of shaders/, made ready for a device: looked up by name, specialised, cached.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

#define IV_VK_MAX_BINDINGS 12
#define IV_VK_MAX_CONSTANTS 8

typedef struct IvVkShader IvVkShader;

typedef struct {
  const char *name; /* first column of the shader table: "model/scale" */
  /* Specialisation constants 0, 1, …; those left out keep the value in the shader. */
  guint32 constants[IV_VK_MAX_CONSTANTS];
  guint n_constants;
  guint subgroup_size; /* to be required of the driver where it offers a choice; 0: its own */
} IvVkShaderParams;

/* (transfer none) The same object for the same parameters, alive as long as the device. The first
 * call compiles; software Vulkan compiles at the first dispatch. Bindings, what is only read, and
 * texel formats are taken from the shader itself. Errors: IV_VK_ERROR_SHADER for an unknown name
 * or a resource that is no buffer of set 0. Thread-safety: engine thread. */
IvVkShader *iv_vk_shader_get (IvVkDevice *device, const IvVkShaderParams *params, GError **error);
const char *iv_vk_shader_get_name (IvVkShader *shader);

/* Compiled so far; a warm-up is complete when this no longer grows. */
guint iv_vk_shader_count (IvVkDevice *device);

/* (transfer full) SHA-256 of all shaders, hexadecimal: another build's kernels give another. */
char *iv_vk_shader_digest_all (void);

/* TRUE when the table has this shader. Thread-safety: any. */
gboolean iv_vk_shader_exists (const char *name);

G_END_DECLS
