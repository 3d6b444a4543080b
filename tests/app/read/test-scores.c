/* Scores of reports: closed formulas by hand, published vectors where they are at hand, tables,
 * resampling.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/score/iv-labels.h"
#include "app/read/score/iv-report-pairs.h"
#include "app/read/score/iv-rouge.h"
#include "app/read/score/iv-scores.h"

/* Sums of a few doubles: the last digit or two may differ from exact arithmetic. */
#define ROUNDING 1e-12

static void
assert_words (const char *text, IvTokenisation how, const char *expected)
{
  g_auto (GStrv) words = iv_tokenise (text, how);
  g_autofree char *joined = g_strjoinv ("|", words);
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_words (void)
{
  const char *text = "1. No  effusion, 1.5 cm (left). Heart isn't big.";
  assert_words (text, IV_TOKENS_BLANKS, "1.|No|effusion,|1.5|cm|(left).|Heart|isn't|big.");
  assert_words (text, IV_TOKENS_PTB, "1|no|effusion|1.5|cm|left|heart|is|n't|big");
  assert_words (text, IV_TOKENS_R2GEN, "no|effusion|15|cm|left|.|heart|isnt|big|.");
  assert_words (text, IV_TOKENS_ALPHANUMERIC, "1|no|effusion|1|5|cm|left|heart|isn|t|big");
  assert_words ("a  b", IV_TOKENS_SINGLE_BLANKS, "a||b");
  assert_words ("", IV_TOKENS_SINGLE_BLANKS, "");
  assert_words ("right-sided, 3/4 of 1,000; \"A/P\" view --",
                IV_TOKENS_PTB,
                "right-sided|3/4|of|1,000|a|/|p|view");
  assert_words ("폐렴 없음.", IV_TOKENS_PTB, "폐렴|없음");
}

static double
get (const IvScores *scores, const char *name)
{
  const IvScore *score = iv_scores_find (scores, name);
  g_assert_nonnull (score);
  return score->value;
}

/* "the cat sat on" against "the cat is on the mat": unigrams 3 of 4, bigrams 1 of 3, no trigram;
 * lengths 4 and 6. Longest common subsequence "the cat on". */
static void
test_by_hand (void)
{
  const char *const hypotheses[] = { "the cat sat on" };
  const char *const references[] = { "the cat is on the mat" };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 1, hypotheses, 1, references, IV_TOKENS_BLANKS });
  double brevity = exp (1 - 6.0 / 4.0), p = 3.0 / 4, r = 3.0 / 6;
  /* BLEU's constants move it by 1e-9 in each proportion. */
  g_assert_cmpfloat_with_epsilon (get (scores, "bleu_1"), brevity * 0.75, 1e-8);
  g_assert_cmpfloat_with_epsilon (get (scores, "bleu_2"), brevity * sqrt (0.75 / 3.0), 1e-8);
  g_assert_cmpfloat (get (scores, "bleu_3"), <, 1e-4);
  g_assert_cmpfloat_with_epsilon (
      get (scores, "rouge_l"), (1 + 1.44) * p * r / (r + 1.44 * p), ROUNDING);
  g_assert_cmpfloat_with_epsilon (get (scores, "rouge_l_f1"), 2 * p * r / (p + r), ROUNDING);
  g_assert_cmpfloat (get (scores, "cider_d"), ==, 0); /* one report: log 1 */
}

/* Two references: the shorter of two equally close counts; a word counts as often as one of them
 * has it. */
static void
test_two_references (void)
{
  const char *const hypotheses[] = { "clear clear lungs" };
  const char *const references[] = { "clear lungs", "clear clear clear lungs" };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 1, hypotheses, 2, references, IV_TOKENS_BLANKS });
  g_assert_cmpfloat_with_epsilon (get (scores, "bleu_1"), 1, 1e-8);
  g_assert_cmpfloat_with_epsilon (get (scores, "rouge_l"), 1, ROUNDING);
}

/* Two reports of two different words each. Identical texts score 10 times the share of n-gram
 * lengths that exist (2 of 4); the other report shares nothing. */
static void
test_cider (void)
{
  const char *const hypotheses[] = { "small effusion", "clear lungs" };
  const char *const references[] = { "small effusion", "big heart" };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 2, hypotheses, 1, references, IV_TOKENS_BLANKS });
  g_assert_cmpfloat_with_epsilon (get (scores, "cider_d"), (10 * 0.5 + 0) / 2, ROUNDING);
}

