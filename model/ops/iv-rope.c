/* Rotary position embedding: angles on the host, rotation on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-rope.h"

#include <math.h>

#include "model/ops/iv-ops-private.h"
#include "shaders/include/iv-shared-rows.h"

/* The stream of positions that frequency j follows. */
static guint
get_stream (const IvRopeParams *params, guint j)
{
  switch (params->kind) {
  case IV_ROPE_CHUNKED:
    if (j < params->sections[0])
      return 0;
    return j < params->sections[0] + params->sections[1] ? 1 : 2;
  case IV_ROPE_INTERLEAVED:
    return j % 3 != 0 && j < 3 * params->sections[j % 3] ? j % 3 : 0;
  case IV_ROPE_VISION:
    return j < params->n_rot / 4 ? 0 : 1;
  case IV_ROPE_PLAIN:
    break;
  }
  return 0;
}

static double
get_frequency (const IvRopeParams *params, guint j)
{
  double exponent = -2.0 * j / params->n_rot;
  if (params->kind == IV_ROPE_VISION)
    exponent = -4.0 * (j % (params->n_rot / 4)) / params->n_rot;
  double frequency = pow (params->theta, exponent);
  if (params->divisors != NULL)
    frequency /= params->divisors[j];
  return params->position_scale != 0 ? frequency / params->position_scale : frequency;
}

void
iv_rope_fill_angles (const IvRopeParams *params,
                     const gint32 *positions,
                     guint n_tokens,
                     float *angles)
{
  guint n = params->n_rot / 2;
  for (guint j = 0; j < n; j++) {
    double frequency = get_frequency (params, j);
    const gint32 *stream = positions + (gsize) get_stream (params, j) * n_tokens;
    for (guint token = 0; token < n_tokens; token++) {
      double angle = stream[token] * frequency;
      angles[(gsize) token * params->n_rot + 2 * j] = (float) cos (angle);
      angles[(gsize) token * params->n_rot + 2 * j + 1] = (float) sin (angle);
    }
  }
}

void
iv_op_rope (IvOps *ops, IvVkCommands *commands, const IvOpRope *op)
{
  struct IvPushRope push = {
    .n_heads = op->n_heads,
    .head_dim = op->head_dim,
    .n_rot = op->n_rot,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .angles_first = op->angles.first,
    .angles_stride = op->angles.stride,
    .adjacent = op->adjacent,
  };
  if (op->n_rot % 2 != 0 || op->n_rot > op->head_dim) {
    iv_ops_refuse (commands, "rotation of %u of %u elements", op->n_rot, op->head_dim);
    return;
  }
  IvVkShader *shader = iv_ops_get_common_shader (ops, commands, "rope");
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { op->x.buffer }, { op->angles.buffer } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (op->n_heads * op->n_rot / 2, 32), op->n_tokens, 1 },
      });
}
