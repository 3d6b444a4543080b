/* All scores of a set of reports against their references, with what resampling says of them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/read/score/iv-bleu.h"
#include "app/read/score/iv-cider.h"
#include "app/read/score/iv-labels.h"
#include "app/read/score/iv-rouge.h"
#include "app/read/score/iv-temporal.h"

/* What one report adds to the sums that every score is computed from. */
typedef struct {
  IvBleuCounts bleu;
  double rouge_l, rouge_l_balanced;
  double rouge_sets[3]; /* F of ROUGE-1, -2 and -L */
  double cider;
  double temporal;
  IvLabelTable labels;
} Evidence;

#define N_COLUMNS (sizeof (Evidence) / sizeof (double))
G_STATIC_ASSERT (sizeof (Evidence) % sizeof (double) == 0);

struct _IvScores {
  guint n_reports;
  IvTokenisation tokenisation;
  Evidence *rows; /* [n_reports] */
  GArray *scores; /* IvScore */
};

typedef struct {
  const char *name, *title;
  const char *tokens; /* NULL: the chosen tokenisation */
  /* From the sums of n reports; a and b are what the row needs. */
  double (*evaluate) (const Evidence *sums, guint n, guint a, guint b);
  guint a, b;
} Metric;

#define COLUMN(member) (offsetof (Evidence, member) / sizeof (double))

static double
evaluate_bleu (const Evidence *sums, guint n, guint length, guint unused)
{
  return iv_bleu_score (&sums->bleu, length);
}

static double
evaluate_mean (const Evidence *sums, guint n, guint column, guint unused)
{
  return ((const double *) sums)[column] / n;
}

static double
evaluate_label (const Evidence *sums, guint n, guint label, guint class)
{
  return iv_label_f1 (&sums->labels[label][class]);
}

/* The five labels that papers report apart. */
static const gboolean
    is_of_five[IV_N_LABELS] = { [2] = TRUE, [5] = TRUE, [6] = TRUE, [8] = TRUE, [10] = TRUE };

static double
evaluate_macro (const Evidence *sums, guint n, guint class, guint only_five)
{
  double sum = 0;
  for (guint i = 0; i < IV_N_LABELS; i++)
    if (!only_five || is_of_five[i])
      sum += iv_label_f1 (&sums->labels[i][class]);
  return sum / (only_five ? 5 : IV_N_LABELS);
}

static double
evaluate_micro (const Evidence *sums, guint n, guint class, guint only_five)
{
  IvLabelCounts all = { 0 };
  for (guint i = 0; i < IV_N_LABELS; i++)
    if (!only_five || is_of_five[i]) {
      all.hits += sums->labels[i][class].hits;
      all.inventions += sums->labels[i][class].inventions;
      all.misses += sums->labels[i][class].misses;
    }
  return iv_label_f1 (&all);
}

enum { POSITIVE, NEGATIVE, UNCERTAIN }; /* classes of IvLabelTable */
#define RULES "report rules"

