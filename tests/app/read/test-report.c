/* Reports read: sections, sentences, findings with their sides, places, denials and doubts,
 * lengths. Copyright 2026 The Interval developers SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/iv-report.h"

#define RIGHT IV_SIDE_RIGHT
#define LEFT IV_SIDE_LEFT

/* "kind: heading" of each section, and "kind: text" of each sentence, a line each. */
static char *
describe (const IvReport *report)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < iv_report_get_sentences (report)->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (report, i);
    g_autofree char *words = iv_report_copy_span (report, sentence->span);
    g_string_append_printf (
        text,
        "%s: %s\n",
        iv_section_kind_to_string (iv_report_get_section_kind (report, sentence)),
        words);
  }
  return g_string_free (text, FALSE);
}

static void
assert_layout (const char *text, const char *expected)
{
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  g_autofree char *found = describe (report);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_sections (void)
{
  assert_layout ("INDICATION: Cough.\nCOMPARISON: None.\n\nFINDINGS:\nClear lungs.\n"
                 "IMPRESSION:\n1. Normal. 2. No effusion.\n",
                 "indication: Cough.\ncomparison: None.\nfindings: Clear lungs.\n"
                 "impression: Normal.\nimpression: No effusion.\n");
  assert_layout ("Findings: Clear. Impression: Normal.", "findings: Clear.\nimpression: Normal.\n");
  assert_layout ("## Findings\nClear.\n\n**Impression:** Normal.",
                 "findings: Clear.\nimpression: Normal.\n");
  assert_layout ("Clear lungs. CONCLUSION: Normal.", "body: Clear lungs.\nimpression: Normal.\n");
  assert_layout ("[임상정보] 기침\n[소견]\nRight effusion.\n[결론]\n우측 흉수.",
                 "indication: 기침\nfindings: Right effusion.\nimpression: 우측 흉수.\n");
  assert_layout ("소견：No effusion.\n결론: Normal.",
                 "findings: No effusion.\nimpression: Normal.\n");
  assert_layout ("FINDINGS:\nLungs: clear\nHeart: large\n",
                 "findings: Lungs: clear\n"
                 "findings: Heart: large\n");
  assert_layout ("There are findings: opacity.", "body: There are findings: opacity.\n");
  assert_layout ("", "");
  assert_layout ("IMPRESSION:", "");
}

static void
test_sentences (void)
{
  assert_layout ("A 1.5 cm nodule vs. a scar. Seen by Dr. Kim at 3 p.m. today.",
                 "body: A 1.5 cm nodule vs. a scar.\nbody: Seen by Dr. Kim at 3 p.m. today.\n");
  assert_layout ("It measures 3 cm. No effusion.Small heart.",
                 "body: It measures 3 cm.\nbody: No effusion.\nbody: Small heart.\n");
  assert_layout ("- Clear lungs\n- No effusion\n• Large heart",
                 "body: Clear lungs\nbody: No effusion\nbody: Large heart\n");
  assert_layout ("There is a small left pleural effusion with adjacent\natelectasis. No\n"
                 "pneumothorax.",
                 "body: There is a small left pleural effusion with adjacent\natelectasis.\n"
                 "body: No\npneumothorax.\n");
  assert_layout ("(1) Clear!  2) Large heart?", "body: Clear!\nbody: Large heart?\n");
}

/* What one sentence says of one finding. n: how many mentions of it there are. */
typedef struct {
  const char *text, *concept;
  IvAssertion assertion;
  guint sides, zones, lobes, grade;
  IvSaidCourse course;
} Said;

#define YES IV_ASSERTION_PRESENT
#define NO IV_ASSERTION_ABSENT
#define MAYBE IV_ASSERTION_UNCERTAIN
#define ASKED IV_ASSERTION_SUPPOSED

static const Said said[] = {
  /* Denials and how far they reach. */
  { "No focal airspace disease, effusion, or pneumothorax.", "pneumothorax", NO },
  { "No pneumothorax, small left effusion.", "pleural-effusion", YES, LEFT, 0, 0, 2 },
  { "No pneumothorax, small left effusion.", "pneumothorax", NO },
  { "No edema and a large right effusion.", "pleural-effusion", YES, RIGHT, 0, 0, 4 },
  { "No edema but moderate cardiomegaly.", "cardiomegaly", YES, 0, 0, 0, 3 },
  { "Cardiomegaly without edema.", "cardiomegaly", YES },
  { "Cardiomegaly without edema.", "edema", NO },
  { "Neither effusion nor pneumothorax is present.", "pneumothorax", NO },
  { "Pleural effusion or pneumothorax is not seen.", "pleural-effusion", NO },
  { "Pneumothorax: none.", "pneumothorax", NO },
  { "No change in the right effusion.",
    "pleural-effusion",
    YES,
    RIGHT,
    0,
    0,
    0,
    IV_SAID_UNCHANGED },
  { "The effusion has not increased.", "pleural-effusion", YES, 0, 0, 0, 0, IV_SAID_UNCHANGED },
  { "No opacity to suggest pneumonia.", "pneumonia", NO },
  { "The left effusion has resolved.", "pleural-effusion", NO, LEFT, 0, 0, 0, IV_SAID_RESOLVED },
  { "The chest tube has been removed.", "chest-tube", NO, 0, 0, 0, 0, IV_SAID_REMOVED },
  /* Doubts. */
  { "Opacity may reflect pneumonia.", "pneumonia", MAYBE },
  { "Opacity may reflect pneumonia.", "lung-opacity", YES },
  { "Pneumonia cannot be excluded.", "pneumonia", MAYBE },
  { "This is likely atelectasis.", "atelectasis", MAYBE },
  { "Possible small right pneumothorax.", "pneumothorax", MAYBE, RIGHT, 0, 0, 2 },
  /* Questions and the past. */
  { "Evaluate for pneumothorax.", "pneumothorax", ASKED },
  { "History of pneumonia.", "pneumonia", ASKED },
  /* States of anatomy. */
  { "The heart is mildly enlarged.", "cardiomegaly", YES, 0, 0, 0, 2 },
  { "Heart and mediastinum are normal.", "cardiomegaly", NO },
  { "Heart and mediastinum are normal.", "widened-mediastinum", NO },
  { "Heart is not enlarged.", "cardiomegaly", NO },
  { "Heart size is at the upper limits of normal.", "cardiomegaly", MAYBE },
  { "Hyperexpanded but clear lungs.", "lung-abnormality", NO },
  { "The right lung is clear.", "lung-abnormality", NO, RIGHT },
  { "The left costophrenic angle is blunted.", "pleural-effusion", YES, LEFT },
  { "Pulmonary vasculature is engorged.", "congestion", YES },
  /* Sides, places, severity, course. */
  { "Bibasilar atelectasis.", "atelectasis", YES, RIGHT | LEFT, IV_ZONES_LOWER },
  { "Consolidation in the right upper lobe.",
    "consolidation",
    YES,
    RIGHT,
    IV_ZONES_UPPER | IV_ZONES_MID,
    IV_LOBES_UPPER },
  { "RLL opacity, likely pneumonia.",
    "pneumonia",
    MAYBE,
    RIGHT,
    IV_ZONES_MID | IV_ZONES_LOWER,
    IV_LOBES_LOWER },
  { "Lingular opacity.",
    "lung-opacity",
    YES,
    LEFT,
    IV_ZONES_MID | IV_ZONES_LOWER,
    IV_LOBES_UPPER | IV_LOBES_LINGULA },
  { "Right greater than left pleural effusions.", "pleural-effusion", YES, RIGHT | LEFT },
  { "Slightly improved right-sided pulmonary oedema.",
    "edema",
    YES,
    RIGHT,
    0,
    0,
    1,
    IV_SAID_DECREASED },
  { "On the left there is a small effusion.", "pleural-effusion", YES, LEFT, 0, 0, 2 },
  { "Left effusion and right basal atelectasis.", "pleural-effusion", YES, LEFT },
  { "Left effusion and right basal atelectasis.", "atelectasis", YES, RIGHT, IV_ZONES_LOWER },
};

static const IvMention *
find_mention (const IvReport *report, const char *concept)
{
  for (guint i = 0; i < iv_report_get_sentences (report)->len; i++) {
    const GArray *mentions = iv_report_get_sentence (report, i)->mentions;
    for (guint k = 0; k < mentions->len; k++)
      if (g_str_equal (g_array_index (mentions, IvMention, k).concept->id, concept))
        return &g_array_index (mentions, IvMention, k);
  }
  return NULL;
}

static void
test_mentions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (said); i++) {
    g_autoptr (IvReport) report = iv_report_new (said[i].text, NULL);
    const IvMention *mention = find_mention (report, said[i].concept);
    g_test_message ("%s (%s)", said[i].text, said[i].concept);
    g_assert_nonnull (mention);
    g_assert_cmpstr (iv_assertion_to_string (mention->assertion),
                     ==,
                     iv_assertion_to_string (said[i].assertion));
    g_assert_cmpuint (mention->sides, ==, said[i].sides);
    g_assert_cmpuint (mention->zones, ==, said[i].zones);
    g_assert_cmpuint (mention->lobes, ==, said[i].lobes);
    g_assert_cmpuint (mention->grade_low, ==, said[i].grade);
    g_assert_cmpint (mention->course, ==, said[i].course);
  }
}

