/* Rotary position embedding: angles on the host, rotation on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"

G_BEGIN_DECLS

/* Which of a token's positions turns frequency j. */
typedef enum {
  IV_ROPE_PLAIN,   /* the first: text */
  IV_ROPE_CHUNKED, /* Qwen2-VL: sections[0] frequencies of stream 0 (t), then 1 (h), then 2 (w) */
  IV_ROPE_INTERLEAVED, /* Qwen3-VL: j % 3 = 1 is h and 2 is w below 3 * their section, else t */
  IV_ROPE_VISION,      /* row (stream 0) for the first half of the frequencies, column for the
                        * second; both halves count their frequencies from 0 */
} IvRopeKind;

typedef struct {
  IvRopeKind kind;
  guint n_rot;           /* rotated elements of a head, even: n_rot / 2 frequencies */
  double theta;          /* frequency j = theta^(-2j / n_rot); vision: theta^(-4j / n_rot) */
  double position_scale; /* linear scaling: positions are divided by it; 0 counts as 1 */
  const float *divisors; /* [n_rot / 2] of the frequencies (rope_freqs, llama3); NULL: ones */
  guint sections[3];     /* of CHUNKED and INTERLEAVED, in frequencies */
} IvRopeParams;

/* angles: [n_tokens, n_rot] as cos, sin pairs, to be put into IvRows of n = n_rot and used by all
 * layers. positions: [n_tokens] for PLAIN, else stream by stream [n_streams, n_tokens] with 3
 * streams (t, h, w), or 2 (row, column) for VISION. Computed in double. Thread-safety: any. */
void iv_rope_fill_angles (const IvRopeParams *params,
                          const gint32 *positions,
                          guint n_tokens,
                          float *angles);

typedef struct {
  IvRows x;      /* [n_tokens, n_heads * head_dim], rotated in place */
  IvRows angles; /* [n_tokens, n_rot] */
  guint n_tokens;
  guint n_heads;
  guint head_dim; /* a multiple of 4; elements from n_rot on stay */
  guint n_rot;
  gboolean adjacent; /* pairs (2j, 2j + 1): llama in GGUF; else (j, j + n_rot / 2) */
} IvOpRope;

/* (a, b) → (a cos - b sin, b cos + a sin) */
void iv_op_rope (IvOps *ops, IvVkCommands *commands, const IvOpRope *op);

G_END_DECLS
