/* Push constants of the attention shaders, read by C and GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_ATTENTION_H
#define IV_SHARED_ATTENTION_H

#include "shaders/include/iv-shared.h"

/* CPU layout of a layer's cache, texels of 16 bytes: 4 F32, 8 F16 or 16 signed bytes along k. Keys
 * of a kv head: rows are slots, k is the head's dimension; values: rows are the head's dimension, k
 * is the slot; both as cpu-matmul reads them. GPU layout: [slot, kv head, dimension].
 * Q8: each 32 dimensions of a slot have an F32 scale, a number that F16 holds. CPU layout of keys'
 * scales: texel ((tile * blocks + block) * 2 + s) * lanes + lane of a head is of the rows
 * r = 0 … 3 (s = 0) or 4 … 7; of values' scales: [kv head, 32 dimensions, slot]. GPU layout:
 * [slot, kv head, 32 dimensions]. */
#define IV_CACHE_F32 0
#define IV_CACHE_F16 1
#define IV_CACHE_Q8_KEYS 2
#define IV_CACHE_Q8_VALUES 3

struct IvPushKvStore {
  uint n_tokens;
  uint head_dim;
  uint n_kv_heads;
  uint slot;
  uint k_first, k_stride;
  uint v_first, v_stride;
  uint k_tile, k_head; /* elements from tile to tile, from head to head */
  uint v_tile, v_head;
  uint n_slots;
  uint k_scale_tile, k_scale_head; /* elements, Q8 of the CPU layout */
  uint v_scale_block, v_scale_head;
  /* Where queries and keys are rotated on the way: as in IvPushRope; n_heads of queries. */
  uint n_heads, n_rot;
  uint q_first, q_stride;
  uint angles_first, angles_stride;
  uint adjacent;
};

struct IvPushSoftmax {
  uint n_rows;
  uint stride;   /* elements from row to row */
  uint n;        /* columns to be written; the sum runs over those visible */
  uint group;    /* rows of one token */
  uint n_tokens; /* rows are [batch, token, group] */
  uint base;     /* slot of column 0 */
  uint first;    /* slots first … end - 1 may be seen */
  uint end;
  uint own;    /* slot of token 0 */
  uint causal; /* token i sees no slot after own + i */
  uint window; /* nor one before own + i - window + 1; 0: all */
  float scale;
};

/* Behind an IvPushMatmul whose x are scores: what a query may see, as in IvPushSoftmax. */
struct IvPushSeen {
  uint base, first, end, own;
  uint causal, window;
  float scale;
};

struct IvPushAttention {
  uint head_dim;
  uint n_heads;
  uint group; /* query heads of one kv head */
  uint n_kv_heads;
  uint q_first, q_stride;
  uint y_first, y_stride;
  uint first, end;
  uint own;
  uint causal;
  uint window;
  float scale;
  uint n_tokens;
};

#endif
