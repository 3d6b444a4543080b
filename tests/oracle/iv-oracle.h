/* Every operation of the networks once more, in plain C and double: the truth of the op table.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All arrays are row-major without padding. Thread-safety: any. */

/* y[t, o] (+)= sum over i of w[o, i] x[t, i] + bias[o]; bias may be NULL. */
typedef struct {
  const float *w, *x, *bias;
  float *y;
  guint n_in, n_out, n_tokens;
  gboolean add;
} IvOracleLinear;

void iv_oracle_linear (const IvOracleLinear *op);

/* Over groups of n; weight and bias of n or NULL; center: layer norm. */
typedef struct {
  const float *x, *weight, *bias;
  float *y;
  guint n, n_groups;
  double epsilon;
  gboolean center;
} IvOracleNorm;

void iv_oracle_norm (const IvOracleNorm *op);

/* x [n_tokens, n_heads, head_dim] in place; position[t] * theta^(-2j / n_rot). */
typedef struct {
  float *x;
  const gint32 *positions;
  guint n_tokens, n_heads, head_dim, n_rot;
  double theta;
  gboolean adjacent;
} IvOracleRope;

void iv_oracle_rope (const IvOracleRope *op);

/* q, y [n_tokens, n_heads, head_dim]; k, v [n_slots, n_kv_heads, head_dim]. Token t sees slots
 * first[t] … end[t] - 1. */
typedef struct {
  const float *q, *k, *v;
  float *y;
  guint n_tokens, n_heads, n_kv_heads, head_dim;
  const guint *first, *end;
  double scale;
} IvOracleAttention;

void iv_oracle_attention (const IvOracleAttention *op);

double iv_oracle_silu (double x);
double iv_oracle_gelu_tanh (double x);
double iv_oracle_gelu_erf (double x);
double iv_oracle_gelu_quick (double x);

/* sum (x - y)² / sum y², y the truth; not finite when x is not. */
double iv_oracle_nmse (const float *x, const float *y, gsize n);

G_END_DECLS
