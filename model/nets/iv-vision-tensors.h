/* The tensors a vision tower and its projector need, against their configuration.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-vision-config.h"

G_BEGIN_DECLS

/* Sets what only the tensors tell (n_ffn, n_channels, the has_ fields, n_linears, n_out,
 * table_side, is_rms where the family leaves it open) and checks that every tensor is there with
 * its shape. Before: n_layers, n_embd, n_head, patch, merge, is_pooled, projector. */
gboolean iv_vision_tensors_check (IvWeights *weights, IvVisionConfig *config, GError **error);

/* The projector's linear layer i and its norm by name; NULL behind the last. deepstack: the layer
 * that a deepstack merger follows, or -1 for the main one. (transfer full) */
char *iv_vision_projector_linear (const IvVisionConfig *config, gint deepstack, guint i);
char *iv_vision_projector_norm (const IvVisionConfig *config, gint deepstack);

/* What newer and older files call the row that ends a row of tiles; NULL when there is none. */
const char *iv_vision_newline_name (IvWeights *weights);

G_END_DECLS
