/* The page of the side panel that lists what changed, or says why nothing can be listed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/compare/iv-swap-check.h"
#include "app/read/iv-reading.h"
#include "app/read/measure/iv-trend.h"

G_BEGIN_DECLS

/* Signals: "change-chosen" (gpointer IvChange): the reader chose a row;
 * "lines-wanted" (gboolean): the lines of the measures are to be drawn on the films;
 * "image-activated" (IvImage): a film of the trend is to become the prior.
 * Property "threshold" (double): lowest score listed. */
#define IV_TYPE_CHANGES_PAGE (iv_changes_page_get_type ())
G_DECLARE_FINAL_TYPE (IvChangesPage, iv_changes_page, IV, CHANGES_PAGE, GtkWidget)

void iv_changes_page_set_reading (IvChangesPage *self, IvReading *reading);
/* Marks the row without emitting the signal; NULL: none. */
void iv_changes_page_select (IvChangesPage *self, const IvChange *change);

/* Marks of the comparison that is shown. (transfer full) */
void iv_changes_page_take_swap_check (IvChangesPage *self, IvSwapCheck *check);
void iv_changes_page_set_trend (IvChangesPage *self, IvTrend *trend);
/* The film that the trend marks as the prior; or NULL. */
void iv_changes_page_set_prior (IvChangesPage *self, IvImage *prior);

G_END_DECLS
