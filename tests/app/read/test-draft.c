/* Drafts without a model: the text of the report, the places of its sentences, what is kept.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/read/draft/iv-draft-evidence.h"
#include "app/read/draft/iv-draft-model.h"
#include "app/read/draft/iv-draft-text.h"
#include "app/read/draft/iv-file-digest.h"
#include "app/read/iv-read-error.h"

/* --- the text ------------------------------------------------------------------------------- */

static void
test_thoughts (void)
{
  static const char *const rows[][2] = {
    { "FINDINGS: Clear.", "FINDINGS: Clear." },
    { "<think>hm\nnew?</think>\n\nClear.", "Clear." },
    { "so it is</think>Clear.", "Clear." },
    { "\n<think>and", "" },
    { "Clear. <think>", "Clear. <think>" },
    { "<think>a</think><answer>Clear.</answer>", "Clear." },
    { "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = iv_draft_strip_thoughts (rows[i][0]);
    g_assert_cmpstr (text, ==, rows[i][1]);
  }
  char marks[] = "A<|vision_start|>b\x1b[1mc\n<|end|>.";
  iv_draft_strip_tokens (marks);
  g_assert_cmpstr (marks, ==, "Ab[1mc\n.");
}

/* The model's own words on what it was not told are left out, the rest is put in order. */
static void
test_sections (void)
{
  const char *said = "INDICATION: Invented.\nCOMPARISON: Film of yesterday.\n"
                     "IMPRESSION: Left effusion.\n"
                     "FINDINGS: There is a left effusion. The heart is normal.\n"
                     "RECOMMENDATION: Ultrasound.";
  IvDraftFacts facts = { "Cough.", "PA chest radiograph.", "Chest radiograph, 3 days earlier." };
  g_autofree char *text = iv_draft_compose (&facts, said, NULL, NULL);
  g_assert_cmpstr (text,
                   ==,
                   "INDICATION: Cough.\n\nTECHNIQUE: PA chest radiograph.\n\n"
                   "COMPARISON: Chest radiograph, 3 days earlier.\n\n"
                   "FINDINGS: There is a left effusion. The heart is normal.\n\n"
                   "IMPRESSION: Left effusion.\n\nRECOMMENDATION: Ultrasound.");
  g_autofree char *plain = iv_draft_compose (&(IvDraftFacts){ 0 }, "Clear lungs.", NULL, NULL);
  g_assert_cmpstr (plain, ==, "COMPARISON: None.\n\nFINDINGS: Clear lungs.");
}

static void
test_removals (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvComparisonWords) words = iv_comparison_words_load (&error);
  g_assert_no_error (error);
  g_autoptr (GArray) removals = iv_draft_removals_new ();
  IvDraftFacts facts = { .technique = "AP chest radiograph." };
  g_autofree char *text = iv_draft_compose (&facts,
                                            "FINDINGS: The heart is enlarged. The left effusion "
                                            "has increased. No pneumothorax.\nIMPRESSION: "
                                            "Unchanged cardiomegaly.",
                                            words,
                                            removals);
  g_assert_cmpstr (text,
                   ==,
                   "TECHNIQUE: AP chest radiograph.\n\nCOMPARISON: None.\n\n"
                   "FINDINGS: The heart is enlarged. No pneumothorax.");
  g_assert_cmpuint (removals->len, ==, 2);
  const IvDraftRemoval *first = &g_array_index (removals, IvDraftRemoval, 0);
  g_assert_cmpstr (first->sentence, ==, "The left effusion has increased.");
  g_assert_cmpstr (first->word, ==, "increased");
  g_assert_cmpstr (g_array_index (removals, IvDraftRemoval, 1).word, ==, "Unchanged");
}

