/* The op table on this machine's device, for every class of kernels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-tuning.h"
#include "tests/oracle/iv-op-table.h"
#include "tests/vulkan/iv-test-vulkan.h"

typedef struct {
  guint n, n_wrong;
  IvOpResult worst;
} Tally;

static void
on_result_cb (const IvOpResult *result, gpointer user_data)
{
  Tally *tally = user_data;
  tally->n++;
  if (result->nmse >= tally->worst.nmse)
    tally->worst = *result;
  if (iv_op_result_is_right (result))
    return;
  tally->n_wrong++;
  g_test_message (
      "%s, %s: NMSE %g, allowed %g", result->op, result->detail, result->nmse, result->tolerance);
}

/* The matrices again, with each variant that tuning may choose. */
static void
run_variants (IvOps *ops, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  IvOpTableParams table = { .only_linear = TRUE, .func = on_result_cb, .user_data = tally };
  guint i = 1;
  for (; iv_ops_choose_variant (ops, i); i++) {
    guint before = tally->n;
    iv_op_table_run (ops, &table, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (tally->n - before, >, 100);
  }
  g_assert_cmpuint (i, >, 1);
}

static void
test_class (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint device_class = GPOINTER_TO_UINT (data);
  IvVkDeviceParams params = {
    .index = -1,
    .validation = TRUE,
    .class_override = device_class + 1,
    /* One of the classes with weights uploaded as to a card of its own memory. */
    .hide_device_memory = device_class == IV_VK_CLASS_GPU_PLAIN,
  };
  g_autoptr (IvVkDevice) device = iv_vk_device_new (&params, &error);
  g_assert_no_error (error);
  g_autoptr (IvOps) ops = iv_ops_new (device, &error);
  g_assert_no_error (error);
  Tally tally = { 0 };
  IvOpTableParams table = { .func = on_result_cb, .user_data = &tally };
  iv_op_table_run (ops, &table, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tally.n, >, 150);
  run_variants (ops, &tally);
  g_assert_cmpuint (tally.n_wrong, ==, 0);
  g_test_message ("%u cases, worst NMSE %g: %s, %s",
                  tally.n,
                  tally.worst.nmse,
                  tally.worst.op,
                  tally.worst.detail);
  iv_test_assert_silent (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ops/table/cpu", GUINT_TO_POINTER (IV_VK_CLASS_CPU), test_class);
  g_test_add_data_func (
      "/ops/table/gpu-subgroup", GUINT_TO_POINTER (IV_VK_CLASS_GPU_SUBGROUP), test_class);
  g_test_add_data_func (
      "/ops/table/gpu-plain", GUINT_TO_POINTER (IV_VK_CLASS_GPU_PLAIN), test_class);
  return g_test_run ();
}
