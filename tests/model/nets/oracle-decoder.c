/* A text decoder in plain C: what the networks on the device are compared with, layer by layer.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "oracle-decoder.h"

#include <math.h>
#include <string.h>

typedef struct {
  IvWeights *weights;
  const IvDecoderConfig *config;
  const OracleInput *input;
  guint layer;
} Oracle;

/* (transfer full) The values of a tensor, or NULL when there is none. */
static float *
load (IvWeights *weights, const char *name)
{
  const IvTensor *tensor = iv_weights_find (weights, name);
  if (tensor == NULL)
    return NULL;
  gsize n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= (gsize) tensor->shape[i];
  float *values = g_new (float, n);
  iv_data_type_to_f32 (tensor->type, tensor->data, values, n);
  return values;
}

static float *
load_of_layer (const Oracle *o, const char *name)
{
  g_autofree char *full = g_strdup_printf ("blk.%u.%s", o->layer, name);
  return load (o->weights, full);
}

/* y [n, rows] = x [n, columns] . w [rows, columns] + b [rows] */
static float *
multiply (const float *x, guint n, const float *w, const float *b, guint rows, guint columns)
{
  float *y = g_new (float, (gsize) n *rows);
  for (guint t = 0; t < n; t++)
    for (guint r = 0; r < rows; r++) {
      double sum = b != NULL ? b[r] : 0;
      for (guint c = 0; c < columns; c++)
        sum += (double) x[(gsize) t * columns + c] * w[(gsize) r * columns + c];
      y[(gsize) t * rows + r] = (float) sum;
    }
  return y;
}

static float *
project (const Oracle *o, const float *x, const char *name, guint rows, guint columns)
{
  g_autofree char *weight_name = g_strconcat (name, ".weight", NULL);
  g_autofree char *bias_name = g_strconcat (name, ".bias", NULL);
  g_autofree float *w = load_of_layer (o, weight_name);
  g_autofree float *b = o->config->has_qkv_bias ? load_of_layer (o, bias_name) : NULL;
  return multiply (x, o->input->n_ids, w, b, rows, columns);
}

/* Each of n rows of x [n, width] in place, or into y. */
static void
normalise (const float *x, float *y, gsize n, guint width, const float *w, float eps)
{
  for (gsize t = 0; t < n; t++) {
    double sum = 0;
    for (guint i = 0; i < width; i++)
      sum += (double) x[t * width + i] * x[t * width + i];
    float scale = (float) (1 / sqrt (sum / width + eps));
    for (guint i = 0; i < width; i++)
      y[t * width + i] = x[t * width + i] * scale * w[i];
  }
}

static guint
stream_of_pair (const IvDecoderConfig *c, guint i)
{
  const guint *s = c->rope_sections;
  if (c->rope_kind == IV_DECODER_ROPE_SECTIONS)
    return i < s[0] ? 0 : i < s[0] + s[1] ? 1 : 2;
  if (c->rope_kind == IV_DECODER_ROPE_INTERLEAVED) {
    if (i % 3 == 1 && i < 3 * s[1])
      return 1;
    if (i % 3 == 2 && i < 3 * s[2])
      return 2;
  }
  return 0;
}

/* x [n_ids, n_heads, head_dim] in place. */
static void
rotate (const Oracle *o, float *x, guint n_heads)
{
  const IvDecoderConfig *c = o->config;
  gboolean sliding = iv_decoder_config_is_sliding (c, o->layer);
  double theta = sliding ? c->rope_theta_local : c->rope_theta;
  double scale = sliding ? 1 : c->rope_scale;
  guint half = c->head_dim / 2, n = o->input->n_ids;
  for (guint t = 0; t < n; t++)
    for (guint i = 0; i < half; i++) {
      guint stream = stream_of_pair (c, i);
      double position =
          o->input->positions != NULL ? o->input->positions[(gsize) stream * n + t] : (double) t;
      double angle = position * scale / pow (theta, 2.0 * i / c->head_dim);
      if (c->rope_divisors != NULL)
        angle /= c->rope_divisors[i];
      guint a = c->rope_kind == IV_DECODER_ROPE_ADJACENT ? 2 * i : i;
      guint b = c->rope_kind == IV_DECODER_ROPE_ADJACENT ? 2 * i + 1 : i + half;
      for (guint h = 0; h < n_heads; h++) {
        float *head = x + ((gsize) t * n_heads + h) * c->head_dim;
        double p = head[a], q = head[b];
        head[a] = (float) (p * cos (angle) - q * sin (angle));
        head[b] = (float) (q * cos (angle) + p * sin (angle));
      }
    }
}

