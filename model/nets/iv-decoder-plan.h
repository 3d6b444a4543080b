/* What of a decoder goes to the device's memory, and how long a context is left.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-decoder.h"

G_BEGIN_DECLS

/* What weights are loaded as. Zero-initialised: as in the file, unless the device has not the
 * memory for a context worth having: then as Q8_0 or, where that is still too much, as Q4_K. */
typedef struct {
  gboolean is_fixed;           /* recipe holds whatever the memory */
  const IvQuantRecipe *recipe; /* NULL: as in the file */
} IvDecoderWeightsType;

/* "auto", "file", "q8_0", "q4_k" or "q4_0"; NULL and "" are "auto". Error: IV_MODEL_ERROR_INPUT. */
gboolean
iv_decoder_weights_type_parse (IvDecoderWeightsType *type, const char *name, GError **error);

/* What keys and values are kept as. Zero-initialised: F32 on CPU devices while an eighth of the
 * memory holds those of the context wanted, else F16, else Q8_0 where only that fits. */
typedef struct {
  gboolean is_fixed; /* type holds whatever the memory */
  IvDataType type;   /* F32, F16 or Q8_0 */
} IvDecoderCacheType;

/* "auto", "f32", "f16" or "q8_0"; NULL and "" are "auto". Error: IV_MODEL_ERROR_INPUT. */
gboolean iv_decoder_cache_type_parse (IvDecoderCacheType *type, const char *name, GError **error);

typedef struct {
  const IvDecoderConfig *config;
  IvTensorFunc find;
  gpointer find_data;
  guint n_context; /* wanted; 0: the model's own, at most 8192, less when memory is short */
  IvDecoderCacheType cache_type;
  IvDecoderWeightsType weights_type;
} IvDecoderPlanParams;

/* The memory there is to plan with. */
typedef struct {
  const char *device; /* its name, for messages */
  IvVkDeviceClass device_class;
  guint64 available; /* bytes free on the device */
  gboolean unified;  /* the device's memory is the host's: moving weights there gains nothing */
} IvDecoderMemory;

/* The device's, now. It must outlive the result. Thread-safety: engine thread. */
IvDecoderMemory iv_decoder_memory_of_device (IvVkDevice *device);

typedef struct {
  guint64 available;           /* bytes of the device's memory that were free */
  const IvQuantRecipe *recipe; /* what the weights become while they are loaded; NULL: nothing */
  guint64 converted;           /* bytes of the file's matrices that it changes */
  guint64 device_weights;      /* bytes of matrices there */
  guint64 host_weights;        /* bytes of matrices that the device reads from host memory */
  gboolean host_table;         /* the embedding table is among them */
  guint n_host_layers;         /* so are the last layers */
  guint64 activations;         /* bytes, an estimate */
  IvDataType cache_type;       /* of keys and values */
  guint64 cache_per_token;     /* bytes of them */
  guint n_context;             /* tokens of a session */
  gboolean is_ample;    /* nothing was made narrower, moved or shortened for want of memory */
  guint n_context_fits; /* tokens that would fit beside the weights, at most the model's own */
} IvDecoderPlan;

/* Narrower weights come first. What does not fit even so a device with memory of its own hands, the
 * embedding table first and then the last layers, to the host's memory, which is slow but works.
 * Error: IV_MODEL_ERROR_MEMORY when
 * the host is no help. Thread-safety: any. */
gboolean iv_decoder_plan_make (IvDecoderPlan *plan,
                               const IvDecoderMemory *memory,
                               const IvDecoderPlanParams *params,
                               GError **error);

/* Bytes of the device's memory that the plan counts with. Thread-safety: any. */
guint64 iv_decoder_plan_get_size (const IvDecoderPlan *plan);

G_END_DECLS
