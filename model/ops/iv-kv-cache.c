/* The key and value cache: its memory, and storing into it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-kv-cache.h"

#include "shaders/include/iv-shared-attention.h"

#define MAX_HEAD_DIM 256

/* Both matrices in tiles of lanes * 8 rows. */
static IvKvLayout
make_layout (guint lanes, const IvKvCacheParams *params)
{
  guint tile_rows = lanes * IV_TILE_GROUPS;
  guint k_quads = (params->head_dim + 3) / 4;
  guint v_quads = (params->n_slots + 3) / 4;
  IvKvLayout layout = { .k_tile = k_quads * tile_rows, .v_tile = v_quads * tile_rows };
  layout.k_head = IV_VK_GROUPS (params->n_slots, tile_rows) * layout.k_tile;
  layout.v_head = IV_VK_GROUPS (params->head_dim, tile_rows) * layout.v_tile;
  return layout;
}

/* Bytes of the keys and of the values of one layer. */
static void
get_layer_sizes (IvVkDeviceClass device_class,
                 guint lanes,
                 const IvKvCacheParams *params,
                 guint64 *keys,
                 guint64 *values)
{
  if (device_class == IV_VK_CLASS_CPU) {
    IvKvLayout layout = make_layout (lanes, params);
    *keys = (guint64) layout.k_head * params->n_kv_heads * 16;
    *values = (guint64) layout.v_head * params->n_kv_heads * 16;
    return;
  }
  guint64 n = (guint64) params->n_slots * params->n_kv_heads * params->head_dim;
  *keys = *values = n * (params->type == IV_TYPE_F16 ? 2 : 4);
}

guint64
iv_kv_cache_estimate_size (IvVkDeviceClass device_class, const IvKvCacheParams *params)
{
  guint64 keys, values;
  get_layer_sizes (device_class, 8, params, &keys, &values);
  return (keys + values) * params->n_layers;
}

static gboolean
check (const IvKvCacheParams *params, GError **error)
{
  if (params->type != IV_TYPE_F32 && params->type != IV_TYPE_F16) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "a key and value cache of type %s; there are F32 and F16",
                 iv_data_type_to_string (params->type));
    return FALSE;
  }
  if (params->head_dim == 0 || params->head_dim % 4 != 0 || params->head_dim > MAX_HEAD_DIM) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "heads of %u elements; supported are multiples of 4 up to %d",
                 params->head_dim,
                 MAX_HEAD_DIM);
    return FALSE;
  }
  return TRUE;
}

static IvVkBuffer *
new_buffer (IvOps *ops, const char *name, guint64 size, GError **error)
{
  IvVkBufferParams params = { .name = name, .size = size, .place = IV_VK_PLACE_DEVICE };
  return iv_vk_buffer_new (ops->device, &params, error);
}

/* Slots that are not stored yet are multiplied by zero weights: they must hold no NaN. */
static gboolean
clear (IvOps *ops, IvKvCache *cache, GError **error)
{
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (ops->device, error);
  if (commands == NULL || !iv_vk_commands_begin (commands, error))
    return FALSE;
  for (guint i = 0; i < cache->keys->len; i++) {
    iv_vk_commands_fill (commands, g_ptr_array_index (cache->keys, i), 0, 0, 0);
    iv_vk_commands_fill (commands, g_ptr_array_index (cache->values, i), 0, 0, 0);
  }
  return iv_vk_commands_run (commands, error);
}

IvKvCache *
iv_kv_cache_new (IvOps *ops, const IvKvCacheParams *params, GError **error)
{
  if (!check (params, error))
    return NULL;
  g_autoptr (IvKvCache) cache = g_new0 (IvKvCache, 1);
  cache->params = *params;
  cache->layout = make_layout (ops->lanes, params);
  cache->half = params->type == IV_TYPE_F16 && ops->device_class != IV_VK_CLASS_CPU;
  cache->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_vk_buffer_unref);
  cache->values = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_vk_buffer_unref);
  guint64 keys, values;
  get_layer_sizes (ops->device_class, ops->lanes, params, &keys, &values);
  for (guint layer = 0; layer < params->n_layers; layer++) {
    IvVkBuffer *buffer = new_buffer (ops, "key cache", keys, error);
    if (buffer == NULL)
      return NULL;
    g_ptr_array_add (cache->keys, buffer);
    buffer = new_buffer (ops, "value cache", values, error);
    if (buffer == NULL)
      return NULL;
    g_ptr_array_add (cache->values, buffer);
  }
  return clear (ops, cache, error) ? g_steal_pointer (&cache) : NULL;
}

void
iv_kv_cache_free (IvKvCache *cache)
{
  g_ptr_array_unref (cache->keys);
  g_ptr_array_unref (cache->values);
  g_free (cache);
}

guint
iv_kv_cache_get_n_slots (IvKvCache *cache)
{
  return cache->params.n_slots;
}

guint64
iv_kv_cache_get_size (IvKvCache *cache)
{
  guint64 size = 0;
  for (guint i = 0; i < cache->keys->len; i++)
    size += iv_vk_buffer_get_size (g_ptr_array_index (cache->keys, i)) +
            iv_vk_buffer_get_size (g_ptr_array_index (cache->values, i));
  return size;
}

void
iv_op_kv_store (IvOps *ops, IvVkCommands *commands, const IvOpKvStore *op)
{
  const IvKvCacheParams *params = &op->cache->params;
  const IvKvLayout *layout = &op->cache->layout;
  gboolean cpu = ops->device_class == IV_VK_CLASS_CPU;
  if (op->slot > params->n_slots || op->n_tokens > params->n_slots - op->slot) {
    iv_ops_refuse (commands,
                   "%u tokens from slot %u on: the cache has %u slots",
                   op->n_tokens,
                   op->slot,
                   params->n_slots);
    return;
  }
  struct IvPushKvStore push = {
    .n_tokens = op->n_tokens,
    .head_dim = params->head_dim,
    .n_kv_heads = params->n_kv_heads,
    .slot = op->slot,
    .k_first = op->k.first,
    .k_stride = op->k.stride,
    .v_first = op->v.first,
    .v_stride = op->v.stride,
    .k_tile = 4 * layout->k_tile,
    .k_head = 4 * layout->k_head,
    .v_tile = 4 * layout->v_tile,
    .v_head = 4 * layout->v_head,
    .n_slots = params->n_slots,
  };
  const char *name = cpu ? "kv-store" : op->cache->half ? "kv-store-f16" : "kv-store-f32";
  guint pairs = params->head_dim * params->n_kv_heads / 2;
  IvVkDispatch dispatch = {
    .shader = iv_ops_get_shader (ops, commands, name, FALSE),
    .bindings = { { op->k.buffer },
                  { op->v.buffer },
                  { g_ptr_array_index (op->cache->keys, op->layer) },
                  { g_ptr_array_index (op->cache->values, op->layer) } },
    .push = &push,
    .push_size = sizeof push,
    .groups = { IV_VK_GROUPS (cpu ? params->head_dim : pairs, cpu ? 8 : 64),
                op->n_tokens,
                cpu ? params->n_kv_heads : 1 },
  };
  if (dispatch.shader != NULL)
    iv_vk_commands_dispatch (commands, &dispatch);
}
