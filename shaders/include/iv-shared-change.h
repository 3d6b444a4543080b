/* Push constants and tables of the change detection's shaders, read by C and by GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_CHANGE_H
#define IV_SHARED_CHANGE_H

#include "shaders/include/iv-shared.h"

/* The slow field: cos(π i x) cos(π j y), i + j <= order. */
#define IV_GREY_ORDER 4
#define IV_GREY_CURVE 8 /* terms before the cosines */
#define IV_GREY_TERMS 23

struct IvPushChangePredict {
  uint width, height;
  float x0, y0, across, down; /* pixels; the chest, 0 … 1 for the slow field */
  float gain;                 /* of the result: 1 / contrast of the film */
  float coefficients[IV_GREY_TERMS];
};

struct IvPushChangeTolerant {
  uint width, height;
  uint reach; /* pixels to each side */
};

struct IvPushChangeGradient {
  uint width, height;
  float scale; /* times the difference over one pixel */
};

struct IvPushChangeNoise {
  uint width, height;
  float floor;    /* least deviation */
  float limit;    /* differences count at most as much for the local deviation */
  float gradient; /* expected difference per unit of gradient */
};

struct IvPushChangeTexture {
  uint width, height;
  float floor; /* of the energies */
};

#endif
