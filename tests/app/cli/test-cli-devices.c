/* interval-cli devices and check-device, run as a user runs them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/wait.h>

/* Runs the command and checks its status. (transfer full) standard output, or standard error when
 * it fails. */
static char *
run (const char *arguments, gint status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_strdup_printf ("%s %s", g_getenv ("INTERVAL_CLI"), arguments);
  g_autofree char *output = NULL;
  g_autofree char *problem = NULL;
  gint wait_status;
  g_spawn_command_line_sync (line, &output, &problem, &wait_status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (wait_status));
  g_assert_cmpint (WEXITSTATUS (wait_status), ==, status);
  return status == 0 ? g_steal_pointer (&output) : g_steal_pointer (&problem);
}

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static void
test_devices (void)
{
  g_autofree char *text = run ("devices --json", 0);
  g_autoptr (JsonNode) root = parse (text);
  JsonArray *devices = json_object_get_array_member (json_node_get_object (root), "devices");
  guint n_chosen = 0;
  for (guint i = 0; i < json_array_get_length (devices); i++) {
    JsonObject *device = json_array_get_object_element (devices, i);
    g_assert_cmpint (json_object_get_int_member (device, "device"), ==, i);
    g_assert_cmpint (json_object_get_int_member (device, "memory"), >, 0);
    n_chosen += json_object_get_boolean_member (device, "chosen");
  }
  g_assert_cmpuint (n_chosen, ==, 1);
  g_autofree char *table = run ("devices", 0);
  g_assert_nonnull (strstr (table, "* "));
}

static void
test_check_device (void)
{
  g_autofree char *text = run ("check-device --quick --json", 0);
  g_autoptr (JsonNode) root = parse (text);
  JsonObject *report = json_node_get_object (root);
  g_assert_true (json_object_get_boolean_member (report, "ok"));
  JsonArray *ops = json_object_get_array_member (report, "ops");
  g_assert_cmpuint (json_array_get_length (ops), ==, 8);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (report, "wrong")), ==, 0);
}

static void
test_refusals (void)
{
  g_autofree char *none = run ("check-device --device 99", 1);
  g_assert_true (
      g_str_has_prefix (none, "interval-cli check-device: there is no Vulkan device 99; "));
  g_autofree char *usage = run ("devices all", 2);
  g_assert_true (g_str_has_prefix (usage, "interval-cli devices: takes no arguments\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/devices", test_devices);
  g_test_add_func ("/cli/check-device", test_check_device);
  g_test_add_func ("/cli/devices/refusals", test_refusals);
  return g_test_run ();
}
