/* A published vision tower's shape with random weights, for measuring speed without its files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-vision-shape.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

typedef struct {
  const char *name;
  guint side; /* pixels */
  gboolean has_pre_norm, has_post_norm, has_scale;
  guint linears[IV_VISION_MAX_LINEARS]; /* what each leads to */
  IvVisionConfig config;
} Shape;

/* LLaVA runs 23 of CLIP's 24 layers. Qwen2.5-VL takes any size: 896 gives 1024 rows. */
static const Shape shapes[] = {
  { "siglip-so400m",
    896,
    .has_post_norm = TRUE,
    .linears = { 2560 },
    .config = { "gemma3",
                27,
                1152,
                16,
                72,
                4304,
                3,
                14,
                896,
                1e-6f,
                .activation = IV_ACTIVATION_GELU_TANH,
                .positions = IV_VISION_POSITIONS_TABLE,
                .table_side = 64,
                .merge = 4,
                .is_pooled = TRUE } },
  { "qwen2.5-vl",
    896,
    .has_post_norm = TRUE,
    .linears = { 5120, 3584 },
    .config = { "qwen2.5vl_merger",
                32,
                1280,
                16,
                80,
                3420,
                3,
                14,
                0,
                1e-6f,
                .is_rms = TRUE,
                .activation = IV_ACTIVATION_SILU,
                .is_gated = TRUE,
                .has_slice = TRUE,
                .has_rope = TRUE,
                .window = 4,
                .full_period = 8,
                .merge = 2 } },
  { "clip-l-336",
    336,
    .has_pre_norm = TRUE,
    .linears = { 4096, 4096 },
    .config = { "mlp",
                23,
                1024,
                16,
                64,
                4096,
                3,
                14,
                336,
                1e-5f,
                .activation = IV_ACTIVATION_GELU_QUICK,
                .has_class = TRUE,
                .positions = IV_VISION_POSITIONS_TABLE,
                .table_side = 24,
                .merge = 1 } },
  { "cxr-llava",
    512,
    .has_pre_norm = TRUE,
    .has_post_norm = TRUE,
    .linears = { 4096 },
    .config = { "cxr_llava",
                24,
                1024,
                16,
                64,
                4096,
                1,
                16,
                512,
                1e-5f,
                .activation = IV_ACTIVATION_GELU_ERF,
                .has_class = TRUE,
                .positions = IV_VISION_POSITIONS_TABLE,
                .table_side = 32,
                .merge = 1 } },
  { "dinov2-b",
    518,
    .has_post_norm = TRUE,
    .has_scale = TRUE,
    .linears = { 4096, 4096, 4096, 4096 },
    .config = { "maira2",
                12,
                768,
                12,
                64,
                3072,
                3,
                14,
                518,
                1e-6f,
                .activation = IV_ACTIVATION_GELU_ERF,
                .has_class = TRUE,
                .positions = IV_VISION_POSITIONS_BICUBIC,
                .table_side = 37,
                .merge = 1 } },
  { "internvit-300m",
    448,
    .has_scale = TRUE,
    .linears = { 4096, 4096 },
    .config = { "internvl",
                24,
                1024,
                16,
                64,
                4096,
                3,
                14,
                448,
                1e-6f,
                .activation = IV_ACTIVATION_GELU_ERF,
                .has_class = TRUE,
                .positions = IV_VISION_POSITIONS_BICUBIC,
                .table_side = 32,
                .merge = 2 } },
  /* Nobody's: for tests. */
  { "tiny",
    56,
    .has_pre_norm = TRUE,
    .linears = { 64 },
    .config = { "mlp",
                2,
                64,
                4,
                16,
                128,
                3,
                14,
                56,
                1e-5f,
                .activation = IV_ACTIVATION_GELU_QUICK,
                .has_class = TRUE,
                .positions = IV_VISION_POSITIONS_TABLE,
                .table_side = 4,
                .merge = 1 } },
};

/* Values that are converted once and then repeated through the block. */
#define N_RANDOM (1 << 18)

struct IvCliVisionShape {
  const Shape *shape;
  IvVisionConfig config;
  IvDataType type;
  double flops;
  guint8 *block;       /* of the largest matrix */
  float *vector;       /* of the widest norm or bias, and the table of positions */
  GHashTable *tensors; /* name (owned by the tensor) to IvTensor */
};

static const Shape *
find_shape (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    if (g_str_equal (shapes[i].name, name))
      return &shapes[i];
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", shapes[i].name);
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "there is no tower “%s”; there are %s",
               name,
               names->str);
  return NULL;
}

