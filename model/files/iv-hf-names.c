/* Hugging Face's tensor names to GGUF's.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <string.h>

/* Names without ".weight" or ".bias"; * is the number of a layer. A NULL target is dropped. */
typedef struct {
  const char *theirs, *ours;
  IvHfChange change;
} Row;

static const Row text_rows[] = {
  { "model.embed_tokens", "token_embd" },
  { "model.norm", "output_norm" },
  { "lm_head", "output" },
  { "model.layers.*.input_layernorm", "blk.*.attn_norm" },
  { "model.layers.*.self_attn.q_proj", "blk.*.attn_q" },
  { "model.layers.*.self_attn.k_proj", "blk.*.attn_k" },
  { "model.layers.*.self_attn.v_proj", "blk.*.attn_v" },
  { "model.layers.*.self_attn.o_proj", "blk.*.attn_output" },
  { "model.layers.*.self_attn.q_norm", "blk.*.attn_q_norm" },
  { "model.layers.*.self_attn.k_norm", "blk.*.attn_k_norm" },
  { "model.layers.*.post_attention_layernorm", "blk.*.ffn_norm" },
  { "model.layers.*.mlp.gate_proj", "blk.*.ffn_gate" },
  { "model.layers.*.mlp.up_proj", "blk.*.ffn_up" },
  { "model.layers.*.mlp.down_proj", "blk.*.ffn_down" },
  { "model.layers.*.self_attn.rotary_emb.inv_freq", NULL, IV_HF_DROP },
};

/* Here post_attention_layernorm is what its name says, and every norm lacks its 1. */
static const Row gemma3_rows[] = {
  { "model.norm", "output_norm", IV_HF_ADD_ONE },
  { "model.layers.*.input_layernorm", "blk.*.attn_norm", IV_HF_ADD_ONE },
  { "model.layers.*.self_attn.q_norm", "blk.*.attn_q_norm", IV_HF_ADD_ONE },
  { "model.layers.*.self_attn.k_norm", "blk.*.attn_k_norm", IV_HF_ADD_ONE },
  { "model.layers.*.post_attention_layernorm", "blk.*.post_attention_norm", IV_HF_ADD_ONE },
  { "model.layers.*.pre_feedforward_layernorm", "blk.*.ffn_norm", IV_HF_ADD_ONE },
  { "model.layers.*.post_feedforward_layernorm", "blk.*.post_ffw_norm", IV_HF_ADD_ONE },
};

static const Row qwen25vl_rows[] = {
  { "visual.patch_embed.proj", "v.patch_embd", IV_HF_SPLIT_PATCH },
  { "visual.blocks.*.norm1", "v.blk.*.ln1" },
  { "visual.blocks.*.norm2", "v.blk.*.ln2" },
  { "visual.blocks.*.attn.qkv", "v.blk.*.attn_qkv", IV_HF_SPLIT_QKV },
  { "visual.blocks.*.attn.proj", "v.blk.*.attn_out" },
  { "visual.blocks.*.mlp.gate_proj", "v.blk.*.ffn_gate" },
  { "visual.blocks.*.mlp.up_proj", "v.blk.*.ffn_up" },
  { "visual.blocks.*.mlp.down_proj", "v.blk.*.ffn_down" },
  { "visual.blocks.*.mlp.fc1", "v.blk.*.ffn_up" },   /* Qwen2-VL */
  { "visual.blocks.*.mlp.fc2", "v.blk.*.ffn_down" }, /* Qwen2-VL */
  { "visual.merger.ln_q", "v.post_ln" },
  { "visual.merger.mlp.0", "mm.0" },
  { "visual.merger.mlp.2", "mm.2" },
};

static const Row qwen3vl_rows[] = {
  { "visual.patch_embed.proj", "v.patch_embd", IV_HF_SPLIT_PATCH },
  { "visual.pos_embed", "v.position_embd" },
  { "visual.blocks.*.norm1", "v.blk.*.ln1" },
  { "visual.blocks.*.norm2", "v.blk.*.ln2" },
  { "visual.blocks.*.attn.qkv", "v.blk.*.attn_qkv" },
  { "visual.blocks.*.attn.proj", "v.blk.*.attn_out" },
  { "visual.blocks.*.mlp.linear_fc1", "v.blk.*.ffn_up" },
  { "visual.blocks.*.mlp.linear_fc2", "v.blk.*.ffn_down" },
  { "visual.merger.norm", "v.post_ln" },
  { "visual.merger.linear_fc1", "mm.0" },
  { "visual.merger.linear_fc2", "mm.2" },
  { "visual.deepstack_merger_list.*.norm", "v.deepstack.*.norm" },
  { "visual.deepstack_merger_list.*.linear_fc1", "v.deepstack.*.fc1" },
  { "visual.deepstack_merger_list.*.linear_fc2", "v.deepstack.*.fc2" },
};

