/* What all operations of the networks share: the context, rows of activations, vectors.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-ops.h"

#include <string.h>

#include "model/ops/iv-tuning-private.h"

/* Invocations of a reducing work-group on a GPU: two or more of the usual subgroups of 32 or 64. */
#define GPU_LOCAL 128

static IvVkBuffer *
new_buffer (IvOps *ops, const char *name, gsize size, GError **error)
{
  IvVkBufferParams params = { .name = name, .size = size, .place = IV_VK_PLACE_DEVICE };
  return iv_vk_buffer_new (ops->device, &params, error);
}

IvOps *
iv_ops_new (IvVkDevice *device, GError **error)
{
  g_autoptr (IvOps) ops = g_new0 (IvOps, 1);
  const IvVkDeviceInfo *info = iv_vk_device_get_info (device);
  ops->device = iv_vk_device_ref (device);
  ops->device_class = iv_vk_device_get_class (device);
  ops->lanes = info->subgroup_size;
  ops->local = ops->device_class == IV_VK_CLASS_CPU ? ops->lanes : GPU_LOCAL;
  ops->nothing = new_buffer (ops, "nothing", 256, error);
  if (ops->nothing == NULL)
    return NULL;
  if (ops->device_class == IV_VK_CLASS_CPU) {
    ops->scratch = new_buffer (ops, "unpacked weights", IV_OPS_SCRATCH, error);
    if (ops->scratch == NULL)
      return NULL;
  }
  iv_tuning_init (ops);
  return g_steal_pointer (&ops);
}

void
iv_ops_free (IvOps *ops)
{
  g_clear_pointer (&ops->nothing, iv_vk_buffer_unref);
  g_clear_pointer (&ops->scratch, iv_vk_buffer_unref);
  g_clear_pointer (&ops->scores, iv_vk_buffer_unref);
  g_clear_pointer (&ops->stored, iv_vk_tuning_free);
  iv_vk_device_unref (ops->device);
  g_free (ops);
}

IvVkDevice *
iv_ops_get_device (IvOps *ops)
{
  return ops->device;
}

static IvVkShader *
get_shader (IvOps *ops, IvVkCommands *commands, const char *folder, const IvOpsVariant *variant)
{
  char full[64];
  g_snprintf (full, sizeof full, "%s%s", folder, variant->name);
  IvVkShaderParams params = {
    .name = full,
    .constants = { variant->local, ops->lanes, variant->value },
    .n_constants = 3, /* a shader without the third ignores it */
    .subgroup_size = ops->lanes,
  };
  if (iv_vk_commands_get_error (commands) != NULL)
    return NULL;
  GError *error = NULL;
  IvVkShader *shader = iv_vk_shader_get (ops->device, &params, &error);
  if (shader == NULL)
    iv_vk_commands_fail (commands, error);
  return shader;
}

IvVkShader *
iv_ops_get_variant (IvOps *ops, IvVkCommands *commands, const IvOpsVariant *variant)
{
  const char *folder = "model/gpu/";
  if (ops->device_class == IV_VK_CLASS_CPU)
    folder = "model/cpu/";
  else if (ops->device_class == IV_VK_CLASS_GPU_PLAIN && variant->has_plain)
    folder = "model/plain/";
  return get_shader (ops, commands, folder, variant);
}

IvVkShader *
iv_ops_get_shader (IvOps *ops, IvVkCommands *commands, const char *name, gboolean has_plain)
{
  return iv_ops_get_variant (ops, commands, &(IvOpsVariant){ name, has_plain, ops->local, 0 });
}

IvVkShader *
iv_ops_get_sized_shader (IvOps *ops, IvVkCommands *commands, const char *name, guint size)
{
  return get_shader (ops, commands, "model/", &(IvOpsVariant){ name, FALSE, ops->local, size });
}

IvVkShader *
iv_ops_get_common_shader (IvOps *ops, IvVkCommands *commands, const char *name)
{
  return get_shader (ops, commands, "model/", &(IvOpsVariant){ name, FALSE, ops->local, 0 });
}

void
iv_ops_refuse (IvVkCommands *commands, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  iv_vk_commands_fail (
      commands, g_error_new_valist (IV_MODEL_ERROR, IV_MODEL_ERROR_UNSUPPORTED, format, arguments));
  va_end (arguments);
}

