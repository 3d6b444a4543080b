/* y = W x + b, and rows of W by number: the recordings.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-linear.h"

#include "model/ops/iv-linear-private.h"

/* Up to here matrix × vector is faster than unpacking the matrix. */
#define CPU_MATVEC_TOKENS 16
#define GPU_MATVEC_TOKENS 8
/* T of the shaders "matvec-4", the most of IV_KNOB_SHARE */
#define CPU_SHARED_TOKENS 4

static guint
get_flags (const IvOpLinear *op)
{
  return (op->add ? IV_LINEAR_ADD : 0) | (op->linear->bias != NULL ? IV_LINEAR_BIAS : 0);
}

static struct IvPushLinear
make_push (const IvOpLinear *op, const IvLinearPiece *piece)
{
  return (struct IvPushLinear){
    .n_in = op->linear->n_in,
    .n_out = piece->n_rows,
    .n_blocks = piece->layout.n_blocks,
    .n_tokens = op->n_tokens,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .y_first = op->y.first + piece->first_row,
    .y_stride = op->y.stride,
    .bias_first = piece->first_row,
    .flags = get_flags (op),
    .epsilon = op->epsilon,
  };
}

static void
record_piece (IvOps *ops,
              IvVkCommands *commands,
              const IvOpLinear *op,
              const IvLinearPiece *piece,
              IvVkDispatch dispatch)
{
  struct IvPushLinear push = make_push (op, piece);
  dispatch.bindings[0].buffer = piece->weights;
  dispatch.bindings[1].buffer = piece->scales;
  dispatch.bindings[2].buffer = op->x.buffer;
  dispatch.bindings[3].buffer = op->linear->bias != NULL ? op->linear->bias : ops->nothing;
  dispatch.bindings[4].buffer = op->y.buffer;
  dispatch.bindings[5].buffer = op->norm != NULL ? op->norm->buffer : NULL;
  dispatch.push = &push;
  dispatch.push_size = sizeof push;
  iv_vk_commands_dispatch (commands, &dispatch);
}

static IvVkShader *
get_shader (IvOps *ops, IvVkCommands *commands, const char *kind, guint format, gboolean has_plain)
{
  char name[32];
  g_snprintf (name, sizeof name, "%s-%s", kind, iv_pack_format_to_string (format));
  return iv_ops_get_shader (ops, commands, name, has_plain);
}

/* The same with a knob's value as constant 2. */
static IvVkShader *
get_variant (IvOps *ops,
             IvVkCommands *commands,
             const char *kind,
             guint format,
             IvOpsVariant variant)
{
  char name[32];
  g_snprintf (name, sizeof name, "%s-%s", kind, iv_pack_format_to_string (format));
  variant.name = name;
  return iv_ops_get_variant (ops, commands, &variant);
}

/* Software Vulkan unpacks a weight once for so many tokens. */
static void
record_cpu_matvec (IvOps *ops,
                   IvVkCommands *commands,
                   const IvOpLinear *op,
                   const IvLinearPiece *piece)
{
  char kind[32];
  guint format = piece->layout.format;
  const IvKnob *knobs = ops->knobs[format];
  guint per_group = op->n_tokens > 1 ? knobs[IV_KNOB_SHARE].value : 1;
  IvOpsVariant variant = { .local = ops->local, .value = knobs[IV_KNOB_TOUCH].value };
  g_snprintf (kind, sizeof kind, "matvec%s-%u", op->norm != NULL ? "-norm" : "", per_group);
  IvVkDispatch dispatch = {
    .shader = get_variant (ops, commands, kind, format, variant),
    .groups = { IV_VK_GROUPS (piece->n_rows, piece->layout.tile_rows),
                IV_VK_GROUPS (op->n_tokens, per_group),
                1 },
  };
  if (dispatch.shader != NULL)
    record_piece (ops, commands, op, piece, dispatch);
}

