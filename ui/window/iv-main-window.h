/* The window: start page, the pair of films, timeline, and the side panel.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ui/window/iv-application.h"

G_BEGIN_DECLS

#define IV_TYPE_MAIN_WINDOW (iv_main_window_get_type ())
G_DECLARE_FINAL_TYPE (IvMainWindow, iv_main_window, IV, MAIN_WINDOW, AdwApplicationWindow)

IvMainWindow *iv_main_window_new (IvApplication *application);

/* Replaces what is open by these files and folders. */
void iv_main_window_open (IvMainWindow *self, const char *const *paths);
/* A toast. */
void iv_main_window_show_message (IvMainWindow *self, const char *message);

/* "changes", "report", "chat" */
gboolean iv_main_window_is_page (const char *page);
void iv_main_window_show_page (IvMainWindow *self, const char *page);

/* Nothing is being opened or decoded; with_comparison: nor compared. */
gboolean iv_main_window_is_settled (IvMainWindow *self, gboolean with_comparison);

G_END_DECLS