/* One query head at one position over all it may see; out [head_dim]. */
static void
attend_head (const Oracle *o, const float *q, const float *k, const float *v, guint t, float *out)
{
  const IvDecoderConfig *c = o->config;
  gboolean sliding = iv_decoder_config_is_sliding (c, o->layer);
  guint end = o->input->bidirectional ? o->input->n_ids : t + 1;
  guint first = sliding && t + 1 > c->sliding_window ? t + 1 - c->sliding_window : 0;
  gsize stride = (gsize) c->n_kv * c->head_dim;
  g_autofree double *p = g_new (double, end);
  g_autofree double *sums = g_new0 (double, c->head_dim);
  double largest = -INFINITY, whole = 0;
  for (guint s = first; s < end; s++) {
    p[s] = 0;
    for (guint i = 0; i < c->head_dim; i++)
      p[s] += (double) q[i] * k[s * stride + i];
    p[s] *= c->attention_scale;
    largest = fmax (largest, p[s]);
  }
  for (guint s = first; s < end; s++) {
    p[s] = exp (p[s] - largest);
    whole += p[s];
    for (guint i = 0; i < c->head_dim; i++)
      sums[i] += p[s] * v[s * stride + i];
  }
  for (guint i = 0; i < c->head_dim; i++)
    out[i] = (float) (sums[i] / whole);
}

/* (transfer full) [n_ids, n_head * head_dim] */
static float *
attend (const Oracle *o, const float *q, const float *k, const float *v)
{
  const IvDecoderConfig *c = o->config;
  guint n_group = c->n_head / c->n_kv;
  float *out = g_new (float, (gsize) o->input->n_ids * c->n_head * c->head_dim);
  for (guint t = 0; t < o->input->n_ids; t++)
    for (guint h = 0; h < c->n_head; h++) {
      gsize at = ((gsize) t * c->n_head + h) * c->head_dim;
      gsize kv = (gsize) (h / n_group) * c->head_dim;
      attend_head (o, q + at, k + kv, v + kv, t, out + at);
    }
  return out;
}

static void
normalise_heads (const Oracle *o, float *x, guint n_heads, const char *name)
{
  g_autofree float *w = load_of_layer (o, name);
  if (w != NULL)
    normalise (
        x, x, (gsize) o->input->n_ids * n_heads, o->config->head_dim, w, o->config->norm_eps);
}

/* x += norm? (y) */
static void
add_to_stream (const Oracle *o, float *x, float *y, const char *post_norm)
{
  gsize n = o->input->n_ids;
  g_autofree float *w = o->config->has_post_norms ? load_of_layer (o, post_norm) : NULL;
  if (w != NULL)
    normalise (y, y, n, o->config->n_embd, w, o->config->norm_eps);
  for (gsize i = 0; i < n * o->config->n_embd; i++)
    x[i] += y[i];
}

static void
run_attention (const Oracle *o, float *x)
{
  const IvDecoderConfig *c = o->config;
  guint n_q = c->n_head * c->head_dim, n_kv = c->n_kv * c->head_dim, n = o->input->n_ids;
  g_autofree float *w = load_of_layer (o, "attn_norm.weight");
  g_autofree float *h = g_new (float, (gsize) n * c->n_embd);
  normalise (x, h, n, c->n_embd, w, c->norm_eps);
  g_autofree float *q = project (o, h, "attn_q", n_q, c->n_embd);
  g_autofree float *k = project (o, h, "attn_k", n_kv, c->n_embd);
  g_autofree float *v = project (o, h, "attn_v", n_kv, c->n_embd);
  normalise_heads (o, q, c->n_head, "attn_q_norm.weight");
  normalise_heads (o, k, c->n_kv, "attn_k_norm.weight");
  rotate (o, q, c->n_head);
  rotate (o, k, c->n_kv);
  g_autofree float *mixed = attend (o, q, k, v);
  g_autofree float *w_out = load_of_layer (o, "attn_output.weight");
  g_autofree float *y = multiply (mixed, n, w_out, NULL, c->n_embd, n_q);
  add_to_stream (o, x, y, "post_attention_norm.weight");
}