IvVkBuffer *
iv_ops_get_scores (IvOps *ops, IvVkCommands *commands, gsize size)
{
  if (ops->scores != NULL && iv_vk_buffer_get_size (ops->scores) >= size)
    return ops->scores;
  /* A recording that uses the old one keeps it alive. */
  g_clear_pointer (&ops->scores, iv_vk_buffer_unref);
  GError *error = NULL;
  ops->scores = new_buffer (ops, "attention scores", MAX (size, (gsize) 1 << 20), &error);
  if (ops->scores == NULL)
    iv_vk_commands_fail (commands, error);
  return ops->scores;
}

gboolean
iv_rows_init (IvRows *rows, IvOps *ops, const IvRowsParams *params, GError **error)
{
  guint stride = IV_ROWS_STRIDE (params->n);
  IvVkBufferParams buffer = {
    .name = params->name,
    .size = (gsize) params->n_rows * stride * sizeof (float),
    .place = params->place,
  };
  *rows = (IvRows){ .buffer = iv_vk_buffer_new (ops->device, &buffer, error), .stride = stride };
  return rows->buffer != NULL;
}

void
iv_rows_clear (IvRows *rows)
{
  g_clear_pointer (&rows->buffer, iv_vk_buffer_unref);
}

IvRows
iv_rows_from_row (const IvRows *rows, guint row)
{
  return (IvRows){ rows->buffer, rows->first + row * rows->stride, rows->stride };
}

IvRows
iv_rows_from_column (const IvRows *rows, guint column)
{
  return (IvRows){ rows->buffer, rows->first + column, rows->stride };
}

gboolean
iv_rows_write (const IvRows *rows, guint n_rows, guint n, const float *values, GError **error)
{
  if (rows->stride == n)
    return iv_vk_buffer_write (rows->buffer,
                               (gsize) rows->first * sizeof (float),
                               values,
                               (gsize) n_rows * n * sizeof (float),
                               error);
  for (guint row = 0; row < n_rows; row++) {
    gsize at = ((gsize) rows->first + (gsize) row * rows->stride) * sizeof (float);
    if (!iv_vk_buffer_write (rows->buffer, at, values + (gsize) row * n, n * sizeof (float), error))
      return FALSE;
  }
  return TRUE;
}

gboolean
iv_rows_read (const IvRows *rows, guint n_rows, guint n, float *values, GError **error)
{
  if (rows->stride == n)
    return iv_vk_buffer_read (rows->buffer,
                              (gsize) rows->first * sizeof (float),
                              values,
                              (gsize) n_rows * n * sizeof (float),
                              error);
  for (guint row = 0; row < n_rows; row++) {
    gsize at = ((gsize) rows->first + (gsize) row * rows->stride) * sizeof (float);
    if (!iv_vk_buffer_read (rows->buffer, at, values + (gsize) row * n, n * sizeof (float), error))
      return FALSE;
  }
  return TRUE;
}

IvVector *
iv_vector_new_from_values (IvOps *ops,
                           const char *name,
                           const float *values,
                           guint n,
                           GError **error)
{
  IvVkBuffer *buffer = new_buffer (ops, name, (gsize) n * sizeof (float), error);
  if (buffer == NULL)
    return NULL;
  IvVector *vector = g_new0 (IvVector, 1);
  vector->buffer = buffer;
  vector->n = n;
  if (!iv_vk_buffer_write (buffer, 0, values, (gsize) n * sizeof (float), error))
    g_clear_pointer (&vector, iv_vector_free);
  return vector;
}

IvVector *
iv_vector_new (IvOps *ops, const IvTensor *tensor, GError **error)
{
  gsize n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= (gsize) tensor->shape[i];
  if (n == 0 || n > G_MAXINT32) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_MISMATCH,
                 "%s: %" G_GSIZE_FORMAT " values are no vector",
                 tensor->name,
                 n);
    return NULL;
  }
  g_autofree float *values = g_new (float, n);
  iv_data_type_to_f32 (tensor->type, tensor->data, values, n);
  return iv_vector_new_from_values (ops, tensor->name, values, (guint) n, error);
}

void
iv_vector_free (IvVector *vector)
{
  iv_vk_buffer_unref (vector->buffer);
  g_free (vector);
}

guint
iv_vector_get_length (IvVector *vector)
{
  return vector->n;
}