/* Hypothesis twice "edema" and two more words against "edema" once: tf-idf (2 l, l, l) and (l),
 * clipped to l · l over |a| = l √6 and |b| = l, one n of 4, three bigrams against none. */
static void
test_cider_length (void)
{
  const char *const hypotheses[] = { "edema edema is here", "x" };
  const char *const references[] = { "edema", "x" };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 2, hypotheses, 1, references, IV_TOKENS_BLANKS });
  double first = 10 / sqrt (6) / 4 * exp (-9.0 / 72), second = 10.0 / 4;
  g_assert_cmpfloat_with_epsilon (get (scores, "cider_d"), (first + second) / 2, ROUNDING);
}

static void
test_temporal (void)
{
  const char *const hypotheses[] = {
    "Stable-appearing heart.", "New effusion", "Clear.", "Worse and ENLARGED"
  };
  const char *const references[] = {
    "The heart is stable", "No effusion", "Clear", "worse, unchanged, bigger"
  };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 4, hypotheses, 1, references, IV_TOKENS_BLANKS });
  /* 1; only the reference empty: 1e-10; both empty: 1; one shared of 2 and of 3: 0.4. */
  g_assert_cmpfloat_with_epsilon (get (scores, "temporal_f1"), 2.4 / 4, 1e-9);
}

static void
test_empty_hypothesis (void)
{
  const char *const hypotheses[] = { "", "clear" };
  const char *const references[] = { "no effusion", "clear" };
  for (int how = IV_TOKENS_BLANKS; how <= IV_TOKENS_ALPHANUMERIC; how++) {
    g_autoptr (IvScores) scores =
        iv_scores_new (&(IvScoreParams){ 2, hypotheses, 1, references, how });
    for (guint i = 0; i < iv_scores_get_n (scores); i++)
      g_assert_true (isfinite (iv_scores_get (scores, i)->value));
    g_assert_cmpfloat_with_epsilon (get (scores, "rouge_l"), 0.5, ROUNDING);
  }
}

static void
assert_labels (const char *text, const char *expected)
{
  static const char letters[] = { '.', '1', '0', 'u' };
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  IvLabelValue values[IV_N_LABELS];
  char found[IV_N_LABELS + 1] = "";
  iv_labels_find (report, values);
  for (guint i = 0; i < IV_N_LABELS; i++)
    found[i] = letters[values[i]];
  g_assert_cmpstr (found, ==, expected);
}

/* In the order of the labels: No Finding, Enlarged Cardiomediastinum, Cardiomegaly, Lung Lesion,
 * Lung Opacity, Edema, Consolidation, Pneumonia, Atelectasis, Pneumothorax, Pleural Effusion,
 * Pleural Other, Fracture, Support Devices. */
static void
test_labels (void)
{
  assert_labels ("Large heart shadow. Small effusion, no pneumothorax.", "..1......01...");
  assert_labels ("The heart is enlarged. No effusion or pneumothorax.", "..1......00...");
  assert_labels ("Clear lungs. PICC in place.", "1............1");
  assert_labels ("Hazy left base, may be atelectasis; pneumonia is possible.", ".......uu.....");
  assert_labels ("No fracture. Old rib fracture on the left.", "............1.");
  assert_labels ("Possible edema. No edema.", ".....u........");
  assert_labels ("INDICATION: Pneumonia?\nFINDINGS: Two nodules, pleural thickening.",
                 "...1.......1..");
  assert_labels ("", "1.............");
}

/* Positive: one effusion right, one invented, cardiomegaly missed; "No Finding" right once and
 * missed once. */
static void
test_label_f1 (void)
{
  const char *const hypotheses[] = { "Left effusion.", "Left effusion.", "No edema.", "Clear." };
  const char *const references[] = { "Effusion.", "Cardiomegaly.", "Clear lungs.", "Normal." };
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ 4, hypotheses, 1, references, IV_TOKENS_BLANKS });
  g_assert_cmpfloat_with_epsilon (get (scores, "label_f1_pleural_effusion"), 2.0 / 3, ROUNDING);
  g_assert_cmpfloat (get (scores, "label_f1_cardiomegaly"), ==, 0);
  g_assert_cmpfloat (get (scores, "label_f1_no_finding"), ==, 1);
  /* Hits 3, inventions 1, misses 1. */
  g_assert_cmpfloat_with_epsilon (get (scores, "label_micro_f1"), 6.0 / 8, ROUNDING);
  g_assert_cmpfloat_with_epsilon (get (scores, "label_macro_f1"), (2.0 / 3 + 1) / 14, ROUNDING);
  g_assert_cmpfloat_with_epsilon (get (scores, "label_macro_f1_5"), 2.0 / 3 / 5, ROUNDING);
  g_assert_cmpfloat (get (scores, "label_negative_micro_f1"), ==, 0);
}