static double
activate (IvDecoderActivation activation, double x)
{
  if (activation == IV_DECODER_SILU)
    return x / (1 + exp (-x));
  return 0.5 * x * (1 + tanh (sqrt (2 / G_PI) * (x + 0.044715 * x * x * x)));
}

static void
run_ffn (const Oracle *o, float *x)
{
  const IvDecoderConfig *c = o->config;
  guint n = o->input->n_ids;
  g_autofree float *w = load_of_layer (o, "ffn_norm.weight");
  g_autofree float *h = g_new (float, (gsize) n * c->n_embd);
  normalise (x, h, n, c->n_embd, w, c->norm_eps);
  g_autofree float *w_gate = load_of_layer (o, "ffn_gate.weight");
  g_autofree float *w_up = load_of_layer (o, "ffn_up.weight");
  g_autofree float *w_down = load_of_layer (o, "ffn_down.weight");
  g_autofree float *gate = multiply (h, n, w_gate, NULL, c->n_ffn, c->n_embd);
  g_autofree float *up = multiply (h, n, w_up, NULL, c->n_ffn, c->n_embd);
  for (gsize i = 0; i < (gsize) n * c->n_ffn; i++)
    gate[i] = (float) activate (c->activation, gate[i]) * up[i];
  g_autofree float *y = multiply (gate, n, w_down, NULL, c->n_embd, c->n_ffn);
  add_to_stream (o, x, y, "post_ffw_norm.weight");
}

static void
embed (const Oracle *o, const float *table, float *x)
{
  gsize width = o->config->n_embd, n = o->input->n_ids * width;
  if (o->input->embeddings != NULL)
    memcpy (x, o->input->embeddings, n * sizeof (float));
  else
    for (gsize i = 0; i < n; i++)
      x[i] =
          table[(gsize) o->input->ids[i / width] * width + i % width] * o->config->embedding_scale;
}

static void
add_deepstack (const Oracle *o, float *x)
{
  gsize width = o->config->n_embd, n_deepstack = o->config->n_deepstack;
  if (o->input->deepstack == NULL || o->layer >= n_deepstack)
    return;
  for (gsize t = 0; t < o->input->n_ids; t++)
    for (gsize i = 0; i < width; i++)
      x[t * width + i] += o->input->deepstack[(t * n_deepstack + o->layer) * width + i];
}

void
oracle_decoder_run (IvWeights *weights,
                    const IvDecoderConfig *config,
                    const OracleInput *input,
                    float **hidden,
                    float **logits)
{
  Oracle o = { weights, config, input, 0 };
  gsize n = input->n_ids, width = config->n_embd;
  float *x = g_new (float, (config->n_layers + 1) * n * width);
  *hidden = x;
  g_autofree float *embedding = load (weights, "token_embd.weight");
  embed (&o, embedding, x);
  for (o.layer = 0; o.layer < config->n_layers; o.layer++) {
    memcpy (x + n * width, x, n * width * sizeof (float));
    x += n * width;
    run_attention (&o, x);
    run_ffn (&o, x);
    add_deepstack (&o, x);
  }
  g_autofree float *w = load (weights, "output_norm.weight");
  g_autofree float *output = config->is_tied ? NULL : load (weights, "output.weight");
  g_autofree float *h = g_new (float, n *width);
  normalise (x, h, n, config->n_embd, w, config->norm_eps);
  *logits = multiply (
      h, input->n_ids, output != NULL ? output : embedding, NULL, config->n_vocab, config->n_embd);
}
