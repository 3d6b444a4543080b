/* Films and links made up for the tests of the film widgets.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "ui/film/iv-film-link.h"

G_BEGIN_DECLS

/* A chest-like picture of 12 bits: bright middle, two dark lungs; day is YYYYMMDD. (transfer full)
 */
IvRadiograph *iv_test_film_new (guint columns, guint rows, const char *day);

/* Prior = current shifted by (dx, dy), with one increased, one decreased and one faint change, a
 * subtraction and lung fields. (transfer full) */
IvFilmLink *iv_test_link_new (IvRadiograph *current, IvRadiograph *prior, double dx, double dy);

/* Turns the main loop until the condition holds; FALSE after ten seconds. */
gboolean iv_test_wait_until (gboolean (*is_true) (gpointer data), gpointer data);
/* Turns the main loop for that long. */
void iv_test_wait (guint milliseconds);
/* The widget as it would be on screen. (transfer full) */
GdkTexture *iv_test_picture_of (GtkWidget *widget);

G_END_DECLS
