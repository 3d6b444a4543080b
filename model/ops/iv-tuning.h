/* Which variants of the matrices' kernels are in use, and measuring which is fastest here.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-linear.h"

G_BEGIN_DECLS

typedef enum {
  IV_TUNING_DEFAULT,  /* not measured */
  IV_TUNING_MEASURED, /* by this process, whatever won */
  IV_TUNING_STORED,   /* measured earlier on this device, driver and build, and kept on disk */
} IvTuningSource;

const char *iv_tuning_source_to_string (IvTuningSource source); /* "default", "tuned", "stored" */

typedef struct {
  const char *format; /* of packed weights: "q8" */
  const char *knob;   /* "touch" */
  guint value;
  IvTuningSource source;
} IvTuningRow;

/* (transfer full) IvTuningRow, each knob of the device's class for each format:
 *   CPU  touch    1: the next block's cache lines are touched ahead
 *        share    tokens that share an unpacked weight in batches of 2 to 16
 *   GPU  threads  of a work-group of matrix × vector
 *        rows     that a team of it takes at a time
 *        tile     a sixteenth of the side of a work-group's square of matrix × matrix
 * Thread-safety of all in this header: engine thread. */
GArray *iv_ops_get_tuning (IvOps *ops);

typedef struct {
  IvLinear *const *linears; /* of the loaded network */
  guint n_linears;
  guint64 budget; /* µs after which nothing further is begun; 0: two seconds */
} IvTuneParams;

/* Whether iv_ops_tune() has something to measure: never with INTERVAL_TUNING=off. */
gboolean iv_ops_needs_tuning (IvOps *ops, const IvTuneParams *params);
/* Measures what no stored result is there for, with the network's own weights, and stores it. A
 * variant replaces the default when its median is faster by 5 %. What the budget leaves out keeps
 * its default until the next time. Errors: those of the device. */
gboolean iv_ops_tune (IvOps *ops, const IvTuneParams *params, GError **error);

/* For tests: variant i of each knob, where it has so many, else its last; 0: the defaults. FALSE
 * when no knob has more than i. */
gboolean iv_ops_choose_variant (IvOps *ops, guint i);

G_END_DECLS
