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
  guint blocks = (params->head_dim + 31) / 32;
  IvKvLayout layout = { .per_texel = 4 };
  if (params->type != IV_TYPE_F32)
    layout.per_texel = params->type == IV_TYPE_F16 ? 8 : 16;
  layout.k_tile = IV_VK_GROUPS (params->head_dim, layout.per_texel) * tile_rows;
  layout.v_tile = IV_VK_GROUPS (params->n_slots, layout.per_texel) * tile_rows;
  layout.k_head = IV_VK_GROUPS (params->n_slots, tile_rows) * layout.k_tile;
  layout.v_head = IV_VK_GROUPS (params->head_dim, tile_rows) * layout.v_tile;
  if (params->type == IV_TYPE_Q8_0) {
    layout.k_scale_tile = blocks * 2 * lanes;
    layout.k_scale_head = IV_VK_GROUPS (params->n_slots, tile_rows) * layout.k_scale_tile;
    layout.v_scale_block = (params->n_slots + 3) / 4;
    layout.v_scale_head = blocks * layout.v_scale_block;
  }
  return layout;
}

/* Bytes of one layer. */
typedef struct {
  guint64 keys, values;
  guint64 key_scales, value_scales; /* 0 but for Q8_0 */
} LayerSizes;

static LayerSizes
get_layer_sizes (IvVkDeviceClass device_class, guint lanes, const IvKvCacheParams *params)
{
  if (device_class == IV_VK_CLASS_CPU) {
    IvKvLayout layout = make_layout (lanes, params);
    guint64 texels = (guint64) params->n_kv_heads * 16;
    return (LayerSizes){ layout.k_head * texels,
                         layout.v_head * texels,
                         layout.k_scale_head * texels,
                         layout.v_scale_head * texels };
  }
  guint64 n = (guint64) params->n_slots * params->n_kv_heads * params->head_dim;
  if (params->type == IV_TYPE_Q8_0)
    return (LayerSizes){ n, n, n / 8, n / 8 };
  guint64 size = n * (params->type == IV_TYPE_F16 ? 2 : 4);
  return (LayerSizes){ size, size, 0, 0 };
}

guint64
iv_kv_cache_estimate_size (IvVkDeviceClass device_class, const IvKvCacheParams *params)
{
  LayerSizes sizes = get_layer_sizes (device_class, 8, params);
  return (sizes.keys + sizes.values + sizes.key_scales + sizes.value_scales) * params->n_layers;
}

static gboolean
check (const IvKvCacheParams *params, GError **error)
{
  if (params->type != IV_TYPE_F32 && params->type != IV_TYPE_F16 && params->type != IV_TYPE_Q8_0) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "a key and value cache of type %s; there are F32, F16 and Q8_0",
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
  if (params->type == IV_TYPE_Q8_0 && params->head_dim % 32 != 0) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "a Q8_0 key and value cache for heads of %u elements, which is no multiple of 32",
                 params->head_dim);
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

static void
fill_with_zeros (IvVkCommands *commands, GPtrArray *buffers)
{
  for (guint i = 0; i < buffers->len; i++)
    iv_vk_commands_fill (commands, g_ptr_array_index (buffers, i), 0, 0, 0);
}

/* Slots that are not stored yet are multiplied by zero weights: they must hold no NaN. */
static gboolean
clear (IvOps *ops, IvKvCache *cache, GError **error)
{
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (ops->device, error);
  if (commands == NULL || !iv_vk_commands_begin (commands, error))
    return FALSE;
  fill_with_zeros (commands, cache->keys);
  fill_with_zeros (commands, cache->values);
  fill_with_zeros (commands, cache->key_scales);
  fill_with_zeros (commands, cache->value_scales);
  return iv_vk_commands_run (commands, error);
}

/* A buffer of that size for each layer; none of size 0. */
static gboolean
add_buffers (IvOps *ops, IvKvCache *cache, GPtrArray *buffers, guint64 size, GError **error)
{
  for (guint layer = 0; size > 0 && layer < cache->params.n_layers; layer++) {
    IvVkBuffer *buffer = new_buffer (ops, "key and value cache", size, error);
    if (buffer == NULL)
      return FALSE;
    g_ptr_array_add (buffers, buffer);
  }
  return TRUE;
}

static GPtrArray *
new_buffers (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) iv_vk_buffer_unref);
}

IvKvCache *
iv_kv_cache_new (IvOps *ops, const IvKvCacheParams *params, GError **error)
{
  if (!check (params, error))
    return NULL;
  g_autoptr (IvKvCache) cache = g_new0 (IvKvCache, 1);
  cache->params = *params;
  cache->layout = make_layout (ops->lanes, params);
  cache->keys = new_buffers ();
  cache->values = new_buffers ();
  cache->key_scales = new_buffers ();
  cache->value_scales = new_buffers ();
  LayerSizes sizes = get_layer_sizes (ops->device_class, ops->lanes, params);
  if (!add_buffers (ops, cache, cache->keys, sizes.keys, error) ||
      !add_buffers (ops, cache, cache->values, sizes.values, error) ||
      !add_buffers (ops, cache, cache->key_scales, sizes.key_scales, error) ||
      !add_buffers (ops, cache, cache->value_scales, sizes.value_scales, error))
    return NULL;
  return clear (ops, cache, error) ? g_steal_pointer (&cache) : NULL;
}

