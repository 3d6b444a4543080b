/* interval-cli check-report: a report against itself and against the films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli.h"
#include "app/read/check/iv-report-check.h"
#include "app/read/iv-read-error.h"
#include "model/files/iv-json.h"

typedef struct {
  gboolean json;
  int device;
  char *model;
} Options;

/* What the command line names, loaded. */
typedef struct {
  IvReport *report;
  IvRadiograph *current, *prior;
  IvComparison *comparison;
} Case;

static void
case_clear (Case *self)
{
  g_clear_pointer (&self->report, iv_report_unref);
  g_clear_object (&self->current);
  g_clear_object (&self->prior);
  g_clear_object (&self->comparison);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, case_clear)

static IvReport *
load_report (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;
  if (!g_file_get_contents (file, &text, &length, error))
    return NULL;
  if (!g_utf8_validate_len (text, length, NULL)) {
    g_set_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: not UTF-8", file);
    return NULL;
  }
  return iv_report_new (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text, NULL);
}

static gboolean
load_films (Case *self, char **films, const Options *options, GError **error)
{
  if (films[0] == NULL)
    return TRUE;
  self->current = iv_radiograph_load (films[0], NULL, error);
  if (self->current == NULL || films[1] == NULL)
    return self->current != NULL;
  self->prior = iv_radiograph_load (films[1], NULL, error);
  if (self->prior == NULL)
    return FALSE;
  g_autoptr (IvEngine) engine = iv_engine_new (&(IvEngineParams){ .device = options->device });
  self->comparison =
      iv_comparison_run (engine, &(IvComparisonParams){ self->current, self->prior }, NULL, error);
  iv_engine_shutdown (engine);
  return self->comparison != NULL;
}

static void
add_span (JsonBuilder *builder, const IvReport *report, IvTextSpan span)
{
  g_autofree char *text = iv_report_copy_span (report, span);
  json_builder_set_member_name (builder, "start");
  json_builder_add_int_value (builder, span.start);
  json_builder_set_member_name (builder, "end");
  json_builder_add_int_value (builder, span.end);
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, text);
}

/* sentence: -1 becomes null. */
static void
add_sentence (JsonBuilder *builder, const char *name, const IvReport *report, int sentence)
{
  json_builder_set_member_name (builder, name);
  if (sentence < 0) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "index");
  json_builder_add_int_value (builder, sentence);
  add_span (builder, report, iv_report_get_sentence (report, (guint) sentence)->span);
  json_builder_end_object (builder);
}

static void
add_remark (JsonBuilder *builder, const IvReport *report, const IvRemark *remark)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rule");
  json_builder_add_string_value (builder, remark->rule);
  json_builder_set_member_name (builder, "kind");
  json_builder_add_string_value (builder, remark->kind);
  json_builder_set_member_name (builder, "severity");
  json_builder_add_string_value (builder, iv_remark_level_to_string (remark->level));
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, remark->reason);
  add_span (builder, report, remark->span);
  add_sentence (builder, "sentence", report, (int) remark->sentence);
  add_sentence (builder, "against", report, remark->other);
  json_builder_end_object (builder);
}

static void
add_films (JsonBuilder *builder, const Case *self)
{
  gboolean is_ok = self->comparison != NULL && iv_comparison_is_ok (self->comparison);
  json_builder_set_member_name (builder, "films");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "current");
  json_builder_add_boolean_value (builder, self->current != NULL);
  json_builder_set_member_name (builder, "prior");
  json_builder_add_boolean_value (builder, self->prior != NULL);
  json_builder_set_member_name (builder, "compared");
  json_builder_add_boolean_value (builder, is_ok);
  json_builder_set_member_name (builder, "reason");
  if (self->comparison != NULL && !is_ok)
    json_builder_add_string_value (builder, iv_comparison_get_reason (self->comparison));
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

static void
print_json (const Case *self, const GPtrArray *remarks)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "sentences");
  json_builder_add_int_value (builder, iv_report_get_sentences (self->report)->len);
  json_builder_set_member_name (builder, "remarks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < remarks->len; i++)
    add_remark (builder, self->report, g_ptr_array_index (remarks, i));
  json_builder_end_array (builder);
  add_films (builder, self);
  json_builder_set_member_name (builder, "model"); /* no model has looked at the report */
  json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

static void
print_text (const Case *self, const GPtrArray *remarks)
{
  for (guint i = 0; i < remarks->len; i++) {
    const IvRemark *remark = g_ptr_array_index (remarks, i);
    g_autofree char *text = iv_report_copy_span (
        self->report, iv_report_get_sentence (self->report, remark->sentence)->span);
    g_print ("%s (%s): %s\n  %s\n",
             iv_remark_level_to_string (remark->level),
             remark->rule,
             remark->reason,
             text);
    if (remark->other >= 0) {
      g_autofree char *other = iv_report_copy_span (
          self->report, iv_report_get_sentence (self->report, (guint) remark->other)->span);
      g_print ("  %s\n", other);
    }
  }
  if (self->comparison != NULL && !iv_comparison_is_ok (self->comparison))
    g_print ("The films could not be compared: %s\n", iv_comparison_get_reason (self->comparison));
  g_print ("%u remark%s by rules; no model has looked at the report\n",
           remarks->len,
           remarks->len == 1 ? "" : "s");
}

static gboolean
check (char **files, const Options *options, GError **error)
{
  g_auto (Case) self = { 0 };
  IvCheckFilms films = { 0 };
  const GError *problem = iv_lexicon_get_problem ();
  if (problem != NULL) {
    g_propagate_error (error, g_error_copy (problem));
    return FALSE;
  }
  self.report = load_report (files[0], error);
  if (self.report == NULL || !load_films (&self, files + 1, options, error))
    return FALSE;
  if (self.current != NULL)
    films.current = iv_radiograph_get_info (self.current);
  if (self.prior != NULL)
    films.prior = iv_radiograph_get_info (self.prior);
  if (self.comparison != NULL && iv_comparison_is_ok (self.comparison))
    films.changes = iv_comparison_get_changes (self.comparison);
  g_autoptr (GPtrArray) remarks = iv_report_check (self.report, &films);
  if (options->json)
    print_json (&self, remarks);
  else
    print_text (&self, remarks);
  return TRUE;
}

int
iv_cli_run_check_report (int argc, char **argv)
{
  Options options = { .device = -1 };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print one JSON object", NULL },
    { "device", 0, 0, G_OPTION_ARG_INT, &options.device, "Vulkan device", "N" },
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, "not available yet", "MODEL" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("check-report");
  g_autoptr (GError) error = NULL;
  int status = IV_CLI_DONE;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (options.model != NULL)
    status = iv_cli_usage (command, "reports cannot be checked by a model yet; leave --model out");
  else if (argc < 2 || argc > 4)
    status = iv_cli_usage (command, "a report is needed, then at most two films");
  else if (!check (argv + 1, &options, &error))
    status = iv_cli_fail ("check-report", error);
  g_free (options.model);
  return status;
}
