/* From the rows of a vision tower to rows of the decoder's width.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-projector.h"

#include "model/nets/iv-vision-tensors.h"
#include "model/ops/iv-blend.h"
#include "model/ops/iv-norm.h"

/* nn.LayerNorm's own, in InternVL's mlp1. */
#define UNSHUFFLE_EPSILON 1e-5f

struct IvProjector {
  IvOps *ops;
  IvVisionConfig config;
  IvVector *norm, *norm_bias; /* or NULL */
  float epsilon;
  guint n_in; /* of the norm and the first layer */
  guint n_linears;
  IvLinear *linears[IV_VISION_MAX_LINEARS];

  guint n_rows;      /* room for so many */
  IvVkBuffer *terms; /* of the mean */
  IvRows merged;     /* n_in: the mean, or what the norm gives; without either the input itself */
  IvRows hidden[2];  /* the widest layer's output, in turns */
};

/* --- loading -------------------------------------------------------------------------------- */

static const IvTensor *
find (const IvProjectorParams *params, const char *stem, const char *suffix)
{
  g_autofree char *name = g_strconcat (stem, suffix, NULL);
  return params->find (name, params->find_data);
}

/* Gemma's matrix is for x W: its columns are the rows wanted here. */
static IvLinear *
load_turned (IvProjector *projector, const IvTensor *tensor, GError **error)
{
  gsize n_in = (gsize) tensor->shape[0], n_out = (gsize) tensor->shape[1];
  g_autofree float *values = g_new (float, n_in *n_out);
  g_autofree float *turned = g_new (float, n_in *n_out);
  iv_data_type_to_f32 (tensor->type, tensor->data, values, n_in * n_out);
  for (gsize i = 0; i < n_in; i++)
    for (gsize o = 0; o < n_out; o++)
      turned[o * n_in + i] = values[i * n_out + o];
  IvTensor view = { tensor->name,
                    IV_TYPE_F32,
                    2,
                    { (gint64) n_out, (gint64) n_in },
                    turned,
                    n_in * n_out * sizeof (float) };
  IvLinearParams params = { .name = tensor->name, .parts = { &view }, .n_parts = 1 };
  return iv_linear_new (projector->ops, &params, error);
}