/* Two sides of one finding, each with its severity, in three wordings. */
static void
test_two_sides (void)
{
  static const char *const texts[] = {
    "Small left and moderate right pleural effusions.",
    "Pleural effusions, small on the left and moderate on the right.",
    "There is a small left and a moderate right pleural effusion.",
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (IvReport) report = iv_report_new (texts[i], NULL);
    const GArray *mentions = iv_report_get_sentence (report, 0)->mentions;
    g_test_message ("%s", texts[i]);
    g_assert_cmpuint (mentions->len, ==, 2);
    for (guint k = 0; k < 2; k++) {
      const IvMention *mention = &g_array_index (mentions, IvMention, k);
      g_assert_cmpuint (mention->grade_low, ==, mention->sides == LEFT ? 2 : 3);
    }
  }
}

static void
test_spans (void)
{
  const char *text = "흉부 PA.\nFINDINGS: New right pneumothorax compared with the prior.";
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  const IvSentence *sentence = iv_report_get_sentence (report, 1);
  const IvMention *mention = find_mention (report, "pneumothorax");
  g_autofree char *name = iv_report_copy_span (report, mention->span);
  g_autofree char *place = iv_report_copy_span (report, mention->place);
  g_autofree char *course = iv_report_copy_span (report, mention->course_span);
  g_assert_cmpstr (name, ==, "pneumothorax");
  g_assert_cmpstr (place, ==, "right");
  g_assert_cmpstr (course, ==, "New");
  g_assert_cmpuint (sentence->comparisons->len, ==, 1);
  g_assert_true (sentence->names_prior);
  g_assert_cmpint (iv_report_find_sentence_at (report, mention->span.start), ==, 1);
  g_assert_cmpint (iv_report_find_sentence_at (report, (guint) strlen (text) + 5), ==, -1);
  g_assert_true (iv_report_is_statement (report, sentence));
  g_assert_nonnull (iv_report_find_section (report, IV_SECTION_FINDINGS));
  g_assert_null (iv_report_find_section (report, IV_SECTION_IMPRESSION));
}

