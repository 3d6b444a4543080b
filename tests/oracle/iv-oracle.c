/* Every operation of the networks once more, in plain C and double: the truth of the op table.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/oracle/iv-oracle.h"

#include <math.h>

void
iv_oracle_linear (const IvOracleLinear *op)
{
  for (guint t = 0; t < op->n_tokens; t++)
    for (guint o = 0; o < op->n_out; o++) {
      const float *w = op->w + (gsize) o * op->n_in;
      const float *x = op->x + (gsize) t * op->n_in;
      float *y = op->y + (gsize) t * op->n_out + o;
      double sum = op->bias != NULL ? op->bias[o] : 0;
      for (guint i = 0; i < op->n_in; i++)
        sum += (double) w[i] * x[i];
      *y = (float) (op->add ? *y + sum : sum);
    }
}

void
iv_oracle_norm (const IvOracleNorm *op)
{
  for (guint g = 0; g < op->n_groups; g++) {
    const float *x = op->x + (gsize) g * op->n;
    double mean = 0, squares = 0;
    for (guint i = 0; op->center && i < op->n; i++)
      mean += x[i];
    mean /= op->n;
    for (guint i = 0; i < op->n; i++)
      squares += (x[i] - mean) * (x[i] - mean);
    double factor = 1 / sqrt (squares / op->n + op->epsilon);
    for (guint i = 0; i < op->n; i++) {
      double weight = op->weight != NULL ? op->weight[i] : 1;
      double bias = op->bias != NULL ? op->bias[i] : 0;
      op->y[(gsize) g * op->n + i] = (float) ((x[i] - mean) * factor * weight + bias);
    }
  }
}

void
iv_oracle_rope (const IvOracleRope *op)
{
  guint pairs = op->n_rot / 2;
  for (guint t = 0; t < op->n_tokens; t++)
    for (guint h = 0; h < op->n_heads; h++) {
      float *x = op->x + ((gsize) t * op->n_heads + h) * op->head_dim;
      for (guint j = 0; j < pairs; j++) {
        double angle = op->positions[t] * pow (op->theta, -2.0 * j / op->n_rot);
        float *first = x + (op->adjacent ? 2 * j : j);
        float *second = x + (op->adjacent ? 2 * j + 1 : j + pairs);
        double a = *first, b = *second;
        *first = (float) (a * cos (angle) - b * sin (angle));
        *second = (float) (b * cos (angle) + a * sin (angle));
      }
    }
}

/* One token and head; weights: room for its slots. */
static void
attend (const IvOracleAttention *op, guint t, guint h, double *weights)
{
  guint kv = h / (op->n_heads / op->n_kv_heads);
  const float *q = op->q + ((gsize) t * op->n_heads + h) * op->head_dim;
  float *y = op->y + ((gsize) t * op->n_heads + h) * op->head_dim;
  double top = -INFINITY, sum = 0;
  for (guint s = op->first[t]; s < op->end[t]; s++) {
    const float *k = op->k + ((gsize) s * op->n_kv_heads + kv) * op->head_dim;
    double score = 0;
    for (guint d = 0; d < op->head_dim; d++)
      score += (double) q[d] * k[d];
    weights[s] = score * op->scale;
    top = MAX (top, weights[s]);
  }
  for (guint s = op->first[t]; s < op->end[t]; s++)
    sum += weights[s] = exp (weights[s] - top);
  for (guint d = 0; d < op->head_dim; d++) {
    double value = 0;
    for (guint s = op->first[t]; s < op->end[t]; s++)
      value += weights[s] * op->v[((gsize) s * op->n_kv_heads + kv) * op->head_dim + d];
    y[d] = (float) (value / sum);
  }
}

void
iv_oracle_attention (const IvOracleAttention *op)
{
  guint most = 0;
  for (guint t = 0; t < op->n_tokens; t++)
    most = MAX (most, op->end[t]);
  g_autofree double *weights = g_new (double, most);
  for (guint t = 0; t < op->n_tokens; t++)
    for (guint h = 0; h < op->n_heads; h++)
      attend (op, t, h, weights);
}

double
iv_oracle_silu (double x)
{
  return x / (1 + exp (-x));
}

double
iv_oracle_gelu_tanh (double x)
{
  return x / 2 * (1 + tanh (sqrt (2 / G_PI) * (x + 0.044715 * x * x * x)));
}

double
iv_oracle_gelu_erf (double x)
{
  return x / 2 * (1 + erf (x / sqrt (2)));
}

double
iv_oracle_gelu_quick (double x)
{
  return x / (1 + exp (-1.702 * x));
}

double
iv_oracle_nmse (const float *x, const float *y, gsize n)
{
  double difference = 0, power = 0;
  for (gsize i = 0; i < n; i++) {
    difference += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    power += (double) y[i] * y[i];
  }
  return power > 0 ? difference / power : difference;
}
