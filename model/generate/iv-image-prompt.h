/* A prompt that holds images: token ids, and rows of images between them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-tokenizer.h"
#include "model/nets/iv-image-embedding.h"

G_BEGIN_DECLS

/* Rows of an image stand in place of the ids from first on; those are IV_PROMPT_IMAGE. */
typedef struct {
  guint first;
  IvImageEmbedding *embedding; /* (transfer none) */
} IvPromptImage;

#define IV_PROMPT_IMAGE (-1)

/* What an image is written as in the text of a prompt. */
#define IV_IMAGE_MARK "<image>"

typedef struct {
  IvTokenizer *tokenizer;
  const char *projector; /* IvVisionConfig.projector: which tokens begin and end an image */
  const char *text;      /* with one IV_IMAGE_MARK for each image */
  IvTokenizeFlags flags; /* of the text; IV_TOKENIZE_PARSE_SPECIAL is added where it is needed */
  IvImageEmbedding *const *embeddings;
  guint n_embeddings;
} IvImagePromptParams;

/* ids (gint32) and images (IvPromptImage, which borrow the embeddings). The start token comes once,
 * before the first part; a family without begin and end tokens tokenises the parts around an image
 * each for itself, as LLaVA does. Errors: IV_MODEL_ERROR_INPUT when there are more or fewer marks
 * than images; IV_MODEL_ERROR_MISMATCH when the vocabulary lacks the family's tokens.
 * Thread-safety: any. */
gboolean iv_image_prompt_build (const IvImagePromptParams *params,
                                GArray **ids,
                                GArray **images,
                                GError **error);

/* (transfer full) text with the marks that a chat template is to carry: Gemma 3 puts empty lines
 * around an image of a message, the others leave the text as it is. */
char *iv_image_prompt_mark_message (const char *projector, const char *text);

G_END_DECLS
