/* interval-cli devices: the Vulkan devices, what they offer, which would be chosen.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli.h"
#include "model/files/iv-json.h"
#include "vulkan/iv-vk-device.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_identity (JsonBuilder *builder, const IvVkDeviceInfo *info)
{
  g_autofree char *api =
      g_strdup_printf ("%u.%u.%u", info->api_major, info->api_minor, info->api_patch);
  add_int (builder, "device", info->index);
  add_string (builder, "name", info->name);
  add_string (builder, "type", iv_vk_device_type_to_string (info->type));
  add_string (builder, "driver", info->driver_name);
  add_string (builder, "driver_info", info->driver_info);
  add_int (builder, "driver_version", info->driver_version);
  add_string (builder, "api_version", api);
  add_int (builder, "vendor_id", info->vendor_id);
  add_int (builder, "device_id", info->device_id);
  add_string (builder, "uuid", info->uuid);
  add_boolean (builder, "usable", info->usable);
  add_boolean (builder, "chosen", info->chosen);
  add_string (builder, "kernels", iv_vk_device_class_to_string (info->device_class));
}

static void
add_features (JsonBuilder *builder, const IvVkDeviceInfo *info)
{
  add_int (builder, "subgroup_size", info->subgroup_size);
  add_boolean (builder, "subgroup_arithmetic", info->subgroup_arithmetic);
  add_boolean (builder, "subgroup_ballot", info->subgroup_ballot);
  add_boolean (builder, "subgroup_shuffle", info->subgroup_shuffle);
  add_boolean (builder, "shader_float16", info->shader_float16);
  add_boolean (builder, "shader_int8", info->shader_int8);
  add_boolean (builder, "storage_16bit", info->storage_16bit);
  add_boolean (builder, "storage_8bit", info->storage_8bit);
  add_boolean (builder, "integer_dot_product", info->integer_dot);
  add_boolean (builder, "cooperative_matrix", info->cooperative_matrix);
  add_boolean (builder, "timestamps", info->timestamps);
  add_boolean (builder, "memory_budget", info->memory_budget);
  add_boolean (builder, "external_memory_host", info->external_memory_host);
}

static void
add_limits (JsonBuilder *builder, const IvVkDeviceInfo *info)
{
  add_int (builder, "memory", info->memory);
  add_int (builder, "heap_memory", info->heap_memory);
  add_boolean (builder, "unified_memory", info->unified);
  add_int (builder, "max_allocation", info->max_allocation);
  add_int (builder, "max_storage_range", info->max_storage_range);
  add_int (builder, "max_texel_elements", info->max_texel_elements);
  add_int (builder, "max_workgroup_size", info->max_workgroup_size);
  add_int (builder, "max_shared_memory", info->max_shared_memory);
}

static void
print_json (GArray *infos)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < infos->len; i++) {
    const IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    json_builder_begin_object (builder);
    add_identity (builder, info);
    add_features (builder, info);
    add_limits (builder, info);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (GArray *infos)
{
  for (guint i = 0; i < infos->len; i++) {
    const IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    g_print ("%c %u  %s\n", info->chosen ? '*' : ' ', info->index, info->name);
    g_print ("     %s device, Vulkan %u.%u.%u, %s%s\n",
             iv_vk_device_type_to_string (info->type),
             info->api_major,
             info->api_minor,
             info->api_patch,
             info->driver_info[0] != '\0' ? info->driver_info : info->driver_name,
             info->usable ? "" : "; cannot be used: no Vulkan 1.2 or no compute queue");
    g_print ("     %.1f GiB, subgroups of %u, kernels %s%s\n",
             (double) info->memory / (1 << 30),
             info->subgroup_size,
             iv_vk_device_class_to_string (info->device_class),
             info->cooperative_matrix ? ", cooperative matrices" : "");
  }
  if (infos->len == 0)
    g_print ("No Vulkan device was found.\n");
}

int
iv_cli_run_devices (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("devices");
  g_autoptr (GError) error = NULL;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc > 1)
    return iv_cli_usage (command, "takes no arguments");
  g_autoptr (GArray) infos = iv_vk_device_list (&error);
  if (infos == NULL)
    return iv_cli_fail ("devices", error);
  if (json)
    print_json (infos);
  else
    print_text (infos);
  return IV_CLI_DONE;
}
