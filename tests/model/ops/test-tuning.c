/* Tuning: what is measured is stored and found again; foreign, old and broken files are ignored.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-tuning.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/vulkan/iv-test-vulkan.h"
#include "vulkan/iv-vk-tuning.h"

typedef struct {
  IvVkDevice *device;
  IvOps *ops;
  IvLinear *linear; /* Q8_0, packed as "q8" */
} Fixture;

static void
fixture_clear (Fixture *fixture)
{
  g_clear_pointer (&fixture->linear, iv_linear_free);
  g_clear_pointer (&fixture->ops, iv_ops_free);
  g_clear_pointer (&fixture->device, iv_vk_device_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
fixture_init (Fixture *fixture, IvVkDeviceClass device_class)
{
  enum { N_OUT = 256, N_IN = 128 };
  g_autoptr (GError) error = NULL;
  IvVkDeviceParams device = { .index = -1, .validation = TRUE, .class_override = device_class + 1 };
  gsize size = iv_data_type_get_size (IV_TYPE_Q8_0, N_OUT * N_IN);
  g_autofree guint8 *data = g_malloc0 (size);
  IvTensor tensor = { "tuned", IV_TYPE_Q8_0, 2, { N_OUT, N_IN }, data, size };
  IvLinearParams params = { .name = "tuned", .parts = { &tensor }, .n_parts = 1 };
  fixture->device = iv_vk_device_new (&device, &error);
  g_assert_no_error (error);
  fixture->ops = iv_ops_new (fixture->device, &error);
  g_assert_no_error (error);
  fixture->linear = iv_linear_new (fixture->ops, &params, &error);
  g_assert_no_error (error);
}

/* How many knobs of the format have the source. */
static guint
count (IvOps *ops, const char *format, IvTuningSource source)
{
  guint n = 0;
  g_autoptr (GArray) rows = iv_ops_get_tuning (ops);
  for (guint i = 0; i < rows->len; i++) {
    const IvTuningRow *row = &g_array_index (rows, IvTuningRow, i);
    n += g_str_equal (row->format, format) && row->source == source;
  }
  return n;
}

static guint
get_value (IvOps *ops, const char *format, const char *knob)
{
  g_autoptr (GArray) rows = iv_ops_get_tuning (ops);
  for (guint i = 0; i < rows->len; i++) {
    const IvTuningRow *row = &g_array_index (rows, IvTuningRow, i);
    if (g_str_equal (row->format, format) && g_str_equal (row->knob, knob))
      return row->value;
  }
  g_assert_not_reached ();
}

static void
remove_file (IvVkDevice *device)
{
  g_autoptr (IvVkTuning) tuning = iv_vk_tuning_load (device);
  g_remove (iv_vk_tuning_get_file (tuning));
}

static void
test_round (gconstpointer data)
{
  IvVkDeviceClass device_class = GPOINTER_TO_UINT (data);
  guint n_knobs = device_class == IV_VK_CLASS_CPU ? 2 : 3;
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) first = { 0 }, second = { 0 };
  fixture_init (&first, device_class);
  remove_file (first.device);
  IvTuneParams params = { .linears = &first.linear, .n_linears = 1, .budget = G_USEC_PER_SEC * 60 };
  g_assert_true (iv_ops_needs_tuning (first.ops, &params));
  g_assert_cmpuint (count (first.ops, "q8", IV_TUNING_DEFAULT), ==, n_knobs);
  iv_ops_tune (first.ops, &params, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count (first.ops, "q8", IV_TUNING_MEASURED), ==, n_knobs);
  /* A format that the network has not is left alone. */
  g_assert_cmpuint (count (first.ops, "q4", IV_TUNING_DEFAULT), ==, n_knobs);
  g_assert_false (iv_ops_needs_tuning (first.ops, &params));
  iv_test_assert_silent (first.device);

  fixture_init (&second, device_class);
  g_assert_cmpuint (count (second.ops, "q8", IV_TUNING_STORED), ==, n_knobs);
  params.linears = &second.linear;
  g_assert_false (iv_ops_needs_tuning (second.ops, &params));
  g_autoptr (GArray) rows = iv_ops_get_tuning (first.ops);
  for (guint i = 0; i < rows->len; i++) {
    const IvTuningRow *row = &g_array_index (rows, IvTuningRow, i);
    g_assert_cmpuint (get_value (second.ops, row->format, row->knob), ==, row->value);
  }
}

static void
test_off (void)
{
  g_auto (Fixture) fixture = { 0 };
  fixture_init (&fixture, IV_VK_CLASS_CPU);
  remove_file (fixture.device);
  g_autoptr (IvVkTuning) tuning = iv_vk_tuning_load (fixture.device);
  iv_vk_tuning_set (tuning, "cpu.q8.touch", 0);
  iv_vk_tuning_save (tuning);
  g_setenv ("INTERVAL_TUNING", "off", TRUE);
  g_auto (Fixture) off = { 0 };
  fixture_init (&off, IV_VK_CLASS_CPU);
  g_unsetenv ("INTERVAL_TUNING");
  IvTuneParams params = { .linears = &off.linear, .n_linears = 1 };
  g_assert_false (iv_ops_needs_tuning (off.ops, &params));
  g_assert_cmpuint (count (off.ops, "q8", IV_TUNING_DEFAULT), ==, 2);
  g_assert_cmpuint (get_value (off.ops, "q8", "touch"), ==, 1);
  g_auto (Fixture) on = { 0 };
  fixture_init (&on, IV_VK_CLASS_CPU);
  g_assert_cmpuint (count (on.ops, "q8", IV_TUNING_STORED), ==, 1);
  g_assert_cmpuint (get_value (on.ops, "q8", "touch"), ==, 0);
}

/* A budget of no time still ends, and what is not measured keeps its default. */
static void
test_budget (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) fixture = { 0 };
  fixture_init (&fixture, IV_VK_CLASS_CPU);
  remove_file (fixture.device);
  g_auto (Fixture) fresh = { 0 };
  fixture_init (&fresh, IV_VK_CLASS_CPU);
  IvTuneParams params = { .linears = &fresh.linear, .n_linears = 1, .budget = 1 };
  iv_ops_tune (fresh.ops, &params, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count (fresh.ops, "q8", IV_TUNING_DEFAULT), >=, 1);
}

