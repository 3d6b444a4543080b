/* What the files of model/ops share and nobody else sees.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/ops/iv-ops.h"
#include "model/ops/iv-tuning.h"
#include "shaders/include/iv-shared-linear.h"
#include "vulkan/iv-vk-tuning.h"

G_BEGIN_DECLS

/* What may differ from device to device: iv_ops_get_tuning() says what each is. */
enum {
  IV_KNOB_TOUCH,
  IV_KNOB_SHARE,
  IV_KNOB_THREADS,
  IV_KNOB_ROWS,
  IV_KNOB_TILE,
  IV_N_KNOBS,
};

typedef struct {
  guint value;
  IvTuningSource source;
} IvKnob;

struct IvOps {
  IvVkDevice *device;
  IvVkDeviceClass device_class;
  guint lanes;         /* invocations of a subgroup */
  guint local;         /* invocations of a work-group that reduces */
  IvVkBuffer *nothing; /* for bindings a flag switches off */
  IvVkBuffer *scratch; /* unpacked weights, CPU class */
  IvVkBuffer *scores;  /* attention, CPU class; grows */
  IvKnob knobs[IV_N_FORMATS][IV_N_KNOBS];
  IvVkTuning *stored; /* NULL: nothing is measured or stored */
};

struct IvVector {
  IvVkBuffer *buffer;
  guint n;
};

/* Bytes of IvOps.scratch. */
#define IV_OPS_SCRATCH ((gsize) 32 << 20)

/* "model/cpu/", "model/gpu/" or "model/plain/" by class, then name; NULL with the error kept in
 * commands. has_plain: the shader has a variant without subgroup arithmetic. */
IvVkShader *
iv_ops_get_shader (IvOps *ops, IvVkCommands *commands, const char *name, gboolean has_plain);
/* The same with constants of its own: threads of a work-group, and constant 2. */
typedef struct {
  const char *name;
  gboolean has_plain;
  guint local;
  guint value;
} IvOpsVariant;

IvVkShader *iv_ops_get_variant (IvOps *ops, IvVkCommands *commands, const IvOpsVariant *variant);
/* A shader that is the same for all classes: "model/" and name. */
IvVkShader *iv_ops_get_common_shader (IvOps *ops, IvVkCommands *commands, const char *name);
/* "model/" and name, with a size that the shader is compiled for as constant 2. */
IvVkShader *
iv_ops_get_sized_shader (IvOps *ops, IvVkCommands *commands, const char *name, guint size);
/* Keeps an error in commands. */
G_GNUC_PRINTF (2, 3)
void iv_ops_refuse (IvVkCommands *commands, const char *format, ...);

/* The scores buffer with at least size bytes, or NULL with the error kept. */
IvVkBuffer *iv_ops_get_scores (IvOps *ops, IvVkCommands *commands, gsize size);

G_END_DECLS