static guint
count_patches (const Shape *s)
{
  return (s->side / s->config.patch) * (s->side / s->config.patch);
}

/* --- the tensors ---------------------------------------------------------------------------- */

/* n_columns 0: a vector. Matrices of `rows` rows of input count as work. */
static void
add (IvCliVisionShape *self, char *name, gint64 n_rows, gint64 n_columns, guint rows)
{
  IvTensor *tensor = g_new0 (IvTensor, 1);
  gboolean is_vector = rows == 0;
  tensor->name = name;
  /* Rows that are no whole number of blocks stay F16, as converters leave them. */
  tensor->type = is_vector                                                       ? IV_TYPE_F32
                 : n_columns % iv_data_type_get_block_elements (self->type) == 0 ? self->type
                                                                                 : IV_TYPE_F16;
  tensor->n_dims = n_columns == 0 ? 1 : 2;
  tensor->shape[0] = n_rows;
  tensor->shape[1] = MAX (n_columns, 1);
  tensor->data = is_vector ? (gconstpointer) self->vector : self->block;
  tensor->size = iv_data_type_get_size (tensor->type, n_rows * MAX (n_columns, 1));
  self->flops += 2.0 * (double) n_rows * (double) n_columns * rows;
  g_hash_table_replace (self->tensors, name, tensor);
}

static void
add_norm (IvCliVisionShape *self, const char *stem, gint64 n, gboolean has_bias)
{
  add (self, g_strconcat (stem, ".weight", NULL), n, 0, 0);
  if (has_bias)
    add (self, g_strconcat (stem, ".bias", NULL), n, 0, 0);
}

static void
add_linear (IvCliVisionShape *self, const char *stem, gint64 n_rows, gint64 n_columns, guint rows)
{
  add (self, g_strconcat (stem, ".weight", NULL), n_rows, n_columns, rows);
  add (self, g_strconcat (stem, ".bias", NULL), n_rows, 0, 0);
}

static void
add_layer (IvCliVisionShape *self, guint layer)
{
  const IvVisionConfig *c = &self->config;
  const struct {
    const char *name;
    guint n_rows, n_columns; /* 0 columns: a norm */
    gboolean is_there;
  } parts[] = {
    { "ln1", c->n_embd, 0, TRUE },
    { "ln2", c->n_embd, 0, TRUE },
    { "ls1.weight", c->n_embd, 0, self->shape->has_scale },
    { "ls2.weight", c->n_embd, 0, self->shape->has_scale },
    { "attn_q", c->n_embd, c->n_embd, TRUE },
    { "attn_k", c->n_embd, c->n_embd, TRUE },
    { "attn_v", c->n_embd, c->n_embd, TRUE },
    { "attn_out", c->n_embd, c->n_embd, TRUE },
    { "ffn_gate", c->n_ffn, c->n_embd, c->is_gated },
    { "ffn_up", c->n_ffn, c->n_embd, TRUE },
    { "ffn_down", c->n_embd, c->n_ffn, TRUE },
  };
  guint n = count_patches (self->shape) + (c->has_class ? 1 : 0);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *stem = g_strdup_printf ("v.blk.%u.%s", layer, parts[i].name);
    if (!parts[i].is_there)
      continue;
    if (parts[i].n_columns > 0)
      add_linear (self, stem, parts[i].n_rows, parts[i].n_columns, n);
    else if (g_str_has_suffix (stem, ".weight"))
      add (self, g_steal_pointer (&stem), parts[i].n_rows, 0, 0);
    else
      add_norm (self, stem, parts[i].n_rows, !c->is_rms);
  }
  gboolean is_full = c->window == 0 || (layer + 1) % c->full_period == 0;
  guint seen = is_full ? n : c->window * c->window * c->merge * c->merge;
  self->flops += 4.0 * n * seen * c->n_embd;
}

static void
add_projector (IvCliVisionShape *self)
{
  const IvVisionConfig *c = &self->config;
  guint rows = count_patches (self->shape) / (c->merge * c->merge);
  guint n_in = c->is_pooled ? c->n_embd : c->n_embd * c->merge * c->merge;
  gboolean is_internvl = g_str_equal (c->projector, "internvl");
  if (c->is_pooled) {
    add_norm (self, "mm.soft_emb_norm", n_in, FALSE);
    add (self, g_strdup ("mm.input_projection.weight"), n_in, self->shape->linears[0], rows);
    return;
  }
  if (is_internvl)
    add_norm (self, "mm.model.mlp.0", n_in, TRUE);
  for (guint i = 0; i < c->n_linears; i++) {
    g_autofree char *stem = is_internvl ? g_strdup_printf ("mm.model.mlp.%u", 2 * i + 1)
                                        : g_strdup_printf ("mm.%u", 2 * i);
    add_linear (self, stem, self->shape->linears[i], n_in, rows);
    n_in = self->shape->linears[i];
  }
}

