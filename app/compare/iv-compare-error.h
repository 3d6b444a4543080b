/* The error domain of app/compare.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_COMPARE_ERROR (iv_compare_error_quark ())
GQuark iv_compare_error_quark (void);

typedef enum {
  IV_COMPARE_ERROR_FILM, /* a film that cannot be worked on: too small */
  IV_COMPARE_ERROR_DATA, /* the built-in weights are damaged */
} IvCompareError;

G_END_DECLS
