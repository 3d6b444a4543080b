/* Triage without a model: questions, cards, probabilities, results, their order and the library.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/triage/iv-triage-answers.h"
#include "app/read/triage/iv-triage-card.h"
#include "app/read/triage/iv-triage-questions.h"
#include "app/read/triage/iv-triage-store.h"
#include "model/files/iv-model-error.h"

#define HEAD                                            \
  "[prompt]\ncurrent=Now <image>\nprior=Then <image>\n" \
  "question={{question}} Yes or no?\nyes=yes\nno=no\n"

/* --- questions ------------------------------------------------------------------------------- */

static void
test_shipped (void)
{
  static const char *const order[] = { "pneumothorax", "tension",     "large-effusion",
                                       "free-air",     "malposition", "new-consolidation" };
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageQuestions) questions = iv_triage_questions_load (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (questions->questions->len, ==, G_N_ELEMENTS (order));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++) {
    const IvTriageQuestion *question = questions->questions->pdata[i];
    g_assert_cmpstr (question->name, ==, order[i]);
    g_assert_cmpint (question->needs_prior, ==, i == 5);
    g_assert_cmpfloat (question->threshold, ==, 0.5);
  }
  g_assert_cmpuint (strlen (questions->digest), ==, 64);
}

static void
test_compose (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageQuestions) questions = iv_triage_questions_parse (
      HEAD
      "[a]\nlabel=A\nquestion=Is it {{question}}?\n[b]\nlabel=B\nquestion=Is it?\nyes=oui;si\n",
      "here",
      &error);
  g_assert_no_error (error);
  const IvTriageQuestion *a = questions->questions->pdata[0], *b = questions->questions->pdata[1];
  g_autofree char *alone = iv_triage_questions_compose (questions, a, FALSE);
  g_autofree char *pair = iv_triage_questions_compose (questions, b, TRUE);
  /* What a question itself says is not filled in again. */
  g_assert_cmpstr (alone, ==, "Now <image>\nIs it {{question}}? Yes or no?");
  g_assert_cmpstr (pair, ==, "Now <image>\nThen <image>\nIs it? Yes or no?");
  g_assert_cmpstr (b->yes[1], ==, "si");
  g_assert_cmpstr (b->no[0], ==, "no");
}

static void
test_bad_questions (void)
{
  static const struct {
    const char *text, *problem;
  } bad[] = {
    { "nonsense", "here: " },
    { "[prompt]\ncurrent=x\n", "[prompt], prior: a text is wanted" },
    { "[prompt]\ncurrent=x\nprior=<image>\nquestion={{question}}\n",
      "[prompt], current: <image> is wanted, once" },
    { "[prompt]\ncurrent=<image>\nprior=<image>\nquestion=why\n", "{{question}} is wanted, once" },
    { HEAD, "has 0 findings" },
    { HEAD "least-mass=2\n[a]\nlabel=A\nquestion=B\n", "least-mass: a number from 0 to 1" },
    { HEAD "[a]\nlabel=A\n", "[a], question: a text is wanted" },
    { HEAD "[a b]\nlabel=A\nquestion=B\n", "[a b], name: " },
    { HEAD "[a]\nlabel=A\nquestion=B\nthreshold=nan\n", "[a], threshold: a number" },
    { HEAD "[a]\nlabel=A\nquestion=B\nneeds-prior=maybe\n", "[a], needs-prior: true or false" },
    { HEAD "[a]\nlabel=A\nquestion=B\nevidence=more\n", "“more” is no word for a change" },
    { HEAD "[a]\nlabel=A\nquestion=B\nyes=;\n", "[a], yes: a word is empty" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (iv_triage_questions_parse (bad[i].text, "here", &error));
    g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
    g_assert_true (g_str_has_prefix (error->message, "here"));
    if (strstr (error->message, bad[i].problem) == NULL)
      g_error ("“%s” lacks “%s”", error->message, bad[i].problem);
  }
}

static void
test_evidence (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageQuestions) questions = iv_triage_questions_parse (
      HEAD "[a]\nlabel=A\nquestion=B\nevidence=increased opacity lower\n[b]\nlabel=A\nquestion=B\n",
      "here",
      &error);
  g_assert_no_error (error);
  const IvTriageQuestion *wants = questions->questions->pdata[0];
  IvChange change = { .direction = IV_CHANGE_INCREASED,
                      .kind = IV_CHANGE_OPACITY,
                      .zone = IV_ZONE_LEFT_LOWER };
  g_assert_true (iv_triage_question_wants (wants, &change));
  g_assert_false (iv_triage_question_wants (questions->questions->pdata[1], &change));
  change.zone = IV_ZONE_LEFT_MID;
  g_assert_false (iv_triage_question_wants (wants, &change));
  change.zone = IV_ZONE_RIGHT_LOWER;
  change.direction = IV_CHANGE_DECREASED;
  g_assert_false (iv_triage_question_wants (wants, &change));
  change.direction = IV_CHANGE_INCREASED;
  change.kind = IV_CHANGE_CONTOUR;
  g_assert_false (iv_triage_question_wants (wants, &change));
}