static const Metric metrics[] = {
  { "bleu_1", "BLEU-1", NULL, evaluate_bleu, 1, 0 },
  { "bleu_2", "BLEU-2", NULL, evaluate_bleu, 2, 0 },
  { "bleu_3", "BLEU-3", NULL, evaluate_bleu, 3, 0 },
  { "bleu_4", "BLEU-4", NULL, evaluate_bleu, 4, 0 },
  { "rouge_l", "ROUGE-L (COCO, beta 1.2)", NULL, evaluate_mean, COLUMN (rouge_l), 0 },
  { "rouge_l_f1", "ROUGE-L (F1)", "alphanumeric", evaluate_mean, COLUMN (rouge_l_balanced), 0 },
  { "rouge_1_sets", "ROUGE-1 (sets)", "single-blanks", evaluate_mean, COLUMN (rouge_sets[0]), 0 },
  { "rouge_2_sets", "ROUGE-2 (sets)", "single-blanks", evaluate_mean, COLUMN (rouge_sets[1]), 0 },
  { "rouge_l_sets",
    "ROUGE-L (beta P/R)",
    "single-blanks",
    evaluate_mean,
    COLUMN (rouge_sets[2]),
    0 },
  { "cider_d", "CIDEr-D", NULL, evaluate_mean, COLUMN (cider), 0 },
  { "temporal_f1", "Temporal entity F1", "letters-digits", evaluate_mean, COLUMN (temporal), 0 },
  { "label_micro_f1", "14 labels, micro F1", RULES, evaluate_micro, POSITIVE, FALSE },
  { "label_macro_f1", "14 labels, macro F1", RULES, evaluate_macro, POSITIVE, FALSE },
  { "label_micro_f1_5", "5 labels, micro F1", RULES, evaluate_micro, POSITIVE, TRUE },
  { "label_macro_f1_5", "5 labels, macro F1", RULES, evaluate_macro, POSITIVE, TRUE },
  { "label_negative_micro_f1", "denied labels, micro F1", RULES, evaluate_micro, NEGATIVE, FALSE },
  { "label_negative_macro_f1", "denied labels, macro F1", RULES, evaluate_macro, NEGATIVE, FALSE },
  { "label_uncertain_micro_f1",
    "uncertain labels, micro F1",
    RULES,
    evaluate_micro,
    UNCERTAIN,
    FALSE },
  { "label_uncertain_macro_f1",
    "uncertain labels, macro F1",
    RULES,
    evaluate_macro,
    UNCERTAIN,
    FALSE },
  { "label_f1_no_finding", "F1 No Finding", RULES, evaluate_label, 0, POSITIVE },
  { "label_f1_enlarged_cardiomediastinum",
    "F1 Enl. Cardiomediastinum",
    RULES,
    evaluate_label,
    1,
    POSITIVE },
  { "label_f1_cardiomegaly", "F1 Cardiomegaly", RULES, evaluate_label, 2, POSITIVE },
  { "label_f1_lung_lesion", "F1 Lung Lesion", RULES, evaluate_label, 3, POSITIVE },
  { "label_f1_lung_opacity", "F1 Lung Opacity", RULES, evaluate_label, 4, POSITIVE },
  { "label_f1_edema", "F1 Edema", RULES, evaluate_label, 5, POSITIVE },
  { "label_f1_consolidation", "F1 Consolidation", RULES, evaluate_label, 6, POSITIVE },
  { "label_f1_pneumonia", "F1 Pneumonia", RULES, evaluate_label, 7, POSITIVE },
  { "label_f1_atelectasis", "F1 Atelectasis", RULES, evaluate_label, 8, POSITIVE },
  { "label_f1_pneumothorax", "F1 Pneumothorax", RULES, evaluate_label, 9, POSITIVE },
  { "label_f1_pleural_effusion", "F1 Pleural Effusion", RULES, evaluate_label, 10, POSITIVE },
  { "label_f1_pleural_other", "F1 Pleural Other", RULES, evaluate_label, 11, POSITIVE },
  { "label_f1_fracture", "F1 Fracture", RULES, evaluate_label, 12, POSITIVE },
  { "label_f1_support_devices", "F1 Support Devices", RULES, evaluate_label, 13, POSITIVE },
};
#define N_METRICS G_N_ELEMENTS (metrics)

/* The words of the references of one report in one tokenisation. */
static GArray **
number_references (const IvScoreParams *params, IvWordNumbers *numbers, guint report, int how)
{
  GArray **references = g_new0 (GArray *, params->n_references + 1);
  for (guint k = 0; k < params->n_references; k++)
    references[k] = iv_word_numbers_add (
        numbers, params->references[(gsize) k * params->n_reports + report], how);
  return references;
}

static void
free_references (GArray **references)
{
  for (guint k = 0; references[k] != NULL; k++)
    g_array_unref (references[k]);
  g_free (references);
}

/* The three conventions of ROUGE that differ in their words. */
static void
add_rouge (Evidence *row, const IvScoreParams *params, IvWordNumbers *numbers, guint report)
{
  const char *text = params->hypotheses[report];
  guint n = params->n_references;
  g_autoptr (GArray) words = iv_word_numbers_add (numbers, text, IV_TOKENS_ALPHANUMERIC);
  g_autoptr (GArray) split = iv_word_numbers_add (numbers, text, IV_TOKENS_SINGLE_BLANKS);
  GArray **plain = number_references (params, numbers, report, IV_TOKENS_ALPHANUMERIC);
  GArray **blanks = number_references (params, numbers, report, IV_TOKENS_SINGLE_BLANKS);
  row->rouge_l_balanced = iv_rouge_l_balanced (words, plain, n);
  if (params->tokenisation == IV_TOKENS_BLANKS)
    row->rouge_l = iv_rouge_l_coco (split, blanks, n);
  for (guint k = 0; k < n; k++) {
    IvRougeSets sets;
    iv_rouge_sets (&sets, split, blanks[k]);
    row->rouge_sets[0] = MAX (row->rouge_sets[0], sets.one.f);
    row->rouge_sets[1] = MAX (row->rouge_sets[1], sets.two.f);
    row->rouge_sets[2] = MAX (row->rouge_sets[2], sets.l.f);
  }
  free_references (plain);
  free_references (blanks);
}

