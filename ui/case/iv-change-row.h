/* One change in the list: which way, where, how large, how sure.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/compare/iv-swap-check.h"

G_BEGIN_DECLS

#define IV_TYPE_CHANGE_ROW (iv_change_row_get_type ())
G_DECLARE_FINAL_TYPE (IvChangeRow, iv_change_row, IV, CHANGE_ROW, GtkListBoxRow)

/* change is borrowed from a comparison that must outlive the row; number is the one beside its
 * outline. */
GtkWidget *iv_change_row_new (const IvChange *change, guint number, IvSpacingSource spacing);
const IvChange *iv_change_row_get_change (IvChangeRow *self);

/* Whether the change holds with the films exchanged: a line below the others. */
void iv_change_row_set_swap_mark (IvChangeRow *self, IvSwapMark mark);

G_END_DECLS