void
iv_kv_cache_free (IvKvCache *cache)
{
  g_ptr_array_unref (cache->keys);
  g_ptr_array_unref (cache->values);
  g_ptr_array_unref (cache->key_scales);
  g_ptr_array_unref (cache->value_scales);
  g_free (cache);
}

const char *
iv_kv_cache_get_ending (IvKvCache *cache)
{
  switch (cache->params.type) {
  case IV_TYPE_F16:
    return "f16";
  case IV_TYPE_Q8_0:
    return "q8";
  default:
    return "f32";
  }
}

IvVkBuffer *
iv_kv_cache_get_scales (GPtrArray *scales, guint layer)
{
  return layer < scales->len ? g_ptr_array_index (scales, layer) : NULL;
}

guint
iv_kv_cache_get_n_slots (IvKvCache *cache)
{
  return cache->params.n_slots;
}

static guint64
sum_sizes (GPtrArray *buffers)
{
  guint64 size = 0;
  for (guint i = 0; i < buffers->len; i++)
    size += iv_vk_buffer_get_size (g_ptr_array_index (buffers, i));
  return size;
}

guint64
iv_kv_cache_get_size (IvKvCache *cache)
{
  return sum_sizes (cache->keys) + sum_sizes (cache->values) + sum_sizes (cache->key_scales) +
         sum_sizes (cache->value_scales);
}

/* --- storing ------------------------------------------------------------------------------ */

static struct IvPushKvStore
make_push (const IvOpKvStore *op)
{
  const IvKvCacheParams *params = &op->cache->params;
  const IvKvLayout *layout = &op->cache->layout;
  return (struct IvPushKvStore){
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
    .k_scale_tile = 4 * layout->k_scale_tile,
    .k_scale_head = 4 * layout->k_scale_head,
    .v_scale_block = 4 * layout->v_scale_block,
    .v_scale_head = 4 * layout->v_scale_head,
    .n_heads = op->n_heads,
    .n_rot = op->n_rot,
    .q_first = op->q.first,
    .q_stride = op->q.stride,
    .angles_first = op->angles.first,
    .angles_stride = op->angles.stride,
    .adjacent = op->adjacent,
  };
}

/* What an invocation takes is said in the shaders. */
static void
set_groups (IvOps *ops, const IvOpKvStore *op, guint32 *groups)
{
  const IvKvCacheParams *params = &op->cache->params;
  guint width = params->head_dim * params->n_kv_heads;
  gboolean is_q8 = params->type == IV_TYPE_Q8_0;
  if (ops->device_class != IV_VK_CLASS_CPU) {
    groups[0] = IV_VK_GROUPS (is_q8 ? width / 32 : width / 2, 64);
    groups[1] = op->n_tokens;
    groups[2] = 1;
    return;
  }
  groups[2] = params->n_kv_heads + (op->n_heads > 0 ? 1 : 0);
  if (params->type == IV_TYPE_F32) {
    groups[0] = IV_VK_GROUPS (params->head_dim, 8);
    groups[1] = op->n_tokens;
    return;
  }
  guint per_word = is_q8 ? 4 : 2, per_invocation = is_q8 ? 32 : 2;
  guint words = (op->slot + op->n_tokens - 1) / per_word - op->slot / per_word + 1;
  groups[0] = IV_VK_GROUPS (words, 8);
  groups[1] = params->head_dim / per_invocation;
}

gboolean
iv_op_kv_store_can_rotate (IvOps *ops)
{
  return ops->device_class == IV_VK_CLASS_CPU;
}

void
iv_op_kv_store (IvOps *ops, IvVkCommands *commands, const IvOpKvStore *op)
{
  const IvKvCacheParams *params = &op->cache->params;
  if (op->slot > params->n_slots || op->n_tokens > params->n_slots - op->slot) {
    iv_ops_refuse (commands,
                   "%u tokens from slot %u on: the cache has %u slots",
                   op->n_tokens,
                   op->slot,
                   params->n_slots);
    return;
  }
  gboolean rotates = op->n_heads > 0;
  if (rotates &&
      (!iv_op_kv_store_can_rotate (ops) || op->n_rot % 2 != 0 || op->n_rot > params->head_dim)) {
    iv_ops_refuse (commands, "rotation of %u of %u on the way", op->n_rot, params->head_dim);
    return;
  }
  struct IvPushKvStore push = make_push (op);
  char name[32];
  g_snprintf (name,
              sizeof name,
              "%s-store-%s",
              rotates ? "rotate" : "kv",
              iv_kv_cache_get_ending (op->cache));
  IvVkDispatch dispatch = {
    .shader = iv_ops_get_shader (ops, commands, name, FALSE),
    .bindings = { { op->k.buffer },
                  { op->v.buffer },
                  { g_ptr_array_index (op->cache->keys, op->layer) },
                  { g_ptr_array_index (op->cache->values, op->layer) },
                  { iv_kv_cache_get_scales (op->cache->key_scales, op->layer) },
                  { iv_kv_cache_get_scales (op->cache->value_scales, op->layer) },
                  { op->q.buffer },
                  { op->angles.buffer } },
    .push = &push,
    .push_size = sizeof push,
  };
  set_groups (ops, op, dispatch.groups);
  if (dispatch.shader != NULL)
    iv_vk_commands_dispatch (commands, &dispatch);
}
