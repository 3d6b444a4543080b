/* A text decoder in plain C: what the networks on the device are compared with, layer by layer.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-decoder-config.h"

G_BEGIN_DECLS

typedef struct {
  const gint32 *ids;
  guint n_ids;
  const gint32 *positions; /* [3, n_ids] for t, h, w; NULL: 0, 1, 2 … in all three */
  gboolean bidirectional;  /* a token also sees those after it */
  const float *embeddings; /* [n_ids, n_embd] in place of ids, not scaled; NULL: ids */
  const float *deepstack; /* [n_ids, n_deepstack, n_embd]: one added after each of the first layers,
                           * or NULL */
} OracleInput;

/* hidden: [n_layers + 1, n_ids, n_embd], the embeddings and the stream after each layer; logits:
 * [n_ids, n_vocab]. Sums in F64, everything else in F32. (transfer full) both. */
void oracle_decoder_run (IvWeights *weights,
                         const IvDecoderConfig *config,
                         const OracleInput *input,
                         float **hidden,
                         float **logits);

G_END_DECLS
