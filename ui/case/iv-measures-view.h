/* The measures of both films as a compact table, to select and to copy.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/compare/iv-swap-check.h"

G_BEGIN_DECLS

/* Actions: "measures.copy" (s: "tabs" or "markdown").
 * Signal "lines-wanted" (gboolean): a row whose lines can be drawn on the films was selected, or
 * none is any more. Thread-safety: main. */
#define IV_TYPE_MEASURES_VIEW (iv_measures_view_get_type ())
G_DECLARE_FINAL_TYPE (IvMeasuresView, iv_measures_view, IV, MEASURES_VIEW, GtkWidget)

/* NULL: hidden. */
void iv_measures_view_set_comparison (IvMeasuresView *self, IvComparison *comparison);
/* Marks for the table that is copied. (transfer full) of the comparison that is set; NULL: none. */
void iv_measures_view_take_swap_check (IvMeasuresView *self, IvSwapCheck *check);
/* Lowest score of the changes that are copied. */
void iv_measures_view_set_threshold (IvMeasuresView *self, double threshold);

G_END_DECLS
