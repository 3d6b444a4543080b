/* Operations on each element: activations, sums, scaling.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-elementwise.h"

#include "model/ops/iv-ops-private.h"
#include "shaders/include/iv-shared-rows.h"

void
iv_op_activation (IvOps *ops, IvVkCommands *commands, const IvOpActivation *op)
{
  gboolean has_up = op->up.buffer != NULL;
  struct IvPushActivation push = {
    .n = op->n,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .up_first = op->up.first,
    .up_stride = op->up.stride,
    .y_first = op->y.first,
    .y_stride = op->y.stride,
    .activation = op->activation,
    .has_up = has_up,
  };
  IvVkShader *shader = iv_ops_get_common_shader (ops, commands, "activation");
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { op->x.buffer },
                        { has_up ? op->up.buffer : ops->nothing },
                        { op->y.buffer } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (IV_ROWS_STRIDE (op->n) / 4, 32), op->n_rows, 1 },
      });
}

void
iv_op_add (IvOps *ops, IvVkCommands *commands, const IvOpAdd *op)
{
  struct IvPushAdd push = {
    .n = op->n,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .y_first = op->y.first,
    .y_stride = op->y.stride,
    .factor = op->factor != 0 ? op->factor : 1,
    .overwrite = op->overwrite,
    .has_scale = op->scale != NULL,
  };
  IvVkShader *shader = iv_ops_get_common_shader (ops, commands, "add");
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { op->x.buffer },
                        { op->y.buffer },
                        { op->scale != NULL ? op->scale->buffer : ops->nothing } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (IV_ROWS_STRIDE (op->n) / 4, 32), op->n_rows, 1 },
      });
}
