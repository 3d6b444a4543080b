/* interval-cli plan: where a model's weights would go, and what is left for its context.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <stdio.h>

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-model.h"
#include "model/files/iv-json.h"

typedef struct {
  const char *model;
  char *weights_type, *cache_type;
  int device, context;
  gboolean json, exact;
  /* What is found out. */
  char *device_name;
  IvDecoderConfig config;
  IvDecoderPlan plan;
} Run;

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

static gpointer
run_plan (IvEngineContext *context, gpointer data, GError **error)
{
  Run *run = data;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (device == NULL)
    return NULL;
  g_autoptr (IvWeights) weights = iv_weights_open (run->model, error);
  if (weights == NULL || !iv_decoder_config_read (weights, &run->config, error))
    return NULL;
  run->device_name = g_strdup (iv_vk_device_get_info (device)->name);
  IvDecoderPlanParams params = { .config = &run->config,
                                 .find = find_tensor,
                                 .find_data = weights,
                                 .n_context = (guint) run->context };
  if (!iv_decoder_weights_type_parse (&params.weights_type, run->weights_type, error) ||
      !iv_decoder_cache_type_parse (
          &params.cache_type, run->exact ? "f32" : run->cache_type, error))
    return NULL;
  IvDecoderMemory memory = iv_decoder_memory_of_device (device);
  return iv_decoder_plan_make (&run->plan, &memory, &params, error) ? run : NULL;
}

static const char *
get_type_name (const IvDecoderPlan *plan)
{
  return plan->recipe != NULL ? plan->recipe->name : "file";
}

static void
print_json (const Run *run)
{
  const IvDecoderPlan *plan = &run->plan;
  const struct {
    const char *name;
    guint64 value;
  } numbers[] = {
    { "available_bytes", plan->available },
    { "device_bytes", plan->device_weights },
    { "host_bytes", plan->host_weights },
    { "converted_bytes", plan->converted },
    { "host_layers", plan->n_host_layers },
    { "layers", run->config.n_layers },
    { "activation_bytes", plan->activations },
    { "cache_bytes_per_token", plan->cache_per_token },
    { "context", plan->n_context },
    { "context_fits", plan->n_context_fits },
    { "context_of_model", run->config.n_context },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, run->model);
  json_builder_set_member_name (builder, "architecture");
  json_builder_add_string_value (builder, run->config.architecture);
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, run->device_name);
  json_builder_set_member_name (builder, "weights_type");
  json_builder_add_string_value (builder, get_type_name (plan));
  json_builder_set_member_name (builder, "cache_type");
  json_builder_add_string_value (builder, iv_data_type_to_string (plan->cache_type));
  json_builder_set_member_name (builder, "host_table");
  json_builder_add_boolean_value (builder, plan->host_table);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    json_builder_set_member_name (builder, numbers[i].name);
    json_builder_add_int_value (builder, (gint64) numbers[i].value);
  }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  puts (text);
}

static void
print_size (const char *what, guint64 bytes)
{
  g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  printf ("%-28s %s\n", what, size);
}

static void
print_table (const Run *run)
{
  const IvDecoderPlan *plan = &run->plan;
  printf ("%-28s %s, %u layers\n", "model", run->config.architecture, run->config.n_layers);
  printf ("%-28s %s\n", "device", run->device_name);
  print_size ("free there", plan->available);
  if (plan->recipe != NULL) {
    g_autofree char *size = g_format_size_full (plan->converted, G_FORMAT_SIZE_IEC_UNITS);
    printf ("%-28s %s, %s of the file are converted\n",
            "weights are loaded as",
            iv_data_type_to_string (plan->recipe->type),
            size);
  } else
    printf ("%-28s as in the file\n", "weights are loaded");
  print_size ("weights on the device", plan->device_weights);
  print_size ("weights with the host", plan->host_weights);
  if (plan->host_weights > 0)
    printf ("%-28s %u layers%s\n",
            "of these",
            plan->n_host_layers,
            plan->host_table ? " and the embedding table" : "");
  print_size ("activations", plan->activations);
  printf ("%-28s %s\n", "keys and values", iv_data_type_to_string (plan->cache_type));
  print_size ("a token of context", plan->cache_per_token);
  printf ("%-28s %u tokens\n", "context of a session", plan->n_context);
  printf ("%-28s %u of the model's %u tokens\n",
          "context that would fit",
          plan->n_context_fits,
          run->config.n_context);
}

int
iv_cli_run_plan (int argc, char **argv)
{
  Run run = { .device = -1 };
  const GOptionEntry entries[] = {
    { "context", 0, 0, G_OPTION_ARG_INT, &run.context, "tokens wanted", "N" },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &run.exact, "the same as --cache-type f32" },
    IV_CLI_CACHE_TYPE (&run.cache_type),
    IV_CLI_WEIGHTS_TYPE (&run.weights_type),
    { "device", 0, 0, G_OPTION_ARG_INT, &run.device, "number in “devices”", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &run.json, "one JSON object" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("plan");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 2 || run.context < 0)
    return iv_cli_usage (command, "one model is wanted");
  run.model = argv[1];
  if (iv_cli_run_on_device (run.device, run_plan, &run, &error) == NULL)
    return iv_cli_fail (command->name, error);
  if (run.json)
    print_json (&run);
  else
    print_table (&run);
  g_free (run.device_name);
  g_free (run.weights_type);
  g_free (run.cache_type);
  return IV_CLI_DONE;
}
