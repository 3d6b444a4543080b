/* Push constants of the shaders that work on rows of activations, read by C and GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_ROWS_H
#define IV_SHARED_ROWS_H

#include "shaders/include/iv-shared.h"

/* All _first and _stride are elements and multiples of 4. */

struct IvPushScale {
  uint n;
  float factor;
};

struct IvPushNorm {
  uint n;
  uint n_groups;
  uint x_first, x_stride;
  uint y_first, y_stride;
  float epsilon;
  uint flags;
};
#define IV_NORM_CENTER 1u
#define IV_NORM_WEIGHT 2u
#define IV_NORM_BIAS 4u

struct IvPushActivation {
  uint n;
  uint x_first, x_stride;
  uint up_first, up_stride;
  uint y_first, y_stride;
  uint activation; /* IvActivation */
  uint has_up;
};

struct IvPushAdd {
  uint n;
  uint x_first, x_stride;
  uint y_first, y_stride;
  float factor;
  uint overwrite;
  uint has_scale;
};

struct IvPushBlend {
  uint n;
  uint n_terms; /* of each row */
  uint x_first, x_stride;
  uint y_first, y_stride;
};

struct IvPushRope {
  uint n_heads;
  uint head_dim;
  uint n_rot;
  uint x_first, x_stride;
  uint angles_first, angles_stride;
  uint adjacent;
};

#endif
