/* Which ranges were touched since the last barrier, and whether the next access must wait.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-hazards.h"

struct IvVkHazards {
  GArray *accesses; /* IvVkAccess since the last barrier; a few dozen at most */
};

IvVkHazards *
iv_vk_hazards_new (void)
{
  IvVkHazards *hazards = g_new0 (IvVkHazards, 1);
  hazards->accesses = g_array_new (FALSE, FALSE, sizeof (IvVkAccess));
  return hazards;
}

void
iv_vk_hazards_free (IvVkHazards *hazards)
{
  g_array_unref (hazards->accesses);
  g_free (hazards);
}

void
iv_vk_hazards_clear (IvVkHazards *hazards)
{
  g_array_set_size (hazards->accesses, 0);
}

static gboolean
overlap (const IvVkAccess *a, const IvVkAccess *b)
{
  return a->buffer == b->buffer && a->offset < b->offset + b->size &&
         b->offset < a->offset + a->size;
}

gboolean
iv_vk_hazards_conflict (const IvVkHazards *hazards, const IvVkAccess *accesses, guint n)
{
  for (guint i = 0; i < hazards->accesses->len; i++) {
    const IvVkAccess *earlier = &g_array_index (hazards->accesses, IvVkAccess, i);
    for (guint j = 0; j < n; j++)
      if ((earlier->writes || accesses[j].writes) && overlap (earlier, &accesses[j]))
        return TRUE;
  }
  return FALSE;
}

void
iv_vk_hazards_add (IvVkHazards *hazards, const IvVkAccess *accesses, guint n)
{
  g_array_append_vals (hazards->accesses, accesses, n);
}
