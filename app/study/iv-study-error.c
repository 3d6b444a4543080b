/* The error domain of app/study/.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-study-error.h"

G_DEFINE_QUARK (iv - study - error - quark, iv_study_error)
