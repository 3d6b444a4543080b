/* Choosing the next token from the logits.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All zero: greedy. In order: constraint, repetition penalty, temperature, top-k, top-p, min-p,
 * draw; the order of Hugging Face's generation, whose settings the models are published with. */
typedef struct {
  float temperature;    /* divides the logits; 0: greedy */
  float top_p;          /* fewest tokens whose probabilities reach this sum; 0 or >= 1: off */
  float min_p;          /* tokens at least this often as probable as the best; 0: off */
  guint top_k;          /* the k most probable; 0: off */
  float repeat_penalty; /* divides positive, multiplies negative logits of seen ones; 0, 1: off */
  guint repeat_window;  /* tokens that count as seen; 0: the whole conversation */
  guint64 seed;         /* the same seed, logits and settings give the same tokens */
} IvSampling;

/* Narrows what may come next, e.g. to a grammar. */
typedef struct {
  /* Sets the logits [n_vocab] of tokens that must not come next to -INFINITY. */
  void (*mask) (float *logits, guint n_vocab, gpointer user_data);
  /* The token that was taken. */
  void (*accept) (gint32 id, gpointer user_data);
  /* Optional: TRUE when the text is whole and nothing more may come. */
  gboolean (*is_done) (gpointer user_data);
  gpointer user_data;
} IvLogitConstraint;

typedef struct IvSampler IvSampler;

/* constraint: NULL for none; must outlive the sampler. Thread-safety: one thread at a time. */
IvSampler *
iv_sampler_new (const IvSampling *sampling, guint n_vocab, const IvLogitConstraint *constraint);
void iv_sampler_free (IvSampler *sampler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvSampler, iv_sampler_free)

/* Tokens that came before, for the repetition penalty. */
void iv_sampler_see (IvSampler *sampler, const gint32 *ids, guint n_ids);

/* Takes a token and sees it. logits [n_vocab] are changed. Errors: IV_MODEL_ERROR_DEVICE when
 * a logit is not a number, IV_MODEL_ERROR_INPUT when the constraint leaves no token. */
gboolean iv_sampler_sample (IvSampler *sampler, float *logits, gint32 *id, GError **error);

G_END_DECLS
