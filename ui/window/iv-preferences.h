/* Preferences: appearance, the device that computes, how the chat answers.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "app/engine/iv-engine.h"

G_BEGIN_DECLS

#define IV_TYPE_PREFERENCES (iv_preferences_get_type ())
G_DECLARE_FINAL_TYPE (IvPreferences, iv_preferences, IV, PREFERENCES, AdwPreferencesWindow)

GtkWidget *iv_preferences_new (GSettings *settings, IvEngine *engine);

G_END_DECLS
