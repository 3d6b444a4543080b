/* Choosing the next token from the logits.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-sampler.h"

#include <math.h>

#include "model/files/iv-model-error.h"

typedef struct {
  float logit;
  gint32 id;
} Candidate;

struct IvSampler {
  IvSampling sampling;
  guint n_vocab;
  const IvLogitConstraint *constraint;
  GRand *random;
  GArray *seen;          /* gint32, oldest first */
  Candidate *candidates; /* [n_vocab] */
  double *weights;       /* [n_vocab] exp (logit - best) of the candidates drawn from */
};

IvSampler *
iv_sampler_new (const IvSampling *sampling, guint n_vocab, const IvLogitConstraint *constraint)
{
  IvSampler *sampler = g_new0 (IvSampler, 1);
  sampler->sampling = *sampling;
  sampler->n_vocab = n_vocab;
  sampler->constraint = constraint;
  guint32 seed[2] = { (guint32) sampling->seed, (guint32) (sampling->seed >> 32) };
  sampler->random = g_rand_new_with_seed_array (seed, G_N_ELEMENTS (seed));
  sampler->seen = g_array_new (FALSE, FALSE, sizeof (gint32));
  if (sampling->temperature > 0) {
    sampler->candidates = g_new (Candidate, n_vocab);
    sampler->weights = g_new (double, n_vocab);
  }
  return sampler;
}

void
iv_sampler_free (IvSampler *sampler)
{
  g_rand_free (sampler->random);
  g_array_unref (sampler->seen);
  g_free (sampler->candidates);
  g_free (sampler->weights);
  g_free (sampler);
}

void
iv_sampler_see (IvSampler *sampler, const gint32 *ids, guint n_ids)
{
  g_array_append_vals (sampler->seen, ids, n_ids);
}

static gboolean
is_penalised (const IvSampling *sampling)
{
  return sampling->repeat_penalty > 0 && sampling->repeat_penalty != 1;
}

/* Each token once, however often it was seen. */
static void
penalise (IvSampler *sampler, float *logits)
{
  guint n = sampler->seen->len;
  guint window = sampler->sampling.repeat_window;
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);
  for (guint i = window > 0 && n > window ? n - window : 0; i < n; i++) {
    gint32 id = g_array_index (sampler->seen, gint32, i);
    if (id < 0 || (guint) id >= sampler->n_vocab || !g_hash_table_add (done, GINT_TO_POINTER (id)))
      continue;
    float penalty = sampler->sampling.repeat_penalty;
    logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
  }
}

/* The first of the largest. */
static gboolean
find_best (IvSampler *sampler, const float *logits, gint32 *best, GError **error)
{
  *best = 0;
  for (guint i = 0; i < sampler->n_vocab; i++) {
    if (isnan (logits[i]) || logits[i] == INFINITY) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_DEVICE,
                   "the network computed %g for token %u",
                   logits[i],
                   i);
      return FALSE;
    }
    if (logits[i] > logits[*best])
      *best = (gint32) i;
  }
  if (isinf (logits[*best])) {
    g_set_error_literal (
        error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT, "the constraint allows no token here");
    return FALSE;
  }
  return TRUE;
}

/* --- a heap with the largest logit on top; the smaller id breaks ties ----------------------- */

static gboolean
is_before (const Candidate *a, const Candidate *b)
{
  return a->logit > b->logit || (a->logit == b->logit && a->id < b->id);
}

static void
sift_down (Candidate *heap, guint n, guint i)
{
  Candidate moved = heap[i];
  for (guint child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && is_before (&heap[child + 1], &heap[child]))
      child++;
    if (!is_before (&heap[child], &moved))
      break;
    heap[i] = heap[child];
  }
  heap[i] = moved;
}

static void
make_heap (Candidate *heap, guint n)
{
  for (guint i = n / 2; i-- > 0;)
    sift_down (heap, n, i);
}

/* The top goes to the place the shrinking heap gives up: what was taken stands behind it. */
static Candidate
pop (Candidate *heap, guint *n)
{
  Candidate top = heap[0];
  heap[0] = heap[--*n];
  if (*n > 0)
    sift_down (heap, *n, 0);
  heap[*n] = top;
  return top;
}

/* --- drawing -------------------------------------------------------------------------------- */

static guint
collect (IvSampler *sampler, const float *logits)
{
  float temperature = sampler->sampling.temperature;
  guint n = 0;
  for (guint i = 0; i < sampler->n_vocab; i++)
    if (!isinf (logits[i]))
      sampler->candidates[n++] = (Candidate){ logits[i] / temperature, (gint32) i };
  return n;
}

static double
weigh (const Candidate *candidate, float best)
{
  return exp ((double) candidate->logit - best);
}

static gint32
draw (IvSampler *sampler, const Candidate *candidates, const double *weights, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += weights[i];
  double target = g_rand_double (sampler->random) * sum;
  for (guint i = 0; i < n; i++) {
    target -= weights[i];
    if (target < 0)
      return candidates[i].id;
  }
  return candidates[n - 1].id;
}

/* A heap gives the most probable tokens one by one, and few are needed as a rule: sorting the whole
 * vocabulary for each token would cost more than a small network. */
static gint32
draw_from_top (IvSampler *sampler, Candidate *heap, guint n, float best)
{
  const IvSampling *sampling = &sampler->sampling;
  if (sampling->top_k > 0 && sampling->top_k < n) {
    guint left = n;
    make_heap (heap, n);
    while (n - left < sampling->top_k)
      pop (heap, &left);
    heap += left;
    n -= left;
  }
  double whole = 0, sum = 0;
  for (guint i = 0; i < n; i++)
    whole += weigh (&heap[i], best);
  if (sampling->top_p > 0 && sampling->top_p < 1)
    whole *= sampling->top_p;
  guint left = n;
  make_heap (heap, n);
  while (left > 0 && (left == n || sum < whole)) {
    double weight = weigh (&heap[0], best);
    if (left < n && weight < sampling->min_p)
      break;
    pop (heap, &left);
    sampler->weights[left] = weight;
    sum += weight;
  }
  return draw (sampler, heap + left, sampler->weights + left, n - left);
}

static gboolean
is_cut (const IvSampling *sampling)
{
  return sampling->top_k > 0 || (sampling->top_p > 0 && sampling->top_p < 1) || sampling->min_p > 0;
}

gboolean
iv_sampler_sample (IvSampler *sampler, float *logits, gint32 *id, GError **error)
{
  const IvSampling *sampling = &sampler->sampling;
  gint32 best;
  if (sampler->constraint != NULL)
    sampler->constraint->mask (logits, sampler->n_vocab, sampler->constraint->user_data);
  if (is_penalised (sampling))
    penalise (sampler, logits);
  if (!find_best (sampler, logits, &best, error))
    return FALSE;
  *id = best;
  if (sampling->temperature > 0) {
    guint n = collect (sampler, logits);
    float top = logits[best] / sampling->temperature;
    if (is_cut (sampling)) {
      *id = draw_from_top (sampler, sampler->candidates, n, top);
    } else {
      for (guint i = 0; i < n; i++)
        sampler->weights[i] = weigh (&sampler->candidates[i], top);
      *id = draw (sampler, sampler->candidates, sampler->weights, n);
    }
  }
  iv_sampler_see (sampler, id, 1);
  if (sampler->constraint != NULL && sampler->constraint->accept != NULL)
    sampler->constraint->accept (*id, sampler->constraint->user_data);
  return TRUE;
}
