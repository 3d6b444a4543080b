/* Push constants of the element-wise shaders, read by C and GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_ELEMENTWISE_H
#define IV_SHARED_ELEMENTWISE_H

#include "shaders/include/iv-shared.h"

struct IvPushScale {
  uint n; /* elements */
  float factor;
};

#endif