static gboolean
load_linears (IvProjector *projector, const IvProjectorParams *params, GError **error)
{
  const IvVisionConfig *c = &projector->config;
  projector->n_linears = params->deepstack >= 0 ? 2 : c->n_linears;
  for (guint i = 0; i < projector->n_linears; i++) {
    g_autofree char *stem = iv_vision_projector_linear (c, params->deepstack, i);
    const IvTensor *tensor = find (params, stem, ".weight");
    IvLinearParams linear = { .name = tensor->name,
                              .parts = { tensor },
                              .biases = { find (params, stem, ".bias") },
                              .n_parts = 1 };
    projector->linears[i] = c->is_pooled ? load_turned (projector, tensor, error)
                                         : iv_linear_new (projector->ops, &linear, error);
    if (projector->linears[i] == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
load_norm (IvProjector *projector, const IvProjectorParams *params, GError **error)
{
  const IvVisionConfig *c = &projector->config;
  g_autofree char *stem = iv_vision_projector_norm (c, params->deepstack);
  if (stem == NULL)
    return TRUE;
  const IvTensor *bias = find (params, stem, ".bias");
  gboolean is_unshuffle = params->deepstack < 0 && !c->is_pooled;
  projector->epsilon = is_unshuffle ? UNSHUFFLE_EPSILON : c->norm_eps;
  projector->norm = iv_vector_new (projector->ops, find (params, stem, ".weight"), error);
  if (projector->norm == NULL || bias == NULL)
    return projector->norm != NULL;
  projector->norm_bias = iv_vector_new (projector->ops, bias, error);
  return projector->norm_bias != NULL;
}

IvProjector *
iv_projector_new (IvOps *ops, const IvProjectorParams *params, GError **error)
{
  g_autoptr (IvProjector) projector = g_new0 (IvProjector, 1);
  const IvVisionConfig *c = params->config;
  projector->ops = ops;
  projector->config = *c;
  projector->n_in = c->is_pooled ? c->n_embd : c->n_embd * c->merge * c->merge;
  return load_norm (projector, params, error) && load_linears (projector, params, error)
             ? g_steal_pointer (&projector)
             : NULL;
}

static void
clear_rows (IvProjector *projector)
{
  g_clear_pointer (&projector->terms, iv_vk_buffer_unref);
  iv_rows_clear (&projector->merged);
  iv_rows_clear (&projector->hidden[0]);
  iv_rows_clear (&projector->hidden[1]);
  projector->n_rows = 0;
}

void
iv_projector_free (IvProjector *projector)
{
  clear_rows (projector);
  g_clear_pointer (&projector->norm, iv_vector_free);
  g_clear_pointer (&projector->norm_bias, iv_vector_free);
  for (guint i = 0; i < projector->n_linears; i++)
    g_clear_pointer (&projector->linears[i], iv_linear_free);
  g_free (projector);
}

guint64
iv_projector_get_size (IvProjector *projector)
{
  guint64 size = 0;
  for (guint i = 0; i < projector->n_linears; i++)
    size += iv_linear_get_size (projector->linears[i]);
  return size;
}

/* --- running -------------------------------------------------------------------------------- */

/* Each row takes its patches, which follow one another, in equal parts. */
static gboolean
make_terms (IvProjector *projector, guint n_rows, GError **error)
{
  guint n_terms = projector->config.merge * projector->config.merge;
  gsize n = (gsize) n_rows * n_terms;
  g_autofree IvBlendTerm *terms = g_new (IvBlendTerm, n);
  IvVkBufferParams params = { "pooling terms", n * sizeof *terms, IV_VK_PLACE_DEVICE };
  for (gsize i = 0; i < n; i++)
    terms[i] = (IvBlendTerm){ (guint32) i, 1.0f / (float) n_terms };
  projector->terms = iv_vk_buffer_new (iv_ops_get_device (projector->ops), &params, error);
  return projector->terms != NULL &&
         iv_vk_buffer_write (projector->terms, 0, terms, n * sizeof *terms, error);
}

gboolean
iv_projector_reserve (IvProjector *projector, guint n_rows, GError **error)
{
  IvOps *ops = projector->ops;
  guint widest = 0;
  if (n_rows <= projector->n_rows)
    return TRUE;
  clear_rows (projector);
  for (guint i = 0; i + 1 < projector->n_linears; i++)
    widest = MAX (widest, iv_linear_get_n_out (projector->linears[i]));
  IvRowsParams merged = { "merged", n_rows, projector->n_in };
  IvRowsParams hidden = { "projected", n_rows, widest };
  if (projector->config.is_pooled && !make_terms (projector, n_rows, error))
    return FALSE;
  if (projector->norm != NULL && !iv_rows_init (&projector->merged, ops, &merged, error))
    return FALSE;
  for (guint i = 0; i < 2 && widest > 0; i++)
    if (!iv_rows_init (&projector->hidden[i], ops, &hidden, error))
      return FALSE;
  projector->n_rows = n_rows;
  return TRUE;
}

/* What goes into the first layer. */
static IvRows
record_merging (IvProjector *projector, IvVkCommands *commands, const IvProjectorPass *pass)
{
  const IvVisionConfig *c = &projector->config;
  IvRows x = { pass->x.buffer, pass->x.first, projector->n_in };
  if (c->is_pooled) {
    IvOpBlend mean = { pass->x,           projector->terms, c->merge * c->merge,
                       projector->merged, pass->n_rows,     c->n_embd };
    iv_op_blend (projector->ops, commands, &mean);
    x = projector->merged;
  }
  if (projector->norm == NULL)
    return x;
  IvOpNorm norm = { .x = x,
                    .y = projector->merged,
                    .weight = projector->norm,
                    .bias = projector->norm_bias,
                    .n_rows = pass->n_rows,
                    .n = projector->n_in,
                    .epsilon = projector->epsilon,
                    .center = projector->norm_bias != NULL };
  iv_op_norm (projector->ops, commands, &norm);
  return projector->merged;
}

void
iv_projector_record (IvProjector *projector, IvVkCommands *commands, const IvProjectorPass *pass)
{
  IvRows x = record_merging (projector, commands, pass);
  for (guint i = 0; i < projector->n_linears; i++) {
    gboolean is_last = i + 1 == projector->n_linears;
    IvRows y = is_last ? pass->y : projector->hidden[i % 2];
    IvOpLinear linear = { projector->linears[i], x, y, pass->n_rows };
    iv_op_linear (projector->ops, commands, &linear);
    x = y;
    if (is_last)
      return;
    IvOpActivation gelu = { .activation = IV_ACTIVATION_GELU_ERF,
                            .x = y,
                            .y = y,
                            .n_rows = pass->n_rows,
                            .n = iv_linear_get_n_out (projector->linears[i]) };
    iv_op_activation (projector->ops, commands, &gelu);
  }
}
