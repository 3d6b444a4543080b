/* The small network that finds the lung fields of a frontal chest radiograph.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-planes-pass.h"

G_BEGIN_DECLS

/* A U-Net of 124,000 weights on a canvas of 128 x 128 pixels; data/compare/ says how it was
 * trained. Thread-safety: engine thread. */
typedef struct IvLungNet IvLungNet;

/* Reads the embedded weights and puts them on the device. Error: IV_COMPARE_ERROR for weights that
 * do not have the expected layers; those of vulkan/. */
IvLungNet *iv_lung_net_new (IvPlanesPasses *passes, GError **error);
void iv_lung_net_free (IvLungNet *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLungNet, iv_lung_net_free)

/* lungs [2, height, width]: probability that a pixel belongs to the patient's right, left lung.
 * density: [1, height, width] of the same size. Recorded. */
void
iv_lung_net_find (IvLungNet *net, IvPlanesPasses *passes, const IvPlanes *density, IvPlanes *lungs);

G_END_DECLS
