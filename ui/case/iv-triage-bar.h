/* The line above the films: the most urgent notice of triage, and what it rests on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/triage/iv-triage-queue.h"

G_BEGIN_DECLS

/* Hidden while there is no model, or nothing open. */
#define IV_TYPE_TRIAGE_BAR (iv_triage_bar_get_type ())
G_DECLARE_FINAL_TYPE (IvTriageBar, iv_triage_bar, IV, TRIAGE_BAR, GtkWidget)

void iv_triage_bar_set_queue (IvTriageBar *self, IvTriageQueue *queue);
/* The film that is being read; NULL: none. */
void iv_triage_bar_set_image (IvTriageBar *self, IvImage *image);

/* (transfer none) A finding's label in the reader's language; labels of the reader's own questions
 * as they are. */
const char *iv_triage_bar_translate (const char *label);
/* A notice as a small mark for lists: sign, words and score. Floating; NULL without a notice. */
GtkWidget *iv_triage_bar_create_chip (const IvTriageEntry *entry);

G_END_DECLS