static void
add_tensors (IvCliVisionShape *self)
{
  const IvVisionConfig *c = &self->config;
  guint area = c->n_channels * c->patch * c->patch;
  add (self, g_strdup ("v.patch_embd.weight"), c->n_embd, area, count_patches (self->shape));
  if (c->has_slice)
    add (self, g_strdup ("v.patch_embd.weight.1"), c->n_embd, area, 1);
  if (c->has_class)
    add (self, g_strdup ("v.class_embd"), c->n_embd, 0, 0);
  if (c->positions != IV_VISION_POSITIONS_NONE)
    add (self,
         g_strdup ("v.position_embd.weight"),
         c->table_side * c->table_side + (c->has_class ? 1 : 0),
         c->n_embd,
         0);
  if (self->shape->has_pre_norm)
    add_norm (self, "v.pre_ln", c->n_embd, !c->is_rms);
  if (self->shape->has_post_norm)
    add_norm (self, "v.post_ln", c->n_embd, !c->is_rms);
  for (guint i = 0; i < c->n_layers; i++)
    add_layer (self, i);
  add_projector (self);
}

/* --- making --------------------------------------------------------------------------------- */

/* Uniform with the variance that keeps a signal's size through a matrix of n columns. */
static void
fill (IvCliVisionShape *self)
{
  const IvVisionConfig *c = &self->config;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree float *values = g_new (float, N_RANDOM);
  double bound = sqrt (3.0 / c->n_embd);
  gsize n = MAX ((gsize) c->n_ffn * c->n_embd, (gsize) c->n_out * 4096);
  n = MAX (n, (gsize) 5120 * 5120) + N_RANDOM;
  for (guint i = 0; i < N_RANDOM; i++)
    values[i] = (float) g_rand_double_range (random, -bound, bound);
  gsize period = iv_data_type_get_size (self->type, N_RANDOM);
  gsize size = n * 4; /* enough for F16 and F32 whatever the type is */
  self->block = g_malloc0 (size);
  iv_data_type_from_f32 (self->type, values, self->block, N_RANDOM);
  for (gsize done = period; done + period <= size; done += period)
    memcpy (self->block + done, self->block, period);
  gsize n_vector = MAX ((gsize) c->table_side * c->table_side + 1, 64) * c->n_embd;
  self->vector = g_new (float, n_vector);
  for (gsize i = 0; i < n_vector; i++)
    self->vector[i] = 1;
}

static void
free_tensor (IvTensor *tensor)
{
  g_free ((char *) tensor->name);
  g_free (tensor);
}

IvCliVisionShape *
iv_cli_vision_shape_new (const char *name, IvDataType type, GError **error)
{
  const Shape *s = find_shape (name, error);
  if (s == NULL)
    return NULL;
  if (!iv_data_type_can_quantise (type)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "random weights cannot be made as %s",
                 iv_data_type_to_string (type));
    return NULL;
  }
  g_autoptr (IvCliVisionShape) self = g_new0 (IvCliVisionShape, 1);
  self->shape = s;
  self->config = s->config;
  self->type = type;
  for (guint i = 0; i < IV_VISION_MAX_LINEARS && s->linears[i] > 0; i++) {
    self->config.n_linears = i + 1;
    self->config.n_out = s->linears[i];
  }
  fill (self);
  self->tensors =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) free_tensor);
  add_tensors (self);
  return g_steal_pointer (&self);
}

void
iv_cli_vision_shape_free (IvCliVisionShape *shape)
{
  g_clear_pointer (&shape->tensors, g_hash_table_unref);
  g_free (shape->block);
  g_free (shape->vector);
  g_free (shape);
}

const IvVisionConfig *
iv_cli_vision_shape_get_config (IvCliVisionShape *shape)
{
  return &shape->config;
}

guint
iv_cli_vision_shape_get_side (IvCliVisionShape *shape)
{
  return shape->shape->side;
}

const IvTensor *
iv_cli_vision_shape_find (const char *name, gpointer user_data)
{
  const IvCliVisionShape *shape = user_data;
  return g_hash_table_lookup (shape->tensors, name);
}

double
iv_cli_vision_shape_count_flops (IvCliVisionShape *shape)
{
  return shape->flops;
}