/* 40 reports of which one system gets 30 right and the other 10. */
static void
make_systems (const char **good, const char **bad, const char **references)
{
  for (guint i = 0; i < 40; i++) {
    references[i] = i % 2 ? "no effusion today" : "heart is large";
    good[i] = i < 30 ? references[i] : "nothing of this";
    bad[i] = i >= 30 ? references[i] : "nothing of this";
  }
}

static void
test_resampling (void)
{
  const char *good[40], *bad[40], *references[40];
  IvResampling resampling = { 500, 7, 0.95 };
  make_systems (good, bad, references);
  IvScoreParams params = { 40, good, 1, references, IV_TOKENS_BLANKS };
  g_autoptr (IvScores) a = iv_scores_new (&params);
  g_autoptr (IvScores) again = iv_scores_new (&params);
  params.hypotheses = bad;
  g_autoptr (IvScores) b = iv_scores_new (&params);
  iv_scores_resample (a, &resampling);
  iv_scores_resample (again, &resampling);
  const IvScore *score = iv_scores_find (a, "rouge_l_f1");
  g_assert_cmpfloat (score->value, ==, 0.75);
  /* Binomial with n 40, p 0.75: deviation 0.0685; ± 1.96 of it, within the grain of 1 / 40. */
  g_assert_cmpfloat_with_epsilon (score->low, 0.75 - 0.134, 0.03);
  g_assert_cmpfloat_with_epsilon (score->high, 0.75 + 0.134, 0.03);
  g_assert_cmpfloat (score->low, ==, iv_scores_find (again, "rouge_l_f1")->low);
  g_autoptr (GArray) differences = iv_scores_compare (a, b, &resampling);
  g_autoptr (GArray) none = iv_scores_compare (a, again, &resampling);
  for (guint i = 0; i < iv_scores_get_n (a); i++) {
    const IvScoreDifference *one = &g_array_index (differences, IvScoreDifference, i);
    g_assert_cmpfloat (g_array_index (none, IvScoreDifference, i).p, ==, 1);
    if (g_str_equal (iv_scores_get (a, i)->name, "rouge_l_f1")) {
      g_assert_cmpfloat (one->difference, ==, 0.5);
      g_assert_cmpfloat (one->p, <, 0.01);
      g_assert_cmpfloat (one->low, >, 0);
    }
  }
}

/* Writes a table and reads it. (transfer full) NULL when it is refused for this reason. */
static IvReportTable *
load (const char *name, const char *text, gssize length, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-scores-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (file, text, length, NULL));
  IvReportTable *table = iv_report_table_load (file, &error);
  g_unlink (file);
  g_rmdir (folder);
  if (reason == NULL)
    g_assert_no_error (error);
  else {
    g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
    g_assert_nonnull (strstr (error->message, file));
    g_assert_nonnull (strstr (error->message, reason));
  }
  return table;
}

static void
test_tables (void)
{
  g_autoptr (IvReportTable) csv =
      load ("a.csv",
            "\xef\xbb\xbfid,report\r\n7,\"Clear, \"\"normal\"\".\nSecond line.\"\r\n\r\n8,\r\n",
            -1,
            NULL);
  g_assert_cmpuint (iv_report_table_get_n_rows (csv), ==, 2);
  g_assert_cmpstr (iv_report_table_get (csv, 0, "report"), ==, "Clear, \"normal\".\nSecond line.");
  g_assert_cmpstr (iv_report_table_get (csv, 1, "report"), ==, "");
  g_assert_cmpint (iv_report_table_find (csv, "8"), ==, 1);
  g_assert_cmpuint (iv_report_table_get_line (csv, 1), ==, 5);
  g_autoptr (IvReportTable) jsonl =
      load ("a.jsonl", "{\"id\":8,\"text\":\"x\"}\n\n{\"id\":\"7\",\"text\":null}", -1, NULL);
  g_assert_cmpuint (iv_report_table_get_n_rows (jsonl), ==, 2);
  g_assert_cmpstr (iv_report_table_get (jsonl, 0, "id"), ==, "8");
  g_assert_null (iv_report_table_get (jsonl, 1, "text"));
  g_autoptr (IvReportTable) lines = load ("a.txt", "one\r\n\nthree", -1, NULL);
  g_assert_cmpuint (iv_report_table_get_n_rows (lines), ==, 3);
  g_assert_cmpstr (iv_report_table_get (lines, 1, "report"), ==, "");
}

