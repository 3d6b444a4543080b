/* Knobs of the matrices' kernels, as the recordings and the measuring see them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-linear-private.h"

G_BEGIN_DECLS

#define IV_MAX_VARIANTS 4

/* Defaults and what is stored. */
void iv_tuning_init (IvOps *ops);
/* What a knob may be on this device for a format, the default first; 0: not of its class. */
guint iv_tuning_list (IvOps *ops, guint format, guint knob, guint values[IV_MAX_VARIANTS]);
/* A measured choice, for use now and to be stored. */
void iv_tuning_set (IvOps *ops, guint format, guint knob, guint value);

G_END_DECLS