/* SigLIP of Gemma 3 and CLIP of LLaVA. */
#define VIT "vision_tower.vision_model."
static const Row clip_rows[] = {
  { VIT "embeddings.class_embedding", "v.class_embd" },
  { VIT "embeddings.patch_embedding", "v.patch_embd" },
  { VIT "embeddings.position_embedding", "v.position_embd" },
  { VIT "pre_layrnorm", "v.pre_ln" },
  { VIT "encoder.layers.*.layer_norm1", "v.blk.*.ln1" },
  { VIT "encoder.layers.*.layer_norm2", "v.blk.*.ln2" },
  { VIT "encoder.layers.*.self_attn.q_proj", "v.blk.*.attn_q" },
  { VIT "encoder.layers.*.self_attn.k_proj", "v.blk.*.attn_k" },
  { VIT "encoder.layers.*.self_attn.v_proj", "v.blk.*.attn_v" },
  { VIT "encoder.layers.*.self_attn.out_proj", "v.blk.*.attn_out" },
  { VIT "encoder.layers.*.mlp.fc1", "v.blk.*.ffn_up" },
  { VIT "encoder.layers.*.mlp.fc2", "v.blk.*.ffn_down" },
  { "multi_modal_projector.linear_1", "mm.0" },
  { "multi_modal_projector.linear_2", "mm.2" },
  { "mm_projector", "mm.0" },
  { "mm_projector.*", "mm.*" },
  { "image_newline", "v.image_newline" },
  { "multi_modal_projector.mm_input_projection_weight", "mm.input_projection.weight" },
  { "multi_modal_projector.mm_soft_emb_norm", "mm.soft_emb_norm", IV_HF_ADD_ONE },
};

/* LLaVA takes the features before the last layer's norm; Gemma 3 those behind it. */
static const Row siglip_rows[] = { { VIT "post_layernorm", "v.post_ln" } };

static const Row open_clip_rows[] = {
  { "vision_tower.conv1", "v.patch_embd" },
  { "vision_tower.class_embedding", "v.class_embd" },
  { "vision_tower.positional_embedding", "v.position_embd.weight" },
  { "vision_tower.ln_pre", "v.pre_ln" },
  { "vision_tower.ln_post", "v.post_ln" },
  { "vision_tower.transformer.resblocks.*.ln_1", "v.blk.*.ln1" },
  { "vision_tower.transformer.resblocks.*.ln_2", "v.blk.*.ln2" },
  { "vision_tower.transformer.resblocks.*.attn.in_proj_weight",
    "v.blk.*.attn_qkv.weight",
    IV_HF_SPLIT_QKV },
  { "vision_tower.transformer.resblocks.*.attn.in_proj_bias",
    "v.blk.*.attn_qkv.bias",
    IV_HF_SPLIT_QKV },
  { "vision_tower.transformer.resblocks.*.attn.out_proj", "v.blk.*.attn_out" },
  { "vision_tower.transformer.resblocks.*.mlp.c_fc", "v.blk.*.ffn_up" },
  { "vision_tower.transformer.resblocks.*.mlp.c_proj", "v.blk.*.ffn_down" },
  { "mm_projector", "mm.0" },
};