static const IvMeasurement *
measure (IvReport *report, guint n)
{
  const GArray *all = iv_report_get_sentence (report, 0)->measurements;
  g_assert_cmpuint (all->len, ==, n);
  return n > 0 ? &g_array_index (all, IvMeasurement, 0) : NULL;
}

static void
test_measurements (void)
{
  g_autoptr (IvReport) size = iv_report_new ("A 1.5 x 2.5 cm nodule in the left apex.", NULL);
  const IvMeasurement *one = measure (size, 1);
  g_assert_cmpuint (one->n_values, ==, 2);
  g_assert_cmpfloat (one->largest_mm, ==, 25);
  g_assert_cmpstr (one->concept->id, ==, "nodule");
  g_assert_cmpuint (one->sides, ==, LEFT);
  g_assert_false (one->is_distance);
  g_autoptr (IvReport) tip = iv_report_new ("ET tube with its tip 4-5 cm above the carina.", NULL);
  one = measure (tip, 1);
  g_assert_true (one->is_distance);
  g_assert_cmpfloat (one->values[0], ==, 4);
  g_assert_cmpstr (one->concept->id, ==, "endotracheal-tube");
  g_autoptr (IvReport) bare = iv_report_new ("Nodule measuring 8, unchanged.", NULL);
  g_assert_cmpint (measure (bare, 1)->unit, ==, IV_UNIT_NONE);
  g_assert_true (isnan (measure (bare, 1)->largest_mm));
  g_autoptr (IvReport) metres = iv_report_new ("A 15 m nodule.", NULL);
  g_assert_cmpfloat (measure (metres, 1)->largest_mm, ==, 15000);
  g_autoptr (IvReport) none = iv_report_new ("65M, film of 3/4/2020 at 10:30, T5.", NULL);
  measure (none, 0);
}