static void
test_facts (void)
{
  g_autoptr (IvRadiographInfo) now = iv_radiograph_info_new ();
  g_autoptr (IvRadiographInfo) side = iv_radiograph_info_new ();
  g_autoptr (IvRadiographInfo) then = iv_radiograph_info_new ();
  now->view = IV_VIEW_PA;
  side->view = IV_VIEW_LATERAL;
  now->study_date = g_strdup ("20210312");
  then->study_date = g_strdup ("20210224");
  const IvRadiographInfo *views[] = { now, side };
  g_autofree char *one = iv_draft_describe_technique (views, 1);
  g_autofree char *two = iv_draft_describe_technique (views, 2);
  g_autofree char *lateral = iv_draft_describe_technique (views + 1, 1);
  g_assert_cmpstr (one, ==, "PA chest radiograph.");
  g_assert_cmpstr (two, ==, "PA and lateral chest radiograph.");
  g_assert_cmpstr (lateral, ==, "Lateral chest radiograph.");
  g_assert_cmpint (iv_draft_count_days (now, then), ==, 16);
  g_assert_cmpint (iv_draft_count_days (then, now), ==, -1);
  g_autofree char *prior = iv_draft_describe_prior (then, 16);
  g_assert_cmpstr (prior, ==, "Chest radiograph of 2021-02-24, 16 days earlier.");
  g_clear_pointer (&then->study_date, g_free);
  g_assert_cmpint (iv_draft_count_days (now, then), ==, -1);
  then->study_date = g_strdup ("20210231");
  g_assert_cmpint (iv_draft_count_days (now, then), ==, -1);
}

/* --- places --------------------------------------------------------------------------------- */

