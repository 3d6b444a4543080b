/* Which ranges were touched since the last barrier, and whether the next access must wait.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-buffer.h"

G_BEGIN_DECLS

typedef struct {
  IvVkBuffer *buffer;
  gsize offset, size;
  gboolean writes;
} IvVkAccess;

typedef struct IvVkHazards IvVkHazards;

IvVkHazards *iv_vk_hazards_new (void);
void iv_vk_hazards_free (IvVkHazards *hazards);
/* After a barrier. */
void iv_vk_hazards_clear (IvVkHazards *hazards);
/* TRUE when one of the accesses overlaps an earlier one and either writes. */
gboolean iv_vk_hazards_conflict (const IvVkHazards *hazards, const IvVkAccess *accesses, guint n);
void iv_vk_hazards_add (IvVkHazards *hazards, const IvVkAccess *accesses, guint n);

G_END_DECLS
