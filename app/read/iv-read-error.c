/* What can go wrong in app/read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-read-error.h"

G_DEFINE_QUARK (iv - read - error - quark, iv_read_error)