/* InternVL as first published, and in transformers' own form. */
static const Row internvl_rows[] = {
  { "vision_model.embeddings.class_embedding", "v.class_embd" },
  { "vision_model.embeddings.position_embedding", "v.position_embd.weight" },
  { "vision_model.embeddings.patch_embedding", "v.patch_embd" },
  { "vision_model.encoder.layers.*.norm1", "v.blk.*.ln1" },
  { "vision_model.encoder.layers.*.norm2", "v.blk.*.ln2" },
  { "vision_model.encoder.layers.*.attn.qkv", "v.blk.*.attn_qkv" },
  { "vision_model.encoder.layers.*.attn.proj", "v.blk.*.attn_out" },
  { "vision_model.encoder.layers.*.attn.q_norm", "v.blk.*.attn_q_norm" },
  { "vision_model.encoder.layers.*.attn.k_norm", "v.blk.*.attn_k_norm" },
  { "vision_model.encoder.layers.*.mlp.fc1", "v.blk.*.ffn_up" },
  { "vision_model.encoder.layers.*.mlp.fc2", "v.blk.*.ffn_down" },
  { "vision_model.encoder.layers.*.ls1", "v.blk.*.ls1.weight" },
  { "vision_model.encoder.layers.*.ls2", "v.blk.*.ls2.weight" },
  { "mlp1.*", "mm.model.mlp.*" },
  { "vision_tower.embeddings.cls_token", "v.class_embd" },
  { "vision_tower.embeddings.position_embeddings", "v.position_embd.weight" },
  { "vision_tower.embeddings.patch_embeddings.projection", "v.patch_embd" },
  { "vision_tower.encoder.layer.*.layernorm_before", "v.blk.*.ln1" },
  { "vision_tower.encoder.layer.*.layernorm_after", "v.blk.*.ln2" },
  { "vision_tower.encoder.layer.*.attention.q_proj", "v.blk.*.attn_q" },
  { "vision_tower.encoder.layer.*.attention.k_proj", "v.blk.*.attn_k" },
  { "vision_tower.encoder.layer.*.attention.v_proj", "v.blk.*.attn_v" },
  { "vision_tower.encoder.layer.*.attention.projection_layer", "v.blk.*.attn_out" },
  { "vision_tower.encoder.layer.*.attention.q_norm", "v.blk.*.attn_q_norm" },
  { "vision_tower.encoder.layer.*.attention.k_norm", "v.blk.*.attn_k_norm" },
  { "vision_tower.encoder.layer.*.mlp.fc1", "v.blk.*.ffn_up" },
  { "vision_tower.encoder.layer.*.mlp.fc2", "v.blk.*.ffn_down" },
  { "vision_tower.encoder.layer.*.lambda_1", "v.blk.*.ls1.weight" },
  { "vision_tower.encoder.layer.*.lambda_2", "v.blk.*.ls2.weight" },
  { "vision_tower.layernorm", "v.post_ln" },
  { "multi_modal_projector.layer_norm", "mm.model.mlp.0" },
  { "multi_modal_projector.linear_1", "mm.model.mlp.1" },
  { "multi_modal_projector.linear_2", "mm.model.mlp.3" },
};

/* DINOv2 of MAIRA-2. Towers with register tokens are other networks. */
static const Row dinov2_rows[] = {
  { "vision_tower.embeddings.cls_token", "v.class_embd" },
  { "vision_tower.embeddings.position_embeddings", "v.position_embd.weight" },
  { "vision_tower.embeddings.register_tokens", NULL, IV_HF_KEEP },
  { "vision_tower.embeddings.patch_embeddings.projection", "v.patch_embd" },
  { "vision_tower.encoder.layer.*.norm1", "v.blk.*.ln1" },
  { "vision_tower.encoder.layer.*.norm2", "v.blk.*.ln2" },
  { "vision_tower.encoder.layer.*.attention.attention.query", "v.blk.*.attn_q" },
  { "vision_tower.encoder.layer.*.attention.attention.key", "v.blk.*.attn_k" },
  { "vision_tower.encoder.layer.*.attention.attention.value", "v.blk.*.attn_v" },
  { "vision_tower.encoder.layer.*.attention.output.dense", "v.blk.*.attn_out" },
  { "vision_tower.encoder.layer.*.layer_scale1.lambda1", "v.blk.*.ls1.weight" },
  { "vision_tower.encoder.layer.*.layer_scale2.lambda1", "v.blk.*.ls2.weight" },
  { "vision_tower.encoder.layer.*.mlp.fc1", "v.blk.*.ffn_up" },
  { "vision_tower.encoder.layer.*.mlp.fc2", "v.blk.*.ffn_down" },
  { "vision_tower.layernorm", "v.post_ln" },
  { "multi_modal_projector.layers.*", "mm.*" },
};

typedef struct {
  const Row *rows;
  guint n;
} Table;

#define TABLE(rows)           \
  {                           \
    rows, G_N_ELEMENTS (rows) \
  }

/* In the order they are asked: the first match counts. */
static guint
list_tables (const IvHf *hf, Table *tables)
{
  static const Table text = TABLE (text_rows), gemma3 = TABLE (gemma3_rows);
  static const Table towers[][2] = {
    [IV_HF_TOWER_NONE] = { { NULL, 0 } },
    [IV_HF_TOWER_QWEN2VL] = { TABLE (qwen25vl_rows) },
    [IV_HF_TOWER_QWEN25VL] = { TABLE (qwen25vl_rows) },
    [IV_HF_TOWER_QWEN3VL] = { TABLE (qwen3vl_rows) },
    [IV_HF_TOWER_GEMMA3] = { TABLE (clip_rows), TABLE (siglip_rows) },
    [IV_HF_TOWER_LLAVA] = { TABLE (clip_rows) },
    [IV_HF_TOWER_CXR_LLAVA] = { TABLE (open_clip_rows) },
    [IV_HF_TOWER_SIGLIP] = { TABLE (clip_rows) },
    [IV_HF_TOWER_INTERNVL] = { TABLE (internvl_rows) },
    [IV_HF_TOWER_MAIRA2] = { TABLE (dinov2_rows) },
  };
  guint n = 0;
  if (g_str_equal (hf->architecture, "gemma3"))
    tables[n++] = gemma3;
  tables[n++] = text;
  tables[n++] = towers[hf->tower][0];
  tables[n++] = towers[hf->tower][1];
  return n;
}

