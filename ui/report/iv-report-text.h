/* The report as text that is written in: its sentences, and which of them have a place on the film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/draft/iv-drafter.h"

G_BEGIN_DECLS

/* Sentences with a place are underlined. Signals: "sentence-changed" (another one holds the
 * cursor, or its places changed), "sentence-activated" (clicked). Thread-safety: main. */
#define IV_TYPE_REPORT_TEXT (iv_report_text_get_type ())
G_DECLARE_FINAL_TYPE (IvReportText, iv_report_text, IV, REPORT_TEXT, GtkWidget)

void iv_report_text_set_drafter (IvReportText *self, IvDrafter *drafter);

/* IvDraftPlace of the sentence that holds the cursor, empty for none; NULL when the cursor is in no
 * sentence that describes the film. (transfer none) valid until the next change. */
const GArray *iv_report_text_get_places (IvReportText *self);
/* Sentences that describe the film, and how many of them have a place. */
void iv_report_text_count (IvReportText *self, guint *n_statements, guint *n_placed);
/* Goes to the first sentence with this place, and selects it. FALSE: none has it. */
gboolean iv_report_text_show_box (IvReportText *self, const IvFilmBox *box);

G_END_DECLS
