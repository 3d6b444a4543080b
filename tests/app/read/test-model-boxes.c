/* Boxes in the forms that models write, malformed ones, and their way back to the film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/read/draft/iv-model-boxes.h"
#include "model/generate/constrain/iv-grammar.h"

static const IvImageSize canvas = { 560, 448 };

static void
assert_box (GArray *boxes, guint i, const double expected[4], const char *label)
{
  g_assert_cmpuint (i, <, boxes->len);
  const IvModelBox *box = &g_array_index (boxes, IvModelBox, i);
  const double got[] = { box->x0, box->y0, box->x1, box->y1 };
  for (guint k = 0; k < 4; k++)
    g_assert_cmpfloat_with_epsilon (got[k], expected[k], 1e-9);
  g_assert_cmpstr (box->label, ==, label);
}

static void
test_gemma (void)
{
  const char *text = "FINDINGS: A mass.\n```json\n[{\"box_2d\": [100, 200, 300, 400], \"label\": "
                     "\"1\"},\n {\"label\": \"heart\", \"box_2d\": [0,0,1000,1000]}]\n```\nEnd.";
  g_autofree char *plain = NULL;
  g_autoptr (GArray) boxes = iv_model_boxes_parse (text, IV_PLACES_GEMMA, canvas, &plain);
  g_assert_cmpuint (boxes->len, ==, 2);
  assert_box (boxes, 0, (double[]){ 0.2, 0.1, 0.4, 0.3 }, "1"); /* y comes first */
  assert_box (boxes, 1, (double[]){ 0, 0, 1, 1 }, "heart");
  g_assert_cmpstr (plain, ==, "FINDINGS: A mass.\n\nEnd.");
}

static void
test_qwen (void)
{
  const char *text = "[{\"bbox_2d\": [56, 112, 280, 336], \"label\": 2}]";
  g_autofree char *plain = NULL;
  g_autoptr (GArray) pixels = iv_model_boxes_parse (text, IV_PLACES_QWEN_PIXELS, canvas, &plain);
  assert_box (pixels, 0, (double[]){ 0.1, 0.25, 0.5, 0.75 }, "2");
  g_assert_cmpstr (plain, ==, "");
  g_autoptr (GArray) thousandths = iv_model_boxes_parse (text, IV_PLACES_QWEN_1000, canvas, NULL);
  assert_box (thousandths, 0, (double[]){ 0.056, 0.112, 0.28, 0.336 }, "2");
  /* The other family's key is no box of this one, and stays text. */
  g_autofree char *rest = NULL;
  g_autoptr (GArray) none = iv_model_boxes_parse (text, IV_PLACES_GEMMA, canvas, &rest);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpstr (rest, ==, text);
}

static void
test_qwen_tokens (void)
{
  const char *text = "There is <|object_ref_start|>an effusion<|object_ref_end|><|box_start|>"
                     "(10,20),(500,900)<|box_end|> here.";
  g_autofree char *plain = NULL;
  g_autoptr (GArray) boxes = iv_model_boxes_parse (text, IV_PLACES_QWEN_1000, canvas, &plain);
  g_assert_cmpuint (boxes->len, ==, 1);
  assert_box (boxes, 0, (double[]){ 0.01, 0.02, 0.5, 0.9 }, "an effusion");
  g_assert_cmpstr (plain, ==, "There is an effusion here.");
  const IvModelBox *box = &g_array_index (boxes, IvModelBox, 0);
  g_assert_cmpuint (box->start, ==, 9);
  g_assert_cmpuint (box->end, ==, 20);
}

