/* The tensors a decoder needs, against its configuration.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-decoder-config.h"

G_BEGIN_DECLS

/* Sets what only the tensors tell (n_vocab, is_tied, has_fused_qkv, rope_divisors) and checks that
 * every tensor is there with its shape. */
gboolean iv_decoder_tensors_check (IvWeights *weights, IvDecoderConfig *config, GError **error);

G_END_DECLS
