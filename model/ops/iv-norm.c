/* RMS norm and layer norm over rows or over the heads within rows.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-norm.h"

#include "model/ops/iv-ops-private.h"
#include "shaders/include/iv-shared-rows.h"

void
iv_op_norm (IvOps *ops, IvVkCommands *commands, const IvOpNorm *op)
{
  IvVkShader *shader = NULL;
  guint n_groups = MAX (op->n_groups, 1);
  if (n_groups > 1 && op->n % 4 != 0) {
    iv_ops_refuse (commands, "norm over heads of %u: not a multiple of 4", op->n);
    return;
  }
  if (ops->device_class == IV_VK_CLASS_GPU_SUBGROUP) /* the same source as for CPU devices */
    shader = iv_ops_get_common_shader (ops, commands, "cpu/norm");
  else
    shader = iv_ops_get_shader (ops, commands, "norm", TRUE);
  if (shader == NULL)
    return;
  struct IvPushNorm push = {
    .n = op->n,
    .n_groups = n_groups,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .y_first = op->y.first,
    .y_stride = op->y.stride,
    .epsilon = op->epsilon,
    .flags = (op->center ? IV_NORM_CENTER : 0) | (op->weight != NULL ? IV_NORM_WEIGHT : 0) |
             (op->bias != NULL ? IV_NORM_BIAS : 0),
  };
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch) {
          .shader = shader,
          .bindings = {
              { op->x.buffer },
              { op->y.buffer },
              { op->weight != NULL ? op->weight->buffer : ops->nothing },
              { op->bias != NULL ? op->bias->buffer : ops->nothing },
          },
          .push = &push,
          .push_size = sizeof push,
          .groups = { n_groups, op->n_rows, 1 },
      });
}
