/* Which variants of the matrices' kernels there are, are in use, and were stored.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-tuning.h"

#include "model/ops/iv-tuning-private.h"

static const char *const names[IV_N_KNOBS] = {
  [IV_KNOB_TOUCH] = "touch", [IV_KNOB_SHARE] = "share", [IV_KNOB_THREADS] = "threads",
  [IV_KNOB_ROWS] = "rows",   [IV_KNOB_TILE] = "tile",
};

/* Values that shaders are written and tested for, the default first; 0 ends a list. */
static const guint lists[IV_N_KNOBS][IV_MAX_VARIANTS] = {
  [IV_KNOB_SHARE] = { 4, 1 },
  [IV_KNOB_THREADS] = { 128, 64, 256 },
  [IV_KNOB_ROWS] = { 2, 1, 4 },
  [IV_KNOB_TILE] = { 4, 2, 6 },
};

static gboolean
is_of_class (IvOps *ops, guint knob)
{
  gboolean cpu = ops->device_class == IV_VK_CLASS_CPU;
  return cpu == (knob == IV_KNOB_TOUCH || knob == IV_KNOB_SHARE);
}

/* Whether the device's limits allow a value. */
static gboolean
is_possible (IvOps *ops, guint knob, guint value)
{
  const IvVkDeviceInfo *info = iv_vk_device_get_info (ops->device);
  if (knob == IV_KNOB_THREADS)
    return value <= MIN (info->max_workgroup_size, info->max_workgroup_size_x) &&
           value % ops->lanes == 0;
  /* Two tiles of 32 × (16 value + 1) F32. */
  if (knob == IV_KNOB_TILE)
    return 2 * 32 * (16 * value + 1) * sizeof (float) <= info->max_shared_memory;
  return TRUE;
}

guint
iv_tuning_list (IvOps *ops, guint format, guint knob, guint values[IV_MAX_VARIANTS])
{
  guint n = 0;
  if (!is_of_class (ops, knob))
    return 0;
  if (knob == IV_KNOB_TOUCH) {
    /* At one texel a block, the processor's own prefetching kept up where it was measured. */
    values[0] = format < IV_FORMAT_Q4;
    values[1] = !values[0];
    return 2;
  }
  for (guint i = 0; i < IV_MAX_VARIANTS && lists[knob][i] != 0; i++)
    if (i == 0 || is_possible (ops, knob, lists[knob][i]))
      values[n++] = lists[knob][i];
  return n;
}

/* (transfer full) "gpu-subgroup.q8.rows" */
static char *
make_key (IvOps *ops, guint format, guint knob)
{
  return g_strdup_printf ("%s.%s.%s",
                          iv_vk_device_class_to_string (ops->device_class),
                          iv_pack_format_to_string (format),
                          names[knob]);
}

/* The stored value if it is one of those there are: the file may say anything. */
static gboolean
take_stored (IvOps *ops, guint format, guint knob)
{
  guint values[IV_MAX_VARIANTS], stored;
  g_autofree char *key = make_key (ops, format, knob);
  guint n = iv_tuning_list (ops, format, knob, values);
  if (ops->stored == NULL || !iv_vk_tuning_get (ops->stored, key, &stored))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (values[i] == stored) {
      ops->knobs[format][knob] = (IvKnob){ stored, IV_TUNING_STORED };
      return TRUE;
    }
  return FALSE;
}

void
iv_tuning_init (IvOps *ops)
{
  if (g_strcmp0 (g_getenv ("INTERVAL_TUNING"), "off") != 0)
    ops->stored = iv_vk_tuning_load (ops->device);
  iv_ops_choose_variant (ops, 0);
  for (guint format = 0; format < IV_N_FORMATS; format++)
    for (guint knob = 0; knob < IV_N_KNOBS; knob++)
      take_stored (ops, format, knob);
}

void
iv_tuning_set (IvOps *ops, guint format, guint knob, guint value)
{
  g_autofree char *key = make_key (ops, format, knob);
  ops->knobs[format][knob] = (IvKnob){ value, IV_TUNING_MEASURED };
  iv_vk_tuning_set (ops->stored, key, value);
}

gboolean
iv_ops_choose_variant (IvOps *ops, guint i)
{
  gboolean any = FALSE;
  for (guint format = 0; format < IV_N_FORMATS; format++)
    for (guint knob = 0; knob < IV_N_KNOBS; knob++) {
      guint values[IV_MAX_VARIANTS];
      guint n = iv_tuning_list (ops, format, knob, values);
      any |= i < n;
      if (n > 0)
        ops->knobs[format][knob] = (IvKnob){ values[MIN (i, n - 1)], IV_TUNING_DEFAULT };
    }
  return any;
}

const char *
iv_tuning_source_to_string (IvTuningSource source)
{
  static const char *const strings[] = { "default", "tuned", "stored" };
  return strings[source];
}

GArray *
iv_ops_get_tuning (IvOps *ops)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (IvTuningRow));
  for (guint format = 0; format < IV_N_FORMATS; format++)
    for (guint knob = 0; knob < IV_N_KNOBS; knob++) {
      const IvKnob *used = &ops->knobs[format][knob];
      IvTuningRow row = {
        iv_pack_format_to_string (format), names[knob], used->value, used->source
      };
      if (is_of_class (ops, knob))
        g_array_append_val (rows, row);
    }
  return rows;
}
