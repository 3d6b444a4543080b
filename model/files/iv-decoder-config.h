/* What a text decoder's files say about it, checked against its tensors.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

typedef enum {
  IV_DECODER_LLAMA,
  IV_DECODER_QWEN2,
  IV_DECODER_QWEN2VL,
  IV_DECODER_QWEN3,
  IV_DECODER_QWEN3VL,
  IV_DECODER_GEMMA3,
} IvDecoderFamily;

/* Which elements of a head of d values are rotated together, and by which position stream.
 * Angle of pair i (0 <= i < d/2): position * scale / (theta^(2i/d) * divisor[i]). */
typedef enum {
  IV_DECODER_ROPE_ADJACENT,   /* (2i, 2i+1) */
  IV_DECODER_ROPE_HALF_SPLIT, /* (i, i + d/2) */
  IV_DECODER_ROPE_SECTIONS,   /* half-split; stream t for i < s0, h for i < s0+s1, w for the rest
                                 (M-RoPE) */
  IV_DECODER_ROPE_INTERLEAVED /* half-split; h for i%3==1 and i < 3*s1, w for i%3==2 and i < 3*s2,
                                 else t */
} IvDecoderRope;

typedef enum { IV_DECODER_SILU, IV_DECODER_GELU_TANH } IvDecoderActivation;

/* The common decoder block:
 *   x += post_norm?( o( attention( rope( qk_norm?( qkv( norm(x) ))))))
 *   x += post_norm?( down( act(gate(h)) * up(h) )), h = norm(x)
 * All norms are RMSNorm with weights as stored (Gemma's 1 is already added). */
typedef struct {
  IvDecoderFamily family;
  const char *architecture; /* "llama", "qwen2", …; static */

  guint n_layers;
  guint n_embd;   /* width of the residual stream */
  guint n_head;   /* query heads */
  guint n_kv;     /* key and value heads; divides n_head */
  guint head_dim; /* even; n_head * head_dim may differ from n_embd */
  guint n_ffn;
  guint n_vocab;   /* rows of token_embd, and of output when it is there */
  guint n_context; /* positions the model was made for; no size to allocate without looking */

  float norm_eps;
  IvDecoderActivation activation;
  float embedding_scale; /* multiplies token embeddings, not image rows; 1 but for gemma3 */
  float attention_scale; /* multiplies q.k */

  IvDecoderRope rope_kind;
  double rope_theta;
  double rope_scale;          /* multiplies positions: 1, or 1/factor for linear scaling */
  double rope_theta_local;    /* of sliding layers, whose positions are not scaled */
  guint rope_sections[3];     /* of d/2, for the two kinds with sections */
  const float *rope_divisors; /* [head_dim / 2] in the weights, or NULL for all 1 */

  guint sliding_window;  /* a position sees itself and the sliding_window - 1 before it; 0: none */
  guint sliding_pattern; /* every so-manieth layer is global: (layer + 1) % pattern == 0 */
  guint n_deepstack;     /* layers after which a vision vector is added (qwen3vl) */

  gboolean has_qkv_bias;   /* attn_q.bias, attn_k.bias, attn_v.bias */
  gboolean has_qk_norm;    /* attn_q_norm.weight, attn_k_norm.weight, [head_dim], before rope */
  gboolean has_post_norms; /* post_attention_norm.weight, post_ffw_norm.weight */
  gboolean has_fused_qkv;  /* attn_qkv in place of attn_q, attn_k, attn_v; rows in that order */
  gboolean is_tied;        /* no output.weight: token_embd gives the logits */
} IvDecoderConfig;

/* Reads and checks everything a decoder needs: every number is in its range, every tensor is there,
 * has its shape, and vectors (norms, biases, rope_freqs) are F32, F16 or BF16. After TRUE nothing
 * in config or about the named tensors needs another check.
 * Tensors: token_embd [n_vocab, n_embd], output_norm [n_embd], optional output [n_vocab, n_embd];
 * blk.N: attn_norm, ffn_norm [n_embd], attn_q [n_head * head_dim, n_embd], attn_k, attn_v
 * [n_kv * head_dim, n_embd], attn_output [n_embd, n_head * head_dim], ffn_gate, ffn_up
 * [n_ffn, n_embd], ffn_down [n_embd, n_ffn], and those that the has_ fields name.
 * Errors: IV_MODEL_ERROR_UNSUPPORTED lists the architectures there are; _FORMAT and _MISMATCH name
 * the key or tensor. config holds pointers into weights. Thread-safety: any. */
gboolean iv_decoder_config_read (IvWeights *weights, IvDecoderConfig *config, GError **error);

/* TRUE when this layer sees only the sliding window and uses rope_theta_local. */
gboolean iv_decoder_config_is_sliding (const IvDecoderConfig *config, guint layer);

G_END_DECLS
