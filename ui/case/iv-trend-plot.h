/* A patient's measures over time: cardiothoracic ratio and lung areas, one point a film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/measure/iv-trend.h"

G_BEGIN_DECLS

/* Signal "image-activated" (IvImage): a point other than the current film's was clicked, or chosen
 * with the arrow keys and Return. Hidden while fewer than two films are known.
 * Thread-safety: main. */
#define IV_TYPE_TREND_PLOT (iv_trend_plot_get_type ())
G_DECLARE_FINAL_TYPE (IvTrendPlot, iv_trend_plot, IV, TREND_PLOT, GtkWidget)

/* NULL: empty. Follows its changes. */
void iv_trend_plot_set_trend (IvTrendPlot *self, IvTrend *trend);
/* The film that is marked as the prior; or NULL. */
void iv_trend_plot_set_prior (IvTrendPlot *self, IvImage *prior);

/* A round step for an axis of that length, with at most so many parts: 1, 2 or 5 times a power of
 * ten. */
double iv_trend_plot_step (double length, guint most);

G_END_DECLS
