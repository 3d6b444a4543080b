/* The marks that commands set for a profile.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-private.h"
#include "vulkan/iv-vk-profile.h"

G_BEGIN_DECLS

void iv_vk_profile_begin_recording (IvVkProfile *profile, VkCommandBuffer commands);
void
iv_vk_profile_begin_dispatch (IvVkProfile *profile, VkCommandBuffer commands, const char *name);
/* index: of the dispatch in the recording */
void iv_vk_profile_end_dispatch (IvVkProfile *profile, VkCommandBuffer commands, guint index);
/* After the recording has run. */
gboolean iv_vk_profile_collect (IvVkProfile *profile, GError **error);

G_END_DECLS
