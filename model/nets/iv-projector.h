/* From the rows of a vision tower to rows of the decoder's width.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/nets/iv-decoder-weights.h"
#include "model/nets/iv-vision-config.h"

G_BEGIN_DECLS

/* merge × merge rows of the tower become one, side by side or as their mean; a norm over that;
 * linear layers with GELU (erf) between them. One kind for all families: a single linear layer,
 * LLaVA's two, MAIRA-2's four, Qwen's merger (whose norm is the tower's last) and its deepstack
 * mergers, Gemma's pooling, InternVL's unshuffle. Thread-safety of all: engine thread. */
typedef struct IvProjector IvProjector;

typedef struct {
  const IvVisionConfig *config; /* copied */
  IvTensorFunc find;            /* tensors that the config was checked against */
  gpointer find_data;
  gint deepstack; /* the layer of a deepstack merger, -1: the main projector */
} IvProjectorParams;

/* Errors: those of iv_linear_new(). ops must outlive the projector. */
IvProjector *iv_projector_new (IvOps *ops, const IvProjectorParams *params, GError **error);
void iv_projector_free (IvProjector *projector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvProjector, iv_projector_free)
/* Bytes of its matrices. */
guint64 iv_projector_get_size (IvProjector *projector);

/* Memory for images of n_rows rows of output and fewer; keeps what is larger. */
gboolean iv_projector_reserve (IvProjector *projector, guint n_rows, GError **error);

typedef struct {
  IvRows x; /* [n_rows * merge * merge, n_embd], merged rows after one another, stride n_embd */
  IvRows y; /* [n_rows, n_out] */
  guint n_rows;
} IvProjectorPass;

/* Reserved before. */
void
iv_projector_record (IvProjector *projector, IvVkCommands *commands, const IvProjectorPass *pass);

G_END_DECLS
