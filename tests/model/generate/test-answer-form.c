/* Answers of a given form, from a network on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "golden-case.h"
#include "model/files/iv-model-error.h"
#include "model/generate/iv-answer-form.h"
#include "model/generate/iv-session.h"

#define SCHEMA                                                                                  \
  "{\"type\":\"object\",\"required\":[\"side\"],\"properties\":{\"note\":{\"type\":\"string\"," \
  "\"maxLength\":30},\"side\":{\"enum\":[\"left\",\"right\"]}}}"

static IvVkDevice *device;
static IvLanguageModel *model;

static gboolean
on_token_cb (gint32 id, const char *piece, gpointer text)
{
  g_string_append (text, piece);
  return TRUE;
}

static char *
say (IvAnswerForm *form, guint64 seed, guint max_tokens, IvGenerateStats *stats)
{
  static const gint32 ids[] = { 5, 9, 14 };
  g_autoptr (GError) error = NULL;
  g_autoptr (IvSession) session = iv_session_new (model, 0, &error);
  g_assert_no_error (error);
  GString *text = g_string_new (NULL);
  IvGenerateParams params = { .ids = ids,
                              .n_ids = G_N_ELEMENTS (ids),
                              .sampling = { .temperature = 1, .seed = seed },
                              .constraint = iv_answer_form_get_constraint (form),
                              .max_tokens = max_tokens,
                              .token = on_token_cb,
                              .token_data = text };
  g_autoptr (GArray) said = iv_session_generate (session, &params, stats, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (said->len, ==, stats->n_generated);
  return g_string_free (text, FALSE);
}

static IvAnswerForm *
new_form (const IvAnswerFormParams *params)
{
  g_autoptr (GError) error = NULL;
  IvAnswerForm *form = iv_answer_form_new (model, params, &error);
  g_assert_no_error (error);
  return form;
}

/* Whole answers stop by themselves, whether or not the network thinks of its end token. */
static void
test_schema (void)
{
  for (guint64 seed = 0; seed < 20; seed++) {
    IvAnswerFormParams params = { .json_schema = SCHEMA };
    g_autoptr (GError) error = NULL;
    g_autoptr (IvAnswerForm) form = new_form (&params);
    IvGenerateStats stats;
    g_autofree char *text = say (form, seed, 300, &stats);
    g_assert_cmpint (stats.stop, ==, IV_STOP_END);
    g_assert_true (iv_answer_form_is_whole (form));
    g_autoptr (JsonNode) node = json_from_string (text, &error);
    g_assert_no_error (error);
    g_assert_true (json_object_has_member (json_node_get_object (node), "side"));
  }
}

static void
test_cut_off (void)
{
  IvAnswerFormParams params = { .json_schema = SCHEMA };
  g_autoptr (IvAnswerForm) form = new_form (&params);
  IvGenerateStats stats;
  g_autofree char *text = say (form, 1, 3, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_LENGTH);
  g_assert_cmpstr (text, !=, "");
  g_assert_false (iv_answer_form_is_whole (form));
}

/* Free words first, the form behind them. */
static void
test_after (void)
{
  IvAnswerFormParams params = { .grammar = "root ::= \"yes\" | \"no\"", .after = "e" };
  for (guint64 seed = 0; seed < 10; seed++) {
    g_autoptr (IvAnswerForm) form = new_form (&params);
    IvGenerateStats stats;
    g_autofree char *text = say (form, seed, 0, &stats);
    g_assert_cmpint (stats.stop, ==, IV_STOP_END);
    g_assert_true (iv_answer_form_is_whole (form));
    g_assert_true (g_str_has_suffix (text, "yes") || g_str_has_suffix (text, "no"));
    g_assert_cmpuint (strlen (text), >, strlen ("yes"));
  }
}

static void
test_mistakes (void)
{
  IvAnswerFormParams both = { .grammar = "root ::= \"a\"", .json_schema = SCHEMA };
  IvAnswerFormParams broken = { .grammar = "root ::= " };
  g_autoptr (GError) error = NULL;
  g_assert_null (iv_answer_form_new (model, &both, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_clear_error (&error);
  broken.grammar = "root ::= (";
  g_assert_null (iv_answer_form_new (model, &broken, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = golden_load ("golden/text/qwen2");
  const GoldenCase *golden = cases->pdata[0];
  IvVkDeviceParams device_params = { .index = -1, .validation = iv_vk_validation_is_available () };
  device = iv_vk_device_new (&device_params, &error);
  g_assert_no_error (error);
  IvLanguageModelParams params = { .file = golden->model };
  model = iv_language_model_new (device, &params, NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/answer-form/schema", test_schema);
  g_test_add_func ("/answer-form/cut-off", test_cut_off);
  g_test_add_func ("/answer-form/after", test_after);
  g_test_add_func ("/answer-form/mistakes", test_mistakes);
  int status = g_test_run ();
  iv_language_model_free (model);
  g_assert_cmpstr (iv_vk_device_get_first_message (device), ==, NULL);
  iv_vk_device_unref (device);
  return status;
}
