/* How scores are printed, by the commands score and evaluate.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-scores.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "model/files/iv-json.h"

void
iv_cli_scores_print (const IvCliScores *result)
{
  const IvResampling *resampling = result->resampling;
  g_print ("%u reports, %u reference%s each\n",
           iv_scores_get_n_reports (result->scores),
           result->n_references,
           result->n_references == 1 ? "" : "s");
  if (resampling->n_samples > 0)
    g_print ("%.0f %% intervals from %u bootstrap samples, seed %u\n",
             100 * resampling->level,
             resampling->n_samples,
             resampling->seed);
  g_print ("\n%-26s %-15s %9s", "score", "words", "value");
  g_print ("%s", resampling->n_samples > 0 ? "  interval            " : "");
  g_print ("%s\n", result->other != NULL ? "     other  difference  p" : "");
  for (guint i = 0; i < iv_scores_get_n (result->scores); i++) {
    const IvScore *score = iv_scores_get (result->scores, i);
    g_print ("%-26s %-15s %9.6f", score->title, score->tokens, score->value);
    if (!isnan (score->low))
      g_print ("  %8.6f … %8.6f", score->low, score->high);
    if (result->other != NULL)
      g_print ("  %9.6f", iv_scores_get (result->other, i)->value);
    if (result->differences != NULL) {
      const IvScoreDifference *one = &g_array_index (result->differences, IvScoreDifference, i);
      g_print ("  %+9.6f  %.4f", one->difference, one->p);
    }
    g_print ("\n");
  }
}

static void
add_pair (JsonBuilder *builder, double low, double high)
{
  json_builder_begin_array (builder);
  json_builder_add_double_value (builder, low);
  json_builder_add_double_value (builder, high);
  json_builder_end_array (builder);
}

static void
add_values (JsonBuilder *builder, const char *name, const IvScores *scores)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  for (guint i = 0; i < iv_scores_get_n (scores); i++) {
    const IvScore *score = iv_scores_get (scores, i);
    json_builder_set_member_name (builder, score->name);
    json_builder_add_double_value (builder, score->value);
  }
  json_builder_end_object (builder);
}

static void
add_tokens (JsonBuilder *builder, const IvScores *scores)
{
  json_builder_set_member_name (builder, "tokens");
  json_builder_begin_object (builder);
  for (guint i = 0; i < iv_scores_get_n (scores); i++) {
    json_builder_set_member_name (builder, iv_scores_get (scores, i)->name);
    json_builder_add_string_value (builder, iv_scores_get (scores, i)->tokens);
  }
  json_builder_end_object (builder);
}

static void
add_intervals (JsonBuilder *builder, const IvCliScores *result)
{
  json_builder_set_member_name (builder, "bootstrap");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "samples");
  json_builder_add_int_value (builder, result->resampling->n_samples);
  json_builder_set_member_name (builder, "seed");
  json_builder_add_int_value (builder, result->resampling->seed);
  json_builder_set_member_name (builder, "level");
  json_builder_add_double_value (builder, result->resampling->level);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "intervals");
  json_builder_begin_object (builder);
  for (guint i = 0; i < iv_scores_get_n (result->scores); i++) {
    const IvScore *score = iv_scores_get (result->scores, i);
    json_builder_set_member_name (builder, score->name);
    add_pair (builder, score->low, score->high);
  }
  json_builder_end_object (builder);
}

static void
add_differences (JsonBuilder *builder, const IvCliScores *result)
{
  json_builder_set_member_name (builder, "differences");
  json_builder_begin_object (builder);
  for (guint i = 0; i < result->differences->len; i++) {
    const IvScoreDifference *one = &g_array_index (result->differences, IvScoreDifference, i);
    json_builder_set_member_name (builder, iv_scores_get (result->scores, i)->name);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "difference");
    json_builder_add_double_value (builder, one->difference);
    json_builder_set_member_name (builder, "interval");
    add_pair (builder, one->low, one->high);
    json_builder_set_member_name (builder, "p");
    json_builder_add_double_value (builder, one->p);
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
}

void
iv_cli_scores_print_json (const IvCliScores *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "reports");
  json_builder_add_int_value (builder, iv_scores_get_n_reports (result->scores));
  json_builder_set_member_name (builder, "references");
  json_builder_add_int_value (builder, result->n_references);
  add_values (builder, "scores", result->scores);
  add_tokens (builder, result->scores);
  if (result->resampling->n_samples > 0)
    add_intervals (builder, result);
  if (result->other != NULL)
    add_values (builder, "against", result->other);
  if (result->differences != NULL)
    add_differences (builder, result);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_print ("%s\n", text);
}
