/* Attention over the key and value cache.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-attention.h"

#include <math.h>

#include "model/ops/iv-kv-cache.h"
#include "shaders/include/iv-shared-attention.h"

/* Scores of the CPU class are held for so many bytes of queries at a time. */
#define MOST_SCORES ((gsize) 64 << 20)
/* From so many tokens on, GPUs read keys and values once for a tile of tokens. */
#define GPU_TILE_TOKENS 32
#define GPU_TILE 64
/* Up to so many tokens, the CPU class turns scores into weights while values are added up. More
 * tokens make more work-groups, each of which would do it again. */
#define CPU_FOLDED_TOKENS 4

static float
get_scale (const IvOpAttention *op)
{
  return op->scale != 0 ? op->scale : 1.0f / sqrtf ((float) op->cache->params.head_dim);
}

static gboolean
check (IvVkCommands *commands, const IvOpAttention *op)
{
  const IvKvCacheParams *params = &op->cache->params;
  if (op->n_heads % params->n_kv_heads != 0) {
    iv_ops_refuse (commands,
                   "%u query heads are no multiple of %u key heads",
                   op->n_heads,
                   params->n_kv_heads);
    return FALSE;
  }
  gboolean placed = op->causal || op->window > 0;
  if (op->first >= op->end || op->end > params->n_slots || (placed && op->n_tokens > op->end)) {
    iv_ops_refuse (commands,
                   "attention of %u tokens to slots %u to %u of %u",
                   op->n_tokens,
                   op->first,
                   op->end,
                   params->n_slots);
    return FALSE;
  }
  return TRUE;
}

/* A run of query tokens of the CPU class, small enough for the scores. */
typedef struct {
  guint token, n_tokens;
  guint end;    /* slots seen by the last of them */
  guint own;    /* slot of the first */
  guint base;   /* slot of column 0: the beginning of a tile */
  guint stride; /* of a row of scores */
  guint group;  /* query heads of a kv head */
  IvVkBuffer *scores;
  gboolean folded; /* softmax in the product with values */
} Run;

/* Tokens that a work-group of the product takes. */
static guint
get_per_group (guint n_tokens)
{
  return n_tokens == 1 ? 1 : 8;
}

/* The product with keys ('k') or values ('v', or 's': with softmax) of the cache's type. */
static IvVkShader *
get_matmul (IvOps *ops, IvVkCommands *commands, IvKvCache *cache, char which, guint n_tokens)
{
  char name[32];
  const char *ending = iv_kv_cache_get_ending (cache);
  if (which == 's') {
    gboolean is_f32 = cache->params.type == IV_TYPE_F32;
    g_snprintf (name,
                sizeof name,
                "matmul-%u-softmax%s%s",
                get_per_group (n_tokens),
                is_f32 ? "" : "-",
                is_f32 ? "" : ending);
    return iv_ops_get_shader (ops, commands, name, FALSE);
  }
  switch (cache->params.type) {
  case IV_TYPE_F16:
    g_snprintf (name, sizeof name, "matmul-%u-f16", get_per_group (n_tokens));
    break;
  case IV_TYPE_Q8_0:
    g_snprintf (name, sizeof name, "matmul-%u-q8%c", get_per_group (n_tokens), which);
    break;
  default:
    g_snprintf (name, sizeof name, "matmul-%u", get_per_group (n_tokens));
  }
  return iv_ops_get_shader (ops, commands, name, FALSE);
}

