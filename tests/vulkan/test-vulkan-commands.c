/* Commands: dispatches and copies, barriers exactly where needed, reuse, refusals, profile.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "shaders/include/iv-shared-rows.h"
#include "tests/vulkan/iv-test-vulkan.h"
#include "vulkan/iv-vk-commands.h"

enum { N = 1000 };

typedef struct {
  IvVkDevice *device;
  IvVkCommands *commands;
  IvVkShader *scale;
  IvVkBuffer *buffers[3];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture->device = iv_test_device_new ();
  fixture->commands = iv_vk_commands_new (fixture->device, &error);
  g_assert_no_error (error);
  IvVkShaderParams shader = { .name = "model/scale" };
  fixture->scale = iv_vk_shader_get (fixture->device, &shader, &error);
  g_assert_no_error (error);
  float values[N];
  for (guint i = 0; i < N; i++)
    values[i] = (float) i;
  for (guint i = 0; i < 3; i++) {
    IvVkBufferParams params = { .name = "values", .size = sizeof values };
    fixture->buffers[i] = iv_vk_buffer_new (fixture->device, &params, &error);
    g_assert_no_error (error);
    g_assert_true (iv_vk_buffer_write (fixture->buffers[i], 0, values, sizeof values, &error));
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  iv_test_assert_silent (fixture->device);
  for (guint i = 0; i < 3; i++)
    iv_vk_buffer_unref (fixture->buffers[i]);
  iv_vk_commands_free (fixture->commands);
  iv_vk_device_unref (fixture->device);
}

static void
scale (Fixture *fixture, guint from, guint to, float factor)
{
  struct IvPushScale push = { .n = N, .factor = factor };
  iv_vk_commands_dispatch (
      fixture->commands,
      &(IvVkDispatch){
          .shader = fixture->scale,
          .bindings = { { .buffer = fixture->buffers[from] }, { .buffer = fixture->buffers[to] } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (N, 64) },
      });
}

static void
assert_factor (Fixture *fixture, guint buffer, float factor)
{
  g_autoptr (GError) error = NULL;
  float values[N];
  g_assert_true (iv_vk_buffer_read (fixture->buffers[buffer], 0, values, sizeof values, &error));
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (values[i], ==, factor * (float) i);
}

static void
test_chain (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
  scale (fixture, 0, 1, 2);
  scale (fixture, 1, 2, 3);
  iv_vk_commands_copy (fixture->commands,
                       &(IvVkCopy){ fixture->buffers[2], 0, fixture->buffers[0], 0, N * 4 });
  scale (fixture, 0, 1, 5);
  g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  g_assert_cmpuint (iv_vk_commands_get_n_dispatches (fixture->commands), ==, 3);
  g_assert_cmpuint (iv_vk_commands_get_n_barriers (fixture->commands), ==, 3);
  assert_factor (fixture, 0, 6);
  assert_factor (fixture, 1, 30);
  assert_factor (fixture, 2, 6);
}

/* Readers of one buffer and writers of different ranges need no barrier between them. */
static void
test_barriers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
  scale (fixture, 0, 1, 2);
  scale (fixture, 0, 2, 3);
  g_assert_cmpuint (iv_vk_commands_get_n_barriers (fixture->commands), ==, 0);
  iv_vk_commands_fill (fixture->commands, fixture->buffers[0], 0, 256, 0);
  g_assert_cmpuint (iv_vk_commands_get_n_barriers (fixture->commands), ==, 1);
  iv_vk_commands_fill (fixture->commands, fixture->buffers[0], 256, 256, 0);
  g_assert_cmpuint (iv_vk_commands_get_n_barriers (fixture->commands), ==, 1);
  iv_vk_commands_fill (fixture->commands, fixture->buffers[0], 508, 16, 0);
  g_assert_cmpuint (iv_vk_commands_get_n_barriers (fixture->commands), ==, 2);
  g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  assert_factor (fixture, 1, 2);
  assert_factor (fixture, 2, 3);
}

/* One recording submitted twice, and more dispatches than one descriptor pool holds. */
static void
test_reuse (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
  scale (fixture, 0, 1, 2);
  scale (fixture, 1, 0, 1);
  g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  assert_factor (fixture, 0, 4);
  g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
  for (guint i = 0; i < 300; i++) {
    scale (fixture, 0, 1, -1);
    scale (fixture, 1, 0, 1);
  }
  g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  assert_factor (fixture, 0, 4);
}

static void
assert_refused (Fixture *fixture, IvVkError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (iv_vk_commands_run (fixture->commands, &error));
  g_assert_error (error, IV_VK_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
  g_clear_error (&error);
  g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
  g_assert_no_error (error);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  assert_refused (fixture, IV_VK_ERROR_FAILED, "nothing was recorded");
  iv_vk_commands_dispatch (
      fixture->commands,
      &(IvVkDispatch){ .shader = fixture->scale, .bindings = { { fixture->buffers[0] } } });
  assert_refused (fixture, IV_VK_ERROR_SHADER, "shader model/scale: no buffer for binding 1");
  iv_vk_commands_dispatch (
      fixture->commands,
      &(IvVkDispatch){
          .shader = fixture->scale,
          .bindings = { { fixture->buffers[0], .offset = 8000 }, { fixture->buffers[1] } },
      });
  assert_refused (
      fixture, IV_VK_ERROR_RANGE, "model/scale: 0 bytes at 8000 are outside the 4000 of values");
  iv_vk_commands_fail (fixture->commands,
                       g_error_new (IV_VK_ERROR, IV_VK_ERROR_LIMIT, "too %s", "many"));
  scale (fixture, 0, 1, 2);
  assert_refused (fixture, IV_VK_ERROR_LIMIT, "too many");
  IvVkShaderParams unknown = { .name = "model/none" };
  g_assert_null (iv_vk_shader_get (fixture->device, &unknown, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_SHADER);
  g_assert_false (iv_vk_shader_exists ("model/none"));
  g_assert_true (iv_vk_shader_exists ("model/scale"));
}

static void
test_profile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  if (!iv_vk_device_get_info (fixture->device)->timestamps) {
    g_test_skip ("the device has no timestamps");
    return;
  }
  g_autoptr (IvVkProfile) profile = iv_vk_profile_new (fixture->device, 8, &error);
  g_assert_no_error (error);
  iv_vk_commands_set_profile (fixture->commands, profile);
  for (guint run = 0; run < 2; run++) {
    g_assert_true (iv_vk_commands_begin (fixture->commands, &error));
    for (guint i = 0; i < 6; i++)
      scale (fixture, 0, 1, 2);
    g_assert_true (iv_vk_commands_run (fixture->commands, &error));
  }
  g_autoptr (GArray) rows = iv_vk_profile_get_rows (profile);
  g_assert_cmpuint (rows->len, ==, 1);
  const IvVkProfileRow *row = &g_array_index (rows, IvVkProfileRow, 0);
  g_assert_cmpstr (row->name, ==, "model/scale");
  g_assert_cmpuint (row->n_dispatches, ==, 12);
  g_assert_cmpfloat (row->seconds, >, 0);
  g_assert_cmpfloat (row->seconds, <, 60);
  iv_vk_commands_set_profile (fixture->commands, NULL);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/vulkan/commands/chain", test_chain);
  ADD ("/vulkan/commands/barriers", test_barriers);
  ADD ("/vulkan/commands/reuse", test_reuse);
  ADD ("/vulkan/commands/refusals", test_refusals);
  ADD ("/vulkan/commands/profile", test_profile);
  return g_test_run ();
}
