/* A Vulkan device: what there is, which one is chosen, what it can do.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct IvVkDevice IvVkDevice;

G_END_DECLS
