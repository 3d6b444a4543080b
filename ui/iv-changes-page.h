/* The page of the side panel that lists what changed, or says why nothing can be listed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/iv-reading.h"

G_BEGIN_DECLS

/* Signal "change-chosen" (gpointer IvChange): the reader chose a row.
 * Property "threshold" (double): lowest score listed. */
#define IV_TYPE_CHANGES_PAGE (iv_changes_page_get_type ())
G_DECLARE_FINAL_TYPE (IvChangesPage, iv_changes_page, IV, CHANGES_PAGE, GtkWidget)

void iv_changes_page_set_reading (IvChangesPage *self, IvReading *reading);
/* Marks the row without emitting the signal; NULL: none. */
void iv_changes_page_select (IvChangesPage *self, const IvChange *change);

G_END_DECLS
