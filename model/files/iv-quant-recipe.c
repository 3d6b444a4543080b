/* Which type each matrix of a model is converted to.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-quant-recipe.h"

#include <stdio.h>
#include <string.h>

static const IvQuantRecipe recipes[] = {
  { "f32", IV_TYPE_F32, .gguf_number = 0 },
  { "f16", IV_TYPE_F16, .gguf_number = 1 },
  { "bf16", IV_TYPE_BF16, .gguf_number = 32 },
  { "q8_0", IV_TYPE_Q8_0, .gguf_number = 7 },
  { "q6_k", IV_TYPE_Q6_K, .gguf_number = 18, .substitute = IV_TYPE_Q8_0 },
  { "q5_k", IV_TYPE_Q5_K, .gguf_number = 16, .substitute = IV_TYPE_Q8_0 },
  { "q5_k_m", IV_TYPE_Q5_K, TRUE, IV_TYPE_Q6_K, 17, IV_TYPE_Q8_0 },
  { "q5_0", IV_TYPE_Q5_0, .gguf_number = 8 },
  { "q4_k", IV_TYPE_Q4_K, .gguf_number = 14, .substitute = IV_TYPE_Q5_0 },
  { "q4_k_m", IV_TYPE_Q4_K, TRUE, IV_TYPE_Q6_K, 15, IV_TYPE_Q5_0 },
  { "q4_0", IV_TYPE_Q4_0, .gguf_number = 2 },
};

static const IvQuantRecipe loading[] = {
  { "q8_0", IV_TYPE_Q8_0 },
  { "q4_k", IV_TYPE_Q4_K, TRUE, IV_TYPE_Q8_0, .substitute = IV_TYPE_Q8_0 },
  { "q4_0", IV_TYPE_Q4_0 },
};

static const IvQuantRecipe *
find (const IvQuantRecipe *table, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_ascii_strcasecmp (table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

const IvQuantRecipe *
iv_quant_recipe_find (const char *name)
{
  return find (recipes, G_N_ELEMENTS (recipes), name);
}

const IvQuantRecipe *
iv_quant_recipe_find_for_loading (const char *name)
{
  return find (loading, G_N_ELEMENTS (loading), name);
}

const char *
iv_quant_recipe_list (void)
{
  static const char *list;
  if (g_once_init_enter (&list)) {
    GString *names = g_string_new (NULL);
    for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", recipes[i].name);
    g_once_init_leave (&list, g_string_free (names, FALSE));
  }
  return list;
}

/* The first and the last eighth of the layers and every third between them: where an error is
 * felt most. The rule of published "M" files. */
static gboolean
is_sensitive (guint layer, guint n_layers)
{
  guint eighth = n_layers / 8;
  return layer < eighth || layer >= 7 * n_layers / 8 || (layer - eighth) % 3 == 2;
}

static gboolean
is_wide (const char *name, guint n_layers, gboolean is_tied)
{
  guint layer;
  char rest[32];
  if (g_str_equal (name, is_tied ? "token_embd.weight" : "output.weight"))
    return TRUE;
  if (sscanf (name, "blk.%u.%31s", &layer, rest) != 2)
    return FALSE;
  gboolean is_meant = g_str_equal (rest, "attn_v.weight") ||
                      g_str_equal (rest, "attn_qkv.weight") ||
                      g_str_equal (rest, "ffn_down.weight");
  return is_meant && is_sensitive (layer, n_layers);
}

static gboolean
has_large_blocks (IvDataType type)
{
  return iv_data_type_get_block_elements (type) > 32;
}

/* The wide type of a mixture falls back to what is wide itself. */
static IvDataType
get_substitute (const IvQuantRecipe *recipe, IvDataType type)
{
  return type == recipe->type ? recipe->substitute : IV_TYPE_Q8_0;
}

IvDataType
iv_quant_recipe_choose (const IvQuantRecipe *recipe,
                        const IvTensor *tensor,
                        guint n_layers,
                        gboolean is_tied)
{
  IvDataType type = recipe->type;
  if (tensor->n_dims != 2 || strstr (tensor->name, "position_embd") != NULL)
    return tensor->type;
  if (recipe->is_mixed && is_wide (tensor->name, n_layers, is_tied))
    type = recipe->wide;
  if (iv_data_type_get_size (type, tensor->shape[1]) == 0 && has_large_blocks (type))
    type = get_substitute (recipe, type);
  return iv_data_type_get_size (type, tensor->shape[1]) > 0 ? type : tensor->type;
}

gboolean
iv_quant_recipe_is_substitute (const IvQuantRecipe *recipe, IvDataType chosen)
{
  return has_large_blocks (recipe->type) && !has_large_blocks (chosen) &&
         (chosen == IV_TYPE_Q5_0 || chosen == IV_TYPE_Q8_0);
}

gboolean
iv_quant_recipe_may_narrow (IvDataType from, IvDataType to)
{
  guint from_bytes = iv_data_type_get_block_bytes (from) * iv_data_type_get_block_elements (to);
  guint to_bytes = iv_data_type_get_block_bytes (to) * iv_data_type_get_block_elements (from);
  gboolean is_source = iv_data_type_get_block_elements (from) == 1 || from == IV_TYPE_Q8_0;
  return is_source && to_bytes < from_bytes;
}
