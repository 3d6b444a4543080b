/* Which variants of the kernels are in use, as text and JSON.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "model/ops/iv-tuning.h"

G_BEGIN_DECLS

/* rows: IvTuningRow. A line for each format of which anything was measured:
 * "tuning q8  touch 1 (stored), share 4 (tuned)". Thread-safety: main. */
void iv_cli_tuning_print (GArray *rows);
/* Member "tuning" of the open object: [{"format","knob","value","source"}, …]. */
void iv_cli_tuning_add (JsonBuilder *builder, GArray *rows);

G_END_DECLS
