/* interval-cli scan: patients, studies and images, and the prior of each image.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-scanned.h"
#include "app/cli/iv-cli.h"
#include "app/study/iv-collection.h"
#include "model/files/iv-json.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_prior (JsonBuilder *builder, const IvPrior *prior)
{
  json_builder_set_member_name (builder, "prior");
  json_builder_begin_object (builder);
  add_string (builder, "file", prior->image ? iv_image_get_info (prior->image)->file : NULL);
  add_string (builder, "reason", prior->reason);
  if (prior->image != NULL)
    add_int (builder, "days", prior->days);
  json_builder_set_member_name (builder, "exact_view");
  json_builder_add_boolean_value (builder, prior->is_exact_view);
  json_builder_end_object (builder);
}

static void
add_image (JsonBuilder *builder, IvPatient *patient, IvImage *image)
{
  const IvRadiographInfo *info = iv_image_get_info (image);
  GDateTime *date = iv_image_get_date (image);
  g_autofree char *text = date ? g_date_time_format (date, "%Y%m%d") : NULL;
  g_autoptr (IvPrior) prior = iv_prior_choose (patient, image);
  json_builder_begin_object (builder);
  add_string (builder, "file", info->file);
  add_string (builder, "date", text);
  add_string (builder, "view", iv_view_to_string (info->view));
  add_string (builder, "modality", info->modality);
  add_string (builder, "body_part", info->body_part);
  add_int (builder, "rows", info->rows);
  add_int (builder, "columns", info->columns);
  add_prior (builder, prior);
  json_builder_end_object (builder);
}

/* Images without a study, as pictures are, each make one of their own. */
static void
add_studies (JsonBuilder *builder, IvPatient *patient)
{
  GListModel *images = G_LIST_MODEL (patient);
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);
  json_builder_set_member_name (builder, "studies");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (images); i++) {
    g_autoptr (IvImage) first = g_list_model_get_item (images, i);
    const IvRadiographInfo *info = iv_image_get_info (first);
    const char *uid = info->study_instance_uid;
    if (uid != NULL && !g_hash_table_add (done, (gpointer) uid))
      continue;
    json_builder_begin_object (builder);
    add_string (builder, "study_instance_uid", uid);
    add_string (builder, "date", info->study_date);
    add_string (builder, "description", info->study_description);
    json_builder_set_member_name (builder, "images");
    json_builder_begin_array (builder);
    for (guint j = i; j < g_list_model_get_n_items (images); j++) {
      g_autoptr (IvImage) image = g_list_model_get_item (images, j);
      const char *other = iv_image_get_info (image)->study_instance_uid;
      if (image == first || (uid != NULL && g_strcmp0 (uid, other) == 0))
        add_image (builder, patient, image);
    }
    json_builder_end_array (builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
print_json (IvCollection *collection, const IvCollectionReport *report)
{
  GListModel *patients = G_LIST_MODEL (collection);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_int (builder, "n_images", report->n_found);
  add_int (builder, "n_refused", report->n_refused);
  json_builder_set_member_name (builder, "patients");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (patients); i++) {
    g_autoptr (IvPatient) patient = g_list_model_get_item (patients, i);
    json_builder_begin_object (builder);
    add_string (builder, "name", iv_patient_get_name (patient));
    add_string (builder, "id", iv_patient_get_id (patient));
    add_string (builder, "birth_date", iv_patient_get_birth_date (patient));
    add_string (builder, "sex", iv_patient_get_sex (patient));
    add_studies (builder, patient);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "refusals");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->refusals->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (report->refusals, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (IvCollection *collection, const IvCollectionReport *report)
{
  GListModel *patients = G_LIST_MODEL (collection);
  for (guint i = 0; i < g_list_model_get_n_items (patients); i++) {
    g_autoptr (IvPatient) patient = g_list_model_get_item (patients, i);
    g_print ("%s (%s)\n", iv_patient_get_name (patient), iv_patient_get_id (patient));
    for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (patient)); j++) {
      g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), j);
      g_autoptr (IvPrior) prior = iv_prior_choose (patient, image);
      GDateTime *date = iv_image_get_date (image);
      g_autofree char *day = date ? g_date_time_format (date, "%Y-%m-%d") : g_strdup ("no date");
      g_autofree char *name = g_path_get_basename (iv_image_get_info (image)->file);
      g_autofree char *prior_name =
          prior->image ? g_path_get_basename (iv_image_get_info (prior->image)->file) : NULL;
      g_print ("  %s %-3s %s  %s: %s\n",
               day,
               iv_view_to_string (iv_image_get_info (image)->view),
               name,
               prior_name != NULL ? prior_name : "no prior",
               prior->reason);
    }
  }
  g_print ("%u images, %u files refused\n", report->n_found, report->n_refused);
  for (guint i = 0; i < report->refusals->len; i++)
    g_print ("  %s\n", (char *) g_ptr_array_index (report->refusals, i));
}

int
iv_cli_run_scan (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("scan");
  g_autoptr (GError) error = NULL;
  g_autoptr (IvCollection) collection = iv_collection_new ();
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc < 2)
    return iv_cli_usage (command, "at least one PATH is needed");
  g_autoptr (IvCollectionReport) report =
      iv_cli_scan_paths (collection, (const char *const *) argv + 1, &error);
  if (report == NULL)
    return iv_cli_fail ("scan", error);
  if (json)
    print_json (collection, report);
  else
    print_text (collection, report);
  return IV_CLI_DONE;
}
