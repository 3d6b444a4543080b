/* How long each shader took, by the device's own clock.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

typedef struct IvVkProfile IvVkProfile;

typedef struct {
  const char *name; /* of the shader; owned by the profile */
  guint n_dispatches;
  double seconds;
} IvVkProfileRow;

/* max_dispatches: of one recording; later ones are not timed. Error: IV_VK_ERROR_LIMIT on a device
 * without timestamps. Thread-safety: engine thread. */
IvVkProfile *iv_vk_profile_new (IvVkDevice *device, guint max_dispatches, GError **error);
void iv_vk_profile_free (IvVkProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkProfile, iv_vk_profile_free)

/* (transfer full) IvVkProfileRow, longest first, summed over all recordings since reset(). */
GArray *iv_vk_profile_get_rows (IvVkProfile *profile);
void iv_vk_profile_reset (IvVkProfile *profile);

G_END_DECLS
