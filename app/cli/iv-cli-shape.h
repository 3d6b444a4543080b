/* A published network's shape with random weights, for measuring speed without its files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-decoder-config.h"

G_BEGIN_DECLS

/* Weights in memory: all matrices share one block of random values. */
typedef struct IvCliShape IvCliShape;

/* name: "qwen2.5-0.5b" …; the error lists the names. type: one that values can be converted to. */
IvCliShape *iv_cli_shape_new (const char *name, IvDataType type, GError **error);
void iv_cli_shape_free (IvCliShape *shape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvCliShape, iv_cli_shape_free)

const IvDecoderConfig *iv_cli_shape_get_config (IvCliShape *shape);
/* An IvTensorFunc; user_data is the shape. */
const IvTensor *iv_cli_shape_find (const char *name, gpointer user_data);

G_END_DECLS