/* Each edit of a good file, and the file as it is must be taken. */
static void
test_hostile (void)
{
  static const struct {
    const char *from, *to;
  } edits[] = {
    { "version=1", "version=2" },
    { "version=1", "version=" },
    { "device=", "device=f" },
    { "driver=", "driver=other " },
    { "shaders=", "shaders=0" },
    { "[interval]", "[interva" },
    { "[interval]", "[other]" },
    { "touch=0", "touch=2" },
    { "touch=0", "touch=-1" },
    { "touch=0", "touch=99999999999999999999" },
    { "touch=0", "touch=0x0" },
    { "touch=0", "touch=" },
    { "[choices]", "[choices" },
    { "cpu.q8", "cpu.q9" },
    { "[interval]", "\xff\xfe[interval]" },
  };
  g_auto (Fixture) fixture = { 0 };
  fixture_init (&fixture, IV_VK_CLASS_CPU);
  remove_file (fixture.device);
  g_autoptr (IvVkTuning) tuning = iv_vk_tuning_load (fixture.device);
  const char *file = iv_vk_tuning_get_file (tuning);
  iv_vk_tuning_set (tuning, "cpu.q8.touch", 0);
  iv_vk_tuning_save (tuning);
  g_autoptr (GError) error = NULL;
  g_autofree char *good = NULL;
  g_file_get_contents (file, &good, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++) {
    g_autoptr (GString) text = g_string_new (good);
    g_assert_cmpuint (g_string_replace (text, edits[i].from, edits[i].to, 1), ==, 1);
    g_file_set_contents (file, text->str, (gssize) text->len, &error);
    g_assert_no_error (error);
    g_auto (Fixture) bad = { 0 };
    fixture_init (&bad, IV_VK_CLASS_CPU);
    g_autofree char *to = g_strescape (edits[i].to, NULL);
    g_test_message ("“%s” for “%s”", to, edits[i].from);
    g_assert_cmpuint (count (bad.ops, "q8", IV_TUNING_DEFAULT), ==, 2);
    g_assert_cmpuint (get_value (bad.ops, "q8", "touch"), ==, 1);
  }
  g_autofree char *large = g_malloc (1 << 20);
  memset (large, '#', 1 << 20);
  g_file_set_contents (file, large, 1 << 20, &error);
  g_assert_no_error (error);
  g_auto (Fixture) too_large = { 0 };
  fixture_init (&too_large, IV_VK_CLASS_CPU);
  g_assert_cmpuint (count (too_large.ops, "q8", IV_TUNING_DEFAULT), ==, 2);
  /* Opening a pipe would wait for ever. */
  g_remove (file);
  g_assert_cmpint (mkfifo (file, 0600), ==, 0);
  g_auto (Fixture) pipe = { 0 };
  fixture_init (&pipe, IV_VK_CLASS_CPU);
  g_assert_cmpuint (count (pipe.ops, "q8", IV_TUNING_DEFAULT), ==, 2);
  g_remove (file);
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("interval-tuning-XXXXXX", NULL);
  g_assert_nonnull (cache);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_unsetenv ("INTERVAL_TUNING");
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/tuning/round/cpu", GUINT_TO_POINTER (IV_VK_CLASS_CPU), test_round);
  g_test_add_data_func (
      "/tuning/round/gpu-subgroup", GUINT_TO_POINTER (IV_VK_CLASS_GPU_SUBGROUP), test_round);
  g_test_add_data_func (
      "/tuning/round/gpu-plain", GUINT_TO_POINTER (IV_VK_CLASS_GPU_PLAIN), test_round);
  g_test_add_func ("/tuning/off", test_off);
  g_test_add_func ("/tuning/budget", test_budget);
  g_test_add_func ("/tuning/hostile", test_hostile);
  return g_test_run ();
}
