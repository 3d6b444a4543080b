/* A decoder on the tests' device: what its test programs share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-decoder.h"

G_BEGIN_DECLS

/* Opens the device, with the validation layers where they are installed, and runs the tests that
 * add_tests adds; all is what they keep until they have run. */
int decoder_tests_run (void (*add_tests) (GPtrArray *all));
/* While tests run. */
IvOps *decoder_tests_get_ops (void);

/* A model file on the device, and beside it what the plain decoder needs. */
typedef struct {
  IvWeights *weights;
  IvDecoderConfig config;
  IvDecoder *decoder;
  IvKvCache *cache; /* of 128 slots, F32 */
} Loaded;

/* A tensor of weights, the user data. */
const IvTensor *loaded_find_tensor (const char *name, gpointer weights);
/* Weights and configuration. */
void loaded_open (Loaded *loaded, const char *file);
/* Then the decoder; find, places and batch as in params. */
void loaded_make_decoder (Loaded *loaded, IvDecoderParams params);
/* Both. */
void loaded_load (Loaded *loaded, const char *file, guint n_batch);
void loaded_clear (Loaded *loaded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

G_END_DECLS
