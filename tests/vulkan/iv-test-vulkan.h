/* A device with validation layers for tests, and the assertion that they stayed silent.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

/* (transfer full) The best device with validation. */
static inline IvVkDevice *
iv_test_device_new (void)
{
  g_autoptr (GError) error = NULL;
  IvVkDeviceParams params = { .index = -1, .validation = TRUE };
  IvVkDevice *device = iv_vk_device_new (&params, &error);
  g_assert_no_error (error);
  return device;
}

static inline void
iv_test_assert_silent (IvVkDevice *device)
{
  g_assert_cmpstr (iv_vk_device_get_first_message (device), ==, NULL);
  g_assert_cmpuint (iv_vk_device_get_n_messages (device), ==, 0);
}

G_END_DECLS
