/* The report check: each rule on reports of a few lines, and its rates on generated ones.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "app/read/check/iv-report-check.h"
#include "app/read/score/iv-report-table.h"
#include "tests/app/read/iv-report-maker.h"

/* The rules that speak, in order of the text, parted by blanks. (transfer full) */
static char *
list_rules (const char *text, const IvCheckFilms *films)
{
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  g_autoptr (GPtrArray) remarks = iv_report_check (report, films);
  GString *rules = g_string_new (NULL);
  for (guint i = 0; i < remarks->len; i++) {
    const IvRemark *remark = g_ptr_array_index (remarks, i);
    IvTextSpan sentence = iv_report_get_sentence (report, remark->sentence)->span;
    g_assert_cmpuint (remark->span.start, >=, sentence.start);
    g_assert_cmpuint (remark->span.end, <=, sentence.end);
    g_assert_cmpint (*remark->reason, !=, '\0');
    g_string_append_printf (rules, "%s%s", i > 0 ? " " : "", remark->rule);
  }
  return g_string_free (rules, FALSE);
}

typedef struct {
  const char *text, *rules;
} Case;

static const Case cases[] = {
  { "FINDINGS: Small right effusion. IMPRESSION: Small left effusion.", "side-impression" },
  { "FINDINGS: Left effusion. Trace right effusion. IMPRESSION: Bilateral effusions.", "" },
  { "FINDINGS: Right effusion. IMPRESSION: Bilateral effusions.", "side-impression" },
  { "FINDINGS: Right lower lobe opacity. IMPRESSION: Left lower lobe pneumonia.",
    "side-impression" },
  { "Right effusion. This left effusion is large.", "side-sentences" },
  { "FINDINGS: No effusion. IMPRESSION: Small effusion.", "negation-impression" },
  { "FINDINGS: Heart size is normal. IMPRESSION: Cardiomegaly.", "negation-impression" },
  { "FINDINGS: No consolidation. IMPRESSION: Pneumonia.", "negation-impression" },
  { "FINDINGS: Large pneumothorax. IMPRESSION: No acute cardiopulmonary process.",
    "negation-impression" },
  { "FINDINGS: Small stable effusion. IMPRESSION: No acute cardiopulmonary process.", "" },
  { "No pneumothorax. Small left pneumothorax.", "negation-sentences" },
  { "No left pneumothorax. Small right pneumothorax.", "" },
  { "Small effusion. No large effusion.", "" },
  { "Large effusion. No large effusion.", "negation-sentences" },
  { "Opacity at the left base reflects atelectasis. No infiltrate.", "" },
  { "FINDINGS: Left consolidation. IMPRESSION: No pneumonia.", "negation-impression" },
  { "Mild edema. No overt edema.", "" },
  { "Severe edema. No overt edema.", "negation-sentences" },
  { "FINDINGS: Right opacity reflecting effusion. IMPRESSION: Left effusion.", "side-impression" },
  { "FINDINGS: The right pneumothorax has resolved. IMPRESSION: Resolution of the left "
    "pneumothorax.",
    "side-impression" },
  { "Old rib fracture. No new rib fracture.", "" },
  { "Healed rib fracture. No acute fracture.", "" },
  { "Left rib fracture. No acute fracture.", "negation-sentences" },
  { "Right upper lobe opacity. Lungs are otherwise clear.", "" },
  { "FINDINGS: Small effusion. IMPRESSION: Large effusion.", "severity-impression" },
  { "FINDINGS: Small effusion. IMPRESSION: Trace effusion.", "" },
  { "FINDINGS: Small left and large right effusion. IMPRESSION: Large right effusion.", "" },
  { "FINDINGS: Small left and large right effusion. IMPRESSION: Large left effusion.",
    "severity-impression" },
  { "FINDINGS: Right upper lobe nodule. IMPRESSION: Right lower lobe nodule.", "lobe-impression" },
  { "FINDINGS: Opacity at the right base. IMPRESSION: Right lower lobe pneumonia.", "" },
  { "FINDINGS: Increased right effusion. IMPRESSION: Decreased right effusion.",
    "course-impression" },
  { "FINDINGS: A 6 mm nodule. IMPRESSION: A 16 mm nodule.", "measurement-impression" },
  { "FINDINGS: Tension pneumothorax. IMPRESSION: Support devices in place.", "missing-impression" },
  { "FINDINGS: Clear lungs. IMPRESSION: Free air under the diaphragm.", "missing-findings" },
  { "Opacity in the left middle lobe.", "anatomy-side" },
  { "LML opacity.", "anatomy-side" },
  { "Opacity in the middle lobe of the left lung.", "anatomy-side" },
  { "Right lingular opacity.", "anatomy-side" },
  { "Right middle and left lower lobe opacities.", "" },
  { "Endotracheal tube 30 cm above the carina.", "measurement-range" },
  { "Endotracheal tube 3 cm above the carina.", "" },
  { "A 15 m nodule.", "measurement-range" },
  { "A 45 mm nodule.", "measurement-range" },
  { "A 45 mm mass.", "" },
  { "Nodule measuring 8 in the left apex.", "measurement-unit" },
  { "COMPARISON: None.\nFINDINGS: New right effusion.", "comparison-without-prior" },
  { "No prior available for comparison. Unchanged effusion.", "comparison-without-prior" },
  { "COMPARISON: Film of 3 May.\nFINDINGS: Right effusion.", "prior-unused" },
  { "COMPARISON: Film of 3 May.\nFINDINGS: Right effusion, unchanged.", "" },
  { "The lungs are clear. The lungs are  clear.", "duplicate" },
  { "Tip of the tube at [level].", "leftover" },
  { "Effusion on the ___ side, XXX.", "leftover leftover" },
  { "", "" },
};

