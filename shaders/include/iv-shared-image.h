/* Push constants of the comparison's image passes, read by C and by GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_IMAGE_H
#define IV_SHARED_IMAGE_H

#include "shaders/include/iv-shared.h"

/* Invocations in a row of a work-group; a group covers as many pixels of one line of one plane. */
#define IV_IMAGE_LOCAL 64
/* Invocations of the shaders that sum up lines, one line each. */
#define IV_LINE_LOCAL 8

struct IvPushArea {
  uint source_width, source_height, width, height;
  float scale_x, scale_y, offset_x, offset_y;
};

struct IvPushResize {
  uint source_width, source_height, width, height;
  float scale, gain;
};

struct IvPushBlur {
  uint width, height;
  uint vertical;
  uint zero_edge; /* 0: edge pixels carried on */
  uint radius;
  float sigma;
  float add; /* times the second image is added to the first before the blur; 0: unused */
};

struct IvPushWarp {
  uint source_width, source_height, width, height;
  uint has_field;
  float a0, a1, a2, a3, a4, a5;
};

#define IV_POINT_LINEAR 0
#define IV_POINT_MULTIPLY 1
#define IV_POINT_STEP 2
#define IV_POINT_CLAMP 3
#define IV_POINT_MAX 4
#define IV_POINT_MIN 5
#define IV_POINT_ABS 6

struct IvPushPoint {
  uint width, height;
  uint op;
  uint b_planes; /* 0: no second image, 1: the same plane for all, else plane by plane */
  float k0, k1, k2;
};

struct IvPushNorm {
  uint width, height;
  float floor;
  float density_plane; /* not 0: plane 0 gets the density as -1 … 1, plane 1 the normalised */
};

/* Bytes of partial sums that one line of pixels leaves. */
#define IV_NORMAL_SUMS 30 /* 21 of J'J, 6 of J'e, weight, weighted squared error, overlap */
#define IV_STATS_SUMS 6   /* weight, a, b, aa, bb, ab */

struct IvPushNormal {
  uint width, height, prior_width, prior_height;
  uint planes; /* plane 0 robust, the others plain */
  float unit;  /* pixels per unit of the affine parameters */
  float center_x, center_y;
  float lung_weight;
  float a0, a1, a2, a3, a4, a5;
};

struct IvPushForce {
  uint width, height, prior_width, prior_height;
  uint planes;
  float lung_weight;
  float clip;
  float alpha;
  float a0, a1, a2, a3, a4, a5;
};

struct IvPushStats {
  uint width, height;
  uint plane;    /* of both images */
  uint weighted; /* 0: the weight is 1 */
};

struct IvPushField {
  uint width, height;
  float a0, a1, a2, a3, a4, a5;
};

struct IvPushConv {
  uint width, height;
  uint planes_a, planes_b; /* input: the planes of a, then those of b */
  uint planes_out;
  uint kernel;  /* 1 or 3 */
  uint weights; /* first of the layer: [out][in][kernel][kernel], then biases [out] */
  uint sigmoid; /* 1: logistic output, 0: leaky rectifier of slope 0.1 */
};

#endif
