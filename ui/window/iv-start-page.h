/* What stands in the window before a film is open: open, demonstration, recent patients.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/study/iv-library.h"

G_BEGIN_DECLS

/* Signal "paths-chosen" (const char *const *): files of a recent patient. */
#define IV_TYPE_START_PAGE (iv_start_page_get_type ())
G_DECLARE_FINAL_TYPE (IvStartPage, iv_start_page, IV, START_PAGE, GtkWidget)

/* recents: IvRecentPatient *, last opened first; NULL or empty hides the section. library: where
 * the notices on their films are kept, or NULL. */
void iv_start_page_set_recents (IvStartPage *self, GPtrArray *recents, IvLibrary *library);

G_END_DECLS
