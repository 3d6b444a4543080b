/* How fast a vision tower encodes images on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/cli/iv-cli.h"

G_BEGIN_DECLS

typedef struct {
  const char *shape; /* "siglip-so400m" … */
  const char *type;  /* of random weights; NULL: F16 */
  int device;
  int n_runs;
  gboolean json, profile;
} IvCliBenchVisionParams;

/* Prints images per second, and the rate of arithmetic beside that of one of the tower's matrices
 * alone. An exit status. */
int iv_cli_bench_vision (const IvCliCommand *command, const IvCliBenchVisionParams *params);

G_END_DECLS
