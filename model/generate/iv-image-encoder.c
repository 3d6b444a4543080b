/* A vision tower ready for work, with the embeddings of the images it has seen.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-image-encoder.h"

#include "model/nets/iv-image-tiles.h"
#include "model/nets/iv-vision-tensors.h"

#define CACHE_SIZE ((gsize) 256 << 20)
/* Pixels of an image for towers that take any size: about 1000 rows of Qwen's. */
#define USUAL_SIDE 896

struct IvImageEncoder {
  IvWeights *weights;
  IvVision *vision;
  float *newline; /* of a tower whose tiles are laid together, or NULL */
  gsize cache_size;
  GQueue cache; /* IvImageEmbedding, the last used first */
  guint n_reused;
};

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

static void
read_newline (IvImageEncoder *encoder)
{
  const IvTensor *tensor =
      iv_weights_find (encoder->weights, iv_vision_newline_name (encoder->weights));
  gsize n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= (gsize) tensor->shape[i];
  encoder->newline = g_new (float, n);
  iv_data_type_to_f32 (tensor->type, tensor->data, encoder->newline, n);
}

/* Room for the usual image: what is planned behind the tower then counts it. */
static gboolean
reserve (IvImageEncoder *encoder, const IvVisionConfig *config, GError **error)
{
  guint unit = config->patch * config->merge;
  guint side =
      config->image_size > 0 ? config->image_size / unit * unit : MAX (USUAL_SIDE / unit, 1) * unit;
  return iv_vision_reserve (encoder->vision, side, side, error);
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
  if (config.has_newline)
    read_newline (encoder);
  encoder->vision = iv_vision_new (ops, &vision, cancellable, error);
  if (encoder->vision == NULL || !reserve (encoder, &config, error))
    return NULL;
  return g_steal_pointer (&encoder);
}

void
iv_image_encoder_free (IvImageEncoder *encoder)
{
  g_queue_clear_full (&encoder->cache, (GDestroyNotify) iv_image_embedding_unref);
  g_clear_pointer (&encoder->vision, iv_vision_free);
  g_clear_pointer (&encoder->weights, iv_weights_unref);
  g_free (encoder->newline);
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

/* The same tiles may be laid together for pictures of two sizes. */
static void
add_size_to_key (IvImageEmbedding *embedding, IvImageSize picture)
{
  g_autofree char *text =
      g_strdup_printf ("%s %u %u", embedding->key, picture.width, picture.height);
  g_autofree char *key = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_strlcpy (embedding->key, key, sizeof embedding->key);
}

IvImageEmbedding *
iv_image_encoder_encode_image (IvImageEncoder *encoder,
                               const IvImageInput *image,
                               GCancellable *cancellable,
                               GError **error)
{
  const IvImageLayout *layout = &image->layout;
  const IvVisionConfig *config = iv_image_encoder_get_config (encoder);
  IvVisionInput input = {
    image->values, layout->n_tiles, image->channels, layout->tile.height, layout->tile.width
  };
  g_autoptr (IvImageEmbedding) tiles =
      iv_image_encoder_encode (encoder, &input, cancellable, error);
  if (tiles == NULL || encoder->newline == NULL || layout->n_tiles == 1)
    return g_steal_pointer (&tiles);
  IvImageTiles map = { .side = layout->tile.width / config->patch / config->merge,
                       .columns = layout->columns,
                       .rows = layout->rows,
                       .picture_width = layout->picture.width,
                       .picture_height = layout->picture.height,
                       .newline = encoder->newline,
                       .max_tiles = config->max_tiles };
  IvImageEmbedding *joined = iv_image_tiles_join (tiles, &map, error);
  if (joined != NULL)
    add_size_to_key (joined, layout->picture);
  return joined;
}
