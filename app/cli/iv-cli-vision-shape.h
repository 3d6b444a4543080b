/* A published vision tower's shape with random weights, for measuring speed without its files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-vision-config.h"

G_BEGIN_DECLS

/* Weights in memory: all matrices share one block of random values. */
typedef struct IvCliVisionShape IvCliVisionShape;

/* name: "siglip-so400m" …; the error lists the names. type: one that values can be converted to. */
IvCliVisionShape *iv_cli_vision_shape_new (const char *name, IvDataType type, GError **error);
void iv_cli_vision_shape_free (IvCliVisionShape *shape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvCliVisionShape, iv_cli_vision_shape_free)

const IvVisionConfig *iv_cli_vision_shape_get_config (IvCliVisionShape *shape);
/* Pixels a side of the images it was published with. */
guint iv_cli_vision_shape_get_side (IvCliVisionShape *shape);
/* An IvTensorFunc; user_data is the shape. */
const IvTensor *iv_cli_vision_shape_find (const char *name, gpointer user_data);
/* Products and sums of one image, two for each weight and row and for each score and value. */
double iv_cli_vision_shape_count_flops (IvCliVisionShape *shape);

G_END_DECLS