static void
add_temporal (Evidence *row, const IvScoreParams *params, guint report)
{
  guint64 references = 0;
  for (guint k = 0; k < params->n_references; k++)
    references |= iv_temporal_find (params->references[(gsize) k * params->n_reports + report]);
  row->temporal = iv_temporal_score (iv_temporal_find (params->hypotheses[report]), references);
}

/* Labels of the hypothesis against those of the first reference. */
static void
add_labels (Evidence *row, const IvScoreParams *params, guint report)
{
  IvLabelValue found[IV_N_LABELS], reference[IV_N_LABELS];
  g_autoptr (IvReport) own = iv_report_new (params->hypotheses[report], NULL);
  g_autoptr (IvReport) theirs = iv_report_new (params->references[report], NULL);
  iv_labels_find (own, found);
  iv_labels_find (theirs, reference);
  iv_labels_count (row->labels, found, reference);
}

static void
gather (IvScores *self, const IvScoreParams *params)
{
  g_autoptr (IvWordNumbers) numbers = iv_word_numbers_new ();
  g_autoptr (IvNgramTable) table = iv_ngram_table_new ();
  IvCiderCorpus corpus = { .table = table };
  g_autofree GArray ***references = g_new0 (GArray **, params->n_reports + 1);
  for (guint i = 0; i < params->n_reports; i++) {
    references[i] = number_references (params, numbers, i, params->tokenisation);
    iv_cider_corpus_add (&corpus, references[i], params->n_references);
  }
  for (guint i = 0; i < params->n_reports; i++) {
    Evidence *row = &self->rows[i];
    g_autoptr (GArray) words =
        iv_word_numbers_add (numbers, params->hypotheses[i], params->tokenisation);
    iv_bleu_count (&row->bleu, words, references[i], params->n_references);
    row->cider = iv_cider_score (&corpus, words, references[i], params->n_references);
    row->rouge_l = iv_rouge_l_coco (words, references[i], params->n_references);
    add_rouge (row, params, numbers, i);
    add_temporal (row, params, i);
    add_labels (row, params, i);
    free_references (references[i]);
  }
}

/* values: [N_METRICS] from the sums of n rows. */
static void
evaluate (const Evidence *sums, guint n, double *values)
{
  for (guint i = 0; i < N_METRICS; i++)
    values[i] = metrics[i].evaluate (sums, n, metrics[i].a, metrics[i].b);
}

static void
add_row (Evidence *sums, const Evidence *row)
{
  double *to = (double *) sums;
  const double *from = (const double *) row;
  for (gsize k = 0; k < N_COLUMNS; k++)
    to[k] += from[k];
}

IvScores *
iv_scores_new (const IvScoreParams *params)
{
  IvScores *self = g_new0 (IvScores, 1);
  Evidence sums = { 0 };
  double values[N_METRICS];
  self->n_reports = params->n_reports;
  self->tokenisation = params->tokenisation;
  self->rows = g_new0 (Evidence, params->n_reports + 1);
  self->scores = g_array_new (FALSE, FALSE, sizeof (IvScore));
  gather (self, params);
  for (guint i = 0; i < self->n_reports; i++)
    add_row (&sums, &self->rows[i]);
  evaluate (&sums, self->n_reports, values);
  for (guint i = 0; i < N_METRICS; i++) {
    IvTokenisation how = params->tokenisation;
    if (metrics[i].a == COLUMN (rouge_l) && how == IV_TOKENS_BLANKS)
      how = IV_TOKENS_SINGLE_BLANKS;
    IvScore score = { metrics[i].name, metrics[i].title, metrics[i].tokens, values[i], NAN, NAN };
    if (score.tokens == NULL)
      score.tokens = iv_tokenisation_to_string (how);
    g_array_append_val (self->scores, score);
  }
  return self;
}

void
iv_scores_free (IvScores *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->scores);
  g_free (self->rows);
  g_free (self);
}

guint
iv_scores_get_n_reports (const IvScores *self)
{
  return self->n_reports;
}

guint
iv_scores_get_n (const IvScores *self)
{
  return self->scores->len;
}

const IvScore *
iv_scores_get (const IvScores *self, guint i)
{
  return &g_array_index (self->scores, IvScore, i);
}

