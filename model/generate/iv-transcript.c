/* What the slots of a cache hold: token ids and rows of images, and where each stands.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-transcript.h"

/* An image in the slots from first on. */
typedef struct {
  guint first, n_rows;
  guint saved; /* slots less positions behind it: it takes fewer positions than slots */
  char key[65];
} Image;

struct IvTranscript {
  gboolean has_grid;
  GArray *ids;    /* gint32; IV_PROMPT_IMAGE in the slots of images */
  GArray *images; /* Image, in their order */
};

IvTranscript *
iv_transcript_new (gboolean has_grid)
{
  IvTranscript *transcript = g_new (IvTranscript, 1);
  *transcript = (IvTranscript){ has_grid,
                                g_array_new (FALSE, FALSE, sizeof (gint32)),
                                g_array_new (FALSE, FALSE, sizeof (Image)) };
  return transcript;
}

void
iv_transcript_free (IvTranscript *transcript)
{
  g_array_unref (transcript->ids);
  g_array_unref (transcript->images);
  g_free (transcript);
}

guint
iv_transcript_get_length (IvTranscript *transcript)
{
  return transcript->ids->len;
}

static void
cut (IvTranscript *transcript, guint n)
{
  GArray *images = transcript->images;
  g_array_set_size (transcript->ids, n);
  while (images->len > 0 && g_array_index (images, Image, images->len - 1).first >= n)
    g_array_set_size (images, images->len - 1);
}

void
iv_transcript_clear (IvTranscript *transcript)
{
  cut (transcript, 0);
}

/* Slots less positions so far. */
static guint
get_saved (const IvTranscript *transcript)
{
  const GArray *images = transcript->images;
  return images->len > 0 ? g_array_index (images, Image, images->len - 1).saved : 0;
}

static gboolean
takes_grid (const IvTranscript *transcript, const IvImageEmbedding *embedding)
{
  return transcript->has_grid && embedding->grid_rows > 0;
}

void
iv_transcript_add_ids (IvTranscript *transcript, const gint32 *ids, guint n_ids)
{
  g_array_append_vals (transcript->ids, ids, n_ids);
}

void
iv_transcript_add_image (IvTranscript *transcript, const IvImageEmbedding *embedding)
{
  const gint32 id = IV_PROMPT_IMAGE;
  Image image = { transcript->ids->len, embedding->n_rows, get_saved (transcript) };
  if (takes_grid (transcript, embedding))
    image.saved += embedding->n_rows - MAX (embedding->grid_rows, embedding->grid_columns);
  g_strlcpy (image.key, embedding->key, sizeof image.key);
  for (guint i = 0; i < embedding->n_rows; i++)
    g_array_append_val (transcript->ids, id);
  g_array_append_val (transcript->images, image);
}

/* Rows of the prompt's image that the transcript has at its place: all or none. */
static guint
match_image (const IvTranscript *transcript, guint index, const IvPromptImage *wanted)
{
  if (index >= transcript->images->len)
    return 0;
  const Image *image = &g_array_index (transcript->images, Image, index);
  const IvImageEmbedding *embedding = wanted->embedding;
  gboolean is_same = image->first == wanted->first && image->n_rows == embedding->n_rows &&
                     image->key[0] != '\0' && g_str_equal (image->key, embedding->key);
  return is_same ? image->n_rows : 0;
}

guint
iv_transcript_keep_common (IvTranscript *transcript, const IvTranscriptPrompt *prompt)
{
  const gint32 *own = (const gint32 *) (gpointer) transcript->ids->data;
  guint n = 0, image = 0;
  while (n < transcript->ids->len && n + 1 < prompt->n_ids) {
    if (image < prompt->n_images && prompt->images[image].first == n) {
      guint n_rows = match_image (transcript, image, &prompt->images[image]);
      /* The last slot's logits are wanted, so an image that ends the prompt is computed again. */
      if (n_rows == 0 || n + n_rows >= prompt->n_ids)
        break;
      n += n_rows;
      image++;
    } else if (own[n] == prompt->ids[n] && own[n] != IV_PROMPT_IMAGE) {
      n++;
    } else {
      break;
    }
  }
  cut (transcript, n);
  return n;
}

gboolean
iv_transcript_get_positions (IvTranscript *transcript,
                             const IvImageEmbedding *embedding,
                             guint first_row,
                             guint n,
                             gint32 *positions)
{
  guint saved = get_saved (transcript);
  gint32 base = (gint32) (transcript->ids->len - saved);
  gboolean is_grid = embedding != NULL && takes_grid (transcript, embedding);
  if (saved == 0 && !is_grid)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    guint row = first_row + i;
    gint32 *p = positions + i;
    p[0] = is_grid ? base : base + (gint32) row;
    p[n] = is_grid ? base + (gint32) (row / embedding->grid_columns) : p[0];
    p[2 * n] = is_grid ? base + (gint32) (row % embedding->grid_columns) : p[0];
  }
  return TRUE;
}