static void
test_maira (void)
{
  const char *text =
      "<obj>Small left effusion.<box><x60><y70><x90><y95></box><box><x0><y0><x9><y9></box></obj>"
      "<obj> The heart is large.<box><x30><y50><x70></box></obj> Lungs are clear.";
  g_autofree char *plain = NULL;
  g_autoptr (GArray) boxes = iv_model_boxes_parse (text, IV_PLACES_MAIRA, canvas, &plain);
  g_assert_cmpstr (plain, ==, "Small left effusion. The heart is large. Lungs are clear.");
  g_assert_cmpuint (boxes->len, ==, 2); /* that of the heart lacks a corner */
  assert_box (boxes, 0, (double[]){ 0.605, 0.705, 0.905, 0.955 }, "");
  assert_box (boxes, 1, (double[]){ 0.005, 0.005, 0.095, 0.095 }, "");
  for (guint i = 0; i < 2; i++) {
    const IvModelBox *box = &g_array_index (boxes, IvModelBox, i);
    g_autofree char *phrase = g_strndup (plain + box->start, box->end - box->start);
    g_assert_cmpstr (phrase, ==, "Small left effusion.");
  }
}

/* What is not a box gives none, and its text stays. */
static void
test_hostile (void)
{
  static const char *const rows[] = {
    "{\"box_2d\": [1, 2, 3]}",
    "{\"box_2d\": [1, 2, 3, \"4\"]}",
    "{\"box_2d\": \"1, 2, 3, 4\"}",
    "{\"box_2d\": [1, 2, 3, 4",
    "{\"box_2d\": {\"a\": 1}}",
    "[[[[[[[[[[[[",
    "{{{{{{{{",
    "[1, 2, 3, 4]",
    "{}",
    "[]",
    "<box><x1><y1><x2><y2></box",
    "<|box_start|>(1,2),(3,4)",
    "\"box_2d\": [1,2,3,4]",
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *plain = NULL;
    g_autoptr (GArray) boxes = iv_model_boxes_parse (rows[i], IV_PLACES_GEMMA, canvas, &plain);
    g_assert_cmpuint (boxes->len, ==, 0);
    g_assert_cmpstr (plain, ==, rows[i]);
  }
}

/* Boxes whose numbers cannot be a place on the picture. */
static void
test_bad_numbers (void)
{
  static const char *const rows[] = {
    "[300, 300, 100, 400]",
    "[300, 300, 300, 400]",
    "[-500, 0, 100, 100]",
    "[0, 0, 5000, 100]",
    "[1e999, 0, 1, 1]",
    "[0, 0, 1e-300, 1000]",
    "[99999999999999999999, 0, 1, 1]",
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("{\"box_2d\": %s, \"label\": \"x\"}", rows[i]);
    g_autoptr (GArray) boxes = iv_model_boxes_parse (text, IV_PLACES_GEMMA, canvas, NULL);
    for (guint k = 0; k < boxes->len; k++) {
      const IvModelBox *box = &g_array_index (boxes, IvModelBox, k);
      g_assert_true (box->x0 >= 0 && box->x0 < box->x1 && box->x1 <= 1);
      g_assert_true (box->y0 >= 0 && box->y0 < box->y1 && box->y1 <= 1);
    }
    g_assert_cmpuint (boxes->len, ==, g_str_has_prefix (rows[i], "[0, 0, 1e-300") ? 1 : 0);
  }
}

/* Long answers take neither long nor give more than the most. */
static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 20000; i++)
    g_string_append (text, i < 10000 ? "[ {" : "{\"box_2d\":[0,0,9,9]},");
  for (IvPlaces places = IV_PLACES_NONE; places <= IV_PLACES_MAIRA; places++) {
    g_autoptr (GArray) boxes = iv_model_boxes_parse (text->str, places, canvas, NULL);
    g_assert_cmpuint (boxes->len, ==, places == IV_PLACES_GEMMA ? IV_MODEL_BOXES_MAX : 0);
  }
}

