/* A prompt that holds images: token ids, and rows of images between them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-image-prompt.h"

#include <string.h>

#include "model/files/iv-model-error.h"

/* Single tokens; NULL: none. */
static const struct {
  const char *projector, *begin, *end;
} families[] = {
  { "gemma3", "<start_of_image>", "<end_of_image>" },
  { "internvl", "<img>", "</img>" },
  { "qwen2vl_merger", "<|vision_start|>", "<|vision_end|>" },
  { "qwen2.5vl_merger", "<|vision_start|>", "<|vision_end|>" },
  { "qwen3vl_merger", "<|vision_start|>", "<|vision_end|>" },
};

static void
find_tokens (const char *projector, const char **begin, const char **end)
{
  *begin = *end = "";
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].projector, projector)) {
      *begin = families[i].begin;
      *end = families[i].end;
    }
}

static gboolean
check_token (const IvImagePromptParams *params, const char *token, GError **error)
{
  if (*token == '\0' || iv_tokenizer_find (params->tokenizer, token) >= 0)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               "the vocabulary has no token %s, which images of a %s tower stand behind",
               token,
               params->projector);
  return FALSE;
}

static gboolean
check_count (const IvImagePromptParams *params, guint n_parts, GError **error)
{
  if (n_parts == params->n_embeddings + 1)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "the prompt has " IV_IMAGE_MARK " %u times, there are %u images",
               n_parts - 1,
               params->n_embeddings);
  return FALSE;
}

/* A part of the text with the end of the image before it and the beginning of the one behind. */
static void
append_text (const IvImagePromptParams *params, const char *text, gboolean is_first, GArray *ids)
{
  IvTokenizeFlags flags = params->flags | IV_TOKENIZE_PARSE_SPECIAL;
  if (!is_first)
    flags &= ~(IvTokenizeFlags) IV_TOKENIZE_ADD_SPECIAL;
  if (*text == '\0' && !is_first)
    return;
  g_autoptr (GArray) part = iv_tokenizer_encode (params->tokenizer, text, -1, flags);
  g_array_append_vals (ids, part->data, part->len);
}

static void
append_image (IvImageEmbedding *embedding, GArray *ids, GArray *images)
{
  const IvPromptImage image = { ids->len, embedding };
  const gint32 id = IV_PROMPT_IMAGE;
  g_array_append_val (images, image);
  for (guint i = 0; i < embedding->n_rows; i++)
    g_array_append_val (ids, id);
}

gboolean
iv_image_prompt_build (const IvImagePromptParams *params,
                       GArray **ids,
                       GArray **images,
                       GError **error)
{
  const char *begin, *end;
  g_auto (GStrv) parts = g_strsplit (params->text, IV_IMAGE_MARK, -1);
  guint n_parts = MAX (g_strv_length (parts), 1);
  find_tokens (params->projector, &begin, &end);
  if (!check_count (params, n_parts, error) || !check_token (params, begin, error) ||
      !check_token (params, end, error))
    return FALSE;
  *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  *images = g_array_new (FALSE, FALSE, sizeof (IvPromptImage));
  for (guint i = 0; i < n_parts; i++) {
    gboolean is_last = i + 1 == n_parts;
    g_autofree char *text = g_strconcat (
        i > 0 ? end : "", parts[0] != NULL ? parts[i] : "", is_last ? "" : begin, NULL);
    append_text (params, text, i == 0, *ids);
    if (!is_last)
      append_image (params->embeddings[i], *ids, *images);
  }
  return TRUE;
}

char *
iv_image_prompt_mark_message (const char *projector, const char *text)
{
  if (!g_str_equal (projector, "gemma3"))
    return g_strdup (text);
  g_auto (GStrv) parts = g_strsplit (text, IV_IMAGE_MARK, -1);
  return g_strjoinv ("\n\n" IV_IMAGE_MARK "\n\n", parts);
}