const IvScore *
iv_scores_find (const IvScores *self, const char *name)
{
  for (guint i = 0; i < self->scores->len; i++)
    if (g_str_equal (iv_scores_get (self, i)->name, name))
      return iv_scores_get (self, i);
  return NULL;
}

static int
compare_doubles_cb (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

/* Percentiles of a column of samples[n_samples, N_METRICS]. */
static void
find_interval (const double *samples,
               guint column,
               const IvResampling *resampling,
               double *low,
               double *high)
{
  guint n = resampling->n_samples;
  g_autofree double *sorted = g_new (double, n);
  for (guint s = 0; s < n; s++)
    sorted[s] = samples[(gsize) s * N_METRICS + column];
  qsort (sorted, n, sizeof (double), compare_doubles_cb);
  double tail = (1 - resampling->level) / 2;
  *low = sorted[(guint) floor (tail * (n - 1))];
  *high = sorted[(guint) ceil ((1 - tail) * (n - 1))];
}

/* Draws n rows with replacement and puts the scores of one system, or the difference of two, into
 * values. */
static void
draw (const IvScores *self, const IvScores *other, GRand *random, double *values)
{
  Evidence mine = { 0 }, theirs = { 0 };
  guint n = self->n_reports;
  for (guint i = 0; i < n; i++) {
    guint chosen = (guint) g_rand_int_range (random, 0, (gint32) n);
    add_row (&mine, &self->rows[chosen]);
    if (other != NULL)
      add_row (&theirs, &other->rows[chosen]);
  }
  evaluate (&mine, n, values);
  if (other != NULL) {
    double subtracted[N_METRICS];
    evaluate (&theirs, n, subtracted);
    for (guint k = 0; k < N_METRICS; k++)
      values[k] -= subtracted[k];
  }
}

void
iv_scores_resample (IvScores *self, const IvResampling *resampling)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (resampling->seed);
  g_autofree double *samples = g_new (double, (gsize) resampling->n_samples *N_METRICS);
  if (self->n_reports == 0)
    return;
  for (guint s = 0; s < resampling->n_samples; s++)
    draw (self, NULL, random, samples + (gsize) s * N_METRICS);
  for (guint k = 0; k < N_METRICS; k++) {
    IvScore *score = &g_array_index (self->scores, IvScore, k);
    find_interval (samples, k, resampling, &score->low, &score->high);
  }
}

/* How often swapping reports at random between the systems gives at least this difference. */
static void
randomise (const IvScores *self,
           const IvScores *other,
           GRand *random,
           const double *found,
           guint *n)
{
  Evidence sums[2] = { { .cider = 0 } };
  double values[2][N_METRICS];
  guint32 bits = 0;
  for (guint i = 0; i < self->n_reports; i++) {
    bits = i % 32 == 0 ? g_rand_int (random) : bits >> 1;
    add_row (&sums[bits & 1], &self->rows[i]);
    add_row (&sums[~bits & 1], &other->rows[i]);
  }
  evaluate (&sums[0], self->n_reports, values[0]);
  evaluate (&sums[1], self->n_reports, values[1]);
  for (guint k = 0; k < N_METRICS; k++) /* a little less than the difference counts: rounding */
    n[k] += fabs (values[0][k] - values[1][k]) >= fabs (found[k]) - 1e-12;
}

GArray *
iv_scores_compare (const IvScores *self, const IvScores *other, const IvResampling *resampling)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (resampling->seed);
  g_autofree double *samples = g_new (double, (gsize) resampling->n_samples *N_METRICS);
  double found[N_METRICS];
  guint n_as_large[N_METRICS] = { 0 };
  if (self->n_reports != other->n_reports || self->n_reports == 0)
    return NULL;
  for (guint k = 0; k < N_METRICS; k++)
    found[k] = iv_scores_get (self, k)->value - iv_scores_get (other, k)->value;
  for (guint s = 0; s < resampling->n_samples; s++)
    draw (self, other, random, samples + (gsize) s * N_METRICS);
  for (guint s = 0; s < resampling->n_samples; s++)
    randomise (self, other, random, found, n_as_large);
  GArray *differences = g_array_new (FALSE, FALSE, sizeof (IvScoreDifference));
  for (guint k = 0; k < N_METRICS; k++) {
    IvScoreDifference one = { .difference = found[k] };
    find_interval (samples, k, resampling, &one.low, &one.high);
    one.p = (1.0 + n_as_large[k]) / (1.0 + resampling->n_samples);
    g_array_append_val (differences, one);
  }
  return differences;
}