static void
test_rules (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *rules = list_rules (cases[i].text, NULL);
    g_test_message ("%s", cases[i].text);
    g_assert_cmpstr (rules, ==, cases[i].rules);
  }
}

static void
assert_film_rules (const char *text, const IvCheckFilms *films, const char *expected)
{
  g_autofree char *rules = list_rules (text, films);
  g_test_message ("%s", text);
  g_assert_cmpstr (rules, ==, expected);
}

static void
test_films (void)
{
  g_autoptr (IvRadiographInfo) current = iv_radiograph_info_new ();
  g_autoptr (IvRadiographInfo) prior = iv_radiograph_info_new ();
  IvChange more = { .zone = IV_ZONE_RIGHT_LOWER, .direction = IV_CHANGE_INCREASED, .score = 0.9 };
  IvChange weak = { .zone = IV_ZONE_LEFT_UPPER, .direction = IV_CHANGE_INCREASED, .score = 0.3 };
  g_autoptr (GPtrArray) changes = g_ptr_array_new ();
  IvCheckFilms one = { .current = current };
  IvCheckFilms two = { current, prior, changes };
  g_ptr_array_add (changes, &more);
  g_ptr_array_add (changes, &weak);
  assert_film_rules ("Increased right effusion.", &two, "");
  assert_film_rules ("Decreased right effusion.", &two, "film-direction");
  assert_film_rules ("The right effusion has resolved.", &two, "film-direction");
  assert_film_rules ("New right pneumothorax.", &two, "film-direction");
  assert_film_rules ("Increased left effusion.", &two, "film-side");
  assert_film_rules ("Increased left upper lobe opacity.", &two, "");
  assert_film_rules ("Unchanged right effusion.", &two, "film-unchanged");
  assert_film_rules ("Unchanged right upper zone nodule.", &two, "");
  assert_film_rules ("New right effusion.", &one, "comparison-without-prior");
  current->image_laterality = g_strdup ("L");
  current->view = IV_VIEW_AP;
  assert_film_rules ("Right rib fracture.", &one, "film-laterality");
  assert_film_rules ("TECHNIQUE: PA view.\nFINDINGS: Clear.", &one, "film-view");
  assert_film_rules ("TECHNIQUE: AP view.\nFINDINGS: Clear.", &one, "");
}

static gboolean
is_found (const IvMadeReport *made, const char *kind)
{
  g_autoptr (IvReport) report = iv_report_new (made->text, NULL);
  g_autoptr (GPtrArray) remarks = iv_report_check (report, NULL);
  for (guint i = 0; i < remarks->len; i++) {
    const IvRemark *remark = g_ptr_array_index (remarks, i);
    g_autofree char *sentence =
        iv_report_copy_span (report, iv_report_get_sentence (report, remark->sentence)->span);
    if (g_str_equal (remark->kind, kind) && g_str_equal (sentence, made->changed))
      return TRUE;
  }
  return FALSE;
}

/* Seeded swaps found by a remark of their kind on their sentence. */
static guint
count_found (GRand *random, IvSwap swap, guint n)
{
  static const char *const kinds[] = { "", "side", "negation", "severity" };
  guint found = 0;
  for (guint i = 0; i < n; i++) {
    g_auto (IvMadeReport) made = iv_report_make (random, swap);
    if (is_found (&made, kinds[swap]))
      found++;
    else
      g_test_message ("missed (%s): %s\n in: %s", kinds[swap], made.changed, made.text);
  }
  g_test_message ("%s: %u of %u found", kinds[swap], found, n);
  return found;
}

/* At least 95 % of the swaps are found, of each kind too, with at most 2 % false alarms. */
static void
test_rates (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260);
  guint alarms = 0, found = 0;
  const guint n_clean = 600, n = 300;
  for (guint i = 0; i < n_clean; i++) {
    g_auto (IvMadeReport) made = iv_report_make (random, IV_SWAP_NONE);
    g_autofree char *rules = list_rules (made.text, NULL);
    if (*rules != '\0')
      g_test_message ("false alarm (%s): %s", rules, made.text);
    alarms += *rules != '\0';
  }
  for (int swap = IV_SWAP_SIDE; swap <= IV_SWAP_SEVERITY; swap++) {
    guint of_kind = count_found (random, swap, n);
    g_assert_cmpfloat (of_kind / (double) n, >=, 0.95);
    found += of_kind;
  }
  g_test_message ("found %.1f %% of %u swaps, false alarms %.1f %% of %u clean reports",
                  100.0 * found / (3 * n),
                  3 * n,
                  100.0 * alarms / n_clean,
                  n_clean);
  g_assert_cmpfloat (found / (3.0 * n), >=, 0.95);
  g_assert_cmpfloat (alarms / (double) n_clean, <=, 0.02);
}

