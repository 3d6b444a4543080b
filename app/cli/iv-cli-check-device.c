/* interval-cli check-device: every operation on the device against the oracle, with a verdict.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-tuning.h"
#include "app/cli/iv-cli.h"
#include "model/files/iv-json.h"
#include "tests/oracle/iv-op-table.h"

typedef struct {
  const char *op;
  guint n, n_wrong;
  double worst;
} Verdict;

typedef struct {
  GArray *verdicts; /* Verdict, in the order of the table */
  GPtrArray *wrong; /* one line for each wrong case */
  GArray *tuning;   /* IvTuningRow */
} Report;

static Verdict *
find_verdict (Report *report, const char *op)
{
  for (guint i = 0; i < report->verdicts->len; i++) {
    Verdict *verdict = &g_array_index (report->verdicts, Verdict, i);
    if (g_str_equal (verdict->op, op))
      return verdict;
  }
  Verdict fresh = { .op = op };
  g_array_append_val (report->verdicts, fresh);
  return &g_array_index (report->verdicts, Verdict, report->verdicts->len - 1);
}

static void
on_result_cb (const IvOpResult *result, gpointer user_data)
{
  Report *report = user_data;
  Verdict *verdict = find_verdict (report, result->op);
  verdict->n++;
  /* A result that is no number is the worst there is. */
  verdict->worst = isfinite (result->nmse) ? MAX (verdict->worst, result->nmse) : INFINITY;
  if (iv_op_result_is_right (result))
    return;
  verdict->n_wrong++;
  g_ptr_array_add (report->wrong,
                   g_strdup_printf ("%s, %s: NMSE %g, allowed %g",
                                    result->op,
                                    result->detail,
                                    result->nmse,
                                    result->tolerance));
}

static void
print_text (const Report *report, IvVkDevice *device)
{
  g_print ("%s, kernels %s\n",
           iv_vk_device_get_description (device),
           iv_vk_device_class_to_string (iv_vk_device_get_class (device)));
  iv_cli_tuning_print (report->tuning);
  for (guint i = 0; i < report->verdicts->len; i++) {
    const Verdict *verdict = &g_array_index (report->verdicts, Verdict, i);
    g_print ("%-12s %3u of %3u right, worst NMSE %.1e  %s\n",
             verdict->op,
             verdict->n - verdict->n_wrong,
             verdict->n,
             verdict->worst,
             verdict->n_wrong == 0 ? "ok" : "WRONG");
  }
  for (guint i = 0; i < report->wrong->len; i++)
    g_print ("wrong: %s\n", (char *) g_ptr_array_index (report->wrong, i));
  g_print (report->wrong->len == 0 ? "This device computes right.\n"
                                   : "This device must not be used: it computes wrong.\n");
}

static void
add_verdict (JsonBuilder *builder, const Verdict *verdict)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "op");
  json_builder_add_string_value (builder, verdict->op);
  json_builder_set_member_name (builder, "cases");
  json_builder_add_int_value (builder, verdict->n);
  json_builder_set_member_name (builder, "wrong");
  json_builder_add_int_value (builder, verdict->n_wrong);
  json_builder_set_member_name (builder, "worst_nmse");
  if (isfinite (verdict->worst))
    json_builder_add_double_value (builder, verdict->worst);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

static void
print_json (const Report *report, IvVkDevice *device)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, iv_vk_device_get_description (device));
  json_builder_set_member_name (builder, "kernels");
  json_builder_add_string_value (builder,
                                 iv_vk_device_class_to_string (iv_vk_device_get_class (device)));
  iv_cli_tuning_add (builder, report->tuning);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, report->wrong->len == 0);
  json_builder_set_member_name (builder, "ops");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->verdicts->len; i++)
    add_verdict (builder, &g_array_index (report->verdicts, Verdict, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "wrong");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->wrong->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (report->wrong, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

static gboolean
check (Report *report, IvVkDevice *device, gboolean quick, GError **error)
{
  g_autoptr (IvOps) ops = iv_ops_new (device, error);
  IvOpTableParams params = {
    .model_shapes = !quick,
    .func = on_result_cb,
    .user_data = report,
  };
  if (ops == NULL)
    return FALSE;
  report->tuning = iv_ops_get_tuning (ops);
  return iv_op_table_run (ops, &params, error);
}

int
iv_cli_run_check_device (int argc, char **argv)
{
  gboolean json = FALSE, quick = FALSE;
  int index = -1;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_INT, &index, "number in the list of devices", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "leave out layers of the size of models", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("check-device");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc > 1)
    return iv_cli_usage (command, "takes no arguments");
  IvVkDeviceParams params = { .index = index };
  g_autoptr (IvVkDevice) device = iv_vk_device_new (&params, &error);
  if (device == NULL)
    return iv_cli_fail ("check-device", error);
  g_autoptr (GArray) verdicts = g_array_new (FALSE, FALSE, sizeof (Verdict));
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  Report report = { verdicts, wrong, NULL };
  gboolean done = check (&report, device, quick, &error);
  G_GNUC_UNUSED g_autoptr (GArray) tuning = report.tuning;
  if (!done)
    return iv_cli_fail ("check-device", error);
  if (json)
    print_json (&report, device);
  else
    print_text (&report, device);
  return wrong->len == 0 ? IV_CLI_DONE : IV_CLI_FAILED;
}