static void
test_bad_tables (void)
{
  g_assert_null (load ("a.txt", "good\n\xff\xfe\n", -1, "line 2: not UTF-8"));
  g_assert_null (load ("a.txt", "one\0two\n", 8, "line 1: not UTF-8"));
  g_assert_null (load ("a.csv", "id,report\n1,\"open\n", -1, "line 2: a quotation mark"));
  g_assert_null (load ("a.csv", "id,report\n1,a,b\n", -1, "line 2: 3 fields"));
  g_assert_null (load ("a.csv", "id,report\n1,a\n1,b\n", -1, "line 3: the id “1” is there twice"));
  g_assert_null (load ("a.jsonl", "{\"id\":1}\n{", -1, "line 2"));
  g_assert_null (load ("a.jsonl", "[1]\n", -1, "line 1: not a JSON object"));
  g_assert_null (load ("a.jsonl", "{\"report\":[\"a\"]}\n", -1, "“report” is neither"));
}

static void
assert_mismatch (const IvReportTable *table, const IvReportTable *order, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) texts =
      iv_reports_match (table, "report", order, IV_REPORTS_REFERENCE, &error);
  g_assert_null (texts);
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_matching (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvReportTable) a = load ("a.csv", "id,report\n1,one\n2,two\n", -1, NULL);
  g_autoptr (IvReportTable) b = load ("b.csv", "report,id\nzwei,2\neins,1\n", -1, NULL);
  g_autoptr (IvReportTable) other = load ("c.csv", "id,report\n1,one\n3,x\n", -1, NULL);
  g_autoptr (IvReportTable) three = load ("d.txt", "a\nb\nc\n", -1, NULL);
  g_autoptr (IvReportTable) blank = load ("e.txt", "a\n \n", -1, NULL);
  g_autoptr (IvReportTable) none = load ("f.txt", "", -1, NULL);
  g_autoptr (GPtrArray) texts = iv_reports_match (b, "report", a, IV_REPORTS_OF_SYSTEM, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (texts->pdata[0], ==, "eins");
  g_assert_cmpstr (texts->pdata[1], ==, "zwei");
  assert_mismatch (other, a, "no row with the id “2”");
  assert_mismatch (three, a, "has 3 reports");
  assert_mismatch (blank, a, "line 2: the reference is empty");
  assert_mismatch (none, none, "no report in it");
  g_assert_null (iv_reports_choose_column (a, "finding", IV_REPORTS_REFERENCE, &error));
  g_assert_nonnull (strstr (error->message, "no column “finding”; there are: id, report"));
}

/* NULL when the published vectors are not there. */
static char *
find_vectors (const char *name)
{
  g_autofree char *file =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "..", "shared", "metrics", name, NULL);
  if (g_file_test (file, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&file);
  g_test_skip ("left out: ../shared is not there");
  return NULL;
}

static void
add_texts (GPtrArray *texts, GPtrArray *tables, const char *name)
{
  g_autofree char *file = find_vectors (name);
  IvReportTable *table = iv_report_table_load (file, NULL);
  g_assert_nonnull (table);
  g_ptr_array_add (tables, table);
  for (guint i = 0; i < iv_report_table_get_n_rows (table); i++)
    g_ptr_array_add (texts, (gpointer) iv_report_table_get (table, i, "report"));
}

/* What the COCO caption tools print for these texts. */
static void
test_coco_vectors (void)
{
  static const struct {
    const char *name, *value;
  } expected[] = {
    { "bleu_1", "0.550000" }, { "bleu_2", "0.428174" },  { "bleu_3", "0.284043" },
    { "bleu_4", "0.201143" }, { "rouge_l", "0.522104" }, { "cider_d", "1.242192" },
  };
  g_autofree char *file = find_vectors ("nlgeval_hyp.txt");
  if (file == NULL)
    return;
  g_autoptr (GPtrArray) tables =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_report_table_free);
  g_autoptr (GPtrArray) hypotheses = g_ptr_array_new (), references = g_ptr_array_new ();
  add_texts (hypotheses, tables, "nlgeval_hyp.txt");
  add_texts (references, tables, "nlgeval_ref1.txt");
  add_texts (references, tables, "nlgeval_ref2.txt");
  g_autoptr (IvScores) scores =
      iv_scores_new (&(IvScoreParams){ hypotheses->len,
                                       (const char *const *) hypotheses->pdata,
                                       2,
                                       (const char *const *) references->pdata,
                                       IV_TOKENS_BLANKS });
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autofree char *text = g_strdup_printf ("%.6f", get (scores, expected[i].name));
    g_assert_cmpstr (text, ==, expected[i].value);
  }
}

