/* The application: command line, files from outside, settings, what all windows share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "app/engine/iv-engine.h"
#include "app/study/iv-library.h"

G_BEGIN_DECLS

#define IV_TYPE_APPLICATION (iv_application_get_type ())
G_DECLARE_FINAL_TYPE (IvApplication, iv_application, IV, APPLICATION, AdwApplication)

IvApplication *iv_application_new (void);

/* (transfer none) */
IvEngine *iv_application_get_engine (IvApplication *self);
GSettings *iv_application_get_settings (IvApplication *self);
/* NULL when it could not be opened: then nothing is remembered. */
IvLibrary *iv_application_get_library (IvApplication *self);

/* What was asked for on the command line could not be done: the exit status becomes 1. */
void iv_application_set_failed (IvApplication *self);
gboolean iv_application_has_failed (IvApplication *self);

G_END_DECLS
