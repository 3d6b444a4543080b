/* Buffers: sub-allocation, reading and writing, ranges and limits.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/vulkan/iv-test-vulkan.h"
#include "vulkan/iv-vk-buffer.h"

static IvVkBuffer *
new_buffer (IvVkDevice *device, gsize size, IvVkPlace place)
{
  g_autoptr (GError) error = NULL;
  IvVkBufferParams params = { .name = "test", .size = size, .place = place };
  IvVkBuffer *buffer = iv_vk_buffer_new (device, &params, &error);
  g_assert_no_error (error);
  return buffer;
}

static void
fill_pattern (guint8 *bytes, gsize n, guint seed)
{
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (i * 31 + seed);
}

/* With device memory the host cannot see, DEVICE buffers go through staging in 16 MiB pieces. */
static void
test_round_trip (gconstpointer data)
{
  static const gsize sizes[] = { 1, 15, 16, 17, 4096, 5 << 20, 40 << 20 };
  g_autoptr (GError) device_error = NULL;
  IvVkDeviceParams params = {
    .index = -1,
    .validation = TRUE,
    .hide_device_memory = data != NULL,
  };
  g_autoptr (IvVkDevice) device = iv_vk_device_new (&params, &device_error);
  g_assert_no_error (device_error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes) * 2; i++) {
    g_autoptr (GError) error = NULL;
    gsize size = sizes[i / 2];
    g_autoptr (IvVkBuffer) buffer =
        new_buffer (device, size, i % 2 == 0 ? IV_VK_PLACE_DEVICE : IV_VK_PLACE_HOST);
    g_assert_true (iv_vk_buffer_get_mapped (buffer) != NULL || i % 2 == 0);
    if (data != NULL && i % 2 == 0)
      g_assert_null (iv_vk_buffer_get_mapped (buffer));
    g_autofree guint8 *in = g_malloc (size);
    g_autofree guint8 *out = g_malloc0 (size);
    fill_pattern (in, size, i);
    g_assert_true (iv_vk_buffer_write (buffer, 0, in, size, &error));
    g_assert_true (iv_vk_buffer_read (buffer, 0, out, size, &error));
    g_assert_cmpmem (in, size, out, size);
    g_assert_true (iv_vk_buffer_write (buffer, size - 1, "z", 1, &error));
    g_assert_true (iv_vk_buffer_read (buffer, 0, out, size, &error));
    g_assert_cmpmem (in, size - 1, out, size - 1);
    g_assert_cmpint (out[size - 1], ==, 'z');
  }
  iv_test_assert_silent (device);
}

/* Many buffers allocated and freed out of order never overlap, and all memory comes back. */
static void
test_sub_allocation (void)
{
  enum { N = 200 };
  g_autoptr (IvVkDevice) device = iv_test_device_new ();
  IvVkBuffer *buffers[N] = { NULL };
  guint32 random = 1;
  for (guint round = 0; round < 2000; round++) {
    g_autoptr (GError) error = NULL;
    random = random * 1664525 + 1013904223;
    guint i = (random >> 8) % N;
    guint32 value = i, back;
    if (buffers[i] == NULL) {
      gsize size = 4 + (random >> 16) % (256 << 10);
      buffers[i] = new_buffer (device, size, IV_VK_PLACE_DEVICE);
      iv_vk_buffer_write (buffers[i], 0, &value, 4, &error);
      iv_vk_buffer_write (buffers[i], size - 4, &value, 4, &error);
    } else {
      gsize size = iv_vk_buffer_get_size (buffers[i]);
      iv_vk_buffer_read (buffers[i], 0, &back, 4, &error);
      g_assert_cmpuint (back, ==, i);
      iv_vk_buffer_read (buffers[i], size - 4, &back, 4, &error);
      g_assert_cmpuint (back, ==, i);
      g_clear_pointer (&buffers[i], iv_vk_buffer_unref);
    }
    g_assert_no_error (error);
  }
  for (guint i = 0; i < N; i++)
    g_clear_pointer (&buffers[i], iv_vk_buffer_unref);
  guint64 used, available;
  iv_vk_device_get_memory (device, &used, &available);
  g_assert_cmpuint (used, ==, 0);
  g_assert_cmpuint (available, >, 0);
  iv_test_assert_silent (device);
}

static void
test_refusals (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvVkDevice) device = iv_test_device_new ();
  g_autoptr (IvVkBuffer) buffer = new_buffer (device, 100, IV_VK_PLACE_DEVICE);
  guint8 bytes[8] = { 0 };
  g_assert_false (iv_vk_buffer_write (buffer, 96, bytes, 8, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_RANGE);
  g_assert_cmpstr (error->message, ==, "test: 8 bytes at 96 are outside its 100");
  g_clear_error (&error);
  g_assert_false (iv_vk_buffer_read (buffer, G_MAXSIZE, bytes, 8, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_RANGE);
  g_clear_error (&error);
  IvVkBufferParams empty = { .name = "empty" };
  g_assert_null (iv_vk_buffer_new (device, &empty, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_LIMIT);
  g_clear_error (&error);
  IvVkBufferParams huge = { .name = "huge", .size = G_MAXSIZE };
  g_assert_null (iv_vk_buffer_new (device, &huge, &error));
  g_assert_error (error, IV_VK_ERROR, IV_VK_ERROR_LIMIT);
  iv_test_assert_silent (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/vulkan/buffer/round-trip", NULL, test_round_trip);
  g_test_add_data_func ("/vulkan/buffer/staging", GUINT_TO_POINTER (TRUE), test_round_trip);
  g_test_add_func ("/vulkan/buffer/sub-allocation", test_sub_allocation);
  g_test_add_func ("/vulkan/buffer/refusals", test_refusals);
  return g_test_run ();
}
