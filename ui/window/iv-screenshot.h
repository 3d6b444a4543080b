/* The window as a PNG file, without a compositor's help.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ui/window/iv-main-window.h"

G_BEGIN_DECLS

typedef struct {
  char *file;        /* where the picture goes */
  char *page;        /* of the side panel, or NULL */
  int width, height; /* 0: as the window is */
  gboolean waits_for_comparison;
} IvScreenshotParams;

/* Waits until the window is settled, renders it, and quits the application; params must live until
 * then. A failure is said on standard error and makes the exit status 1. */
void iv_screenshot_take (IvMainWindow *window, const IvScreenshotParams *params);

G_END_DECLS
