/* Push constants of the linear shaders, and the formats of packed weights, read by C and GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_LINEAR_H
#define IV_SHARED_LINEAR_H

#include "shaders/include/iv-shared.h"

/* Packed weights: blocks of 32 along k. A 16-byte texel holds
 *   F32  4 weights; F16, BF16  8 weights, two to a word
 *   Q8*  16 weights as bytes, biased by 128
 *   Q4*  32 weights as nibbles: word w, half h, nibble c is weight 8 w + 4 h + c.
 * and the scales of a block:
 *   Q8, Q4  one F16;  Q4S  F32 scale, F32 minimum
 *   Q8S     F32 scale for each 16;  Q8M  the same and an F32 minimum for each 16.
 * Value: scale * (byte - 128) [- minimum]; Q4: scale * (nibble - 8);
 * Q4S: scale * nibble - minimum. */
#define IV_FORMAT_F32 0
#define IV_FORMAT_F16 1
#define IV_FORMAT_BF16 2
#define IV_FORMAT_Q8 3
#define IV_FORMAT_Q8S 4
#define IV_FORMAT_Q8M 5
#define IV_FORMAT_Q4 6
#define IV_FORMAT_Q4S 7
#define IV_N_FORMATS 8

/* CPU layout: tiles of lanes * 8 rows. Texel
 * (((tile * blocks + block) * texels + j) * 8 + r) * lanes + lane
 * is texel j of the block of row tile * lanes * 8 + r * lanes + lane; scale texel
 * ((tile * blocks + block) * scales + s) * lanes + lane holds entry s of the rows r = 0 … 7, eight
 * F16, or four F32 for r = 0 … 3 (s even) and 4 … 7 (s odd).
 * GPU layout: texel (row * blocks + block) * texels + j; scales row by row, block by block. */
#define IV_TILE_GROUPS 8

struct IvPushLinear {
  uint n_in;
  uint n_out;    /* of this piece of the matrix */
  uint n_blocks; /* of 32 along k */
  uint n_tokens;
  uint x_first; /* elements, multiples of 4 */
  uint x_stride;
  uint y_first; /* elements; of the piece's first row */
  uint y_stride;
  uint bias_first; /* elements */
  uint flags;
  float epsilon; /* of the norm of x, where a shader has one */
};
#define IV_LINEAR_ADD 1u
#define IV_LINEAR_BIAS 2u

struct IvPushUnpack {
  uint n_blocks;
  uint first_tile;
};

/* y[z, t, row] = sum over k of w[z, row, k] * x[z, t, k], w as F32 texels (CPU layout). Token t is
 * t / group and t % group apart, so that the query heads of one key head count as tokens. */
struct IvPushMatmul {
  uint n_in;
  uint n_rows;
  uint n_tokens;
  uint group;
  uint w_first; /* texels */
  uint w_tile;  /* texels from tile to tile */
  uint w_batch; /* texels from batch to batch */
  uint x_first; /* elements from here on */
  uint x_token;
  uint x_group;
  uint x_batch;
  uint y_first;
  uint y_token;
  uint y_group;
  uint y_batch;
  uint bias_first;
  uint flags; /* IV_LINEAR_* */
  uint limit; /* rows from limit + t / group on need not be computed; 0: all */
  /* Of w in Q8, texels of scales: see iv-shared-attention.h. */
  uint s_first;
  uint s_tile; /* keys: from tile to tile; values: from 32 rows to the next 32 */
  uint s_batch;
};

struct IvPushEmbedding {
  uint n;
  uint n_blocks;
  uint first_row, n_rows; /* of this piece; ids outside are left alone */
  uint first_id;
  uint n_tokens;
  uint y_first, y_stride;
  float scale;
};

#endif
