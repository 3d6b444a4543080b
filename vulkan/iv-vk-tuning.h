/* Choices among kernels, measured once on a device and kept on disk.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

/* Numbers by key, of one device, one version of its driver and one build of the shaders: a file
 * of another is as good as none. Thread-safety: engine thread. */
typedef struct IvVkTuning IvVkTuning;

/* Never fails: a file that is missing, too large, no file, foreign, old or broken gives an empty
 * one. */
IvVkTuning *iv_vk_tuning_load (IvVkDevice *device);
void iv_vk_tuning_free (IvVkTuning *tuning);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkTuning, iv_vk_tuning_free)

/* Where it lies, in the user's cache. */
const char *iv_vk_tuning_get_file (IvVkTuning *tuning);

/* FALSE without one. What a value means, and whether it may be used, is the caller's to check: it
 * comes from a file. */
gboolean iv_vk_tuning_get (IvVkTuning *tuning, const char *key, guint *value);
/* key: letters, digits, “-” and “.”. */
void iv_vk_tuning_set (IvVkTuning *tuning, const char *key, guint value);
/* Whole or not at all; a home that cannot be written costs the next start's time, no more. */
void iv_vk_tuning_save (IvVkTuning *tuning);

G_END_DECLS
