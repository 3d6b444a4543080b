/* The colours of a subtraction: warm for more opaque, cool for less, nothing for no change.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Colours for differences of -1 … 1 in 256 steps, premultiplied 0xAARRGGBB. Diverging between two
 * hues that all common kinds of colour vision tell apart; small differences stay gray. */
void iv_film_tint_fill (guint32 colors[256]);
/* The colour of a difference as it looks over a gray of 0 … 1, for the legend. */
GdkRGBA iv_film_tint_over_gray (double difference, double gray);

G_END_DECLS