/* Rows of keys times queries: scores [kv head, token, member of the group, slot]. */
static void
record_scores (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op, const Run *run)
{
  const IvKvLayout *layout = &op->cache->layout;
  guint head_dim = op->cache->params.head_dim;
  guint tile_rows = ops->lanes * IV_TILE_GROUPS;
  guint n_tokens = run->n_tokens * run->group;
  struct IvPushMatmul push = {
    .n_in = head_dim,
    .n_rows = run->end - run->base,
    .n_tokens = n_tokens,
    .group = run->group,
    .w_first = run->base / tile_rows * layout->k_tile,
    .w_tile = layout->k_tile,
    .w_batch = layout->k_head,
    .x_first = op->q.first + run->token * op->q.stride,
    .x_token = op->q.stride,
    .x_group = head_dim,
    .x_batch = run->group * head_dim,
    .y_token = run->group * run->stride,
    .y_group = run->stride,
    .y_batch = n_tokens * run->stride,
    .limit = op->causal ? run->own + 1 - run->base : 0,
    .s_first = run->base / tile_rows * layout->k_scale_tile,
    .s_tile = layout->k_scale_tile,
    .s_batch = layout->k_scale_head,
  };
  IvVkShader *shader = get_matmul (ops, commands, op->cache, 'k', n_tokens);
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { g_ptr_array_index (op->cache->keys, op->layer) },
                        { op->q.buffer },
                        { ops->nothing },
                        { run->scores },
                        { iv_kv_cache_get_scales (op->cache->key_scales, op->layer) } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (push.n_rows, tile_rows),
                      IV_VK_GROUPS (n_tokens, get_per_group (n_tokens)),
                      op->cache->params.n_kv_heads },
      });
}

static void
record_softmax (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op, const Run *run)
{
  struct IvPushSoftmax push = {
    .n_rows = op->n_heads * run->n_tokens,
    .stride = run->stride,
    .n = run->end - run->base,
    .group = run->group,
    .n_tokens = run->n_tokens,
    .base = run->base,
    .first = op->first,
    .end = run->end,
    .own = run->own,
    .causal = op->causal,
    .window = op->window,
    .scale = get_scale (op),
  };
  IvVkShader *shader = iv_ops_get_shader (ops, commands, "softmax", FALSE);
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (commands,
                           &(IvVkDispatch){
                               .shader = shader,
                               .bindings = { { run->scores } },
                               .push = &push,
                               .push_size = sizeof push,
                               .groups = { IV_VK_GROUPS (push.n_rows, 8) },
                           });
}

/* Rows of turned values times weights: y. */
static void
record_values (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op, const Run *run)
{
  const IvKvLayout *layout = &op->cache->layout;
  guint head_dim = op->cache->params.head_dim;
  guint tile_rows = ops->lanes * IV_TILE_GROUPS;
  guint n_tokens = run->n_tokens * run->group;
  struct IvPushMatmul push = {
    .n_in = run->end - run->base,
    .n_rows = head_dim,
    .n_tokens = n_tokens,
    .group = run->group,
    .w_first = run->base / layout->per_texel * tile_rows,
    .w_tile = layout->v_tile,
    .w_batch = layout->v_head,
    .x_token = run->group * run->stride,
    .x_group = run->stride,
    .x_batch = n_tokens * run->stride,
    .y_first = op->y.first + run->token * op->y.stride,
    .y_token = op->y.stride,
    .y_group = head_dim,
    .y_batch = run->group * head_dim,
    .s_first = run->base / 4,
    .s_tile = layout->v_scale_block,
    .s_batch = layout->v_scale_head,
  };
  struct {
    struct IvPushMatmul product;
    struct IvPushSeen seen;
  } both = { push,
             { .base = run->base,
               .first = op->first,
               .end = run->end,
               .own = run->own,
               .causal = op->causal,
               .window = op->window,
               .scale = get_scale (op) } };
  IvVkShader *shader = get_matmul (ops, commands, op->cache, run->folded ? 's' : 'v', n_tokens);
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { g_ptr_array_index (op->cache->values, op->layer) },
                        { run->scores },
                        { ops->nothing },
                        { op->y.buffer },
                        { iv_kv_cache_get_scales (op->cache->value_scales, op->layer) } },
          .push = &both,
          .push_size = run->folded ? sizeof both : sizeof push,
          .groups = { IV_VK_GROUPS (head_dim, tile_rows),
                      IV_VK_GROUPS (n_tokens, get_per_group (n_tokens)),
                      op->cache->params.n_kv_heads },
      });
}

