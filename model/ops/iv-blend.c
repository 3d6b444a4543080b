/* Rows that are weighted sums of other rows: positions interpolated, patches pooled, tokens moved.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-blend.h"

#include "model/ops/iv-ops-private.h"
#include "shaders/include/iv-shared-rows.h"

G_STATIC_ASSERT (sizeof (IvBlendTerm) == 8);

void
iv_op_blend (IvOps *ops, IvVkCommands *commands, const IvOpBlend *op)
{
  struct IvPushBlend push = {
    .n = op->n,
    .n_terms = op->n_terms,
    .x_first = op->x.first,
    .x_stride = op->x.stride,
    .y_first = op->y.first,
    .y_stride = op->y.stride,
  };
  IvVkShader *shader = iv_ops_get_common_shader (ops, commands, "blend");
  if (shader == NULL)
    return;
  iv_vk_commands_dispatch (
      commands,
      &(IvVkDispatch){
          .shader = shader,
          .bindings = { { op->x.buffer }, { op->terms }, { op->y.buffer } },
          .push = &push,
          .push_size = sizeof push,
          .groups = { IV_VK_GROUPS (IV_ROWS_STRIDE (op->n) / 4, 32), op->n_rows, 1 },
      });
}
