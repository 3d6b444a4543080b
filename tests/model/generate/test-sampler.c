/* The sampler: greedy choice, the cuts, the draw, the penalty, the constraint, bad logits.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "model/files/iv-model-error.h"
#include "model/generate/iv-sampler.h"

#define N_VOCAB 8
#define N_DRAWS 20000

/* Probabilities 0.40 0.25 0.15 0.10 0.05 0.03 0.015 0.005, not in order of id. */
static const double probabilities[N_VOCAB] = { 0.05, 0.40, 0.005, 0.15, 0.25, 0.03, 0.10, 0.015 };

static void
fill_logits (float *logits)
{
  for (guint i = 0; i < N_VOCAB; i++)
    logits[i] = (float) log (probabilities[i]) + 3;
}

static gint32
sample_one (IvSampler *sampler)
{
  float logits[N_VOCAB];
  g_autoptr (GError) error = NULL;
  gint32 id = -1;
  fill_logits (logits);
  iv_sampler_sample (sampler, logits, &id, &error);
  g_assert_no_error (error);
  return id;
}

/* Frequencies must be the probabilities raised to 1 / temperature, cut to the kept tokens. The
 * bound is five standard deviations of the binomial, so that one seed decides for all time. */
static void
check_distribution (const IvSampling *sampling, const char *kept)
{
  g_autoptr (IvSampler) sampler = iv_sampler_new (sampling, N_VOCAB, NULL);
  guint counts[N_VOCAB] = { 0 };
  for (guint i = 0; i < N_DRAWS; i++)
    counts[sample_one (sampler)]++;
  double expected[N_VOCAB], sum = 0;
  for (guint i = 0; i < N_VOCAB; i++) {
    expected[i] = kept[i] == '+' ? pow (probabilities[i], 1 / sampling->temperature) : 0;
    sum += expected[i];
  }
  for (guint i = 0; i < N_VOCAB; i++) {
    double p = expected[i] / sum;
    double bound = 5 * sqrt (N_DRAWS * p * (1 - p));
    g_assert_cmpfloat (fabs (counts[i] - N_DRAWS * p), <=, bound);
  }
}

static void
test_draw (void)
{
  check_distribution (&(IvSampling){ .temperature = 1, .seed = 1 }, "++++++++");
  check_distribution (&(IvSampling){ .temperature = 0.5f, .seed = 2 }, "++++++++");
  check_distribution (&(IvSampling){ .temperature = 1, .top_p = 1, .seed = 3 }, "++++++++");
}

static void
test_cuts (void)
{
  check_distribution (&(IvSampling){ .temperature = 1, .top_k = 3, .seed = 1 }, "-+-++---");
  check_distribution (&(IvSampling){ .temperature = 1, .top_k = 99, .seed = 1 }, "++++++++");
  /* 0.40 + 0.25 + 0.15 = 0.80 is reached by three. */
  check_distribution (&(IvSampling){ .temperature = 1, .top_p = 0.79f, .seed = 2 }, "-+-++---");
  check_distribution (&(IvSampling){ .temperature = 1, .top_p = 0.81f, .seed = 3 }, "-+-++-+-");
  /* At least 0.2 times 0.40. */
  check_distribution (&(IvSampling){ .temperature = 1, .min_p = 0.2f, .seed = 4 }, "-+-++-+-");
  /* The sum of top-p is over what top-k left: 0.40 of 0.80 is just half. */
  IvSampling both = { .temperature = 1, .top_k = 3, .top_p = 0.49f, .seed = 5 };
  check_distribution (&both, "-+------");
  both.top_p = 0.51f;
  check_distribution (&both, "-+--+---");
}

static void
test_greedy (void)
{
  g_autoptr (IvSampler) sampler = iv_sampler_new (&(IvSampling){ 0 }, N_VOCAB, NULL);
  g_assert_cmpint (sample_one (sampler), ==, 1);
  g_assert_cmpint (sample_one (sampler), ==, 1);
  /* Of equal ones the first. */
  float logits[N_VOCAB] = { -5, 2, 2, 1 };
  gint32 id;
  g_assert_true (iv_sampler_sample (sampler, logits, &id, NULL));
  g_assert_cmpint (id, ==, 1);
}