static void
assert_rouge (JsonObject *scores, const char *name, const IvRouge *rouge)
{
  JsonObject *one = json_object_get_object_member (scores, name);
  /* Printed with 16 digits: one unit in the last place. */
  g_assert_cmpfloat_with_epsilon (rouge->f, json_object_get_double_member (one, "f"), 2e-16);
  g_assert_cmpfloat_with_epsilon (
      rouge->precision, json_object_get_double_member (one, "p"), 2e-16);
  g_assert_cmpfloat_with_epsilon (rouge->recall, json_object_get_double_member (one, "r"), 2e-16);
}

static void
test_rouge_vectors (void)
{
  g_autofree char *file = find_vectors ("pltrdy_rouge_data.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (file == NULL)
    return;
  g_assert_true (json_parser_load_from_file (parser, file, NULL));
  JsonArray *pairs = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (pairs), >, 0);
  for (guint i = 0; i < json_array_get_length (pairs); i++) {
    JsonObject *pair = json_array_get_object_element (pairs, i);
    JsonObject *scores = json_object_get_object_member (pair, "scores");
    g_autoptr (IvWordNumbers) numbers = iv_word_numbers_new ();
    g_autoptr (GArray) words = iv_word_numbers_add (
        numbers, json_object_get_string_member (pair, "hyp"), IV_TOKENS_SINGLE_BLANKS);
    g_autoptr (GArray) reference = iv_word_numbers_add (
        numbers, json_object_get_string_member (pair, "ref"), IV_TOKENS_SINGLE_BLANKS);
    IvRougeSets sets;
    iv_rouge_sets (&sets, words, reference);
    assert_rouge (scores, "rouge-1", &sets.one);
    assert_rouge (scores, "rouge-2", &sets.two);
    assert_rouge (scores, "rouge-l", &sets.l);
  }
}

/* What the CheXpert labeler says of these reports. */
static void
test_label_vectors (void)
{
  g_autofree char *file = find_vectors ("chexpert_labeled_reports.csv");
  g_autoptr (GError) error = NULL;
  if (file == NULL)
    return;
  g_autoptr (IvReportTable) table = iv_report_table_load (file, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < iv_report_table_get_n_rows (table); i++) {
    const char *text = iv_report_table_get (table, i, "Reports");
    char expected[IV_N_LABELS + 1] = "";
    g_test_message ("%s", text);
    for (guint k = 0; k < IV_N_LABELS; k++) {
      const char *value = iv_report_table_get (table, i, iv_label_get_name (k));
      expected[k] = *value == '\0' ? '.' : *value == '-' ? 'u' : *value;
    }
    assert_labels (text, expected);
  }
}

int
main (int argc, char **argv)
{
  g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE); /* no lexicon of this machine's reader */
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scores/words", test_words);
  g_test_add_func ("/scores/by-hand", test_by_hand);
  g_test_add_func ("/scores/two-references", test_two_references);
  g_test_add_func ("/scores/cider", test_cider);
  g_test_add_func ("/scores/cider-length", test_cider_length);
  g_test_add_func ("/scores/temporal", test_temporal);
  g_test_add_func ("/scores/empty-hypothesis", test_empty_hypothesis);
  g_test_add_func ("/scores/labels", test_labels);
  g_test_add_func ("/scores/label-f1", test_label_f1);
  g_test_add_func ("/scores/resampling", test_resampling);
  g_test_add_func ("/scores/tables", test_tables);
  g_test_add_func ("/scores/bad-tables", test_bad_tables);
  g_test_add_func ("/scores/matching", test_matching);
  g_test_add_func ("/scores/vectors/coco", test_coco_vectors);
  g_test_add_func ("/scores/vectors/rouge", test_rouge_vectors);
  g_test_add_func ("/scores/vectors/labels", test_label_vectors);
  return g_test_run ();
}
