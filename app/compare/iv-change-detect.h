/* Finds the regions that changed between two registered films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "app/compare/iv-comparison.h"
#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

/* A film at the working resolution. Borrowed for the call. */
typedef struct {
  guint width, height;
  const float *density; /* [height, width], about 0 … 1, larger = more opaque */
  const guint8 *valid;  /* [height, width], 0 in collimation borders and outside of the film */
} IvChangeFilm;

/* Everything the detection looks at, on the working grid of the current film: about 450 … 550
 * pixels a row, square pixels. */
typedef struct {
  IvChangeFilm current;
  IvChangeFilm prior;        /* on a grid of its own, at about the same scale */
  const float *displacement; /* [2, height, width]: x plane, then y plane. The point (x, y) of the
                              * current grid lies at (x + dx, y + dy) of the prior's grid. */
  const guint8 *lungs;       /* [height, width] 0 none, 1 patient's right lung, 2 left */
  double quality;            /* of the registration, 0 … 1 */
  double film_scale;         /* working pixel u is film pixel (u + 0.5) * film_scale - 0.5 */
  double mm_per_film_pixel;  /* NAN when the spacing is unknown */
} IvChangeInput;

void iv_change_free (IvChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvChange, iv_change_free)

/* (transfer full) IvChange *, best score first, none overlapping; contours, boxes and centroids in
 * pixels of the current film. An empty array when nothing changed.
 * @subtraction: (out) (optional) (array) [height, width] on the current grid, in units of the
 * film's contrast between lung and mediastinum: 0 = no change, positive = more opaque now. g_free.
 * Fails when the device does, when cancelled, or when there is no lung (IV_VK_ERROR, G_IO_ERROR).
 * Thread-safety: engine thread. */
GPtrArray *iv_change_detect (IvVkDevice *device,
                             const IvChangeInput *input,
                             float **subtraction,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
