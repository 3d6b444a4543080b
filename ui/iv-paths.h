/* Where Interval finds what comes with it, installed or in the build tree.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Before anything reads settings or translates: points GSettings at the build tree when the
 * program runs from one. */
void iv_paths_init (void);
/* (transfer none) Folder of the translations. */
const char *iv_paths_get_locale (void);
/* (transfer full) Folder of the demonstration study, or NULL when there is none. */
char *iv_paths_find_demonstration (void);

G_END_DECLS
