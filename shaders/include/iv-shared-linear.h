/* Push constants of the linear shaders, and the formats of packed weights, read by C and GLSL.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef IV_SHARED_LINEAR_H
#define IV_SHARED_LINEAR_H

#include "shaders/include/iv-shared.h"

/* Packed weights: blocks of 32 along k. A 16-byte texel holds
 *   F32  4 weights; F16, BF16  8 weights, two to a word
 *   Q8*  16 weights as bytes
 *   Q4*  32 weights as nibbles: word w, half h, nibble c is weight 8 w + 4 h + c.
 * The scales, by the letters after the digit:
 *   none  an F16 d for each block:              d * (byte - 128), d * (nibble - 8)
 *   M     and an F16 minimum m:                 d * q - m, q without offset
 *   S     an F16 d for each eight blocks (256 weights), a signed byte s for each 16 weights:
 *         d * s * (byte - 128)
 *   SM    and an F16 m for each eight blocks, a byte t beside each s: d * s * q - m * t;
 *         in Q4SM s and t are for 32 weights.
 * These are the numbers of the files: d * s and m * t are exact in F32. Rows of S and SM are a
 * multiple of eight blocks. */
#define IV_FORMAT_F32 0
#define IV_FORMAT_F16 1
#define IV_FORMAT_BF16 2
#define IV_FORMAT_Q8 3
#define IV_FORMAT_Q8M 4
#define IV_FORMAT_Q8S 5
#define IV_FORMAT_Q8SM 6
#define IV_FORMAT_Q4 7
#define IV_FORMAT_Q4M 8
#define IV_FORMAT_Q4SM 9
#define IV_N_FORMATS 10

/* CPU layout: tiles of lanes * 8 rows. Texel
 * (((tile * blocks + block) * texels + j) * 8 + r) * lanes + lane
 * is texel j of the block of row tile * lanes * 8 + r * lanes + lane. Scale texel i * lanes + lane
 * of a tile is for its rows r = 0 … 7; i counts, block after block,
 *   none, M  eight F16 d; M: then eight F16 m
 *   S, SM    before each eight blocks, eight F16 d; SM: then eight F16 m; and of each block
 *            eight bytes s of its first half, eight of its second; SM: then the same of t;
 *            Q4SM: eight bytes s, eight bytes t.
 * GPU layout: texel (row * blocks + block) * texels + j; scales row by row,
 *   none, M  d; M: then m
 *   S, SM    of eight blocks, F16 d and m (0 in S), then of each block the bytes
 *            S: s, s; SM: s, s, t, t; Q4SM: s, t. */
#define IV_TILE_GROUPS 8
#define IV_SUPER_BLOCKS 8

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
