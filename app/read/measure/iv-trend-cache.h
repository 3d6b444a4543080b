/* Measures kept on disk, named by the contents of the films they are of.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/measure/iv-trend.h"

G_BEGIN_DECLS

/* (transfer full) The file of a pair: made of the digests of both films and all that the measures
 * depend on beside pixels. It names no patient. */
char *iv_trend_cache_name (const char *folder, IvRadiograph *current, IvRadiograph *prior);
/* FALSE when there is none, or not one of this version: then it is to be computed. */
gboolean iv_trend_cache_read (const char *file, IvTrendValues *values);
gboolean iv_trend_cache_write (const char *file, const IvTrendValues *values, GError **error);

G_END_DECLS
