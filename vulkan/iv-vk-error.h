/* The error domain of vulkan/ and the names of Vulkan's results.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_VK_ERROR (iv_vk_error_quark ())
GQuark iv_vk_error_quark (void);

typedef enum {
  IV_VK_ERROR_FAILED,        /* the driver answered with an error */
  IV_VK_ERROR_NO_DEVICE,     /* no loader, no device, or no device of that number */
  IV_VK_ERROR_OUT_OF_MEMORY, /* of the device or of the host */
  IV_VK_ERROR_DEVICE_LOST,   /* sticky: create the device anew */
  IV_VK_ERROR_LIMIT,         /* more than this device allows; the message names the limit */
  IV_VK_ERROR_SHADER,        /* no such shader, or it does not fit its use */
  IV_VK_ERROR_RANGE,         /* outside the buffer */
} IvVkError;

/* "ERROR_OUT_OF_DEVICE_MEMORY" for a VkResult. Thread-safety: any. */
const char *iv_vk_result_to_string (int result);

G_END_DECLS