/* Scores, softmax, values: three passes whose products are those of the linear layers; two for few
 * tokens. */
static void
record_cpu (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op)
{
  guint tile_rows = ops->lanes * IV_TILE_GROUPS;
  guint base = op->first / tile_rows * tile_rows;
  gsize row_size = (gsize) IV_ROWS_STRIDE (op->end - base) * sizeof (float);
  guint most = (guint) CLAMP (MOST_SCORES / (row_size * op->n_heads), 1, op->n_tokens);
  IvVkBuffer *scores = iv_ops_get_scores (ops, commands, row_size * op->n_heads * most);
  if (scores == NULL)
    return;
  for (guint token = 0; token < op->n_tokens; token += most) {
    Run run = {
      .token = token,
      .n_tokens = MIN (most, op->n_tokens - token),
      .own = op->end - MIN (op->n_tokens, op->end) + token,
      .base = base,
      .group = op->n_heads / op->cache->params.n_kv_heads,
      .scores = scores,
    };
    run.end = op->causal ? run.own + run.n_tokens : op->end;
    run.stride = IV_ROWS_STRIDE (run.end - run.base);
    run.folded = run.n_tokens <= CPU_FOLDED_TOKENS;
    record_scores (ops, commands, op, &run);
    if (!run.folded)
      record_softmax (ops, commands, op, &run);
    record_values (ops, commands, op, &run);
  }
}

/* tiled: for many tokens; the same for both classes, as it needs no subgroups. */
static IvVkShader *
get_gpu_shader (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op, gboolean tiled)
{
  char name[40];
  const char *ending = iv_kv_cache_get_ending (op->cache);
  g_snprintf (name, sizeof name, tiled ? "gpu/attention-tile-%s" : "attention-%s", ending);
  return tiled ? iv_ops_get_sized_shader (
                     ops, commands, name, IV_VK_GROUPS (op->cache->params.head_dim, 16))
               : iv_ops_get_shader (ops, commands, name, TRUE);
}

static void
record_gpu (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op)
{
  const IvKvCacheParams *params = &op->cache->params;
  struct IvPushAttention push = {
    .head_dim = params->head_dim,
    .n_heads = op->n_heads,
    .group = op->n_heads / params->n_kv_heads,
    .n_kv_heads = params->n_kv_heads,
    .q_first = op->q.first,
    .q_stride = op->q.stride,
    .y_first = op->y.first,
    .y_stride = op->y.stride,
    .first = op->first,
    .end = op->end,
    .own = op->end - MIN (op->n_tokens, op->end),
    .causal = op->causal,
    .window = op->window,
    .scale = get_scale (op),
    .n_tokens = op->n_tokens,
  };
  gboolean is_tiled = op->n_tokens >= GPU_TILE_TOKENS && params->type != IV_TYPE_Q8_0;
  IvVkShader *shader = get_gpu_shader (ops, commands, op, is_tiled);
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { op->q.buffer },
                        { g_ptr_array_index (op->cache->keys, op->layer) },
                        { g_ptr_array_index (op->cache->values, op->layer) },
                        { op->y.buffer },
                        { iv_kv_cache_get_scales (op->cache->key_scales, op->layer) },
                        { iv_kv_cache_get_scales (op->cache->value_scales, op->layer) } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { op->n_heads,
                      is_tiled ? IV_VK_GROUPS (op->n_tokens, GPU_TILE) : op->n_tokens,
                      1 },
      });
}

void
iv_op_attention (IvOps *ops, IvVkCommands *commands, const IvOpAttention *op)
{
  if (!check (commands, op))
    return;
  if (ops->device_class == IV_VK_CLASS_CPU)
    record_cpu (ops, commands, op);
  else
    record_gpu (ops, commands, op);
}
