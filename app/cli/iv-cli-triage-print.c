/* What the command triage prints: studies in their order, and what each score rests on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-triage-print.h"

#include <json-glib/json-glib.h>

#include "model/files/iv-json.h"

#define NOTE                                                                                       \
  "A flag is a notice with its score; the absence of one promises nothing. Research and teaching " \
  "use."

void
iv_cli_triage_study_free (IvCliTriageStudy *study)
{
  g_clear_object (&study->patient);
  g_clear_object (&study->image);
  g_clear_pointer (&study->prior, iv_prior_free);
  g_clear_pointer (&study->triage, iv_triage_unref);
  g_clear_error (&study->error);
  g_free (study);
}

int
iv_cli_triage_study_compare (gconstpointer a, gconstpointer b)
{
  const IvCliTriageStudy *x = *(const IvCliTriageStudy *const *) a;
  const IvCliTriageStudy *y = *(const IvCliTriageStudy *const *) b;
  if (x->urgency != y->urgency)
    return x->urgency > y->urgency ? -1 : 1;
  return g_strcmp0 (iv_image_get_info (x->image)->file, iv_image_get_info (y->image)->file);
}

/* --- JSON ------------------------------------------------------------------------------------ */

/* value: NULL becomes null. */
static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_prior (JsonBuilder *builder, const IvPrior *prior)
{
  json_builder_set_member_name (builder, "prior");
  json_builder_begin_object (builder);
  add_text (builder, "file", prior->image != NULL ? iv_image_get_info (prior->image)->file : NULL);
  add_text (builder, "reason", prior->reason);
  json_builder_end_object (builder);
}

static void
add_study (JsonBuilder *builder, const IvCliTriageStudy *study)
{
  GDateTime *date = iv_image_get_date (study->image);
  g_autofree char *day = date != NULL ? g_date_time_format (date, "%Y%m%d") : NULL;
  json_builder_begin_object (builder);
  add_text (builder, "patient_name", iv_patient_get_name (study->patient));
  add_text (builder, "patient_id", iv_patient_get_id (study->patient));
  add_text (builder, "study_instance_uid", study->uid);
  add_text (builder, "date", day);
  add_text (builder, "file", iv_image_get_info (study->image)->file);
  add_prior (builder, study->prior);
  if (study->triage != NULL) {
    g_autofree char *text = iv_triage_to_json (study->triage);
    json_builder_set_member_name (builder, "urgency");
    json_builder_add_double_value (builder, study->urgency);
    json_builder_set_member_name (builder, "flagged");
    json_builder_add_boolean_value (builder,
                                    iv_triage_get_first_flag (study->triage, NULL) != NULL);
    json_builder_set_member_name (builder, "kept");
    json_builder_add_boolean_value (builder, study->is_kept);
    json_builder_set_member_name (builder, "triage");
    json_builder_add_value (builder, json_from_string (text, NULL));
  } else {
    add_text (builder, "error", study->error->message);
  }
  json_builder_end_object (builder);
}

void
iv_cli_triage_print_json (const IvTriageSetup *setup, GPtrArray *studies, GPtrArray *refusals)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_text (builder, "model", setup->name);
  add_text (builder, "model_digest", setup->model_digest);
  add_text (builder, "questions_digest", setup->questions->digest);
  json_builder_set_member_name (builder, "calibrated");
  json_builder_add_boolean_value (builder, setup->card->is_calibrated);
  add_text (builder, "note", NOTE);
  json_builder_set_member_name (builder, "studies");
  json_builder_begin_array (builder);
  for (guint i = 0; i < studies->len; i++)
    add_study (builder, g_ptr_array_index (studies, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "refusals");
  json_builder_begin_array (builder);
  for (guint i = 0; i < refusals->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (refusals, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

/* --- text ------------------------------------------------------------------------------------ */

static void
print_finding (const IvTriageFinding *finding)
{
  static const char *const why[] = {
    [IV_TRIAGE_NO_ANSWER] = "no usable answer",
    [IV_TRIAGE_NO_PRIOR] = "not asked, there is no prior",
  };
  if (finding->status != IV_TRIAGE_SCORED)
    g_print ("      -  %s: %s\n", finding->name, why[finding->status]);
  else
    g_print ("  %c %.2f %s\n",
             finding->is_flag ? '!' : ' ',
             finding->score,
             finding->is_flag ? finding->label : finding->name);
  for (guint i = 0; i < finding->evidence->len; i++) {
    const IvTriageEvidence *evidence = &g_array_index (finding->evidence, IvTriageEvidence, i);
    g_print ("         comparison: %s %s (score %.2f)\n",
             iv_zone_to_string (evidence->zone),
             evidence->direction == IV_CHANGE_INCREASED ? "increased" : "decreased",
             evidence->score);
  }
}

static void
print_study (const IvCliTriageStudy *study)
{
  const char *name = iv_patient_get_name (study->patient);
  g_print ("%s%s%s\n", name, *name != '\0' ? ", " : "", iv_image_get_info (study->image)->file);
  if (study->triage == NULL) {
    g_print ("  failed: %s\n", study->error->message);
    return;
  }
  for (guint i = 0; i < study->triage->findings->len; i++)
    print_finding (g_ptr_array_index (study->triage->findings, i));
}

void
iv_cli_triage_print_text (const IvTriageSetup *setup, GPtrArray *studies, GPtrArray *refusals)
{
  const IvTriageCard *card = setup->card;
  for (guint i = 0; i < studies->len; i++)
    print_study (g_ptr_array_index (studies, i));
  for (guint i = 0; i < refusals->len; i++)
    g_print ("not read: %s\n", (char *) g_ptr_array_index (refusals, i));
  if (card->is_calibrated)
    g_print ("%s, calibrated %s with %s\n", setup->name, card->date, card->set);
  else
    g_print ("%s, uncalibrated%s%s\n",
             setup->name,
             card->note != NULL ? ": " : "",
             card->note != NULL ? card->note : "");
  g_print (NOTE "\n");
}