/* Teams of some rows; they go on by themselves when there are fewer than rows. */
static void
record_gpu_matvec (IvOps *ops,
                   IvVkCommands *commands,
                   const IvOpLinear *op,
                   const IvLinearPiece *piece)
{
  gboolean plain = ops->device_class == IV_VK_CLASS_GPU_PLAIN;
  const IvKnob *knobs = ops->knobs[piece->layout.format];
  guint rows = knobs[IV_KNOB_ROWS].value, threads = knobs[IV_KNOB_THREADS].value;
  guint n_teams = plain ? 1 : MAX (threads / ops->lanes, 1);
  IvOpsVariant variant = { .has_plain = TRUE, .local = threads, .value = rows };
  IvVkDispatch dispatch = {
    .shader = get_variant (ops, commands, "matvec", piece->layout.format, variant),
    .groups = { MIN (IV_VK_GROUPS (piece->n_rows, rows * n_teams), 32768), op->n_tokens, 1 },
  };
  if (dispatch.shader != NULL)
    record_piece (ops, commands, op, piece, dispatch);
}

static void
record_gpu_matmul (IvOps *ops,
                   IvVkCommands *commands,
                   const IvOpLinear *op,
                   const IvLinearPiece *piece)
{
  guint per = ops->knobs[piece->layout.format][IV_KNOB_TILE].value, side = 16 * per;
  IvOpsVariant variant = { .local = ops->local, .value = per };
  IvVkDispatch dispatch = {
    .shader = get_variant (ops, commands, "matmul", piece->layout.format, variant),
    .groups = { IV_VK_GROUPS (piece->n_rows, side), IV_VK_GROUPS (op->n_tokens, side), 1 },
  };
  if (dispatch.shader != NULL)
    record_piece (ops, commands, op, piece, dispatch);
}

/* Unpacks tiles from first_tile on into the scratch buffer. */
static void
record_unpack (IvOps *ops,
               IvVkCommands *commands,
               const IvLinearPiece *piece,
               guint first_tile,
               guint n_tiles)
{
  IvVkShader *shader = get_shader (ops, commands, "unpack", piece->layout.format, FALSE);
  struct IvPushUnpack push = { piece->layout.n_blocks, first_tile };
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { piece->weights }, { piece->scales }, { ops->scratch } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { n_tiles, piece->layout.n_blocks, 1 },
      });
}

/* Tiles first_tile … of the piece, as F32 from `tile0` of w on. */
typedef struct {
  IvVkBuffer *w;
  guint tile0;
  guint first_tile;
  guint n_tiles;
} Tiles;

static void
record_cpu_matmul (IvOps *ops,
                   IvVkCommands *commands,
                   const IvOpLinear *op,
                   const IvLinearPiece *piece,
                   const Tiles *tiles)
{
  guint tile_rows = piece->layout.tile_rows;
  guint first_row = tiles->first_tile * tile_rows;
  guint tile_texels = piece->layout.n_blocks * 8 * tile_rows;
  IvVkShader *shader = iv_ops_get_shader (ops, commands, "matmul-8", FALSE);
  struct IvPushMatmul push = {
    .n_in = op->linear->n_in,
    .n_rows = MIN (piece->n_rows - first_row, tiles->n_tiles * tile_rows),
    .n_tokens = op->n_tokens,
    .group = 1,
    .w_first = tiles->tile0 * tile_texels,
    .w_tile = tile_texels,
    .x_first = op->x.first,
    .x_token = op->x.stride,
    .y_first = op->y.first + piece->first_row + first_row,
    .y_token = op->y.stride,
    .bias_first = piece->first_row + first_row,
    .flags = get_flags (op),
  };
  if (shader == NULL)
    return;
  IvVkBuffer *bias = op->linear->bias != NULL ? op->linear->bias : ops->nothing;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { tiles->w }, { op->x.buffer }, { bias }, { op->y.buffer } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { tiles->n_tiles, IV_VK_GROUPS (op->n_tokens, 8), 1 },
      });
}

