/* The error domain of everything under model/.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_MODEL_ERROR (iv_model_error_quark ())
GQuark iv_model_error_quark (void);

typedef enum {
  IV_MODEL_ERROR_FILE,        /* cannot be opened or read */
  IV_MODEL_ERROR_FORMAT,      /* damaged, cut or not of its format; the message names the field */
  IV_MODEL_ERROR_UNSUPPORTED, /* well formed, but of an architecture, type or template not known */
  IV_MODEL_ERROR_MISMATCH,    /* metadata and tensors, or two files, do not suit each other */
  IV_MODEL_ERROR_MEMORY,      /* does not fit the device or the context */
  IV_MODEL_ERROR_INPUT,       /* what the caller asked for: messages, ids, images */
  IV_MODEL_ERROR_DEVICE,      /* the device failed; a DEVICE_LOST is sticky */
} IvModelError;

G_END_DECLS
