/* The page of the side panel for the report: drafted, edited, accepted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/draft/iv-drafter.h"

G_BEGIN_DECLS

/* Signals: "model-chosen" (const char *file, "" for none): the reader chose another model;
 * "places-chosen" (gpointer, const GArray of IvDraftPlace): the reader wants to see them. */
#define IV_TYPE_REPORT_PAGE (iv_report_page_get_type ())
G_DECLARE_FINAL_TYPE (IvReportPage, iv_report_page, IV, REPORT_PAGE, GtkWidget)

void iv_report_page_set_drafter (IvReportPage *self, IvDrafter *drafter, IvReading *reading);
/* A failure is shown on the page. */
void iv_report_page_set_model (IvReportPage *self, const char *file);
/* Goes to the sentence with this place; FALSE: none has it. */
gboolean iv_report_page_show_box (IvReportPage *self, const IvFilmBox *box);

G_END_DECLS
