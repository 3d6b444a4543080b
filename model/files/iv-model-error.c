/* The error domain of everything under model/.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-model-error.h"

G_DEFINE_QUARK (iv - model - error - quark, iv_model_error)