/* --- cards ----------------------------------------------------------------------------------- */

static const IvTriageCardParams params = { "m", "q" };

static IvTriageCard *
parse_card (const char *text)
{
  g_autoptr (GError) error = NULL;
  IvTriageCard *card = iv_triage_card_parse (text, "m.interval.json", &params, &error);
  g_assert_no_error (error);
  return card;
}

static void
test_card (void)
{
  g_autoptr (IvTriageCard) card =
      parse_card ("{\"model\":\"m\",\"triage\":{\"temperature\":1.5,\"least_mass\":0.2,"
                  "\"thresholds\":{\"pneumothorax\":0.7},"
                  "\"calibration\":{\"date\":\"2026-03-01\",\"set\":\"400 films\","
                  "\"questions\":\"q\"}}}");
  g_assert_cmpfloat (card->temperature, ==, 1.5);
  g_assert_cmpfloat (card->least_mass, ==, 0.2);
  g_assert_cmpfloat (iv_triage_card_get_threshold (card, "pneumothorax", 0.5), ==, 0.7);
  g_assert_cmpfloat (iv_triage_card_get_threshold (card, "tension", 0.5), ==, 0.5);
  g_assert_true (card->is_calibrated);
  g_assert_cmpstr (card->set, ==, "400 films");
  g_autoptr (IvTriageCard) other = parse_card (
      "{\"triage\":{\"calibration\":{\"date\":\"d\",\"set\":\"s\",\"questions\":\"p\"}}}");
  g_assert_false (other->is_calibrated);
  g_assert_nonnull (other->note);
  g_assert_cmpstr (other->digest, !=, card->digest);
  g_autoptr (IvTriageCard) bare = parse_card ("{\"triage\":{\"temperature\":2}}");
  g_assert_false (bare->is_calibrated);
  g_assert_cmpfloat (bare->temperature, ==, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageCard) none = iv_triage_card_load ("/nonexistent/m.gguf", &params, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (none->temperature, ==, 1);
  g_assert_false (none->is_calibrated);
  g_autofree char *file = iv_triage_card_get_file ("/models/a/");
  g_assert_cmpstr (file, ==, "/models/a.interval.json");
}

static void
test_hostile_cards (void)
{
  g_autofree char *deep = g_strnfill (100000, '[');
  const struct {
    const char *text, *problem;
  } bad[] = {
    { "", "" },
    { "[]", "" },
    { deep, "" },
    { "{\"model\":7}", "“model” is not a text" },
    { "{\"model\":\"n\"}", "is the card of another model" },
    { "{\"triage\":[]}", "“triage” is not an object" },
    { "{\"triage\":{\"temperature\":0}}", "“temperature” is not a number from 0.01" },
    { "{\"triage\":{\"temperature\":-1}}", "“temperature” is not a number" },
    { "{\"triage\":{\"temperature\":1e999}}", "temperature" },
    { "{\"triage\":{\"temperature\":\"1\"}}", "“temperature” is not a number" },
    { "{\"triage\":{\"temperature\":null}}", "“temperature” is not a number" },
    { "{\"triage\":{\"least_mass\":1.1}}", "“least_mass” is not a number" },
    { "{\"triage\":{\"thresholds\":{\"a\":2}}}", "“a” is not a number from 0 to 1" },
    { "{\"triage\":{\"thresholds\":7}}", "“thresholds” is not an object" },
    { "{\"triage\":{\"calibration\":{\"date\":\"d\"}}}", "lacks its “date” or its “set”" },
    { "{\"triage\":{\"calibration\":{\"date\":1,\"set\":\"s\"}}}", "“date” is not a text" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (iv_triage_card_parse (bad[i].text, "m.interval.json", &params, &error));
    g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
    g_assert_true (g_str_has_prefix (error->message, "m.interval.json: "));
    if (strstr (error->message, bad[i].problem) == NULL)
      g_error ("“%s” lacks “%s”", error->message, bad[i].problem);
  }
}

/* --- probabilities --------------------------------------------------------------------------- */

static GArray *
new_ids (gint32 first, gint32 second)
{
  const gint32 ids[] = { first, second };
  GArray *array = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_vals (array, ids, 2);
  return array;
}

static void
weigh (const float *logits, double temperature, IvTriageProbability *probability)
{
  g_autoptr (GError) error = NULL;
  g_auto (IvTriageAnswers) answers = { new_ids (1, 4), new_ids (2, 5) };
  iv_triage_answers_weigh (&answers, logits, 6, temperature, probability, &error);
  g_assert_no_error (error);
}

/* Logits are logarithms of these weights of 20 in all: yes 3 + 1, no 4 + 2. */
static void
test_weigh (void)
{
  const double weights[] = { 5, 3, 4, 5, 1, 2 };
  float logits[6], shifted[6];
  IvTriageProbability p;
  for (guint i = 0; i < 6; i++) {
    logits[i] = (float) log (weights[i]);
    shifted[i] = logits[i] + 1000;
  }
  /* Logits are floats: 1e-6 near 0; near 1000 their steps are 6e-5. */
  weigh (logits, 1, &p);
  g_assert_cmpfloat_with_epsilon (p.mass, 10.0 / 20, 1e-6);
  g_assert_cmpfloat_with_epsilon (p.score, 4.0 / 10, 1e-6);
  weigh (shifted, 1, &p);
  g_assert_cmpfloat_with_epsilon (p.mass, 10.0 / 20, 1e-4);
  g_assert_cmpfloat_with_epsilon (p.score, 4.0 / 10, 1e-4);
  /* A temperature of 2 takes roots of the odds, and leaves the mass. */
  weigh (logits, 2, &p);
  g_assert_cmpfloat_with_epsilon (p.mass, 10.0 / 20, 1e-6);
  g_assert_cmpfloat_with_epsilon (p.score / (1 - p.score), sqrt (4.0 / 6), 1e-6);
  weigh (logits, 0.01, &p);
  g_assert_cmpfloat (p.score, <, 1e-17);
  /* What a constraint or a vocabulary cut away leaves no chance to either. */
  float extreme[] = { 3e38f, -3e38f, -3e38f, 0, -3e38f, -3e38f };
  weigh (extreme, 1, &p);
  g_assert_cmpfloat (p.mass, ==, 0);
  g_assert_cmpfloat_with_epsilon (p.score, 0.5, 1e-12);
}

static void
test_not_a_number (void)
{
  static const float bad[] = { NAN, INFINITY, -INFINITY };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (IvTriageAnswers) answers = { new_ids (1, 1), new_ids (2, 2) };
    float logits[] = { 0, 1, 2, bad[i] };
    IvTriageProbability p;
    g_assert_false (iv_triage_answers_weigh (&answers, logits, 4, 1, &p, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_DEVICE);
    g_assert_nonnull (strstr (error->message, "token 3"));
  }
}

/* --- results --------------------------------------------------------------------------------- */

/* Scores of three findings, below 0: no answer; flagged from 0.5 on. */
static IvTriage *
new_triage (double a, double b, double c)
{
  static const char *const names[] = { "a", "b", "c" };
  const double scores[] = { a, b, c };
  IvTriage *triage = iv_triage_new ();
  triage->model = g_strdup ("model “x”");
  triage->model_digest = g_strdup ("0123");
  triage->device = g_strdup ("device");
  triage->time = g_strdup ("2026-01-02T03:04:05Z");
  triage->calibration = g_strdup ("");
  triage->temperature = 1.25;
  for (guint i = 0; i < 3; i++) {
    IvTriageFinding *finding = iv_triage_add (triage, names[i], "Possible");
    finding->status = scores[i] < 0 ? IV_TRIAGE_NO_ANSWER : IV_TRIAGE_SCORED;
    finding->score = MAX (scores[i], 0);
    finding->mass = 0.75;
    finding->threshold = 0.5;
    finding->is_flag = scores[i] >= 0.5;
  }
  return triage;
}

static void
test_order (void)
{
  static const double falling[][3] = {
    { 0.6, 0.1, 0.1 }, /* the most urgent question first, whatever the others say */
    { 0.5, 0.9, 0.9 },  { 0.4, 1, 0.1 },    { 0.4, 0.5, 0.6 }, { 0.4, 0.4, 0.99 },
    { 0.49, 0.1, 0.1 }, { -1, 0.48, 0.48 }, { 0, -1, -1 },     { -1, -1, -1 },
  };
  double last = INFINITY;
  for (guint i = 0; i < G_N_ELEMENTS (falling); i++) {
    g_autoptr (IvTriage) triage = new_triage (falling[i][0], falling[i][1], falling[i][2]);
    double urgency = iv_triage_get_urgency (triage, NULL);
    g_assert_cmpfloat (urgency, <, last);
    last = urgency;
  }
  g_assert_cmpfloat (last, ==, -1);
  const char *const dismissed[] = { "a", NULL };
  g_autoptr (IvTriage) both = new_triage (0.6, 0.7, 0.1);
  g_autoptr (IvTriage) second = new_triage (0.1, 0.7, 0.1);
  g_assert_cmpfloat (
      iv_triage_get_urgency (both, dismissed), ==, iv_triage_get_urgency (second, NULL));
  g_assert_cmpstr (iv_triage_get_first_flag (both, NULL)->name, ==, "a");
  g_assert_cmpstr (iv_triage_get_first_flag (both, dismissed)->name, ==, "b");
}

static void
test_json (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriage) triage = new_triage (0.7, -1, 0.2);
  IvTriageEvidence evidence = { IV_ZONE_LEFT_MID, IV_CHANGE_DECREASED, 0.875 };
  IvTriageFinding *first = triage->findings->pdata[0];
  g_array_append_val (first->evidence, evidence);
  g_autofree char *text = iv_triage_to_json (triage);
  g_autoptr (IvTriage) read = iv_triage_from_json (text, &error);
  g_assert_no_error (error);
  g_autofree char *again = iv_triage_to_json (read);
  g_assert_cmpstr (text, ==, again);
  const IvTriageFinding *finding = read->findings->pdata[0];
  const IvTriageEvidence *item = &g_array_index (finding->evidence, IvTriageEvidence, 0);
  g_assert_cmpint (item->zone, ==, IV_ZONE_LEFT_MID);
  g_assert_cmpint (item->direction, ==, IV_CHANGE_DECREASED);
  finding = read->findings->pdata[1];
  g_assert_cmpint (finding->status, ==, IV_TRIAGE_NO_ANSWER);
  g_assert_nonnull (strstr (text, "\"score\":null"));
  /* Without any one of its members, or cut anywhere, it is no result. */
  for (gsize n = 0; n < strlen (text); n += 7) {
    g_autofree char *cut = g_strndup (text, n);
    g_autoptr (GError) problem = NULL;
    g_assert_null (iv_triage_from_json (cut, &problem));
    g_assert_error (problem, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  }
  g_autoptr (GString) wrong = g_string_new (text);
  g_string_replace (wrong, "\"scored\"", "\"sure\"", 1);
  g_autoptr (GError) problem = NULL;
  g_assert_null (iv_triage_from_json (wrong->str, &problem));
  g_assert_nonnull (strstr (problem->message, "“status”"));
}

/* --- the library ----------------------------------------------------------------------------- */

static void
test_store (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-test-XXXXXX", &error);
  g_autofree char *file = g_build_filename (folder, "library.db", NULL);
  g_autoptr (IvLibrary) library = iv_library_open (file, &error);
  g_assert_no_error (error);
  g_autoptr (IvTriage) triage = new_triage (0.7, 0.6, 0.2);
  g_assert_null (iv_triage_store_find (library, "/f", NULL, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (IvTriageEntry) made = iv_triage_entry_new (triage, "film", "maker");
  g_assert_true (iv_triage_store_put (library, "/f", made, &error));
  /* Another film in the file, or another maker: it does not hold. */
  g_assert_null (iv_triage_store_find (library, "/f", "other", "maker", &error));
  g_assert_null (iv_triage_store_find (library, "/f", "film", "other", &error));
  g_assert_no_error (error);
  g_autoptr (IvTriageEntry) entry = iv_triage_store_find (library, "/f", "film", "maker", &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (entry->urgency, ==, iv_triage_get_urgency (triage, NULL));
  iv_triage_entry_dismiss (entry, "a", TRUE);
  iv_triage_entry_dismiss (entry, "b", TRUE);
  iv_triage_entry_dismiss (entry, "b", FALSE);
  g_assert_true (iv_triage_store_put (library, "/f", entry, &error));
  g_autoptr (IvTriageEntry) again = iv_triage_store_find (library, "/f", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (again->urgency, <, iv_triage_get_urgency (triage, NULL));
  const IvTriageFinding *flag =
      iv_triage_get_first_flag (again->triage, (const char *const *) again->dismissed);
  g_assert_cmpstr (flag->name, ==, "b");
  IvLibraryTriage damaged = { "/g", "film", "maker", 1, "", "{}" };
  g_assert_true (iv_library_set_triage (library, &damaged, &error));
  g_assert_null (iv_triage_store_find (library, "/g", NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (iv_library_forget_all (library, &error));
  g_assert_null (iv_triage_store_find (library, "/f", NULL, NULL, &error));
  g_assert_no_error (error);
  g_clear_object (&library);
  g_unlink (file);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_autofree char *nowhere = g_build_filename (g_get_tmp_dir (), "interval-no-config", NULL);
  g_setenv ("XDG_CONFIG_HOME", nowhere, TRUE); /* the shipped questions */
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/triage/questions/shipped", test_shipped);
  g_test_add_func ("/triage/questions/compose", test_compose);
  g_test_add_func ("/triage/questions/bad", test_bad_questions);
  g_test_add_func ("/triage/questions/evidence", test_evidence);
  g_test_add_func ("/triage/card", test_card);
  g_test_add_func ("/triage/card/hostile", test_hostile_cards);
  g_test_add_func ("/triage/weigh", test_weigh);
  g_test_add_func ("/triage/weigh/not-a-number", test_not_a_number);
  g_test_add_func ("/triage/order", test_order);
  g_test_add_func ("/triage/json", test_json);
  g_test_add_func ("/triage/store", test_store);
  return g_test_run ();
}
