/* What lets a header be read by C and GLSL alike.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_H
#define IV_SHARED_H

#ifndef VULKAN /* defined by the GLSL compiler */
#include <glib.h>
#include <sys/types.h> /* uint */
#endif

#endif
