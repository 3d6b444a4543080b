/* The colours of a subtraction: warm for more opaque, cool for less, nothing for no change.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-tint.h"

#include <math.h>

/* Differences below QUIET are noise of the registration and stay gray; FULL has the full colour. */
#define QUIET 0.08
#define FULL 0.70
#define STRONGEST 0.88

static const double warm[3] = { 1.00, 0.50, 0.02 };
static const double cool[3] = { 0.08, 0.55, 1.00 };

static double
alpha_of (double difference)
{
  const double t = CLAMP ((fabs (difference) - QUIET) / (FULL - QUIET), 0, 1);

  return STRONGEST * t * t * (3 - 2 * t);
}

void
iv_film_tint_fill (guint32 colors[256])
{
  for (guint i = 0; i < 256; i++) {
    const double difference = (i - 127.5) / 127.5;
    const double alpha = alpha_of (difference);
    const double *hue = difference > 0 ? warm : cool;
    guint32 color = (guint32) lrint (255 * alpha) << 24;

    for (guint k = 0; k < 3; k++)
      color |= (guint32) floor (255 * alpha * hue[k]) << (16 - 8 * k);
    colors[i] = color;
  }
}

GdkRGBA
iv_film_tint_over_gray (double difference, double gray)
{
  const double alpha = alpha_of (difference);
  const double *hue = difference > 0 ? warm : cool;

  return (GdkRGBA){ (float) (gray * (1 - alpha) + alpha * hue[0]),
                    (float) (gray * (1 - alpha) + alpha * hue[1]),
                    (float) (gray * (1 - alpha) + alpha * hue[2]),
                    1 };
}
