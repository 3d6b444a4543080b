/* Devices: the list, the choice, refusals, the lost device, the validation layers themselves.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/vulkan/iv-test-vulkan.h"
#include "vulkan/iv-vk-commands.h"

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) infos = iv_vk_device_list (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (infos->len, >, 0);
  guint n_chosen = 0;
  for (guint i = 0; i < infos->len; i++) {
    const IvVkDeviceInfo *info = &g_array_index (infos, IvVkDeviceInfo, i);
    g_assert_cmpuint (info->index, ==, i);
    g_assert_cmpuint (strlen (info->uuid), ==, 32);
    n_chosen += info->chosen;
    if (!info->usable)
      continue;
    g_assert_cmpuint (info->subgroup_size, >, 0);
    g_assert_cmpuint (info->memory, >=, info->heap_memory);
    g_assert_cmpuint (info->max_storage_range, >=, 1 << 27);
  }
  g_assert_cmpuint (n_chosen, ==, 1);
}

static void
test_choice (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) infos = iv_vk_device_list (&error);
  g_assert_no_error (error);
  g_autoptr (IvVkDevice) best = iv_test_device_new ();
  const IvVkDeviceInfo *info = iv_vk_device_get_info (best);
  g_assert_true (info->chosen);
  g_assert_nonnull (strstr (iv_vk_device_get_description (best), info->name));

  IvVkDeviceParams params = { .index = (int) infos->len };
  g_autoptr (IvVkDevice) none = iv_vk_device_new (&params, &error);
  g_assert_null (none);
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_NO_DEVICE);
  g_autofree char *expected =
      g_strdup_printf ("there is no Vulkan device %u; %u found", infos->len, infos->len);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_lost (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvVkDevice) device = iv_test_device_new ();
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (device, &error);
  g_assert_no_error (error);
  iv_vk_device_set_lost (device);
  g_assert_true (iv_vk_device_is_lost (device));
  g_assert_false (iv_vk_commands_begin (commands, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_DEVICE_LOST);
  g_clear_error (&error);
  IvVkBufferParams params = { .name = "any", .size = 16 };
  g_assert_null (iv_vk_buffer_new (device, &params, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_DEVICE_LOST);
}

/* A silent validation layer proves something only when it would have spoken. */
static void
test_validation_speaks (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvVkDevice) device = iv_test_device_new ();
  g_autoptr (IvVkBuffer) buffer =
      iv_vk_buffer_new (device, &(IvVkBufferParams){ .name = "odd", .size = 4096 }, &error);
  g_assert_no_error (error);
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (device, &error);
  g_assert_true (iv_vk_commands_begin (commands, &error));
  /* Overlapping regions in one copy are forbidden (VUID-vkCmdCopyBuffer-pRegions-00117). */
  iv_vk_commands_copy (commands, &(IvVkCopy){ buffer, 0, buffer, 16, 1024 });
  g_assert_cmpuint (iv_vk_device_get_n_messages (device), >, 0);
  g_assert_nonnull (iv_vk_device_get_first_message (device));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vulkan/device/list", test_list);
  g_test_add_func ("/vulkan/device/choice", test_choice);
  g_test_add_func ("/vulkan/device/lost", test_lost);
  g_test_add_func ("/vulkan/device/validation-speaks", test_validation_speaks);
  return g_test_run ();
}
