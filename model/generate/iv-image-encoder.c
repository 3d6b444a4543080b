/* A vision tower ready for work, with the embeddings of the images it has seen.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-image-encoder.h"

#define CACHE_SIZE ((gsize) 256 << 20)

struct IvImageEncoder {
  IvWeights *weights;
  IvVision *vision;
  gsize cache_size;
  GQueue cache; /* IvImageEmbedding, the last used first */
  guint n_reused;
};

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

IvImageEncoder *
iv_image_encoder_new (IvOps *ops,
                      const IvImageEncoderParams *params,
                      GCancellable *cancellable,
                      GError **error)
{
  IvVisionConfig config;
  if (!iv_vision_config_read (params->weights, &config, error)) {
    g_prefix_error (error, "%s: ", iv_weights_get_file (params->weights));
    return NULL;
  }
  g_autoptr (IvImageEncoder) encoder = g_new0 (IvImageEncoder, 1);
  IvVisionParams vision = { .weights = { .config = &config,
                                         .find = find_tensor,
                                         .find_data = params->weights,
                                         .progress = params->progress,
                                         .progress_data = params->progress_data } };
  encoder->weights = iv_weights_ref (params->weights);
  encoder->cache_size = params->cache_size > 0 ? params->cache_size : CACHE_SIZE;
  g_queue_init (&encoder->cache);
  encoder->vision = iv_vision_new (ops, &vision, cancellable, error);
  return encoder->vision != NULL ? g_steal_pointer (&encoder) : NULL;
}

void
iv_image_encoder_free (IvImageEncoder *encoder)
{
  g_queue_clear_full (&encoder->cache, (GDestroyNotify) iv_image_embedding_unref);
  g_clear_pointer (&encoder->vision, iv_vision_free);
  g_clear_pointer (&encoder->weights, iv_weights_unref);
  g_free (encoder);
}

IvVision *
iv_image_encoder_get_vision (IvImageEncoder *encoder)
{
  return encoder->vision;
}

const IvVisionConfig *
iv_image_encoder_get_config (IvImageEncoder *encoder)
{
  return iv_vision_get_config (encoder->vision);
}

IvWeights *
iv_image_encoder_get_weights (IvImageEncoder *encoder)
{
  return encoder->weights;
}

guint
iv_image_encoder_get_n_reused (IvImageEncoder *encoder)
{
  return encoder->n_reused;
}

/* --- the cache ------------------------------------------------------------------------------ */

static void
make_key (IvImageEncoder *encoder, const IvVisionInput *input, char *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const guint sizes[] = { input->n_tiles, input->n_channels, input->height, input->width };
  gsize n = (gsize) input->n_tiles * input->n_channels * input->height * input->width;
  g_checksum_update (checksum, (const guchar *) iv_weights_get_digest (encoder->weights), -1);
  g_checksum_update (checksum, (const guchar *) sizes, sizeof sizes);
  for (gsize done = 0; done < n;) { /* lengths are signed */
    gsize part = MIN (n - done, (gsize) 1 << 24);
    g_checksum_update (
        checksum, (const guchar *) (input->pixels + done), (gssize) (part * sizeof (float)));
    done += part;
  }
  g_strlcpy (key, g_checksum_get_string (checksum), sizeof ((IvImageEmbedding *) NULL)->key);
}

/* (transfer full) or NULL */
static IvImageEmbedding *
look_up (IvImageEncoder *encoder, const char *key)
{
  for (GList *item = encoder->cache.head; item != NULL; item = item->next) {
    IvImageEmbedding *embedding = item->data;
    if (!g_str_equal (embedding->key, key))
      continue;
    g_queue_unlink (&encoder->cache, item);
    g_queue_push_head_link (&encoder->cache, item);
    encoder->n_reused++;
    return iv_image_embedding_ref (embedding);
  }
  return NULL;
}

static void
keep (IvImageEncoder *encoder, IvImageEmbedding *embedding)
{
  gsize size = 0;
  g_queue_push_head (&encoder->cache, iv_image_embedding_ref (embedding));
  for (GList *item = encoder->cache.head; item != NULL; item = item->next)
    size += iv_image_embedding_get_size (item->data);
  while (size > encoder->cache_size && encoder->cache.length > 0) {
    g_autoptr (IvImageEmbedding) last = g_queue_pop_tail (&encoder->cache);
    size -= iv_image_embedding_get_size (last);
  }
}

IvImageEmbedding *
iv_image_encoder_encode (IvImageEncoder *encoder,
                         const IvVisionInput *input,
                         GCancellable *cancellable,
                         GError **error)
{
  char key[sizeof ((IvImageEmbedding *) NULL)->key];
  make_key (encoder, input, key);
  IvImageEmbedding *embedding = look_up (encoder, key);
  if (embedding != NULL)
    return embedding;
  embedding = iv_vision_encode (encoder->vision, input, cancellable, error);
  if (embedding == NULL)
    return NULL;
  g_strlcpy (embedding->key, key, sizeof embedding->key);
  keep (encoder, embedding);
  return embedding;
}
