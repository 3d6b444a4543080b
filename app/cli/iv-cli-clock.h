/* Clock and processor time of what a benchmark measures.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Wall and processor seconds: on a busy machine software Vulkan is judged by the latter. */
typedef struct {
  double wall, cpu;
} IvCliTime;

IvCliTime iv_cli_time_now (void);
IvCliTime iv_cli_time_since (IvCliTime start);
/* By the clock. times are sorted. */
IvCliTime iv_cli_time_median (IvCliTime *times, guint n);

G_END_DECLS