/* Cuts and changed bytes of good answers. */
static void
test_mutations (void)
{
  static const char good[] =
      "Text. ```json\n[{\"box_2d\": [100, 200, 300, 400], \"label\": \"1\"}]\n``` <obj>A "
      "b.<box><x10><y20><x30><y40></box></obj> <|box_start|>(1,2),(3,4)<|box_end|> "
      "{\"bbox_2d\": [1, 2, 3, 4]}";
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  for (guint i = 0; i < 3000; i++) {
    g_autofree char *text = g_strndup (good, (gsize) g_rand_int_range (rand, 0, sizeof good));
    gsize length = strlen (text);
    for (guint k = 0; k < 3 && length > 0; k++)
      text[g_rand_int_range (rand, 0, (gint32) length)] = (char) g_rand_int_range (rand, 1, 256);
    for (IvPlaces places = IV_PLACES_NONE; places <= IV_PLACES_MAIRA; places++) {
      g_autofree char *plain = NULL;
      g_autoptr (GArray) boxes = iv_model_boxes_parse (text, places, canvas, &plain);
      g_assert_true (g_utf8_validate (plain, -1, NULL));
      for (guint k = 0; k < boxes->len; k++) {
        const IvModelBox *box = &g_array_index (boxes, IvModelBox, k);
        g_assert_cmpuint (box->start, <=, box->end);
        g_assert_cmpuint (box->end, <=, strlen (plain));
      }
    }
  }
}

/* A film of 2000 × 1600 whose middle square the model saw (MAIRA-2), and one squashed whole. */
static void
test_to_film (void)
{
  const IvModelBox box = { 0.25, 0.5, 0.75, 1 };
  IvImageLayout layout = { .picture = { 2000, 1600 }, .shown = { 200, 0, 1600, 1600 } };
  IvFilmBox film;
  g_assert_true (iv_model_box_to_film (&box, &layout, &film));
  g_assert_cmpfloat (film.x, ==, 599.5);
  g_assert_cmpfloat (film.y, ==, 799.5);
  g_assert_cmpfloat (film.width, ==, 800);
  g_assert_cmpfloat (film.height, ==, 800);
  layout.shown.x = layout.shown.y = 0;
  layout.shown.width = 2000;
  g_assert_true (iv_model_box_to_film (&box, &layout, &film));
  g_assert_cmpfloat (film.x, ==, 499.5);
  g_assert_cmpfloat (film.width, ==, 1000);
  /* A padded picture: the box lies on the padding alone. */
  layout.shown.y = -200;
  layout.shown.height = 2000;
  g_assert_false (iv_model_box_to_film (&(IvModelBox){ 0, 0, 1, 0.05 }, &layout, &film));
}

static void
test_grammar (void)
{
  static const struct {
    const char *text;
    gboolean is_good;
  } rows[] = {
    { "[]", TRUE },
    { "[{\"box_2d\": [0, 20, 1000, 999], \"label\": \"2\"}]", TRUE },
    { "[{\"box_2d\": [0, 20, 1001, 999], \"label\": \"2\"}]", FALSE },
    { "[{\"box_2d\": [0, 20, 30, 40], \"label\": \"4\"}]", FALSE },
    { "[{\"box_2d\": [0, 20, 30], \"label\": \"1\"}]", FALSE },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = iv_model_boxes_get_grammar (IV_PLACES_GEMMA, 3);
  g_autoptr (IvByteAutomaton) grammar = iv_grammar_new (text, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (iv_byte_automaton_matches (grammar, rows[i].text, strlen (rows[i].text)),
                     ==,
                     rows[i].is_good);
  g_assert_null (iv_model_boxes_get_grammar (IV_PLACES_MAIRA, 3));
  g_assert_null (iv_model_boxes_get_grammar (IV_PLACES_GEMMA, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-boxes/gemma", test_gemma);
  g_test_add_func ("/model-boxes/qwen", test_qwen);
  g_test_add_func ("/model-boxes/qwen-tokens", test_qwen_tokens);
  g_test_add_func ("/model-boxes/maira", test_maira);
  g_test_add_func ("/model-boxes/hostile", test_hostile);
  g_test_add_func ("/model-boxes/bad-numbers", test_bad_numbers);
  g_test_add_func ("/model-boxes/long", test_long);
  g_test_add_func ("/model-boxes/mutations", test_mutations);
  g_test_add_func ("/model-boxes/to-film", test_to_film);
  g_test_add_func ("/model-boxes/grammar", test_grammar);
  return g_test_run ();
}
