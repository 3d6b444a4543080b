/* The window: start page, the pair of films, timeline, and the side panel.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ui/iv-application.h"

G_BEGIN_DECLS

#define IV_TYPE_WINDOW (iv_window_get_type ())
G_DECLARE_FINAL_TYPE (IvWindow, iv_window, IV, WINDOW, AdwApplicationWindow)

IvWindow *iv_window_new (IvApplication *application);

/* Replaces what is open by these files and folders. */
void iv_window_open (IvWindow *self, const char *const *paths);
/* A toast. */
void iv_window_show_message (IvWindow *self, const char *message);

/* "changes", "report", "chat" */
gboolean iv_window_is_page (const char *page);
void iv_window_show_page (IvWindow *self, const char *page);

/* Nothing is being opened or decoded; with_comparison: nor compared. */
gboolean iv_window_is_settled (IvWindow *self, gboolean with_comparison);

G_END_DECLS
