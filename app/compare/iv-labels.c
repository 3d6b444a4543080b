/* Connected parts by flood filling with an explicit stack.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-labels.h"

#include <string.h>

/* Marks the part that holds start with label in labels; appends its pixels to members. */
static void
flood (const IvMask *mask, guint32 *labels, guint32 label, guint start, GArray *members)
{
  g_array_set_size (members, 0);
  labels[start] = label;
  g_array_append_val (members, start);
  for (guint k = 0; k < members->len; k++) {
    guint at = g_array_index (members, guint, k), x = at % mask->width, y = at / mask->width;
    guint next[4] = { x > 0 ? at - 1 : at,
                      x + 1 < mask->width ? at + 1 : at,
                      y > 0 ? at - mask->width : at,
                      y + 1 < mask->height ? at + mask->width : at };
    for (guint i = 0; i < 4; i++)
      if (mask->pixels[next[i]] != 0 && labels[next[i]] == 0) {
        labels[next[i]] = label;
        g_array_append_val (members, next[i]);
      }
  }
}

guint
iv_mask_keep_largest (IvMask *mask)
{
  guint n = mask->width * mask->height, best = 0, best_label = 0, label = 0;
  g_autofree guint32 *labels = g_new0 (guint32, n);
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++) {
    if (mask->pixels[i] == 0 || labels[i] != 0)
      continue;
    flood (mask, labels, ++label, i, members);
    if (members->len > best) {
      best = members->len;
      best_label = label;
    }
  }
  for (guint i = 0; i < n; i++)
    mask->pixels[i] = best > 0 && labels[i] == best_label;
  return best;
}

static gboolean
touches_edge (const IvMask *mask, const GArray *members)
{
  for (guint k = 0; k < members->len; k++) {
    guint at = g_array_index (members, guint, k), x = at % mask->width, y = at / mask->width;
    if (x == 0 || y == 0 || x + 1 == mask->width || y + 1 == mask->height)
      return TRUE;
  }
  return FALSE;
}

void
iv_mask_keep_border (IvMask *mask, guint min_pixels)
{
  guint n = mask->width * mask->height;
  g_autofree guint32 *labels = g_new0 (guint32, n);
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++) {
    if (mask->pixels[i] == 0 || labels[i] != 0)
      continue;
    flood (mask, labels, 1, i, members);
    if (members->len >= min_pixels && touches_edge (mask, members))
      continue;
    for (guint k = 0; k < members->len; k++)
      mask->pixels[g_array_index (members, guint, k)] = 0;
  }
}

void
iv_mask_fill_holes (IvMask *mask)
{
  guint n = mask->width * mask->height;
  for (guint i = 0; i < n; i++)
    mask->pixels[i] = mask->pixels[i] == 0;
  iv_mask_keep_border (mask, 0);
  for (guint i = 0; i < n; i++)
    mask->pixels[i] = mask->pixels[i] == 0;
}

void
iv_mask_grow (IvMask *mask, guint radius)
{
  gsize n = (gsize) mask->width * mask->height;
  g_autofree guint8 *old = g_memdup2 (mask->pixels, n);
  memset (mask->pixels, 0, n);
  for (guint y = 0; y < mask->height; y++)
    for (guint x = 0; x < mask->width; x++) {
      if (old[y * mask->width + x] == 0)
        continue;
      guint y1 = MIN (y + radius, mask->height - 1), x1 = MIN (x + radius, mask->width - 1);
      for (guint j = y > radius ? y - radius : 0; j <= y1; j++)
        for (guint i = x > radius ? x - radius : 0; i <= x1; i++)
          mask->pixels[j * mask->width + i] = 1;
    }
}