/* F32 as it lies; other formats unpacked into the scratch buffer, as many tiles as it holds. */
static void
record_cpu_matmuls (IvOps *ops,
                    IvVkCommands *commands,
                    const IvOpLinear *op,
                    const IvLinearPiece *piece)
{
  guint n_tiles = IV_VK_GROUPS (piece->n_rows, piece->layout.tile_rows);
  if (piece->layout.format == IV_FORMAT_F32) {
    Tiles tiles = { piece->weights, 0, 0, n_tiles };
    record_cpu_matmul (ops, commands, op, piece, &tiles);
    return;
  }
  gsize tile_size = (gsize) piece->layout.n_blocks * 128 * piece->layout.tile_rows;
  guint most = (guint) (IV_OPS_SCRATCH / tile_size);
  if (most == 0) {
    iv_ops_refuse (commands, "a matrix of %u columns is too wide", op->linear->n_in);
    return;
  }
  for (guint tile = 0; tile < n_tiles; tile += most) {
    Tiles tiles = { ops->scratch, 0, tile, MIN (most, n_tiles - tile) };
    record_unpack (ops, commands, piece, tile, tiles.n_tiles);
    record_cpu_matmul (ops, commands, op, piece, &tiles);
  }
}

guint
iv_op_linear_get_n_exact (IvOps *ops)
{
  return ops->device_class == IV_VK_CLASS_CPU ? CPU_SHARED_TOKENS : GPU_MATVEC_TOKENS;
}

gboolean
iv_op_linear_can_norm (IvOps *ops, guint n_tokens)
{
  return ops->device_class == IV_VK_CLASS_CPU && n_tokens <= CPU_MATVEC_TOKENS;
}

void
iv_linear_record_piece (IvOps *ops,
                        IvVkCommands *commands,
                        const IvOpLinear *op,
                        const IvLinearPiece *piece)
{
  gboolean cpu = ops->device_class == IV_VK_CLASS_CPU;
  gboolean few = op->n_tokens <= (cpu ? CPU_MATVEC_TOKENS : GPU_MATVEC_TOKENS);
  if (few && cpu)
    record_cpu_matvec (ops, commands, op, piece);
  else if (few)
    record_gpu_matvec (ops, commands, op, piece);
  else if (cpu)
    record_cpu_matmuls (ops, commands, op, piece);
  else
    record_gpu_matmul (ops, commands, op, piece);
}

void
iv_op_linear (IvOps *ops, IvVkCommands *commands, const IvOpLinear *op)
{
  if (op->norm != NULL && !iv_op_linear_can_norm (ops, op->n_tokens)) {
    iv_ops_refuse (commands, "a norm taken along for %u tokens", op->n_tokens);
    return;
  }
  for (guint i = 0; i < op->linear->pieces->len; i++) {
    const IvLinearPiece *piece = &g_array_index (op->linear->pieces, IvLinearPiece, i);
    iv_linear_record_piece (ops, commands, op, piece);
  }
}

void
iv_op_embedding (IvOps *ops, IvVkCommands *commands, const IvOpEmbedding *op)
{
  for (guint i = 0; i < op->table->pieces->len; i++) {
    const IvLinearPiece *piece = &g_array_index (op->table->pieces, IvLinearPiece, i);
    struct IvPushEmbedding push = {
      .n = op->table->n_in,
      .n_blocks = piece->layout.n_blocks,
      .first_row = piece->first_row,
      .n_rows = piece->n_rows,
      .first_id = op->first_id,
      .n_tokens = op->n_tokens,
      .y_first = op->y.first,
      .y_stride = op->y.stride,
      .scale = op->scale != 0 ? op->scale : 1,
    };
    IvVkShader *shader = get_shader (ops, commands, "embedding", piece->layout.format, FALSE);
    if (shader == NULL)
      return;
    iv_vk_commands_dispatch (
        commands,
        &(IvVkDispatch){
            .shader = shader,
            .bindings = { { piece->weights }, { piece->scales }, { op->ids }, { op->y.buffer } },
            .push = &push,
            .push_size = sizeof push,
            .groups = { IV_VK_GROUPS (IV_ROWS_STRIDE (op->table->n_in) / 4, 64), op->n_tokens, 1 },
        });
  }
}
