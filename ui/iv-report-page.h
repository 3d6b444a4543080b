/* The page of the side panel for the report; says honestly that there is no draft yet.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IV_TYPE_REPORT_PAGE (iv_report_page_get_type ())
G_DECLARE_FINAL_TYPE (IvReportPage, iv_report_page, IV, REPORT_PAGE, GtkWidget)

G_END_DECLS
