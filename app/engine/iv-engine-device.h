/* How the engine opens and closes its device, so that a test can put another in its place.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"

G_BEGIN_DECLS

/* Thread-safety: engine thread. */
typedef struct {
  IvVkDevice *(*open) (const IvEngineParams *params, GError **error);
  void (*close) (IvVkDevice *device);
  const char *(*get_name) (IvVkDevice *device);
  gboolean (*is_lost) (IvVkDevice *device);
} IvEngineDeviceClass;

/* The Vulkan device. (transfer none) */
const IvEngineDeviceClass *iv_engine_device_class_get_vulkan (void);

/* iv_engine_new() with another kind of device. (transfer full) */
IvEngine *iv_engine_new_with_device_class (const IvEngineParams *params,
                                           const IvEngineDeviceClass *device_class);

G_END_DECLS
