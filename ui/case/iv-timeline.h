/* The strip of all films of a patient, by date; picks the prior and the current film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/study/iv-collection.h"

G_BEGIN_DECLS

/* Each film: thumbnail, date, view, interval to the current one ("−22 d"); the current film and
 * the prior are marked. Click or Enter makes a film the prior; its menu key or right click offers
 * to make it the current one; it can be dragged (as an IvImage) onto the prior's side.
 *
 * Signals: "prior-activated" (IvImage), "current-activated" (IvImage).
 *
 * Thread-safety: main. */
#define IV_TYPE_TIMELINE (iv_timeline_get_type ())
G_DECLARE_FINAL_TYPE (IvTimeline, iv_timeline, IV, TIMELINE, GtkWidget)

GtkWidget *iv_timeline_new (void);

/* NULL empties the strip. Follows the patient's list as films are added. */
void iv_timeline_set_patient (IvTimeline *self, IvPatient *patient);
/* Marks; either may be NULL. */
void iv_timeline_set_current (IvTimeline *self, IvImage *current);
void iv_timeline_set_prior (IvTimeline *self, IvImage *prior);

/* "−22 d", "+16 d", "0 d", "−1 y 2 mo" beyond a year; prior against current. (transfer full) */
char *iv_timeline_format_interval (GDateTime *current, GDateTime *film);

G_END_DECLS