static void
test_seed (void)
{
  for (guint64 seed = 7; seed < (guint64) 9 << 32; seed += (guint64) 3 << 32) {
    IvSampling sampling = { .temperature = 1, .seed = seed };
    g_autoptr (IvSampler) a = iv_sampler_new (&sampling, N_VOCAB, NULL);
    g_autoptr (IvSampler) b = iv_sampler_new (&sampling, N_VOCAB, NULL);
    sampling.seed ^= (guint64) 1 << 40;
    g_autoptr (IvSampler) other = iv_sampler_new (&sampling, N_VOCAB, NULL);
    guint n_other = 0;
    for (guint i = 0; i < 200; i++) {
      gint32 id = sample_one (a);
      g_assert_cmpint (id, ==, sample_one (b));
      n_other += id == sample_one (other);
    }
    g_assert_cmpuint (n_other, <, 120);
  }
}

static void
test_penalty (void)
{
  IvSampling sampling = { .repeat_penalty = 2 };
  g_autoptr (IvSampler) sampler = iv_sampler_new (&sampling, 4, NULL);
  const gint32 seen[] = { 0, 1, 1, 99, -1 };
  gint32 id;
  iv_sampler_see (sampler, seen, G_N_ELEMENTS (seen));
  float logits[4] = { 4, -1, 2.5f, -1.5f };
  g_assert_true (iv_sampler_sample (sampler, logits, &id, NULL));
  /* 4 / 2 = 2 falls behind 2.5; -1 * 2 = -2 once, though seen twice. */
  g_assert_cmpint (id, ==, 2);
  g_assert_cmpfloat (logits[0], ==, 2);
  g_assert_cmpfloat (logits[1], ==, -2);
  /* A window of one forgets all but the token just taken. */
  sampling.repeat_window = 1;
  g_autoptr (IvSampler) narrow = iv_sampler_new (&sampling, 4, NULL);
  iv_sampler_see (narrow, seen, 1);
  float first[4] = { 3, 2, 1, 0 }, second[4] = { 3, 2, 1, 0 };
  g_assert_true (iv_sampler_sample (narrow, first, &id, NULL));
  g_assert_cmpint (id, ==, 1);
  g_assert_true (iv_sampler_sample (narrow, second, &id, NULL));
  g_assert_cmpint (id, ==, 0);
}

typedef struct {
  gint32 allowed;
  gint32 accepted;
} Only;

static void
allow_only (float *logits, guint n_vocab, gpointer user_data)
{
  const Only *only = user_data;
  for (guint i = 0; i < n_vocab; i++)
    if ((gint32) i != only->allowed)
      logits[i] = -INFINITY;
}

static void
note_accepted (gint32 id, gpointer user_data)
{
  ((Only *) user_data)->accepted = id;
}

static void
test_constraint (void)
{
  Only only = { .allowed = 2, .accepted = -1 };
  IvLogitConstraint constraint = { .mask = allow_only,
                                   .accept = note_accepted,
                                   .user_data = &only };
  static const IvSampling samplings[] = {
    { 0 },
    { .temperature = 1 },
    { .temperature = 1, .top_k = 2 },
    { .temperature = 1, .top_p = 0.5f },
    { .temperature = 1, .min_p = 0.5f },
  };
  for (guint i = 0; i < G_N_ELEMENTS (samplings); i++) {
    g_autoptr (IvSampler) sampler = iv_sampler_new (&samplings[i], N_VOCAB, &constraint);
    only.accepted = -1;
    g_assert_cmpint (sample_one (sampler), ==, 2);
    g_assert_cmpint (only.accepted, ==, 2);
  }
  g_autoptr (IvSampler) sampler = iv_sampler_new (&samplings[1], N_VOCAB, &constraint);
  g_autoptr (GError) error = NULL;
  float logits[N_VOCAB];
  gint32 id;
  only.allowed = -1;
  fill_logits (logits);
  g_assert_false (iv_sampler_sample (sampler, logits, &id, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

static void
test_bad_logits (void)
{
  static const float bad[] = { NAN, INFINITY };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (IvSampler) sampler = iv_sampler_new (&(IvSampling){ 0 }, N_VOCAB, NULL);
    g_autoptr (GError) error = NULL;
    float logits[N_VOCAB];
    gint32 id;
    fill_logits (logits);
    logits[5] = bad[i];
    g_assert_false (iv_sampler_sample (sampler, logits, &id, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_DEVICE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/greedy", test_greedy);
  g_test_add_func ("/sampler/draw", test_draw);
  g_test_add_func ("/sampler/cuts", test_cuts);
  g_test_add_func ("/sampler/seed", test_seed);
  g_test_add_func ("/sampler/penalty", test_penalty);
  g_test_add_func ("/sampler/constraint", test_constraint);
  g_test_add_func ("/sampler/bad-logits", test_bad_logits);
  return g_test_run ();
}
