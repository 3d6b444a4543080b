/* One film of the timeline: thumbnail, date, view, interval, and its part in the comparison.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/study/iv-collection.h"

G_BEGIN_DECLS

/* What a film is to the comparison on screen. */
typedef enum {
  IV_TIMELINE_OTHER,
  IV_TIMELINE_PRIOR,
  IV_TIMELINE_CURRENT,
  IV_TIMELINE_NOT_COMPARABLE, /* a lateral film beside a frontal one, or the other way round */
} IvTimelinePart;

/* A button. Signal "make-current" from its menu. Thread-safety: main. */
#define IV_TYPE_TIMELINE_ITEM (iv_timeline_item_get_type ())
G_DECLARE_FINAL_TYPE (IvTimelineItem, iv_timeline_item, IV, TIMELINE_ITEM, GtkButton)

GtkWidget *iv_timeline_item_new (IvImage *image);
IvImage *iv_timeline_item_get_image (IvTimelineItem *self);
/* interval: "−22 d", or NULL. */
void iv_timeline_item_set_part (IvTimelineItem *self, IvTimelinePart part, const char *interval);
IvTimelinePart iv_timeline_item_get_part (IvTimelineItem *self);

gboolean iv_timeline_item_has_thumbnail (IvTimelineItem *self);
/* NULL: the film could not be read; reason is shown as the tooltip. */
void
iv_timeline_item_set_thumbnail (IvTimelineItem *self, GdkTexture *thumbnail, const char *reason);

/* Side of the square a thumbnail fits into, logical pixels. */
#define IV_TIMELINE_THUMBNAIL 56

G_END_DECLS