/* Sentences, and whether they are about more opacity in the right lower zone. */
static void
test_words_and_changes (void)
{
  static const struct {
    const char *text;
    gboolean increased, decreased; /* opacity in the right lower zone */
  } rows[] = {
    { "New right lower lobe consolidation.", TRUE, FALSE },
    { "The right pleural effusion has decreased.", FALSE, TRUE },
    { "Right basal opacity.", TRUE, TRUE },
    { "New left lower lobe consolidation.", FALSE, FALSE },
    { "New right upper lobe consolidation.", FALSE, FALSE },
    { "No right pleural effusion.", FALSE, FALSE },
    { "The right pleural effusion is unchanged.", FALSE, FALSE },
    { "There is an opacity.", FALSE, FALSE },
    { "Enlarging right pneumothorax.", FALSE, TRUE },
    { "Bilateral pleural effusions have increased.", TRUE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint down = 0; down < 2; down++) {
      IvChange change = { .zone = IV_ZONE_RIGHT_LOWER,
                          .direction = down ? IV_CHANGE_DECREASED : IV_CHANGE_INCREASED };
      g_autoptr (IvReport) report = iv_report_new (rows[i].text, NULL);
      const IvSentence *sentence = iv_report_get_sentence (report, 0);
      gboolean matches = FALSE;
      for (guint k = 0; k < sentence->mentions->len; k++)
        matches |=
            iv_draft_mention_matches (&g_array_index (sentence->mentions, IvMention, k), &change);
      if (matches != (down ? rows[i].decreased : rows[i].increased))
        g_error ("“%s” and %s opacity", rows[i].text, down ? "decreased" : "increased");
    }
}

static GArray *
get_places (GPtrArray *places, guint i)
{
  return g_ptr_array_index (places, i);
}

static void
test_numbered_boxes (void)
{
  g_autoptr (IvReport) report =
      iv_report_new ("FINDINGS: Left effusion. No pneumothorax. Right upper lobe mass.", NULL);
  g_autoptr (GArray) sentences = NULL;
  g_autofree char *list = iv_draft_list_statements (report, &sentences);
  g_assert_cmpstr (list, ==, "1. Left effusion.\n2. Right upper lobe mass.");
  g_autoptr (GPtrArray) places = iv_draft_places_new (iv_report_get_sentences (report)->len);
  g_autoptr (GArray) boxes = iv_model_boxes_parse (
      "[{\"box_2d\": [0, 0, 500, 500], \"label\": \"2\"}, {\"box_2d\": [0, 0, 9, 9], \"label\": "
      "\"3\"}, {\"box_2d\": [0, 0, 9, 9], \"label\": \"mass\"}]",
      IV_PLACES_GEMMA,
      (IvImageSize){ 896, 896 },
      NULL);
  IvImageLayout layout = { .picture = { 100, 200 }, .shown = { 0, 0, 100, 200 } };
  g_assert_cmpuint (boxes->len, ==, 3);
  iv_draft_place_boxes (boxes, &layout, sentences, places);
  g_assert_cmpuint (get_places (places, 0)->len, ==, 0);
  g_assert_cmpuint (get_places (places, 1)->len, ==, 0);
  g_assert_cmpuint (get_places (places, 2)->len, ==, 1);
  const IvDraftPlace *place = &g_array_index (get_places (places, 2), IvDraftPlace, 0);
  g_assert_cmpint (place->evidence, ==, IV_EVIDENCE_MODEL);
  g_assert_cmpfloat (place->box.width, ==, 50);
  g_assert_cmpfloat (place->box.height, ==, 100);
}

static void
test_phrases (void)
{
  g_autofree char *said = NULL;
  g_autoptr (GArray) boxes = iv_model_boxes_parse (
      "<obj>Small left effusion.<box><x10><y20><x30><y40></box></obj><obj>Clear right lung.</obj>",
      IV_PLACES_MAIRA,
      (IvImageSize){ 518, 518 },
      &said);
  g_autofree char *text = iv_draft_compose (&(IvDraftFacts){ 0 }, said, NULL, NULL);
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  g_autoptr (GPtrArray) places = iv_draft_places_new (iv_report_get_sentences (report)->len);
  IvImageLayout layout = { .picture = { 100, 100 }, .shown = { 0, 0, 100, 100 } };
  iv_draft_place_phrases (boxes, said, &layout, report, places);
  for (guint i = 0; i < places->len; i++) {
    g_autofree char *sentence =
        iv_report_copy_span (report, iv_report_get_sentence (report, i)->span);
    g_assert_cmpuint (
        get_places (places, i)->len, ==, g_str_equal (sentence, "Small left effusion.") ? 1 : 0);
  }
}

/* --- JSON ----------------------------------------------------------------------------------- */

static IvDraft *
make_draft (void)
{
  IvDraftParams params = { .end = IV_DRAFT_STOPPED,
                           .raw = g_strdup ("raw <box>"),
                           .text = g_strdup ("FINDINGS: Left effusion. 심비대.\n\nIMPRESSION: A."),
                           .removals = iv_draft_removals_new () };
  IvDraftRemoval removal = { g_strdup ("New."), g_strdup ("New") };
  IvDraftPlace place = { IV_EVIDENCE_MODEL, { 1, 2.5, 30, 40 } };
  g_autoptr (IvReport) report = iv_report_new (params.text, NULL);
  params.places = iv_draft_places_new (iv_report_get_sentences (report)->len);
  g_array_append_val (get_places (params.places, 0), place);
  g_array_append_val (params.removals, removal);
  params.provenance.model = g_strdup ("tiny");
  params.provenance.films = g_strsplit ("1.2 1.3", " ", -1);
  params.provenance.has_prior = TRUE;
  params.provenance.sampling.temperature = 0.5f;
  params.provenance.n_generated = 7;
  return iv_draft_new (&params);
}

static void
test_json (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvDraft) draft = make_draft ();
  g_autoptr (JsonNode) node = iv_draft_to_json (draft);
  g_autoptr (IvDraft) back = iv_draft_from_json (node, &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) again = iv_draft_to_json (back);
  g_autofree char *one = json_to_string (node, FALSE), *two = json_to_string (again, FALSE);
  g_assert_cmpstr (one, ==, two);
  g_assert_cmpstr (back->provenance.model, ==, "tiny");
  g_assert_cmpstr (back->provenance.films[1], ==, "1.3");
  g_assert_true (back->provenance.has_prior);
  g_assert_cmpint (back->end, ==, IV_DRAFT_STOPPED);
  g_assert_cmpuint (get_places (back->places, 0)->len, ==, 1);
}

