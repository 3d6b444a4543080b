/* The parts of reading a Hugging Face directory.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-json.h"
#include "model/files/iv-safetensors.h"
#include "model/files/iv-weights-private.h"

G_BEGIN_DECLS

/* The families of vision towers, by the projector that follows them. */
typedef enum {
  IV_HF_TOWER_NONE,
  IV_HF_TOWER_QWEN2VL,
  IV_HF_TOWER_QWEN25VL,
  IV_HF_TOWER_QWEN3VL,
  IV_HF_TOWER_GEMMA3,
  IV_HF_TOWER_LLAVA,
  IV_HF_TOWER_CXR_LLAVA,
  IV_HF_TOWER_SIGLIP, /* with a projector of LLaVA's kind: LLaVA-OneVision */
  IV_HF_TOWER_INTERNVL,
  IV_HF_TOWER_MAIRA2,
} IvHfTower;

/* A directory that is being read. */
typedef struct {
  IvWeights *weights; /* being filled */
  char *folder;
  JsonNode *root;           /* config.json */
  JsonObject *config;       /* its object */
  JsonObject *text;         /* the part about the decoder; may be config itself */
  JsonObject *vision;       /* the part about the tower, or NULL */
  const char *architecture; /* GGUF's: "llama", …; static */
  IvHfTower tower;
} IvHf;

/* The JSON file of this name in the folder, kept for the digest. *root is NULL when there is none.
 */
gboolean iv_hf_load_json (IvHf *hf, const char *name, JsonNode **root, GError **error);

/* config.json into architecture, tower and metadata. */
gboolean iv_hf_read_config (IvHf *hf, GError **error);
/* The tower's part of it, as clip.* metadata; and iv_hf_read_preprocessor. */
gboolean iv_hf_read_vision_config (IvHf *hf, GError **error);

/* What a tower's images are normalised with where no file says it. */
typedef struct {
  guint n; /* 1 or 3 */
  const double *mean, *deviation;
} IvHfChannels;
/* preprocessor_config.json or the image processor of processor_config.json, as text for
 * iv_image_processor_config_read and, for other programs, as clip.* metadata; and what config.json
 * says about images (tiles, padding). */
gboolean iv_hf_read_preprocessor (IvHf *hf, const IvHfChannels *channels, GError **error);
/* tokenizer.json, tokenizer_config.json, generation_config.json and the chat template. */
gboolean iv_hf_read_tokenizer (IvHf *hf, GError **error);

/* What becomes of a tensor beside its new name. */
typedef enum {
  IV_HF_KEEP,
  IV_HF_ADD_ONE,     /* Gemma's norms: the file has w, the network multiplies by 1 + w */
  IV_HF_SPLIT_QKV,   /* three equal parts: attn_q, attn_k, attn_v in place of attn_qkv */
  IV_HF_SPLIT_PATCH, /* [n, 3, 2, y, x]: .weight and .weight.1, one for each time slice */
  IV_HF_DROP,        /* known, and of no use here */
} IvHfChange;

/* GGUF's name of a tensor. (transfer full) NULL when it is not known, or to be dropped. */
char *iv_hf_translate_name (const IvHf *hf, const char *name, IvHfChange *change);
/* Adds a tensor of the directory under its new name. */
gboolean iv_hf_add_tensor (IvHf *hf, const IvSafetensor *tensor, GError **error);

G_END_DECLS