/* One spelling for the prefixes that versions of transformers have given the parts. */
static char *
normalise (const IvHf *hf, const char *name)
{
  static const struct {
    const char *from, *to;
  } prefixes[] = {
    { "model.language_model.model.", "model." },
    { "language_model.model.", "model." },
    { "model.language_model.lm_head", "lm_head" },
    { "language_model.lm_head", "lm_head" },
    { "model.language_model.", "model." },
    { "model.visual.", "visual." },
    { "model.vision_tower.vision_tower.", "vision_tower." },
    { "model.vision_tower.", "vision_tower." },
    { "model.mm_projector", "mm_projector" },
    { "model.image_newline", "image_newline" },
    { "llama.", "model." },
    { "model.multi_modal_projector.", "multi_modal_projector." },
  };
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i].from))
      return g_strconcat (prefixes[i].to, name + strlen (prefixes[i].from), NULL);
  return g_strdup (name);
}

/* Whether stem is pattern with digits for *; where they stand and how many. */
static gboolean
match (const char *pattern, const char *stem, const char **digits, gsize *n_digits)
{
  const char *star = strchr (pattern, '*');
  *n_digits = 0;
  if (star == NULL)
    return g_str_equal (pattern, stem);
  gsize n_before = (gsize) (star - pattern);
  if (strncmp (pattern, stem, n_before) != 0)
    return FALSE;
  *digits = stem + n_before;
  *n_digits = strspn (*digits, "0123456789");
  return *n_digits > 0 && *n_digits <= 5 && g_str_equal (*digits + *n_digits, star + 1);
}

/* Qwen3-VL numbers its deepstack mergers from 0, GGUF by the layer each follows. */
static guint64
find_deepstack_layer (const IvHf *hf, guint64 number)
{
  JsonArray *layers = iv_json_get_array (hf->vision, "deepstack_visual_indexes");
  guint64 layer = number;
  if (layers != NULL && number < json_array_get_length (layers))
    iv_json_node_get_uint (json_array_get_element (layers, (guint) number), &layer);
  return layer;
}

static char *
fill_in (const IvHf *hf, const char *ours, const char *digits, gsize n_digits, const char *suffix)
{
  const char *star = strchr (ours, '*');
  if (star == NULL)
    return g_strconcat (ours, suffix, NULL);
  g_autofree char *text = g_strndup (digits, n_digits);
  guint64 number = g_ascii_strtoull (text, NULL, 10);
  if (g_str_has_prefix (ours, "v.deepstack."))
    number = find_deepstack_layer (hf, number);
  return g_strdup_printf (
      "%.*s%" G_GUINT64_FORMAT "%s%s", (gint) (star - ours), ours, number, star + 1, suffix);
}

char *
iv_hf_translate_name (const IvHf *hf, const char *name, IvHfChange *change)
{
  Table tables[4];
  guint n_tables = list_tables (hf, tables);
  g_autofree char *stem = normalise (hf, name);
  const char *suffix = g_str_has_suffix (stem, ".weight") ? ".weight"
                       : g_str_has_suffix (stem, ".bias") ? ".bias"
                                                          : "";
  g_autofree char *bare = g_strndup (stem, strlen (stem) - strlen (suffix));
  for (guint i = 0; i < n_tables; i++)
    for (guint k = 0; k < tables[i].n; k++) {
      const Row *row = &tables[i].rows[k];
      const char *digits = NULL;
      gsize n_digits;
      if (match (row->theirs, bare, &digits, &n_digits)) {
        *change = row->change;
        return row->ours != NULL ? fill_in (hf, row->ours, digits, n_digits, suffix) : NULL;
      }
    }
  /* What belongs to a decoder layer and is not known would be missed in the sum. */
  *change = g_str_has_prefix (stem, "model.layers.") ? IV_HF_KEEP : IV_HF_DROP;
  return NULL;
}