/* Nothing that lies on a disk is believed. */
static void
test_bad_json (void)
{
  static const char *const rows[] = {
    "null",
    "[]",
    "{}",
    "{\"text\": \"a\"}",
    "{\"text\": \"a\", \"raw\": \"b\"}",
    "{\"text\": \"a\", \"raw\": \"b\", \"end\": \"never\"}",
    "{\"text\": \"a\", \"raw\": \"b\", \"end\": \"whole\"}",
    "{\"text\": 3, \"raw\": \"b\", \"end\": \"whole\", \"sentences\": []}",
    "{\"text\": \"A b.\", \"raw\": \"b\", \"end\": \"whole\", \"sentences\": [3]}",
    "{\"text\": \"A b.\", \"raw\": \"b\", \"end\": \"whole\", \"sentences\": [{\"places\": "
    "[{\"evidence\": \"model\", \"bbox\": [1, 2, 3]}]}]}",
    "{\"text\": \"A b.\", \"raw\": \"b\", \"end\": \"whole\", \"sentences\": [{\"places\": "
    "[{\"evidence\": \"faith\", \"bbox\": [1, 2, 3, 4]}]}]}",
    "{\"text\": \"A b.\", \"raw\": \"b\", \"end\": \"whole\", \"sentences\": [{\"places\": "
    "[{\"evidence\": \"model\", \"bbox\": [1, 2, 0, 4]}]}]}",
    "{\"text\": \"A b.\", \"raw\": \"b\", \"end\": \"whole\", \"sentences\": [], \"removed\": [1]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = json_from_string (rows[i], NULL);
    g_assert_null (iv_draft_from_json (node, &error));
    g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID);
  }
}

/* --- files ---------------------------------------------------------------------------------- */

static void
write_file (const char *folder, const char *name, const char *text, char **path)
{
  *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (*path, text, -1, NULL));
}

static void
test_digest (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-digest-XXXXXX", NULL);
  g_autofree char *file = NULL;
  write_file (folder, "model.safetensors", "abc", &file);
  /* SHA-256 of "abc", FIPS 180-4. */
  const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  for (guint i = 0; i < 2; i++) {
    g_autofree char *digest = iv_file_digest_get (folder, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (digest, ==, abc);
  }
  /* A file of another time and size is another file. */
  g_assert_true (g_file_set_contents (file, "abcd", -1, NULL));
  g_autofree char *changed = iv_file_digest_get (file, NULL, &error);
  g_assert_cmpstr (changed, !=, abc);
  g_autofree char *index = NULL;
  write_file (folder, "model.safetensors.index.json", "abc", &index);
  g_autofree char *of_index = iv_file_digest_get (folder, NULL, &error);
  g_assert_cmpstr (of_index, ==, abc);
  g_unlink (index);
  g_unlink (file);
  g_assert_null (iv_file_digest_get (folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_rmdir (folder);
}

static void
test_mmproj (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("interval-mmproj-XXXXXX", NULL);
  g_autofree char *model = NULL, *one = NULL, *two = NULL;
  write_file (folder, "tiny.gguf", "", &model);
  g_assert_null (iv_draft_model_find_mmproj (model, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_NO_MODEL);
  g_clear_error (&error);
  write_file (folder, "mmproj-other.gguf", "", &one);
  g_autofree char *only = iv_draft_model_find_mmproj (model, &error);
  g_assert_cmpstr (only, ==, one);
  write_file (folder, "big-mmproj-f16.gguf", "", &two);
  g_assert_null (iv_draft_model_find_mmproj (model, &error));
  g_assert_error (error, IV_READ_ERROR, IV_READ_ERROR_NO_MODEL);
  g_clear_error (&error);
  g_unlink (one);
  g_free (one);
  write_file (folder, "mmproj-tiny.gguf", "", &one);
  g_autofree char *own = iv_draft_model_find_mmproj (model, &error);
  g_assert_cmpstr (own, ==, one);
  g_autofree char *itself = iv_draft_model_find_mmproj (folder, &error);
  g_assert_cmpstr (itself, ==, folder);
  g_unlink (one);
  g_unlink (two);
  g_unlink (model);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/draft/thoughts", test_thoughts);
  g_test_add_func ("/draft/sections", test_sections);
  g_test_add_func ("/draft/removals", test_removals);
  g_test_add_func ("/draft/facts", test_facts);
  g_test_add_func ("/draft/words-and-changes", test_words_and_changes);
  g_test_add_func ("/draft/numbered-boxes", test_numbered_boxes);
  g_test_add_func ("/draft/phrases", test_phrases);
  g_test_add_func ("/draft/json", test_json);
  g_test_add_func ("/draft/bad-json", test_bad_json);
  g_test_add_func ("/draft/digest", test_digest);
  g_test_add_func ("/draft/mmproj", test_mmproj);
  return g_test_run ();
}
