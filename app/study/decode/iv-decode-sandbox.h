/* The walls around the decode worker.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limits memory, forbids core dumps, and, where built with libseccomp, every system call but those
 * that computing needs: no file can be opened, no socket made, no program started. */
void iv_decode_sandbox_enter (guint64 memory_mib);

/* This many more seconds of processor time, then SIGXCPU. */
void iv_decode_sandbox_limit_cpu (guint seconds);

/* Whether system calls are filtered in this build. */
gboolean iv_decode_sandbox_has_filter (void);

G_END_DECLS