static void
test_bad_text (void)
{
  g_autoptr (IvReport) bytes = iv_report_new ("No \xff effusion.", NULL);
  g_assert_true (g_utf8_validate (iv_report_get_text (bytes), -1, NULL));
  g_assert_cmpint (find_mention (bytes, "pleural-effusion")->assertion, ==, NO);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 20000; i++)
    g_string_append (text, "no (((,,, and or ");
  g_autoptr (IvReport) marks = iv_report_new (text->str, NULL);
  g_assert_null (find_mention (marks, "pleural-effusion"));
}

static void
assert_bad_lexicon (const char *text, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (iv_lexicon_new (text, "mine.txt", &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "mine.txt"));
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_lexicon (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvLexicon) own = iv_lexicon_new (
      "[finding ufo]\nwords=flying saucer\n[cue deny-after]\nwords=sans\n", "mine.txt", &error);
  g_assert_no_error (error);
  g_autoptr (IvReport) report = iv_report_new ("Sans flying-saucers.", own);
  g_assert_cmpint (find_mention (report, "ufo")->assertion, ==, NO);
  assert_bad_lexicon ("nonsense", "mine.txt");
  assert_bad_lexicon ("[finding a]\nwords=x\n[finding b]\nwords=X\n", "“X” is in [finding a]");
  assert_bad_lexicon ("[finding a]\nis=b\nwords=x\n", "no finding “b”");
  assert_bad_lexicon ("[finding a]\nis=a\nwords=x\n", "a kind of itself");
  assert_bad_lexicon ("[place a]\nsides=up\nwords=x\n", "“up” is not known");
  assert_bad_lexicon ("[cue a]\nwords=x\n", "“a” is not known");
  assert_bad_lexicon ("[finding a]\nmax-mm=-3\nwords=x\n", "max-mm");
  assert_bad_lexicon ("[device a]\ncarina-mm=5\nwords=x\n", "carina-mm");
  assert_bad_lexicon ("[finding a]\nwords=;\n", "empty");
  assert_bad_lexicon ("[thing a]\nwords=x\n", "no kind of group");
}

/* Every label of the shipped lexicon is one of the fourteen. */
static void
test_shipped_lexicon (void)
{
  g_autoptr (IvLexicon) lexicon = iv_lexicon_new_shipped ();
  const GPtrArray *concepts = iv_lexicon_get_concepts (lexicon);
  g_assert_cmpuint (concepts->len, >, 40);
  const IvConcept *pneumonia = iv_lexicon_find_concept (lexicon, "pneumonia");
  const IvConcept *opacity = iv_lexicon_find_concept (lexicon, "lung-opacity");
  g_assert_true (iv_concept_is (pneumonia, opacity));
  g_assert_false (iv_concept_is (opacity, pneumonia));
}

int
main (int argc, char **argv)
{
  g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE); /* no lexicon of this machine's reader */
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/sections", test_sections);
  g_test_add_func ("/report/sentences", test_sentences);
  g_test_add_func ("/report/mentions", test_mentions);
  g_test_add_func ("/report/two-sides", test_two_sides);
  g_test_add_func ("/report/spans", test_spans);
  g_test_add_func ("/report/measurements", test_measurements);
  g_test_add_func ("/report/bad-text", test_bad_text);
  g_test_add_func ("/report/lexicon", test_lexicon);
  g_test_add_func ("/report/shipped-lexicon", test_shipped_lexicon);
  return g_test_run ();
}