/* Whole reports with all that real ones have: hedges, known findings, explanations, two sides. */
static const char *const whole_reports[] = {
  "FINDINGS: Left-sided port, tip in the lower SVC. Since the last film the right effusion has "
  "grown "
  "and is now moderate, with right basal opacity next to it, probably atelectasis, although "
  "infection "
  "cannot be excluded. The left lung is clear. IMPRESSION: Increase of the now moderate right "
  "effusion. Right basal opacity, likely atelectasis, pneumonia is not excluded.",
  "FINDINGS: The right chest tube was removed in the interval. A tiny right apical pneumothorax is "
  "new. Unchanged cardiomegaly. IMPRESSION: Tiny right apical pneumothorax after removal of the "
  "chest tube.",
  "FINDINGS: The consolidation of the left lower lobe has nearly resolved. No new opacity. A small "
  "left effusion persists. IMPRESSION: Near complete resolution of the left lower lobe pneumonia. "
  "Persistent small left pleural effusion.",
  "FINDINGS: Lung volumes are small, with mild bibasilar atelectasis. No large effusion, though a "
  "trace on the left is difficult to exclude. Heart size is top normal. IMPRESSION: Low lung "
  "volumes, "
  "mild bibasilar atelectasis. Possible trace left pleural effusion.",
  "FINDINGS: Streaky opacity at the left base likely reflects atelectasis. No consolidation to "
  "suggest pneumonia. IMPRESSION: Left basal atelectasis. No evidence of pneumonia.",
  "FINDINGS: Moderate left hydropneumothorax with a pigtail catheter in place. Slight shift of the "
  "mediastinum to the right. The right lung is clear. IMPRESSION: Moderate left hydropneumothorax.",
  "FINDINGS: Effusions on both sides, moderate on the right and small on the left, are unchanged. "
  "IMPRESSION: Unchanged moderate right and small left effusions.",
  "FINDINGS: Right lower lobe opacity, concerning for pneumonia. Lungs otherwise clear. Old "
  "fractures "
  "of the left ribs. No acute fracture. IMPRESSION: Right lower lobe pneumonia.",
  "INDICATION: Pain on the right, pneumothorax or rib fracture?\nCOMPARISON: None.\nFINDINGS:\n"
  "Lungs are clear. No pneumothorax or effusion. Fracture of the right eighth rib, minimally "
  "displaced.\nIMPRESSION:\nRight eighth rib fracture without pneumothorax.",
};

static void
test_whole_reports (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (whole_reports); i++) {
    g_autofree char *rules = list_rules (whole_reports[i], NULL);
    g_test_message ("%s", whole_reports[i]);
    g_assert_cmpstr (rules, ==, "");
  }
}

static guint
count_alarms (const char *text)
{
  g_autofree char *rules = list_rules (text, NULL);
  if (*rules != '\0')
    g_test_message ("false alarm (%s): %s", rules, text);
  return *rules != '\0';
}

/* Reports of others, which nothing is wrong with. */
static void
test_published_texts (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "..", "shared", "metrics", NULL);
  g_autofree char *labelled = g_build_filename (folder, "chexpert_labeled_reports.csv", NULL);
  g_autofree char *made = g_build_filename (folder, "radeval_synthetic_reports.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  guint alarms = 0;
  if (!g_file_test (made, G_FILE_TEST_EXISTS)) {
    g_test_skip ("left out: ../shared is not there");
    return;
  }
  g_autoptr (IvReportTable) table = iv_report_table_load (labelled, NULL);
  g_assert_nonnull (table);
  for (guint i = 0; i < iv_report_table_get_n_rows (table); i++)
    alarms += count_alarms (iv_report_table_get (table, i, "Reports"));
  g_assert_true (json_parser_load_from_file (parser, made, NULL));
  JsonArray *array = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (array); i++)
    alarms += count_alarms (
        json_object_get_string_member (json_array_get_object_element (array, i), "ground_truth"));
  g_assert_cmpuint (alarms, ==, 0);
}

int
main (int argc, char **argv)
{
  g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE); /* no lexicon of this machine's reader */
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-check/rules", test_rules);
  g_test_add_func ("/report-check/films", test_films);
  g_test_add_func ("/report-check/whole-reports", test_whole_reports);
  g_test_add_func ("/report-check/rates", test_rates);
  g_test_add_func ("/report-check/published-texts", test_published_texts);
  return g_test_run ();
}
